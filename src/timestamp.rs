//! Points in time, as the wire writes them.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "what is counted with has four digits at most, or lies within the years 0000 to 9999"
)]

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
/// A day in milliseconds.
const DAY_MILLIS: i64 = 86_400_000;

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

    /// Reads an RFC 3339 date and time. `None` for anything else, and for years beyond 9999. A space may stand for
    /// the `T`, a minus sign for the hyphen of an offset; digits beyond milliseconds count for nothing, and a leap
    /// second is the first one of the next minute.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, rest) = text.split_at_checked("YYYY-MM-DDTHH:MM:SS".len())?;
        let separators = [4, 7, 10, 13, 16].map(|at| local.as_bytes().get(at));
        let [
            Some(b'-'),
            Some(b'-'),
            Some(b'T' | b't' | b' '),
            Some(b':'),
            Some(b':'),
        ] = separators
        else {
            return None;
        };
        let number = |from: usize, to: usize| read_digits(local.get(from..to)?);
        let date = Date {
            year: number(0, 4)?,
            month: number(5, 7)?,
            day: number(8, 10)?,
        };
        let days = date.days();
        // The 31st of June is another day, too.
        if Date::of_days(days) != date {
            return None;
        }
        let time = [number(11, 13)?, number(14, 16)?, number(17, 19)?];
        let ([0..=23, 0..=59, 0..=60], (millis, offset)) = (time, read_fraction(rest)?) else {
            return None;
        };
        let seconds = time.into_iter().fold(0, |sum, part| sum * 60 + part);
        let millis = days * DAY_MILLIS + (seconds - read_offset(offset)?) * 1_000 + millis;
        (FIRST..=LAST).contains(&millis).then_some(Self(millis))
    }

    /// The canonical form, `YYYY-MM-DDTHH:mm:ss.sssZ`.
    pub fn to_iso(self) -> String {
        let Date { year, month, day } = Date::of_days(self.0.div_euclid(DAY_MILLIS));
        let millis = self.0.rem_euclid(DAY_MILLIS);
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (minutes, second) = (seconds / 60, seconds % 60);
        let (hour, minute) = (minutes / 60, minutes % 60);
        let mut text = String::with_capacity("YYYY-MM-DDTHH:MM:SS.sssZ".len());
        for (number, width, after) in [
            (year, 4, '-'),
            (month, 2, '-'),
            (day, 2, 'T'),
            (hour, 2, ':'),
            (minute, 2, ':'),
            (second, 2, '.'),
            (millis, 3, 'Z'),
        ] {
            let digits = number.to_string();
            text.extend((digits.len()..width).map(|_| '0'));
            text.push_str(&digits);
            text.push(after);
        }
        text
    }
}

/// A day of the Gregorian calendar, before it was in use as well (ISO 8601).
#[derive(Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// Days from 0000-03-01 to 1970-01-01. In years that begin in March a leap day is the last one.
const EPOCH_DAYS: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;

impl Date {
    /// Days since the epoch.
    const fn days(&self) -> i64 {
        let since_march = (self.month + 9) % 12;
        let year = self.year - since_march / 10;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let day_of_year = (153 * since_march + 2) / 5 + self.day - 1;
        365 * year + leap_days + day_of_year - EPOCH_DAYS
    }

    /// The day that many days after the epoch.
    const fn of_days(days: i64) -> Self {
        let days = days + EPOCH_DAYS;
        let day_of_cycle = days.rem_euclid(CYCLE_DAYS);
        // Leap days apart, of which every fourth, but not every hundredth year has one.
        let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
            - day_of_cycle / 146_096)
            / 365;
        let before = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
        let day_of_year = day_of_cycle - before;
        let since_march = (5 * day_of_year + 2) / 153;
        Self {
            year: days.div_euclid(CYCLE_DAYS) * 400 + year_of_cycle + since_march / 10,
            month: (since_march + 2) % 12 + 1,
            day: day_of_year - (153 * since_march + 2) / 5 + 1,
        }
    }
}

/// A number of nothing but digits.
fn read_digits(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The milliseconds of a fraction, if there is one, and what follows.
fn read_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let rest = text.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let digits = text.strip_suffix(rest)?;
    let millis = [digits, "00"].concat();
    let millis = read_digits(millis.get(..3)?)?;
    Some((millis, rest)).filter(|_| !digits.is_empty())
}

/// The seconds of an offset from UTC, less than a day.
fn read_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = text.chars().next()?;
    let (hours, minutes) = text.get(sign.len_utf8()..)?.split_once(':')?;
    let ([2, 2], (hours @ 0..=23, minutes @ 0..=59)) = (
        [hours.len(), minutes.len()],
        (read_digits(hours)?, read_digits(minutes)?),
    ) else {
        return None;
    };
    let seconds = hours * 3_600 + minutes * 60;
    match sign {
        '+' => Some(seconds),
        '-' | '\u{2212}' => Some(-seconds),
        _ => None,
    }
}

impl ToJson for Timestamp {
    fn write_json(&self, json: &mut String) {
        self.to_iso().write_json(json);
    }
}
