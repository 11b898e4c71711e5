//! Runs on tickets that are not there for them, and by players who may not.

use super::honest;
use super::stage::{Played, Stage};
use super::world::{duration, key};
use http::Request;
use netcord_scores::api::Submitted;
use netcord_scores::model::TicketId;
use std::time::Duration;
use tetris_scores::board_id;

type Forged = Request<Vec<u8>>;

/// The same ticket once more, for a run that is a real one, too.
pub(super) fn used(stage: &mut Stage) -> Forged {
    let run = loop {
        let replay = honest::play(stage.mode, stage.run.ticket.seed, &mut stage.world.rng);
        if replay != stage.run.replay {
            break Played::new(stage.run.ticket.clone(), replay);
        }
    };
    stage.world.wait_ticks(run.claim.ticks);
    stage.submit(&run.submission())
}

pub(super) fn made_up(stage: &mut Stage) -> Forged {
    let id = TicketId(std::array::from_fn(|_| stage.world.rng.next_u64() as u8));
    stage.edited(|submission| submission.ticket = id)
}

/// The run of a player with their ticket, handed in by another.
pub(super) fn of_another_player(stage: &mut Stage) -> Forged {
    let (thief, board, run) = (stage.other_player(), stage.board(), stage.run.submission());
    stage.world.submission(&thief, &board, &run)
}

pub(super) fn of_another_board(stage: &mut Stage) -> Forged {
    let board = board_id(stage.other_mode());
    let run = stage.run.submission();
    stage.world.submission(&stage.player.clone(), &board, &run)
}

pub(super) fn expired(stage: &mut Stage) -> Forged {
    let player = stage.player.clone();
    let ticket = stage.world.tickets(&player, stage.mode, 1).remove(0);
    let replay = honest::play(stage.mode, ticket.seed, &mut stage.world.rng);
    let run = Played::new(ticket, replay);
    let late = Duration::from_millis(stage.below(1_000_000) as u64);
    stage.world.wait(run.ticket.expires.since(stage.world.now) + late);
    stage.submit(&run.submission())
}

/// Before the run can have been played. What is told apart is more than a second, and two of a hundred parts of the run.
pub(super) fn too_soon(stage: &mut Stage) -> Forged {
    let least = duration(stage.run.claim.ticks) * 98 / 100 - Duration::from_secs(1);
    let after = if stage.below(2) == 0 {
        least.as_millis() as usize
    } else {
        stage.below(least.as_millis() as usize)
    };
    stage.world.wait(Duration::from_millis(after as u64).saturating_sub(Duration::from_millis(1)));
    stage.edited(|_| {})
}

/// Two runs, on tickets that were fetched ahead, in the time of one.
pub(super) fn overlapping(stage: &mut Stage) -> Forged {
    let player = stage.world.join();
    let modes = [stage.mode, [stage.mode, stage.other_mode()][stage.below(2)]];
    let mut runs = [0, 1].map(|at| {
        // As many tickets of each: the two are different ones, whether or not the boards are.
        let ticket = stage.world.tickets(&player, modes[at], 2).swap_remove(at);
        let replay = honest::play(modes[at], ticket.seed, &mut stage.world.rng);
        Played::new(ticket, replay)
    });
    runs.sort_by_key(|run| run.claim.ticks);
    let [shorter, longer] = runs;
    stage.world.wait_ticks(longer.claim.ticks);
    let board = longer.ticket.board.clone();
    let first = stage.world.submission(&player, &board, &longer.submission());
    let accepted = stage.world.send::<Submitted>(&first);
    assert!(accepted.answer.is_ok(), "the first run is honest: {:?}", accepted.answer.err());
    stage.honest.push((player.clone(), longer));
    let board = shorter.ticket.board.clone();
    stage.world.submission(&player, &board, &shorter.submission())
}

/// A player whom nobody knows.
pub(super) fn of_nobody(stage: &mut Stage) -> Forged {
    let nobody = key(&mut stage.world.rng);
    let (board, run) = (stage.board(), stage.run.submission());
    stage.world.submission(&nobody, &board, &run)
}

/// A player whom a moderator banned.
pub(super) fn of_the_banned(stage: &mut Stage) -> Forged {
    let (banned, board, run) = (stage.world.banned.clone(), stage.board(), stage.run.submission());
    stage.world.submission(&banned, &board, &run)
}
