//! How the service plays a run again. It knows runs, no players and no listings.

use crate::outcome::{counts, is_finished, points};
use netcord_scores::model::Timing;
use netcord_scores::rules::{Outcome, Progress, Rules, Run, RunFault};
use netcord_wire::StateHash;
use std::collections::BTreeMap;
use tetris_rules::{Input, Mode, Playback, Replay, ReplayError};

/// The rules of a mode's board.
pub fn rules(mode: Mode) -> impl Rules {
    TetrisRules { mode }
}

struct TetrisRules {
    mode: Mode,
}

/// A run that is played again.
struct TetrisRun {
    playback: Playback,
    /// The keys held in the tick before.
    held: Input,
}

impl Rules for TetrisRules {
    fn open(&self, seed: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault> {
        let replay = Replay::from_bytes(replay).map_err(|error| match error {
            ReplayError::UnknownVersion(_) => RunFault::OtherVersion(error.to_string()),
            _ => RunFault::Malformed(error.to_string()),
        })?;
        let config = replay.config();
        if config.mode != self.mode {
            let [is, wanted] = [config.mode, self.mode].map(Mode::name);
            return Err(RunFault::OtherGame(format!("the replay is of mode {is}, the board of {wanted}")));
        }
        if !counts(config) {
            let level = config.level(0);
            return Err(RunFault::OtherGame(format!("the game begins at level {level}, not at 1")));
        }
        if replay.seed() != seed {
            return Err(RunFault::OtherSeed);
        }
        Ok(Box::new(TetrisRun { playback: replay.watch(), held: Input::NONE }))
    }
}

impl Run for TetrisRun {
    fn advance(&mut self, ticks: u32, timing: &mut Timing) -> Result<Progress, RunFault> {
        let before = self.playback.game().ticks();
        for _ in 0..ticks {
            let Some(input) = self.playback.next_input() else { break };
            if input != self.held {
                timing.note(self.playback.game().ticks());
                self.held = input;
            }
            self.playback.step();
        }
        let game = self.playback.game();
        let inputs_are_left = game.ticks() < self.playback.replay().ticks();
        match game.ending() {
            None if inputs_are_left => Ok(Progress::Running),
            None => Err(RunFault::Unfinished),
            Some(_) if inputs_are_left => Err(RunFault::InputsAfterEnd),
            Some(_) if !is_finished(game) => Err(RunFault::Unfinished),
            Some(_) => Ok(Progress::Finished { played: game.ticks() - before }),
        }
    }

    fn outcome(&self) -> Outcome {
        let game = self.playback.game();
        let mut details = BTreeMap::from([
            ("level".into(), game.level().into()),
            ("lines".into(), game.lines().into()),
            ("pieces".into(), game.pieces().into()),
        ]);
        if game.config().mode == Mode::Sprint {
            details.insert("score".into(), game.score().into());
        }
        Outcome { points: points(game), state_hash: StateHash::of(game), details }
    }
}
