//! The alarm by which a workspace's object removes idle threads.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use super::database::Database;
use super::state::State;
use super::task::settled;
use super::{log, runtime};
use crate::error::ApiError;
use crate::project::Project;
use crate::store::Store;
use crate::timestamp::Timestamp;

/// How far ahead an alarm is set at least, in milliseconds.
const SOONEST_MILLIS: i64 = 1_000;

/// When the object's alarm will ring, as far as this instance knows.
#[derive(Debug, Default)]
pub(super) struct Alarm(Cell<Option<Timestamp>>);

impl Alarm {
    /// Sets the alarm to when the oldest thread will have been idle for too long, unless it rings before
    /// that anyway.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`].
    pub(super) async fn plan(
        &self,
        project: &Project,
        store: &Store<Database>,
        state: &State,
    ) -> Result<(), ApiError> {
        let Some(days) = project.retention_millis() else {
            return Ok(());
        };
        let oldest = store
            .oldest_activity()
            .map_err(|error| log::storage_failed(&error))?;
        // The platform takes no time before 1970, and drops an alarm for the very time at which one is ringing.
        let soonest = runtime::now().plus_millis(SOONEST_MILLIS);
        let Some(due) = oldest.map(|at| at.plus_millis(days).max(soonest)) else {
            return Ok(());
        };
        if self.0.get().is_some_and(|planned| planned <= due) {
            return Ok(());
        }
        let failed = |error: JsValue| log::unavailable("alarm", &error);
        let set = state.storage().set_alarm(milliseconds(due));
        settled(set.map_err(failed)?).await.map_err(failed)?;
        self.0.set(Some(due));
        Ok(())
    }

    /// Does what the alarm rings for, and sets it anew.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`]; the platform then rings again.
    pub(super) async fn ring(
        &self,
        project: &Project,
        store: &Store<Database>,
        state: &State,
    ) -> Result<(), ApiError> {
        self.0.set(None);
        if let Some(days) = project.retention_millis() {
            let limit = runtime::now().plus_millis(days.saturating_neg());
            store
                .remove_idle(limit)
                .map_err(|error| log::storage_failed(&error))?;
        }
        self.plan(project, store, state).await
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a timestamp ends with the year 9999, far below 2^53 ms"
)]
fn milliseconds(at: Timestamp) -> f64 {
    at.as_millis() as f64
}
