//! The header of a provider token (RFC 7515, section 4).

use super::Reason;
use crate::json::Json;
use crate::key_set::MAX_KEY_ID_BYTES;
use crate::signature::Algorithm;

/// Members that change what the signature covers or how the payload is read (RFC 7515, section 4.1.11; RFC
/// 7797; RFC 7516). No access token of a provider has one.
const FORBIDDEN: [&str; 5] = ["crit", "b64", "cty", "zip", "enc"];
/// The types of access tokens, in lower case (RFC 7519, section 5.1; RFC 9068, section 2.1).
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// How a token says that it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderAlgorithm {
    /// With a secret (RFC 7518, section 3.2).
    Hs256,
    /// With a private key.
    PublicKey(Algorithm),
}

/// What is read of a header. A key or an address that it carries (`jwk`, `jku`, `x5c`, `x5u`) is not: keys
/// come from the rule alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `alg`.
    pub algorithm: HeaderAlgorithm,
    /// `kid`.
    pub key_id: Option<String>,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// [`Reason`].
    pub fn read(text: &[u8]) -> Result<Self, Reason> {
        let header = Json::parse_object(text).ok_or(Reason::Header)?;
        if FORBIDDEN.iter().any(|member| header.get(member).is_some()) {
            return Err(Reason::HeaderMember);
        }
        if let Some(kind) = header.get("typ") {
            let kind = kind.as_text().ok_or(Reason::Type)?;
            if !TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
                return Err(Reason::Type);
            }
        }
        let name = header.get("alg").and_then(Json::as_text);
        let algorithm = match name.ok_or(Reason::Algorithm)? {
            "HS256" => HeaderAlgorithm::Hs256,
            name => HeaderAlgorithm::PublicKey(Algorithm::parse(name).ok_or(Reason::Algorithm)?),
        };
        Ok(Self {
            algorithm,
            key_id: header.get("kid").map(read_key_id).transpose()?,
        })
    }
}

fn read_key_id(value: &Json) -> Result<String, Reason> {
    value
        .as_text()
        .filter(|id| {
            (1..=MAX_KEY_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control)
        })
        .map(str::to_owned)
        .ok_or(Reason::KeyId)
}
