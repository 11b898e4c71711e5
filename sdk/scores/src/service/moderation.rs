//! What moderators may do.

use super::{Service, ServiceError};
use crate::api::{Audit, Code, Moderate};
use crate::model::{AuditEntry, PlayerId, UnixTime};

impl Service {
    /// The longest reason that is kept, in bytes.
    pub const MAX_REASON: usize = 1_000;

    /// Whether this player is a moderator.
    pub fn is_moderator(&self, player: &PlayerId) -> bool {
        self.moderators.contains(player)
    }

    /// Does what a moderator says, and notes it.
    ///
    /// # Errors
    /// [`Code::NotAllowed`] when it isn't one, [`Code::NotFound`] when there is no such score or player,
    /// [`Code::BadRequest`] when there is no reason, or one that is too long.
    pub fn moderate(
        &self,
        by: PlayerId,
        moderate: &Moderate,
        now: UnixTime,
    ) -> Result<AuditEntry, ServiceError> {
        self.only_moderators(&by)?;
        let reason = moderate.reason.trim();
        if reason.is_empty() || reason.len() > Self::MAX_REASON {
            let most = Self::MAX_REASON;
            return Err(ServiceError::new(Code::BadRequest, format!("a reason has 1 to {most} bytes")));
        }
        let done = self.store.moderate(&by, moderate.act, reason, now)?;
        tracing::info!(number = done.number, moderator = %by, act = ?done.act, "moderated");
        Ok(done)
    }

    /// What was done, the newest first: before number `before`, if given.
    ///
    /// # Errors
    /// [`Code::NotAllowed`] when it isn't a moderator who asks.
    pub fn audit(&self, by: PlayerId, before: Option<u64>, limit: usize) -> Result<Audit, ServiceError> {
        self.only_moderators(&by)?;
        let limit = limit.clamp(1, Self::MAX_LIMIT);
        let mut entries = self.store.audit(before, limit + 1)?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|last| last.number);
        Ok(Audit { entries, next })
    }

    fn only_moderators(&self, by: &PlayerId) -> Result<(), ServiceError> {
        if self.is_moderator(by) {
            Ok(())
        } else {
            Err(ServiceError::new(Code::NotAllowed, "only a moderator may do that"))
        }
    }
}
