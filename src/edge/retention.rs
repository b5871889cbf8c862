//! The alarm by which a workspace's object removes idle threads, and files that no message names any more.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use super::attachments::{Bucket, MAX_REMOVED};
use super::database::Database;
use super::environment::Environment;
use super::state::State;
use super::task::settled;
use super::{log, runtime};
use crate::error::ApiError;
use crate::project::Project;
use crate::sql::SqlError;
use crate::store::Store;
use crate::timestamp::Timestamp;

/// How far ahead an alarm is set at least, in milliseconds.
const SOONEST_MILLIS: i64 = 1_000;

/// The alarm of one object.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    /// Whether this instance knows what the alarm is set for.
    is_known: Cell<bool>,
    /// When it rings, if at all.
    planned: Cell<Option<Timestamp>>,
}

/// What an object works with when its alarm is set or rings.
#[derive(Clone, Copy)]
pub(super) struct Household<'a> {
    pub(super) project: &'a Project,
    pub(super) env: &'a Environment,
    pub(super) store: &'a Store<Database>,
    pub(super) state: &'a State,
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the value")]
fn failed(error: JsValue) -> ApiError {
    log::unavailable("alarm", &error)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the value")]
fn storage_failed(error: SqlError) -> ApiError {
    log::storage_failed(&error)
}

impl Household<'_> {
    /// When the alarm should ring, if at all.
    fn due(&self) -> Result<Option<Timestamp>, ApiError> {
        // The platform takes no time before 1970, and drops an alarm for the very time at which one is ringing.
        let soonest = runtime::now().plus_millis(SOONEST_MILLIS);
        if Bucket::of(self.env).is_ok() {
            let removed = self.store.removed_attachments(1).map_err(storage_failed)?;
            if !removed.is_empty() {
                return Ok(Some(soonest));
            }
        }
        let Some(days) = self.project.retention_millis() else {
            return Ok(None);
        };
        let oldest = self.store.oldest_activity().map_err(storage_failed)?;
        Ok(oldest.map(|at| at.plus_millis(days).max(soonest)))
    }
}

impl Alarm {
    /// Whether this instance has yet to look after the alarm: the deployment may keep threads for a shorter time
    /// than it did when the alarm was set.
    pub(super) fn is_unknown(&self) -> bool {
        !self.is_known.get()
    }

    /// Sets the alarm to when there will be something to remove, unless it rings before that anyway.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`].
    pub(super) async fn plan(&self, household: Household<'_>) -> Result<(), ApiError> {
        let due = household.due()?;
        let storage = household.state.storage();
        if let Some(due) = due {
            if self.is_unknown() {
                let set = settled(storage.get_alarm().map_err(failed)?).await;
                self.planned.set(timestamp(&set.map_err(failed)?));
            }
            if self.planned.get().is_none_or(|planned| planned > due) {
                let set = storage.set_alarm(milliseconds(due));
                settled(set.map_err(failed)?).await.map_err(failed)?;
                self.planned.set(Some(due));
            }
        }
        self.is_known.set(true);
        Ok(())
    }

    /// Does what the alarm rings for, and sets it anew.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`]; the platform then rings again.
    pub(super) async fn ring(&self, household: Household<'_>) -> Result<(), ApiError> {
        self.is_known.set(false);
        self.planned.set(None);
        let Household {
            project,
            env,
            store,
            ..
        } = household;
        if let Some(days) = project.retention_millis() {
            let limit = runtime::now().plus_millis(days.saturating_neg());
            store.remove_idle(limit).map_err(storage_failed)?;
        }
        if let Ok(bucket) = Bucket::of(env) {
            let removed = store.removed_attachments(MAX_REMOVED);
            let removed = removed.map_err(storage_failed)?;
            if !removed.is_empty() {
                bucket.remove(&removed).await?;
                let forgotten = store.forget_removed_attachments(&removed);
                forgotten.map_err(storage_failed)?;
            }
        }
        self.plan(household).await
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a timestamp ends with the year 9999, far below 2^53 ms"
)]
fn milliseconds(at: Timestamp) -> f64 {
    at.as_millis() as f64
}

/// A time that was set before, if any was.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what was set is a whole number below 2^53"
)]
fn timestamp(value: &JsValue) -> Option<Timestamp> {
    value
        .as_f64()
        .map(|millis| Timestamp::from_millis(millis as i64))
}
