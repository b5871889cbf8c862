//! The discovery document of an OpenID provider, read for the one thing that is needed of it.

use crate::json::Json;
use crate::public_url::PublicUrl;

/// The address of the provider's key set. `None`, when the document is not `issuer`'s own, byte for byte
/// (OpenID Connect Discovery 1.0, section 4.3), or leads where the Worker does not go.
pub fn read_key_set_address(document: &[u8], issuer: &str, own_origin: &str) -> Option<PublicUrl> {
    let document = Json::parse_object(document)?;
    if document.get("issuer")?.as_text()? != issuer {
        return None;
    }
    PublicUrl::parse(document.get("jwks_uri")?.as_text()?, own_origin).ok()
}
