//! When to try again, and why.

use super::errand::Failure;
use crate::api::Code;
use crate::model::UnixTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The ceiling of the first pause; each is twice the one before.
const FIRST: Duration = Duration::from_secs(2);
/// The highest ceiling.
const CEILING: Duration = Duration::from_secs(5 * 60);
/// Longer than this nobody waits, whatever the service says or the clock did.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Why something did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The service's word for it; none when it did not get so far.
    #[serde(with = "code_by_name")]
    pub code: Option<Code>,
    /// In a sentence, for people.
    pub text: String,
    /// When.
    pub at: UnixTime,
}

/// How often something was tried in vain, and when it is due again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Backoff {
    pub(super) attempts: u32,
    pub(super) next: UnixTime,
    pub(super) last: Option<Reason>,
}

impl Backoff {
    pub(super) fn is_due(&self, now: UnixTime) -> bool {
        self.due(now) <= now
    }

    /// When it is due. A clock that was put back does not make it wait for more than it could.
    pub(super) fn due(&self, now: UnixTime) -> UnixTime {
        let was_put_back = self.last.as_ref().is_some_and(|reason| reason.at > now);
        if was_put_back || self.next.since(now) > LONGEST + CEILING { now } else { self.next }
    }

    /// Puts it off: exponential, with full jitter (so that those that failed at once don't come back at once), after what
    /// the service asked for.
    pub(super) fn postpone(&mut self, failure: &Failure, now: UnixTime, random: u64) {
        let ceiling = FIRST.saturating_mul(1 << self.attempts.min(16)).min(CEILING);
        let jitter = (ceiling.as_millis() * u128::from(random)) >> u64::BITS;
        let jitter = Duration::from_millis(jitter as u64);
        self.attempts = self.attempts.saturating_add(1);
        self.next = now.after(failure.retry_after.unwrap_or_default().min(LONGEST) + jitter);
        self.last = Some(failure.reason.clone());
    }
}

/// A code as its name in JSON, as the numbers of codes are nobody's promise.
mod code_by_name {
    use crate::api::Code;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IntoDeserializer as _};

    pub(super) fn serialize<S: Serializer>(code: &Option<Code>, serializer: S) -> Result<S::Ok, S::Error> {
        let name = code.map(|code| match serde_json::to_value(code) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        });
        name.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Code>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        name.map(|name| Code::deserialize(name.into_deserializer())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(retry_after: Option<Duration>) -> Failure {
        let reason = Reason { code: None, text: "offline".into(), at: UnixTime::from_millis(0) };
        Failure { reason, retry_after, is_transient: true, is_of_service: true }
    }

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_spread() {
        let (mut early, mut late) = (Backoff::default(), Backoff::default());
        let now = UnixTime::from_millis(1_000_000);
        let mut pauses = Vec::new();
        for _ in 0..100 {
            early.postpone(&failure(None), now, 0);
            late.postpone(&failure(None), now, u64::MAX);
            assert_eq!(early.next, now);
            pauses.push(late.next.since(now).as_millis());
        }
        assert_eq!(pauses[..9], [1_999, 3_999, 7_999, 15_999, 31_999, 63_999, 127_999, 255_999, 299_999]);
        assert_eq!(pauses.last(), Some(&299_999));
    }

    #[test]
    fn a_service_is_not_asked_before_it_said_and_not_believed_beyond_a_day() {
        let now = UnixTime::from_millis(1_000_000);
        for (said, waited) in [(30, 30), (1 << 40, 24 * 60 * 60)] {
            let mut backoff = Backoff::default();
            backoff.postpone(&failure(Some(Duration::from_secs(said))), now, 0);
            assert_eq!(backoff.next.since(now).as_secs(), waited);
            assert!(!backoff.is_due(now));
        }
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_waiting() {
        let mut backoff = Backoff::default();
        backoff.postpone(&failure(None), UnixTime::from_millis(1 << 50), u64::MAX);
        assert!(backoff.is_due(UnixTime::from_millis(1 << 40)));
    }
}
