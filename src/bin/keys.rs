//! Makes the secrets of a deployment and prints them as JSON, for `npm run keys` and `npm start`.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::api_key::{ApiKey, ApiKeyEntry};
use assistant_cloud_edge::id::ProjectId;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

const USAGE: &str = "usage: keys new --project PROJECT_ID [--name NAME] [--expires RFC3339]";

/// What the command line asks for.
struct Wanted {
    project: ProjectId,
    name: String,
    expires_at: Option<Timestamp>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = read_arguments(std::env::args().skip(1))?;
    let api_key = ApiKey::generate(
        &wanted.project,
        [random()?, random()?].map(u128::from_be_bytes),
    );
    let entry: Value = serde_json::from_str(
        &ApiKeyEntry::new(&wanted.name, &api_key, wanted.expires_at).to_json(),
    )?;
    let keys = json!({
        "signing_key": Base64UrlUnpadded::encode_string(&random::<32>()?),
        "refresh_key": Base64UrlUnpadded::encode_string(&random::<32>()?),
        "api_key": api_key.reveal(),
        "api_key_entry": entry,
    });
    println!("{keys}");
    Ok(())
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, Box<dyn Error>> {
    if arguments.next().as_deref() != Some("new") {
        return Err(USAGE.into());
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
    Ok(Wanted {
        project: project.ok_or(USAGE)?,
        name,
        expires_at,
    })
}

/// Bytes from the operating system's cryptographic source.
fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
