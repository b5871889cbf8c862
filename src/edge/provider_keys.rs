//! The keys of identity providers: what [`crate::key_cache`] decides, done.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::deployment::Deployment;
use super::document::Inquiry;
use super::task::{self, settled};
use super::{log, runtime};
use crate::auth_rule::{KeySource, TokenRule};
use crate::discovery;
use crate::error::ApiError;
use crate::key_cache::{FETCH_TIMEOUT_MILLIS, KeyCache, Step, Ticket, Wanted};
use crate::key_set::{self, KeySet};
use crate::provider_token::Reason;
use crate::public_url::PublicUrl;
use crate::signature::PublicKey;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = scheduler, js_name = wait)]
    fn wait(millis: u32) -> Result<Promise, JsValue>;
}

/// What this isolate knows of each rule's provider, by the rule's name. They are as few as the rules.
#[derive(Default)]
pub(super) struct ProviderKeys(RefCell<Vec<(String, KeyCache)>>);

impl ProviderKeys {
    fn with<T>(&self, rule: &TokenRule, act: impl FnOnce(&mut KeyCache) -> T) -> T {
        let mut caches = self.0.borrow_mut();
        if let Some((_, cache)) = caches.iter_mut().find(|(name, _)| *name == rule.name) {
            return act(cache);
        }
        let mut cache = KeyCache::default();
        let done = act(&mut cache);
        caches.push((rule.name.clone(), cache));
        done
    }

    fn report(&self, rule: &TokenRule, ticket: Ticket, fetched: Result<Fetched, JsValue>) {
        let now = runtime::now();
        match fetched {
            Ok(Fetched { set, cache_control }) => {
                if set.has_private_keys() {
                    log::provider(&rule.name, "the key set publishes keys that must be secret");
                }
                self.with(rule, |cache| {
                    cache.arrived(ticket, set, cache_control.as_deref(), now);
                });
            }
            Err(error) => {
                log::provider(&rule.name, &log::describe(&error));
                self.with(rule, |cache| cache.failed(ticket, now));
            }
        }
    }
}

/// Why there is no key.
pub(super) enum NoKey {
    /// The provider has none such.
    Refused(Reason),
    /// Nobody knows now.
    Unavailable(ApiError),
}

/// The key that a token of `rule` names.
pub(super) async fn find(
    deployment: &Rc<Deployment>,
    background: &Function,
    rule: &TokenRule,
    wanted: Wanted<'_>,
) -> Result<PublicKey, NoKey> {
    let keys = &deployment.provider_keys;
    // A fetch of one's own after somebody else's that failed; then there is nothing left to hope for.
    let deadline = runtime::now().plus_millis(FETCH_TIMEOUT_MILLIS.saturating_mul(2));
    while runtime::now() < deadline {
        match keys.with(rule, |cache| cache.ask(wanted, runtime::now())) {
            Step::Use(key, None) => return Ok(key),
            Step::Use(key, Some(ticket)) => {
                // What the runtime does not take is fetched by the next request.
                let _ = fetch_for_all(deployment, background, rule, ticket);
                return Ok(key);
            }
            Step::Fetch(ticket) => {
                let fetched = fetch_for_all(deployment, background, rule, ticket);
                let failed = |error| NoKey::Unavailable(log::unavailable("key fetch", &error));
                settled(fetched.map_err(failed)?).await.map_err(failed)?;
            }
            Step::Wait(millis) => {
                let waited = wait(millis).map(settled);
                let failed = |error| NoKey::Unavailable(log::unavailable("timer", &error));
                waited.map_err(failed)?.await.map_err(failed)?;
            }
            Step::Refuse(none) => return Err(NoKey::Refused(none.into())),
            Step::Unavailable => break,
        }
    }
    Err(NoKey::Unavailable(ApiError::Unavailable))
}

/// Fetches a rule's keys, whether or not the client stays: others wait for them, and for as long as the fetch has not
/// ended nobody begins another. Comes to an end with the fetch.
fn fetch_for_all(
    deployment: &Rc<Deployment>,
    background: &Function,
    rule: &TokenRule,
    ticket: Ticket,
) -> Result<Promise, JsValue> {
    let (deployment, name) = (Rc::clone(deployment), rule.name.clone());
    let work = task::start(async move {
        let rules = deployment.project.auth_rules().tokens().unwrap_or_default();
        let rule = rules.iter().find(|rule| rule.name == name);
        if let Some((rule, source)) = rule.and_then(|rule| Some((rule, rule.keys.as_ref()?))) {
            let fetched = fetch(&deployment, rule, source).await;
            deployment.provider_keys.report(rule, ticket, fetched);
        }
        JsValue::NULL
    });
    Ok(background.call1(&JsValue::NULL, &work)?.unchecked_into())
}

struct Fetched {
    set: KeySet,
    cache_control: Option<String>,
}

/// Fetches a key set, by way of the provider's discovery document where the rule says so. Both together have
/// the time of one.
async fn fetch(
    deployment: &Deployment,
    rule: &TokenRule,
    source: &KeySource,
) -> Result<Fetched, JsValue> {
    let deadline = runtime::now().plus_millis(FETCH_TIMEOUT_MILLIS);
    let get = |url: PublicUrl| async move {
        let inquiry = Inquiry {
            url: &url,
            cookies: None,
            limit: key_set::MAX_BYTES,
            millis: deadline.millis_since(runtime::now()),
        };
        let document = inquiry.fetch().await?;
        if document.status == 200 {
            Ok(document)
        } else {
            let status = document.status.to_string();
            Err(JsValue::from(
                ["the provider answers with status ", &status].concat(),
            ))
        }
    };
    let url = match source {
        KeySource::KeySet(url) => url.clone(),
        KeySource::Discovery(url) => {
            let document = get(url.clone()).await?;
            let own_origin = deployment.project.issuer();
            discovery::read_key_set_address(&document.body, &rule.issuer, own_origin)
                .ok_or("the discovery document is not the issuer's, or leads nowhere public")?
        }
    };
    let document = get(url).await?;
    let set = KeySet::parse(&document.body).ok_or("the provider's answer is no key set")?;
    Ok(Fetched {
        set,
        cache_control: document.cache_control,
    })
}
