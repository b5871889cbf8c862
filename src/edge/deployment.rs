//! What an isolate keeps between requests: the configuration, the keys of its own and of providers, the tokens
//! that it has verified, and who called how often.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::environment::Environment;
use super::log;
use super::provider_keys::ProviderKeys;
use super::webcrypto::WebCrypto;
use crate::error::ApiError;
use crate::project::{LoadError, Project};
use crate::rate_limit::CallLimits;
use crate::token_cache::TokenCache;

/// A sound configuration and what belongs to it.
pub(super) struct Deployment {
    pub(super) project: Project,
    pub(super) verified_tokens: TokenCache,
    pub(super) signatures: WebCrypto,
    pub(super) provider_keys: ProviderKeys,
    pub(super) call_limits: RefCell<CallLimits>,
}

thread_local! {
    /// An isolate has one environment for as long as it lives.
    static DEPLOYMENT: OnceCell<Rc<Deployment>> = const { OnceCell::new() };
}

impl Deployment {
    /// The isolate's deployment, read from `env` at the first request. Requests that come before it is there
    /// read it each for itself: none ever waits for another's promise.
    ///
    /// # Errors
    ///
    /// [`ApiError::Misconfigured`]; the log names the variable. [`ApiError::Unavailable`].
    pub(super) async fn of(env: &Environment) -> Result<Rc<Self>, ApiError> {
        if let Some(kept) = DEPLOYMENT.with(|kept| kept.get().map(Rc::clone)) {
            return Ok(kept);
        }
        let signatures = WebCrypto::default();
        let loaded = Project::load(|name| env.text(name), &signatures).await;
        let project = loaded.map_err(|error| match error {
            LoadError::Config(error) => {
                log::misconfigured(&error);
                ApiError::Misconfigured
            }
            LoadError::Signatures(fault) => fault.into(),
        })?;
        for mistake in project.auth_rules().mistakes() {
            log::rule_mistake(mistake);
        }
        let deployment = Rc::new(Self {
            project,
            verified_tokens: TokenCache::default(),
            signatures,
            provider_keys: ProviderKeys::default(),
            call_limits: RefCell::default(),
        });
        Ok(DEPLOYMENT.with(|kept| Rc::clone(kept.get_or_init(|| deployment))))
    }
}
