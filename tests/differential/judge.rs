//! What comes of tokens: the side of Rust in the comparison with other libraries. The first line of the input has
//! the rules, the provider's keys and the moment; every further one is a token. Of each there is a line of output:
//! what an auth rule makes of it, and, where it knows the algorithm, whether `jwt-compact` finds the signature good.

#![allow(unreachable_pub, reason = "shared with the tests")]

#[path = "../fixture/block_on.rs"]
mod block_on;

use std::io::{BufRead, Write};

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::auth_rule::TokenRule;
use assistant_cloud_edge::key_set::KeySet;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::provider_token::{
    ProviderToken, Reason, Verification, VerificationError,
};
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::token::UntrustedToken;
use base64ct::{Base64UrlUnpadded, Encoding};
use block_on::block_on;
use jwt_compact::alg::{Ed25519, Hs256, Hs256Key};
use jwt_compact::{Algorithm, AlgorithmExt};
use serde_json::Value;

/// What every token is judged by.
struct Bench {
    project: Project,
    keys: KeySet,
    now: Timestamp,
    ed25519: ed25519_dalek::VerifyingKey,
    secret: Hs256Key,
}

impl Bench {
    fn read(line: &str) -> Self {
        let setting: Value = serde_json::from_str(line).expect("a setting");
        let secret = setting["secret"].as_str().expect("a secret");
        let rules = setting["rules"].to_string();
        let lookup = |name: &str| {
            let value = match name {
                "PROJECT_ID" => "proj_0test",
                "ISSUER" => "https://cloud.example.com",
                "SIGNING_KEY" => "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                "REFRESH_KEY" => "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
                "AUTH_RULES" => &rules,
                "ID_SECRET" => secret,
                _ => return None,
            };
            Some(value.to_owned())
        };
        let project = block_on(Project::load(lookup, &PureSignatures)).expect("a deployment");
        assert_eq!(project.auth_rules().mistakes(), []);
        let point = setting["ed25519"].as_str().expect("a point");
        let point = Base64UrlUnpadded::decode_vec(point).expect("base64url");
        Self {
            project,
            keys: KeySet::parse(setting["keys"].to_string().as_bytes()).expect("a key set"),
            now: Timestamp::from_millis(setting["now"].as_i64().expect("a moment")),
            ed25519: point.as_slice().try_into().expect("a point"),
            secret: Hs256Key::new(secret),
        }
    }

    fn rules(&self) -> &[TokenRule] {
        self.project.auth_rules().tokens().expect("rules")
    }

    /// `accepted`, or the reason.
    fn judge(&self, text: &str) -> &'static str {
        self.verify(text).map_or_else(Reason::code, |()| "accepted")
    }

    fn verify(&self, text: &str) -> Result<(), Reason> {
        let token = UntrustedToken::parse(text)?;
        let token = ProviderToken::read(token, self.rules()).map_err(|refusal| refusal.reason)?;
        let verified = match token.verification() {
            Verification::Secret => token
                .verify_with_secret(self.now)
                .map_err(VerificationError::Refused),
            Verification::Key(wanted) => {
                let key = self.keys.find(wanted.algorithm, wanted.id)?;
                block_on(token.verify_with_key(&key, &PureSignatures, self.now))
            }
        };
        verified.map(drop).map_err(|error| match error {
            VerificationError::Refused(refusal) => refusal.reason,
            VerificationError::Fault(fault) => panic!("{fault}"),
        })
    }

    /// What `jwt-compact` says of the signature alone. It checks neither `crit` nor `typ`, and panics at some dates.
    fn compact(&self, text: &str) -> &'static str {
        let Ok(token) = jwt_compact::UntrustedToken::new(text) else {
            return "bad";
        };
        let is_good = match token.algorithm() {
            "EdDSA" => fits(&Ed25519, &self.ed25519, &token),
            "HS256" => fits(&Hs256, &self.secret, &token),
            _ => return "unknown",
        };
        if is_good { "good" } else { "bad" }
    }
}

fn fits<A: Algorithm>(
    algorithm: &A,
    key: &A::VerifyingKey,
    token: &jwt_compact::UntrustedToken<'_>,
) -> bool {
    algorithm.validator::<Value>(key).validate(token).is_ok()
}

fn main() {
    let mut lines = std::io::stdin()
        .lock()
        .lines()
        .map(|line| line.expect("a line"));
    let bench = Bench::read(&lines.next().expect("a setting"));
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for text in lines {
        let (ours, compact) = (bench.judge(&text), bench.compact(&text));
        writeln!(output, "{ours} {compact}").expect("somebody reads");
    }
}
