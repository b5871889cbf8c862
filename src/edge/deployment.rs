//! What an isolate keeps between requests: the configuration, and the tokens that it has verified.

use std::cell::{OnceCell, RefCell, RefMut};
use std::rc::Rc;

use worker::Env;

use super::log;
use crate::error::ApiError;
use crate::project::Project;
use crate::token_cache::TokenCache;

/// A sound configuration and what belongs to it.
#[derive(Debug)]
pub(super) struct Deployment {
    pub(super) project: Project,
    verified_tokens: RefCell<TokenCache>,
}

thread_local! {
    /// An isolate has one environment for as long as it lives.
    static DEPLOYMENT: OnceCell<Rc<Deployment>> = const { OnceCell::new() };
}

impl Deployment {
    /// The isolate's deployment, read from `env` at the first request.
    ///
    /// # Errors
    ///
    /// [`ApiError::Misconfigured`]; the log names the variable.
    pub(super) fn of(env: &Env) -> Result<Rc<Self>, ApiError> {
        DEPLOYMENT.with(|kept| {
            if let Some(deployment) = kept.get() {
                return Ok(Rc::clone(deployment));
            }
            let lookup = |name: &str| env.var(name).ok().map(|variable| variable.to_string());
            let project = Project::load(lookup).map_err(|error| {
                log::misconfigured(&error);
                ApiError::Misconfigured
            })?;
            let deployment = Rc::new(Self {
                project,
                verified_tokens: RefCell::default(),
            });
            Ok(Rc::clone(kept.get_or_init(|| deployment)))
        })
    }

    /// The tokens that this isolate has verified. Not to be held across an await.
    pub(super) fn verified_tokens(&self) -> RefMut<'_, TokenCache> {
        self.verified_tokens.borrow_mut()
    }
}
