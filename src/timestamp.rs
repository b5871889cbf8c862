//! Points in time, as the wire writes them.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::json::ToJson;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
///
/// On the wire it is exactly `YYYY-MM-DDTHH:mm:ss.sssZ`, because the official client refuses any other
/// form (contract 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 0000-01-01T00:00:00.000Z, the first instant that four digits can name.
const FIRST: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z, the last one.
const LAST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// The instant that many milliseconds after the epoch, moved into the years 0000 to 9999 where it
    /// lies outside.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < FIRST {
            Self(FIRST)
        } else if millis > LAST {
            Self(LAST)
        } else {
            Self(millis)
        }
    }

    /// The instant that many seconds after the epoch, moved into range as in [`Self::from_millis`].
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1_000))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded towards the past (`NumericDate` of RFC 7519, section 2).
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This instant moved by that many milliseconds, kept in range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The milliseconds from `earlier` to this instant; negative when `earlier` is the later one.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads an RFC 3339 date and time. `None` for anything else, and for years beyond 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let millis = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
        (FIRST..=LAST).contains(&millis).then_some(Self(millis))
    }

    /// The canonical form, `YYYY-MM-DDTHH:mm:ss.sssZ`.
    pub fn to_iso(self) -> String {
        DateTime::<Utc>::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl ToJson for Timestamp {
    fn write_json(&self, json: &mut String) {
        self.to_iso().write_json(json);
    }
}
