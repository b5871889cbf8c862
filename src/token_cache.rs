//! Tokens that were verified a moment ago, so that a signature is checked once and not per request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use crate::caller::Caller;
use crate::timestamp::Timestamp;
use crate::token::VerifiedToken;

/// The most tokens that are remembered; some 400 bytes each.
const CAPACITY: usize = 2_048;

/// Verified tokens by their whole text, for one project: a token that differs in one byte is another
/// token. `Debug` shows how many there are.
#[derive(Default)]
pub struct TokenCache(RefCell<HashMap<String, VerifiedToken>>);

impl TokenCache {
    /// Whom the token of this text speaks for, if it was verified before and is in its time still.
    pub fn find(&self, text: &str, now: Timestamp) -> Option<Caller> {
        self.0
            .borrow()
            .get(text)
            .filter(|token| token.check_time(now).is_ok())
            .map(|token| token.caller().clone())
    }

    /// Remembers a token until it expires or room is needed.
    pub fn remember(&self, text: &str, token: VerifiedToken, now: Timestamp) {
        let mut tokens = self.0.borrow_mut();
        if tokens.len() >= CAPACITY {
            tokens.retain(|_, kept| kept.check_time(now).is_ok());
        }
        if tokens.len() >= CAPACITY {
            // All of them are live. Starting over costs each one signature; a queue of ages would cost
            // every request.
            tokens.clear();
        }
        tokens.insert(text.to_owned(), token);
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenCache({})", self.0.borrow().len())
    }
}
