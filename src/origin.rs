//! Which web pages may read our answers (contract 1.5).

/// The most origins that a project can allow.
const MAX_ORIGINS: usize = 32;
/// The longest origin, in bytes.
const MAX_ORIGIN_BYTES: usize = 255;

/// The origins that a project allows. None listed means that all are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<AllowedOrigin>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum AllowedOrigin {
    /// One origin, byte for byte.
    Exact(String),
    /// `https://*.example.com`: every deeper name, not the name itself.
    Below {
        /// `https://`
        scheme: String,
        /// `.example.com`, and the port where there is one.
        suffix: String,
    },
}

impl AllowedOrigins {
    /// Reads a list that is separated by commas or white space.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn parse(list: &str) -> Result<Self, &'static str> {
        let origins = list
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .map(AllowedOrigin::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if origins.len() > MAX_ORIGINS {
            return Err("must have at most 32 origins");
        }
        Ok(Self(origins))
    }

    /// Whether none is listed, so that all are allowed.
    pub fn is_open(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a page of `origin` may read our answers.
    pub fn allows(&self, origin: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|allowed| allowed.matches(origin))
    }
}

impl AllowedOrigin {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        const FORM: &str =
            "must be origins such as https://app.example.com or https://*.example.com";
        if entry.len() > MAX_ORIGIN_BYTES {
            return Err("must have origins of at most 255 bytes");
        }
        let (scheme, authority) = entry.split_once("://").ok_or(FORM)?;
        let wildcard = authority.strip_prefix("*.");
        let host_and_port = wildcard.unwrap_or(authority);
        let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
        if host_and_port.is_empty() || !host_and_port.chars().all(is_host) {
            return Err(FORM);
        }
        match (scheme, wildcard) {
            ("https", None) => Ok(Self::Exact(entry.to_owned())),
            ("https", Some(name)) => Ok(Self::Below {
                scheme: "https://".to_owned(),
                suffix: [".", name].concat(),
            }),
            ("http", None) if is_loopback(host_and_port) => Ok(Self::Exact(entry.to_owned())),
            ("http", _) => Err("may use http only for localhost, 127.0.0.1 and [::1]"),
            _ => Err(FORM),
        }
    }

    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(allowed) => allowed == origin,
            Self::Below { scheme, suffix } => origin
                .strip_prefix(scheme.as_str())
                .and_then(|authority| authority.strip_suffix(suffix.as_str()))
                .is_some_and(|below| {
                    !below.is_empty()
                        && !below.starts_with('.')
                        && below.bytes().all(|byte| {
                            byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'
                        })
                }),
        }
    }
}

/// Whether `host`, with or without a port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.strip_prefix(name).is_some_and(|port| {
            port.is_empty()
                || port
                    .strip_prefix(':')
                    .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        })
    })
}
