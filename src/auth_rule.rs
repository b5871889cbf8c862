//! Auth rules: which identity providers' tokens and sessions are accepted, and whose workspace follows from
//! them. They are configured as JSON in `AUTH_RULES`.

mod fields;
mod preset;
mod session_rule;
mod shared_secret;
mod template;
mod token_rule;

use std::borrow::Cow;
use std::fmt;

use crate::error::ApiError;
use crate::json::Json;
use fields::Fields;
pub use preset::Provider;
pub use session_rule::SessionRule;
pub use shared_secret::SharedSecret;
pub use template::{MissingClaim, Template};
pub use token_rule::{KeySource, TokenRule};

/// The most rules of a deployment.
const MAX_RULES: usize = 16;

const UNKNOWN_PROVIDER: &str = "must be clerk, auth0, supabase, firebase, stytch, kinde, better-auth, oidc, \
     custom, better-auth-session or authjs-session";

/// Something about a rule that is wrong. Says which rule and which field; never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMistake {
    /// The rule's name, or its place in the list where it has none.
    pub rule: String,
    /// The field's name; empty for the list as a whole.
    pub field: String,
    /// What it must be.
    pub reason: Cow<'static, str>,
}

impl fmt::Display for RuleMistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} {}", self.rule, self.field, self.reason)
    }
}

impl std::error::Error for RuleMistake {}

/// What the rules are read against.
pub(crate) struct Surroundings<'a> {
    /// The deployment's own origin, which is its `iss` too.
    pub(crate) own_origin: &'a str,
    /// A variable's or secret's text.
    pub(crate) lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// A deployment's rules. One mistake in one of them leaves none usable: who may come in is not a matter to
/// guess at.
#[derive(Debug, Default)]
pub struct AuthRules {
    tokens: Vec<TokenRule>,
    sessions: Vec<SessionRule>,
    mistakes: Vec<RuleMistake>,
}

impl AuthRules {
    /// Reads `AUTH_RULES`.
    pub(crate) fn load(text: &str, surroundings: &Surroundings<'_>) -> Self {
        let mut rules = Self::default();
        let mut list = Vec::new();
        match Json::parse(text.as_bytes()) {
            Some(Json::Array(items)) if items.len() <= MAX_RULES => list = items,
            Some(Json::Array(_)) => rules.complain("must have at most 16 rules"),
            _ => rules.complain("must be a JSON array without a member twice"),
        }
        for (index, item) in list.into_iter().enumerate() {
            let mut fields = Fields::open(item, index, &mut rules.mistakes);
            let name = fields.name();
            match fields.required("provider").as_deref() {
                None => {}
                Some("better-auth-session") => {
                    let usual = &session_rule::BETTER_AUTH;
                    let rule = SessionRule::read(&mut fields, surroundings, name, usual);
                    rules.sessions.extend(rule);
                }
                Some("authjs-session") => {
                    let usual = &session_rule::AUTH_JS;
                    let rule = SessionRule::read(&mut fields, surroundings, name, usual);
                    rules.sessions.extend(rule);
                }
                Some(word) => match Provider::parse(word) {
                    Some(provider) => {
                        let rule = TokenRule::read(&mut fields, surroundings, name, provider);
                        rules.tokens.extend(rule);
                    }
                    None => fields.complain("provider", UNKNOWN_PROVIDER),
                },
            }
            fields.finish();
        }
        rules.compare();
        rules
    }

    fn complain(&mut self, reason: &'static str) {
        self.mistakes.push(RuleMistake {
            rule: "AUTH_RULES".to_owned(),
            field: String::new(),
            reason: reason.into(),
        });
    }

    /// Looks for rules that could not be told apart.
    fn compare(&mut self) {
        let names = || {
            let sessions = self.sessions.iter().map(|rule| &rule.name);
            self.tokens.iter().map(|rule| &rule.name).chain(sessions)
        };
        let twice = |(index, name): (usize, &String)| {
            let again = names().take(index).any(|other| other == name);
            again.then(|| mistake(name, "name", "must not be another rule's too"))
        };
        let mut found: Vec<_> = names().enumerate().filter_map(twice).collect();
        for (index, rule) in self.tokens.iter().enumerate() {
            for other in self.tokens.iter().take(index) {
                if rule.issuer == other.issuer && share_an_audience(rule, other) {
                    let reason = ["must differ from that of ", &other.name].concat();
                    found.push(mistake(&rule.name, "audience", reason));
                }
            }
        }
        self.mistakes.append(&mut found);
    }

    /// What is wrong with them.
    pub fn mistakes(&self) -> &[RuleMistake] {
        &self.mistakes
    }

    /// The rules for tokens, in their order.
    ///
    /// # Errors
    ///
    /// [`ApiError::Misconfigured`], when a rule of either kind has a mistake.
    pub fn tokens(&self) -> Result<&[TokenRule], ApiError> {
        self.sound(&self.tokens)
    }

    /// The rules for sessions, in their order.
    ///
    /// # Errors
    ///
    /// [`ApiError::Misconfigured`], when a rule of either kind has a mistake.
    pub fn sessions(&self) -> Result<&[SessionRule], ApiError> {
        self.sound(&self.sessions)
    }

    fn sound<'a, T>(&self, rules: &'a [T]) -> Result<&'a [T], ApiError> {
        if self.mistakes.is_empty() {
            Ok(rules)
        } else {
            Err(ApiError::Misconfigured)
        }
    }
}

fn mistake(rule: &str, field: &str, reason: impl Into<Cow<'static, str>>) -> RuleMistake {
    RuleMistake {
        rule: rule.to_owned(),
        field: field.to_owned(),
        reason: reason.into(),
    }
}

/// Whether there is a token that two rules of one issuer both take.
fn share_an_audience(one: &TokenRule, other: &TokenRule) -> bool {
    one.audience.is_empty()
        || other.audience.is_empty()
        || one
            .audience
            .iter()
            .any(|audience| other.audience.contains(audience))
}
