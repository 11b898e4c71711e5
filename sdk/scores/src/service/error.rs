//! What a service refuses, and why.

use crate::api::Code;
use crate::rules::RunFault;
use crate::store::StoreError;
use crate::verify::Refusal;
use std::time::Duration;

/// Why a service did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
#[non_exhaustive]
pub struct ServiceError {
    /// Which problem, for programs.
    pub code: Code,
    /// In a sentence, for people. Nothing in it is of use to an attacker.
    pub detail: String,
    /// When to ask again, where that may help.
    pub retry_after: Option<Duration>,
}

impl ServiceError {
    /// A problem that asking again doesn't solve.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after: None }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// A failure of the service's own, of which the operator reads more than the client.
    fn internal() -> Self {
        Self::new(Code::Internal, "the service failed, and changed nothing; try again later")
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken => {
                Self::new(Code::NameTaken, "another player has this name, or one that looks like it")
            }
            StoreError::TicketUsed(_) => {
                Self::new(Code::TicketUsed, "the ticket was redeemed for another run")
            }
            StoreError::Missing(what) => Self::not_found(what),
            StoreError::BusyChanged => Self {
                retry_after: Some(Duration::from_secs(1)),
                ..Self::new(Code::Busy, "other runs of the player are being recorded")
            },
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store of scores failed");
                Self::internal()
            }
        }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        let code = match &refusal {
            Refusal::TooLarge { .. } => Code::TooLarge,
            Refusal::TooManyTicks { .. } => Code::TooManyTicks,
            Refusal::Fault(RunFault::Malformed(_)) => Code::MalformedReplay,
            Refusal::Fault(RunFault::OtherVersion(_)) => Code::OtherVersion,
            Refusal::Fault(RunFault::OtherSeed) => Code::OtherSeed,
            Refusal::Fault(RunFault::OtherGame(_)) => Code::OtherGame,
            Refusal::Fault(RunFault::Unfinished) => Code::Unfinished,
            Refusal::Fault(RunFault::InputsAfterEnd) => Code::InputsAfterEnd,
            Refusal::ClaimDiffers { .. } => Code::ClaimDiffers,
            Refusal::TooCostly { .. } => Code::TooCostly,
            Refusal::RulesFailed(what) => {
                tracing::error!(what, "the rules of a board failed");
                return Self::internal();
            }
        };
        Self::new(code, refusal.to_string())
    }
}
