//! When a provider's keys are used, fetched again, or done without: one cache for each auth rule, as a state
//! machine that knows no network.
//!
//! No request ever waits for another one's fetch, which may have been cut off with its client. It looks again
//! after a moment instead, and fetches itself when nothing has come by then.

use crate::key_set::{KeySet, NoKey};
use crate::signature::{Algorithm, PublicKey};
use crate::timestamp::Timestamp;

/// How long a fetch may take, its body included, in milliseconds.
pub const FETCH_TIMEOUT_MILLIS: i64 = 5_000;
/// How long a set is fresh whose answer does not say, in seconds: ten minutes.
const USUAL_AGE_SECONDS: i64 = 600;
/// The least and the longest time that an answer can say: a minute and a day.
const MIN_AGE_SECONDS: i64 = 60;
const MAX_AGE_SECONDS: i64 = 86_400;
/// How long a set serves while the provider does not answer, in milliseconds: a day.
const MAX_STALE_MILLIS: i64 = 86_400_000;
/// The pause between two fetches for the sake of a key that is not in the set, in milliseconds.
const UNKNOWN_KEY_PAUSE_MILLIS: i64 = 30_000;
/// The pause after a fetch that failed, in milliseconds.
const FAILURE_PAUSE_MILLIS: i64 = 10_000;
/// How long the fetch of another request is given before one more begins, in milliseconds.
const PATIENCE_MILLIS: i64 = 1_000;
/// After how long a request that waits looks again, in milliseconds.
const LOOK_AGAIN_MILLIS: u32 = 25;

/// Names a fetch. A later one has a greater name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// The key that a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// What it must verify.
    pub algorithm: Algorithm,
    /// Its id; `None` for the only one there is.
    pub id: Option<&'a str>,
}

/// What to do about a token whose key is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Verify with this key. With a ticket, fetch the set again meanwhile, without waiting for it.
    Use(PublicKey, Option<Ticket>),
    /// Fetch the set, report, and ask again.
    Fetch(Ticket),
    /// Ask again after so many milliseconds: somebody else is fetching.
    Wait(u32),
    /// Refuse: the provider has no such key.
    Refuse(NoKey),
    /// Answer 503: nobody knows the provider's keys now.
    Unavailable,
}

/// A set that a fetch brought.
#[derive(Debug)]
struct Held {
    set: KeySet,
    ticket: Ticket,
    fetched_at: Timestamp,
    fresh_until: Timestamp,
}

/// One provider's keys as far as they are known.
#[derive(Debug, Default)]
pub struct KeyCache {
    held: Option<Held>,
    last_ticket: u64,
    /// The newest fetch, while it is under way.
    under_way: Option<(Ticket, Timestamp)>,
    /// When the newest fetch that ended failed; `None` when it did not.
    failed_at: Option<Timestamp>,
    /// When a set was last fetched for the sake of a key that was not in it.
    sought_at: Option<Timestamp>,
}

impl KeyCache {
    /// A token whose key is wanted has come.
    pub fn ask(&mut self, wanted: Wanted<'_>, now: Timestamp) -> Step {
        let failing = self.failed_at.is_some();
        let known = self
            .held
            .as_ref()
            .filter(|held| now.millis_since(held.fetched_at) <= MAX_STALE_MILLIS)
            .map(|held| {
                let found = held.set.find(wanted.algorithm, wanted.id);
                (found, now < held.fresh_until)
            });
        match known {
            Some((Ok(key), true)) => Step::Use(key, None),
            // The provider is in trouble: no request waits for it.
            Some((Ok(key), false)) if failing => Step::Use(key, self.fetch_meanwhile(now)),
            Some((Err(NoKey::Ambiguous), true)) => Step::Refuse(NoKey::Ambiguous),
            Some((Err(NoKey::Unknown), true)) if !failing => self.seek(now),
            _ => self.fetch(now),
        }
    }

    /// Fetches for an unknown key, once in 30 s however many tokens name one.
    fn seek(&mut self, now: Timestamp) -> Step {
        if is_within(self.sought_at, UNKNOWN_KEY_PAUSE_MILLIS, now) {
            // The fetch that was begun for the first of them may bring this one's key too, and as long as it has not
            // ended nobody knows.
            return match self.under_way {
                Some((_, begun)) if now.millis_since(begun) < PATIENCE_MILLIS => {
                    Step::Wait(LOOK_AGAIN_MILLIS)
                }
                Some(_) => Step::Unavailable,
                None => Step::Refuse(NoKey::Unknown),
            };
        }
        self.sought_at = Some(now);
        Step::Fetch(self.begin(now))
    }

    fn fetch(&mut self, now: Timestamp) -> Step {
        match self.under_way {
            Some((_, begun)) if is_within(Some(begun), PATIENCE_MILLIS, now) => {
                Step::Wait(LOOK_AGAIN_MILLIS)
            }
            _ if is_within(self.failed_at, FAILURE_PAUSE_MILLIS, now) => Step::Unavailable,
            _ => Step::Fetch(self.begin(now)),
        }
    }

    fn fetch_meanwhile(&mut self, now: Timestamp) -> Option<Ticket> {
        match self.fetch(now) {
            Step::Fetch(ticket) => Some(ticket),
            _ => None,
        }
    }

    fn begin(&mut self, now: Timestamp) -> Ticket {
        self.last_ticket = self.last_ticket.saturating_add(1);
        let ticket = Ticket(self.last_ticket);
        self.under_way = Some((ticket, now));
        ticket
    }

    fn end(&mut self, ticket: Ticket) -> bool {
        if self.under_way.is_some_and(|(newest, _)| newest == ticket) {
            self.under_way = None;
        }
        self.held.as_ref().is_none_or(|held| held.ticket < ticket)
    }

    /// A fetch brought a set, and with it perhaps `Cache-Control`. One that began before the set in hand was
    /// fetched changes nothing.
    pub fn arrived(
        &mut self,
        ticket: Ticket,
        set: KeySet,
        cache_control: Option<&str>,
        now: Timestamp,
    ) {
        if self.end(ticket) {
            self.failed_at = None;
            self.held = Some(Held {
                set,
                ticket,
                fetched_at: now,
                fresh_until: now.plus_millis(age_seconds(cache_control).saturating_mul(1_000)),
            });
        }
    }

    /// A fetch failed: no answer in time, another status than 200, or no key set.
    pub fn failed(&mut self, ticket: Ticket, now: Timestamp) {
        if self.end(ticket) {
            self.failed_at = Some(now);
        }
    }
}

/// Whether `now` is less than so many milliseconds after `then`. A clock that was set back ends a pause.
fn is_within(then: Option<Timestamp>, millis: i64, now: Timestamp) -> bool {
    then.is_some_and(|then| (0..millis).contains(&now.millis_since(then)))
}

/// For how long an answer may be kept, by its `Cache-Control` (RFC 9111, section 5.2.2.1).
fn age_seconds(cache_control: Option<&str>) -> i64 {
    cache_control
        .into_iter()
        .flat_map(|header| header.split(','))
        .find_map(|directive| {
            let (name, value) = directive.trim().split_once('=')?;
            let digits = value.trim_matches('"');
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            // Digits beyond an i64 are a long time.
            (name.eq_ignore_ascii_case("max-age") && is_number)
                .then(|| digits.parse().unwrap_or(i64::MAX))
        })
        .unwrap_or(USUAL_AGE_SECONDS)
        .clamp(MIN_AGE_SECONDS, MAX_AGE_SECONDS)
}
