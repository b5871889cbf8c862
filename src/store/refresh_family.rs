//! The refresh session of an anonymous workspace in storage: one row, however often it is renewed.

use super::{Store, schema};
use crate::rotation::{Family, Presented, Verdict, judge};
use crate::sql::{Sql, SqlError};
use crate::timestamp::Timestamp;

impl<S: Sql> Store<S> {
    /// Renews the session with a genuine token, and says what became of it.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn renew(&self, presented: Presented, now: Timestamp) -> Result<Verdict, SqlError> {
        let verdict = judge(self.read_family()?, presented, now);
        if let Some(family) = verdict.stored() {
            self.write_family(family)?;
        }
        Ok(verdict)
    }

    pub(super) fn read_family(&self) -> Result<Option<Family>, SqlError> {
        if self.schema_version()? < schema::SESSION_ONLY {
            return Ok(None);
        }
        let row = self.first(
            "SELECT counter, rotated_at, started_at, revoked FROM refresh_family WHERE id = 1",
            vec![],
        )?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        Ok(Some(Family {
            counter: u32::try_from(row.integer()?)
                .map_err(|_| SqlError("refresh counter is out of range".to_owned()))?,
            rotated_at: Timestamp::from_millis(row.integer()?),
            started_at: Timestamp::from_millis(row.integer()?),
            revoked: row.integer()? != 0,
        }))
    }

    fn write_family(&self, family: Family) -> Result<(), SqlError> {
        self.migrate_to(schema::SESSION_ONLY)?;
        self.sql.run(
            "INSERT INTO refresh_family (id, counter, rotated_at, started_at, revoked)
             VALUES (1, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET counter = excluded.counter,
                rotated_at = excluded.rotated_at, started_at = excluded.started_at,
                revoked = excluded.revoked",
            vec![
                i64::from(family.counter).into(),
                family.rotated_at.as_millis().into(),
                family.started_at.as_millis().into(),
                family.revoked.into(),
            ],
        )?;
        Ok(())
    }
}
