//! The JavaScript face of the npm package's entry for servers. It decides nothing: a request's header goes in,
//! what to do next comes out.
//!
//! Times cross the boundary as `f64` milliseconds since the epoch.

#![allow(clippy::float_cmp, reason = "in what #[wasm_bindgen] makes of an enum")]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::wasm_bindgen;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::key_cache::{FETCH_TIMEOUT_MILLIS, Ticket};
use crate::key_set;
use crate::relying_party::{self, NamedKey};
use crate::route::Endpoint;
use crate::signature::{KeyMaterial, PublicKey, SignatureFault, Signatures};
use crate::timestamp::Timestamp;

/// What to do about a request.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Serve it for `userId`.
    Admit = 0,
    /// Refuse it.
    Refuse = 1,
    /// Answer 503.
    Unavailable = 2,
    /// Check `signature` over `message` with the key `point`, and `settle`.
    Verify = 3,
    /// Fetch the keys, report, and ask again.
    Fetch = 4,
    /// Ask again after `millis`.
    Wait = 5,
}

/// Whose tokens an app relies on.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RelyingParty(Rc<relying_party::RelyingParty>);

#[wasm_bindgen]
impl RelyingParty {
    /// Relies on the tokens of one project.
    ///
    /// # Errors
    ///
    /// What is wrong with which setting, in words.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::needless_pass_by_value, reason = "as wasm-bindgen has it")]
    pub fn new(
        issuer: &str,
        audience: Option<String>,
        project_id: &str,
        clock_tolerance_seconds: u32,
    ) -> Result<Self, String> {
        let audience = audience.as_deref();
        relying_party::RelyingParty::new(issuer, audience, project_id, clock_tolerance_seconds)
            .map(|party| Self(Rc::new(party)))
            .map_err(|error| error.to_string())
    }

    /// A request has come, with this `Authorization` or none.
    #[wasm_bindgen(js_name = "ask")]
    pub fn ask(&self, authorization: Option<String>, now: f64) -> Attempt {
        let now = instant(now);
        let mut attempt = Attempt {
            party: self.0.clone(),
            step: Step::Refuse,
            millis: 0,
            ticket: None,
            caller: None,
            desk: Rc::default(),
            verification: None,
        };
        match self.0.ask(authorization.as_deref(), now) {
            relying_party::Step::Admit(caller) => attempt.conclude(Ok(caller)),
            relying_party::Step::Verify(key, ticket) => {
                attempt.ticket = ticket;
                attempt.begin(authorization, key, now);
            }
            relying_party::Step::Fetch(ticket) => {
                attempt.step = Step::Fetch;
                attempt.ticket = Some(ticket);
            }
            relying_party::Step::Wait(millis) => {
                attempt.step = Step::Wait;
                attempt.millis = millis;
            }
            relying_party::Step::Refuse(error) => attempt.conclude(Err(error)),
            relying_party::Step::Unavailable => attempt.step = Step::Unavailable,
        }
        attempt
    }
}

type Verification = Pin<Box<dyn Future<Output = Result<Caller, ApiError>>>>;

/// What is done about one request.
#[wasm_bindgen]
pub struct Attempt {
    party: Rc<relying_party::RelyingParty>,
    step: Step,
    millis: u32,
    ticket: Option<Ticket>,
    caller: Option<Caller>,
    desk: Rc<Desk>,
    verification: Option<Verification>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Attempt({:?})", self.step)
    }
}

impl Attempt {
    /// Verifies as far as it goes without the signature.
    fn begin(&mut self, authorization: Option<String>, key: NamedKey, now: Timestamp) {
        let (party, desk) = (self.party.clone(), self.desk.clone());
        self.verification = Some(Box::pin(async move {
            party
                .verify(authorization.as_deref(), &key, &*desk, now)
                .await
        }));
        self.poll();
    }

    fn poll(&mut self) {
        let Some(verification) = &mut self.verification else {
            return;
        };
        let mut context = Context::from_waker(Waker::noop());
        match verification.as_mut().poll(&mut context) {
            Poll::Pending => self.step = Step::Verify,
            Poll::Ready(verdict) => {
                self.verification = None;
                self.conclude(verdict);
            }
        }
    }

    fn conclude(&mut self, verdict: Result<Caller, ApiError>) {
        self.step = match verdict {
            Ok(caller) => {
                self.caller = Some(caller);
                Step::Admit
            }
            Err(ApiError::Unavailable) => Step::Unavailable,
            Err(_) => Step::Refuse,
        };
    }
}

#[wasm_bindgen]
impl Attempt {
    /// What to do next.
    #[wasm_bindgen(getter)]
    pub fn step(&self) -> Step {
        self.step
    }

    /// For `Wait`: how long.
    #[wasm_bindgen(getter)]
    pub fn millis(&self) -> u32 {
        self.millis
    }

