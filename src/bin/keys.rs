//! Makes the secrets of a deployment and prints them as JSON, for `npm run keys` and `npm start`.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::api_key::{ApiKey, ApiKeyEntry};
use assistant_cloud_edge::id::ProjectId;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::signing_key::SigningSeed;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

const USAGE: &str =
    "usage: keys new --project PROJECT_ID [--name NAME] [--expires RFC3339], or: keys rotate";

/// What the command line asks for.
enum Command {
    /// All secrets of a new deployment.
    New(Wanted),
    /// A signing key to follow the present one.
    Rotate,
}

/// Whose secrets are to be made.
struct Wanted {
    project: ProjectId,
    name: String,
    expires_at: Option<Timestamp>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let keys = match read_arguments(std::env::args().skip(1))? {
        Command::New(wanted) => new_secrets(&wanted)?,
        Command::Rotate => new_signing_key()?,
    };
    println!("{keys}");
    Ok(())
}

fn new_secrets(wanted: &Wanted) -> Result<Value, Box<dyn Error>> {
    let api_key = ApiKey::generate(
        &wanted.project,
        [random()?, random()?].map(u128::from_be_bytes),
    );
    let entry: Value = serde_json::from_str(
        &ApiKeyEntry::new(&wanted.name, &api_key, wanted.expires_at).to_json(),
    )?;
    Ok(json!({
        "signing_key": new_seed()?,
        "refresh_key": new_seed()?,
        "api_key": api_key.reveal(),
        "api_key_entry": entry,
    }))
}

/// A signing key, with the name that it will have in the published key set.
fn new_signing_key() -> Result<Value, Box<dyn Error>> {
    let seed = new_seed()?;
    let named = pin!(SigningSeed::parse(&seed)?.into_key(&PureSignatures));
    match named.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(key) => Ok(json!({ "signing_key": seed, "key_id": key?.id() })),
        Poll::Pending => Err("the key's name is not there at once".into()),
    }
}

/// 32 random bytes, in the form in which keys are configured.
fn new_seed() -> Result<String, getrandom::Error> {
    Ok(Base64UrlUnpadded::encode_string(&random::<32>()?))
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Command, Box<dyn Error>> {
    match arguments.next().as_deref() {
        Some("new") => {}
        Some("rotate") if arguments.next().is_none() => return Ok(Command::Rotate),
        _ => return Err(USAGE.into()),
    }
    let (mut project, mut name, mut expires_at) = (None, "default".to_owned(), None);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match option.as_str() {
            "--project" => project = Some(ProjectId::parse(&value)?),
            "--name" => name = value,
            "--expires" => {
                expires_at = Some(
                    Timestamp::parse(&value)
                        .ok_or("--expires must be an RFC 3339 date and time")?,
                );
            }
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Command::New(Wanted {
        project: project.ok_or(USAGE)?,
        name,
        expires_at,
    }))
}

/// Bytes from the operating system's cryptographic source.
fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
