//! What is asked of a service for the queue, and what comes of it.

use super::backoff::Reason;
use super::queue::RefusedRun;
use super::{ClientError, ScoreClient};
use crate::api::{Code, PlayerView, Submission, Submitted};
use crate::model::{BoardId, PlayerId, Ticket, TicketId, UnixTime};
use std::time::Duration;

/// A call that an outbox wants to be made.
#[derive(Debug)]
pub struct Errand(pub(super) Call);

/// What came of an [`Errand`].
#[derive(Debug)]
pub struct ErrandDone {
    pub(super) call: Call,
    pub(super) outcome: Result<Done, ClientError>,
    pub(super) player: PlayerId,
    pub(super) clock_ahead: i64,
}

impl Errand {
    /// Makes the call. Waits for the network.
    #[must_use]
    pub fn run(self, client: &ScoreClient) -> ErrandDone {
        let call = self.0;
        let outcome = match &call {
            Call::Register(name) => client.put_player(name).map(Done::Registered),
            Call::Submit(board, run) => client.submit(board, run).map(Done::Submitted),
            Call::FetchTickets(board, count) => client.tickets(board, *count).map(Done::Tickets),
        };
        ErrandDone { call, outcome, player: client.player(), clock_ahead: client.clock_ahead_millis() }
    }
}

/// What is to be asked of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Register(String),
    Submit(BoardId, Submission),
    FetchTickets(BoardId, usize),
}

/// What the service did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Registered(PlayerView),
    Submitted(Submitted),
    Tickets(Vec<Ticket>),
}

/// Why the service did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    pub(super) retry_after: Option<Duration>,
    /// Whether the same may succeed later.
    pub(super) is_transient: bool,
    /// Whether it is the service as a whole, and not what was asked.
    pub(super) is_of_service: bool,
}

impl Failure {
    pub(super) fn new(error: &ClientError, now: UnixTime) -> Self {
        let code = error.code();
        let text = match error {
            ClientError::Problem(problem) => problem.detail.clone(),
            error => error.to_string(),
        };
        let is_of_service = match code {
            None => true,
            Some(code) => matches!(
                code,
                Code::RateLimited | Code::Busy | Code::ClockSkew | Code::BadSignature | Code::ReplayedRequest
            ),
        };
        let (is_transient, retry_after) = (error.is_transient(), error.retry_after());
        Self { reason: Reason { code, text, at: now }, retry_after, is_transient, is_of_service }
    }
}

/// What happened with the player's name, tickets and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutboxEvent {
    /// The service knows the player by this name.
    Registered(PlayerView),
    /// The service refused the name: ask for another one, and [`register`](super::Outbox::register) it.
    NameRefused {
        /// As the player typed it.
        name: String,
        /// Why.
        reason: Reason,
    },
    /// So many tickets are there for a board.
    Tickets {
        /// Which board.
        board: BoardId,
        /// How many.
        count: usize,
    },
    /// A run counts. Where the machine died after one, it may come again, [`repeated`](Submitted::repeated).
    Accepted {
        /// What it was played with.
        ticket: TicketId,
        /// On which board.
        board: BoardId,
        /// What it came to.
        submitted: Submitted,
    },
    /// A run doesn't count, and won't be sent again.
    Refused(RefusedRun),
    /// Something did not work, and will be tried again.
    Postponed {
        /// Why.
        reason: Reason,
        /// When.
        until: UnixTime,
    },
}