    /// Whether to fetch the keys: first of all for `Fetch`, meanwhile for any other step.
    #[wasm_bindgen(getter)]
    pub fn fetches(&self) -> bool {
        self.ticket.is_some()
    }

    /// The fetch brought an answer of status 200, and with it perhaps `Cache-Control`.
    #[wasm_bindgen(js_name = "keysArrived")]
    #[allow(clippy::needless_pass_by_value, reason = "as wasm-bindgen has it")]
    pub fn keys_arrived(&mut self, body: &[u8], cache_control: Option<String>, now: f64) {
        if let Some(ticket) = self.ticket.take() {
            self.party
                .keys_arrived(ticket, body, cache_control.as_deref(), instant(now));
        }
    }

    /// The fetch failed: no answer in time, or another status than 200.
    #[wasm_bindgen(js_name = "keysFailed")]
    pub fn keys_failed(&mut self, now: f64) {
        if let Some(ticket) = self.ticket.take() {
            self.party.keys_failed(ticket, instant(now));
        }
    }

    /// For `Verify`: the public key.
    #[wasm_bindgen(getter)]
    pub fn point(&self) -> Vec<u8> {
        self.desk.read(|question| &question.point)
    }

    /// For `Verify`: what is signed.
    #[wasm_bindgen(getter)]
    pub fn message(&self) -> Vec<u8> {
        self.desk.read(|question| &question.message)
    }

    /// For `Verify`: the signature.
    #[wasm_bindgen(getter)]
    pub fn signature(&self) -> Vec<u8> {
        self.desk.read(|question| &question.signature)
    }

    /// The signature fits or does not, or, with nothing, cannot be checked now.
    #[wasm_bindgen(js_name = "settle")]
    pub fn settle(&mut self, fits: Option<bool>) {
        self.desk.answer.set(Some(fits.ok_or(SignatureFault)));
        self.poll();
    }

    /// For `Admit`: who asks.
    #[wasm_bindgen(getter, js_name = "userId")]
    pub fn user_id(&self) -> Option<String> {
        self.caller
            .as_ref()
            .map(|caller| caller.user.as_str().to_owned())
    }

    /// For `Admit`: in which workspace.
    #[wasm_bindgen(getter, js_name = "workspaceId")]
    pub fn workspace_id(&self) -> Option<String> {
        self.caller
            .as_ref()
            .map(|caller| caller.workspace.as_str().to_owned())
    }

    /// For `Admit`: of which project.
    #[wasm_bindgen(getter, js_name = "projectId")]
    pub fn project_id(&self) -> String {
        self.party.project_id().as_str().to_owned()
    }

    /// For `Admit`: whether this is a visitor without an account.
    #[wasm_bindgen(getter)]
    pub fn anonymous(&self) -> bool {
        self.caller
            .as_ref()
            .is_some_and(|caller| caller.user.is_anonymous())
    }
}

/// Where the keys are, below the server's address.
#[wasm_bindgen(js_name = "keySetPath")]
pub fn key_set_path() -> String {
    Endpoint::Jwks.path("", "")
}

/// The longest answer that is a key set, in bytes.
#[wasm_bindgen(js_name = "maxKeySetBytes")]
pub fn max_key_set_bytes() -> usize {
    key_set::MAX_BYTES
}

/// How long a fetch of the keys may take, its body included, in milliseconds.
#[wasm_bindgen(js_name = "fetchTimeoutMillis")]
pub fn fetch_timeout_millis() -> u32 {
    u32::try_from(FETCH_TIMEOUT_MILLIS).unwrap_or(u32::MAX)
}

/// A signature that JavaScript is asked to check.
struct Question {
    point: [u8; 32],
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// Where a verification leaves its question and finds the answer.
#[derive(Default)]
struct Desk {
    question: RefCell<Option<Question>>,
    answer: Cell<Option<Result<bool, SignatureFault>>>,
}

impl Desk {
    fn read<T: AsRef<[u8]> + ?Sized>(&self, part: impl Fn(&Question) -> &T) -> Vec<u8> {
        let question = self.question.borrow();
        question
            .as_ref()
            .map_or_else(Vec::new, |question| part(question).as_ref().to_vec())
    }
}

impl Signatures for Desk {
    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, SignatureFault> {
        let KeyMaterial::Ed25519(point) = key.material else {
            return Err(SignatureFault);
        };
        // Some runtimes throw at a signature of another length, where they should say no.
        if signature.len() != 64 {
            return Ok(false);
        }
        self.question.replace(Some(Question {
            point,
            message: message.to_vec(),
            signature: signature.to_vec(),
        }));
        poll_fn(|_| self.answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// There are no secrets here.
    async fn public_key(&self, _: &[u8; 32]) -> Result<[u8; 32], SignatureFault> {
        Err(SignatureFault)
    }

    /// There are no secrets here.
    async fn sign(&self, _: &[u8; 32], _: &[u8]) -> Result<[u8; 64], SignatureFault> {
        Err(SignatureFault)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and NaN is the epoch"
)]
fn instant(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}
