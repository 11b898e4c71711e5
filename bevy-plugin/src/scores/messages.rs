//! What the game is told of its scores.

use super::{Reason, Season};
use bevy_ecs::prelude::*;
use netcord::scores::api::{PlayerView, Submitted};
use netcord::scores::model::{BoardId, ScoreId, Ticket, TicketId};

/// The answer to [`start_run`](super::ScoreCommands::start_run), a few frames later: it waits for the disk, never for the
/// network.
#[derive(Message, Clone, Debug)]
pub struct RunTicket {
    /// The board that was asked for.
    pub board: BoardId,
    /// Play the run from its seed, and hand it in with it. `None`: none is at hand, as the service has been out of reach
    /// for too long. The run can be played, but not ranked.
    pub ticket: Option<Ticket>,
}

/// A run was [handed in](super::ScoreCommands::finish_run) and is on the disk, but the service doesn't have it yet. It is
/// sent again by itself, also after the game was started anew.
#[derive(Message, Clone, Debug)]
pub struct ScoreQueued {
    /// What the run was played with.
    pub ticket: TicketId,
    /// For which board.
    pub board: BoardId,
    /// Why it could not be sent.
    pub reason: Reason,
}

/// The service played a run again, and it counts.
#[derive(Message, Clone, Debug)]
pub struct ScoreAccepted {
    /// What the run was played with.
    pub ticket: TicketId,
    /// On which board.
    pub board: BoardId,
    /// The score and its ranks.
    pub submitted: Submitted,
}

/// A run doesn't count, and is not sent again.
#[derive(Message, Clone, Debug)]
pub struct ScoreRefused {
    /// What the run was played with.
    pub ticket: TicketId,
    /// For which board.
    pub board: BoardId,
    /// Why: said by the service; without a code, by this machine, which could not keep the run.
    pub reason: Reason,
}

/// A part of the [`Leaderboard`](super::Leaderboard) was loaded, or could not be: it says why itself.
#[derive(Message, Clone, Debug)]
pub struct LeaderboardChanged {
    /// Of which board.
    pub board: BoardId,
    /// Of which season.
    pub season: Season,
}

/// The answer to [`load_replay`](super::ScoreCommands::load_replay).
#[derive(Message, Clone, Debug)]
pub struct ReplayLoaded {
    /// Of which score.
    pub score: ScoreId,
    /// The replay, as the game handed it in. It comes from the network: it may be anything, up to the length that the client
    /// reads.
    pub replay: Result<Vec<u8>, Reason>,
}

/// The service knows the player by this name.
#[derive(Message, Clone, Debug)]
pub struct PlayerNamed {
    /// The name as it was cleaned.
    pub player: PlayerView,
}

/// A name can't be had: another player has it, or it is none. What name the player had stays.
#[derive(Message, Clone, Debug)]
pub struct NameRefused {
    /// The name that was asked for.
    pub name: String,
    /// Why.
    pub reason: Reason,
}
