//! Where a forger stands: a player has a ticket and has played a run with it.

use super::world::{World, scores_path};
use http::{Method, Request};
use netcord_scores::api::Submission;
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{BoardId, Claim, Ticket};
use tetris_rules::{Mode, Replay};
use tetris_scores::{board_id, claim};

/// A run, and the ticket that it was played with.
#[derive(Clone)]
pub(super) struct Played {
    pub(super) ticket: Ticket,
    pub(super) replay: Replay,
    pub(super) claim: Claim,
}

/// What there is to forge with.
pub(super) struct Stage<'a> {
    pub(super) world: &'a mut World,
    /// Who plays.
    pub(super) player: PlayerKey,
    pub(super) mode: Mode,
    /// The run that is played honestly.
    pub(super) run: Played,
    /// Once it was accepted, the request that it was handed in with.
    pub(super) accepted: Option<Request<Vec<u8>>>,
    /// Another run of the mode, that was accepted before: the player's own or another's.
    pub(super) earlier: &'a Played,
    /// Runs that the forger handed in honestly on the way.
    pub(super) honest: Vec<(PlayerKey, Played)>,
}

impl Played {
    /// What is honestly handed in.
    pub(super) fn new(ticket: Ticket, replay: Replay) -> Self {
        let claim = claim(&replay).expect("a run that is over");
        Self { ticket, replay, claim }
    }

    pub(super) fn submission(&self) -> Submission {
        Submission { ticket: self.ticket.id, claim: self.claim, replay: self.replay.to_bytes() }
    }
}

impl Stage<'_> {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.world.rng.below(bound as u32) as usize
    }

    pub(super) fn board(&self) -> BoardId {
        board_id(self.mode)
    }

    pub(super) fn other_mode(&mut self) -> Mode {
        Mode::ALL[(self.mode as usize + 1 + self.below(3)) % 4]
    }

    /// Somebody else.
    pub(super) fn other_player(&mut self) -> PlayerKey {
        loop {
            let at = self.below(self.world.players.len());
            if self.world.players[at].id() != self.player.id() {
                return self.world.players[at].clone();
            }
        }
    }

    /// Hands in the run, but for what is edited.
    pub(super) fn edited(&mut self, edit: impl FnOnce(&mut Submission)) -> Request<Vec<u8>> {
        let mut submission = self.run.submission();
        edit(&mut submission);
        self.submit(&submission)
    }

    /// Hands in the run with another replay.
    pub(super) fn with_replay(&mut self, replay: Vec<u8>) -> Request<Vec<u8>> {
        self.edited(|submission| submission.replay = replay)
    }

    /// Hands in this, signed as it has to be.
    pub(super) fn submit(&mut self, submission: &Submission) -> Request<Vec<u8>> {
        let board = self.board();
        self.world.submission(&self.player.clone(), &board, submission)
    }

    /// Hands in a body, signed as it has to be.
    pub(super) fn post(&mut self, body: Vec<u8>) -> Request<Vec<u8>> {
        let path = scores_path(&self.board());
        self.world.signed(&self.player.clone(), Method::POST, &path, body)
    }
}
