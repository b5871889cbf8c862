//! Addresses that the Worker may fetch from. Whoever configures a rule, and whatever a provider's documents
//! say, nothing leads inside a private network or back to the Worker (OWASP, Server-Side Request Forgery).

use std::fmt;

use crate::origin;

/// The longest address, in bytes.
const MAX_BYTES: usize = 2_047;
/// Names that mean something else in every network (RFC 6761, RFC 6762, RFC 7686, RFC 8375).
const PRIVATE_NAMES: [&str; 11] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "lan",
    "home",
    "corp",
    "arpa",
    "onion",
];

/// An https address of a public host on port 443; on a developer's machine also an http one of that machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes an address. `own_origin` is the deployment's own: it must not be asked, and when it is on this
    /// machine, others there may be.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn parse(text: &str, own_origin: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_BYTES {
            return Err("must have at most 2047 bytes");
        }
        let (scheme, rest) = text.split_once("://").ok_or("must be an https address")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>^`{|}".contains(&byte);
        if !target.bytes().all(plain) {
            return Err("must have a path of plain characters and no fragment");
        }
        let (own_scheme, own_authority) = own_origin.split_once("://").unwrap_or_default();
        let developing = own_scheme == "http" && origin::is_loopback(own_authority);
        match scheme {
            "http" if developing && is_developers(authority) => {
                if authority == own_authority {
                    return Err("must not be this deployment's own address");
                }
            }
            "https" => {
                let host = authority.strip_suffix(":443").unwrap_or(authority);
                check_host(host)?;
                if Some(host) == own_authority.split(':').next() {
                    return Err("must not be this deployment's own address");
                }
            }
            "http" => return Err("must be https"),
            _ => return Err("must be an https address"),
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme and authority, as a page's `Origin` header has them.
    pub fn origin(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at.saturating_add(3));
        let authority = self.0.get(after_scheme..).unwrap_or_default();
        let length = authority.find(['/', '?']).unwrap_or(authority.len());
        let origin = self.0.get(..after_scheme.saturating_add(length));
        let origin = origin.unwrap_or_default();
        match origin.strip_suffix(":443") {
            Some(plain) if origin.starts_with("https:") => plain,
            _ => origin,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// This machine, by the two spellings that leave nothing to interpret.
fn is_developers(authority: &str) -> bool {
    !authority.starts_with('[') && origin::is_loopback(authority) && !authority.ends_with(':')
}

/// A registered name of lower-case letters, digits and hyphens, in two labels at least. What a browser would
/// read as an IP address, `127.1` and `0x7f000001` among them, has a last label that begins with a digit
/// (URL Standard, "ends in a number").
fn check_host(host: &str) -> Result<(), &'static str> {
    const FORM: &str =
        "must have a public host name in lower case, on port 443 and without a user name";
    let label_is_sound = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if host.len() > 253 || !host.split('.').all(label_is_sound) {
        return Err(FORM);
    }
    let (_, last) = host.rsplit_once('.').ok_or(FORM)?;
    if !last.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err("must not be an IP address");
    }
    if PRIVATE_NAMES.contains(&last) {
        return Err("must not be a name of a private network");
    }
    Ok(())
}
