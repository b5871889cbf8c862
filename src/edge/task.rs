//! Rust's futures on JavaScript's promises. One future waits for one promise at a time; JavaScript waits for
//! it (`instance.js`) and calls back. So all of Rust runs in calls from there, where a trap can be caught.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

thread_local! {
    /// What the future that is being polled waits for.
    static AWAITED: Cell<Option<Promise>> = const { Cell::new(None) };
    /// What came of that.
    static SETTLED: Cell<Option<Result<JsValue, JsValue>>> = const { Cell::new(None) };
}

#[wasm_bindgen(module = "/src/edge/task.js")]
extern "C" {
    /// Lets a promise be: nobody waits for it, and its failure is nobody's concern.
    pub(super) fn forget(promise: &Promise);
}

/// A future that waits for a promise.
#[wasm_bindgen]
pub struct Task {
    /// Not resumed once it has broken down.
    future: AssertUnwindSafe<Pin<Box<dyn Future<Output = JsValue>>>>,
    promise: Option<Promise>,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Task")
    }
}

#[wasm_bindgen]
impl Task {
    /// What the task waits for.
    #[wasm_bindgen(getter)]
    pub fn promise(&self) -> Option<Promise> {
        self.promise.clone()
    }

    /// Goes on with what the promise came to. Returns what the task comes to; undefined, when it waits again.
    pub fn resume(&mut self, value: JsValue, failed: bool) -> JsValue {
        SETTLED.set(Some(if failed { Err(value) } else { Ok(value) }));
        self.advance().unwrap_or(JsValue::UNDEFINED)
    }
}

impl Task {
    fn advance(&mut self) -> Option<JsValue> {
        let polled = self
            .future
            .0
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        self.promise = AWAITED.take();
        match polled {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
}

/// Runs a future until it waits. Returns what it comes to, or the task that it is then.
pub(super) fn start(future: impl Future<Output = JsValue> + 'static) -> JsValue {
    let mut task = Task {
        future: AssertUnwindSafe(Box::pin(future)),
        promise: None,
    };
    task.advance().unwrap_or_else(|| task.into())
}

/// Waits for what a promise comes to.
///
/// # Errors
///
/// What it is rejected with.
pub(super) async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    let mut promise = Some(promise);
    poll_fn(|_| match promise.take() {
        Some(promise) => {
            AWAITED.set(Some(promise));
            Poll::Pending
        }
        None => SETTLED.take().map_or(Poll::Pending, Poll::Ready),
    })
    .await
}
