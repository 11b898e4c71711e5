//! What a game asks of its scores.

use super::Season;
use super::keeper::Ask;
use super::link::ask;
use bevy_ecs::prelude::*;
use netcord::scores::model::{BoardId, Claim, ScoreId, Ticket, TicketId};

/// What a game asks of its scores, from any system. Nothing here waits; what comes of it is told by messages.
pub trait ScoreCommands {
    /// Takes a ticket of those that were fetched ahead, for a run that counts. [`RunTicket`](super::RunTicket) answers.
    fn start_run(&mut self, board: BoardId);

    /// Hands in a run that is over: what it came to, and its replay. It is kept on the disk until the service has it.
    /// [`ScoreAccepted`](super::ScoreAccepted) or [`ScoreRefused`](super::ScoreRefused) follows, be it in another life of
    /// the game, and [`ScoreQueued`](super::ScoreQueued) where that takes longer.
    fn finish_run(&mut self, ticket: Ticket, claim: Claim, replay: Vec<u8>);

    /// Gives up a run that was started.
    fn abandon_run(&mut self, ticket: TicketId);

    /// Loads the best of a board, and those around the player, into the [`Leaderboard`](super::Leaderboard).
    /// [`LeaderboardChanged`](super::LeaderboardChanged) follows.
    fn load_leaderboard(&mut self, board: BoardId, season: Season);

    /// Loads the replay of a score. [`ReplayLoaded`](super::ReplayLoaded) answers.
    fn load_replay(&mut self, score: ScoreId);

    /// Takes a name for the player, as soon as there is a network. [`PlayerNamed`](super::PlayerNamed) or
    /// [`NameRefused`](super::NameRefused) answers.
    fn name_player(&mut self, name: impl Into<String>);

    /// Sends what waits now, not when it would be tried again by itself: when the player asks for it, or the network is
    /// back.
    fn send_scores(&mut self);
}

impl ScoreCommands for Commands<'_, '_> {
    fn start_run(&mut self, board: BoardId) {
        self.queue(|world: &mut World| ask(world, Ask::StartRun(board)));
    }

    fn finish_run(&mut self, ticket: Ticket, claim: Claim, replay: Vec<u8>) {
        self.queue(move |world: &mut World| ask(world, Ask::FinishRun { ticket, claim, replay }));
    }

    fn abandon_run(&mut self, ticket: TicketId) {
        self.queue(move |world: &mut World| ask(world, Ask::AbandonRun(ticket)));
    }

    fn load_leaderboard(&mut self, board: BoardId, season: Season) {
        self.queue(move |world: &mut World| ask(world, Ask::Leaderboard(board, season)));
    }

    fn load_replay(&mut self, score: ScoreId) {
        self.queue(move |world: &mut World| ask(world, Ask::Replay(score)));
    }

    fn name_player(&mut self, name: impl Into<String>) {
        let name = name.into();
        self.queue(|world: &mut World| ask(world, Ask::Name(name)));
    }

    fn send_scores(&mut self) {
        self.queue(|world: &mut World| ask(world, Ask::Hurry));
    }
}
