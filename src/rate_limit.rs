//! How often somebody may come: a count in fixed windows of a minute.

use std::collections::HashMap;

use crate::timestamp::Timestamp;

/// The length of a window, in milliseconds.
const WINDOW_MILLIS: i64 = 60_000;
/// The most names that are counted at once; the counts of all go when there are more.
const MAX_NAMES: usize = 10_000;

/// Counts requests by name. Lives in memory, so it forgets with its owner; what it bounds is load, not
/// money.
#[derive(Debug)]
pub struct RateLimit {
    most: u32,
    window: i64,
    counts: HashMap<String, u32>,
}

impl RateLimit {
    /// A limit of `most` requests a minute and name.
    pub fn per_minute(most: u32) -> Self {
        Self {
            most,
            window: i64::MIN,
            counts: HashMap::new(),
        }
    }

    /// Counts a request of `name` at `now`; false when it is one too many.
    pub fn admit(&mut self, name: &str, now: Timestamp) -> bool {
        let window = now.as_millis().div_euclid(WINDOW_MILLIS);
        if window != self.window || self.counts.len() >= MAX_NAMES {
            self.window = window;
            self.counts.clear();
        }
        let count = self.counts.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= self.most
    }
}
