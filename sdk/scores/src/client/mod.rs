//! Calls to a service, and the queue of what could not be sent yet.

mod backoff;
mod errand;
mod error;
mod exchange;
mod kept_key;
mod options;
mod outbox;
mod queue;
mod score_client;
#[cfg(test)]
mod simulation;

pub use backoff::Reason;
pub use errand::OutboxEvent;
pub use error::ClientError;
pub use options::{ClientOptions, ProxyChoice, Roots};
pub use outbox::{Errand, ErrandDone, Outbox, OutboxError, OutboxOptions, OutboxStatus};
pub use queue::{Name, RefusedRun, WaitingRun};
pub use score_client::{ScoreClient, Season};
