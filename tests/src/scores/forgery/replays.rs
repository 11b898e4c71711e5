//! Runs that are not what they are said to be.

use super::honest;
use super::stage::{Played, Stage};
use http::Request;
use netcord::wire::{StateHash, varint};
use netcord_scores::model::Score;

use std::time::Duration;
use tetris_rules::{Config, Input, Mode, Replay};
use tetris_scores::boards;

type Forged = Request<Vec<u8>>;

pub(super) fn claimed_points(stage: &mut Stage) -> Forged {
    let more = 1 + stage.below(100_000) as i64;
    let points = match stage.below(8) {
        0 => -stage.run.claim.points - 1,
        1 => Score::MAX_POINTS,
        2 => i64::MAX,
        3 => i64::MIN,
        4 if more < stage.run.claim.points => stage.run.claim.points - more,
        _ => stage.run.claim.points + more,
    };
    stage.edited(|submission| submission.claim.points = points)
}

pub(super) fn claimed_ticks(stage: &mut Stage) -> Forged {
    let ticks = stage.run.claim.ticks;
    let change = 1 + stage.below(30) as u32;
    let ticks = match stage.below(4) {
        0 => stage.below(ticks as usize) as u32,
        1 => ticks - change.min(ticks),
        _ => ticks + change,
    };
    stage.world.wait(Duration::from_secs(1));
    stage.edited(|submission| submission.claim.ticks = ticks)
}

pub(super) fn claimed_state(stage: &mut Stage) -> Forged {
    let bit = 1 << stage.below(64);
    stage.edited(|submission| submission.claim.state_hash = StateHash(submission.claim.state_hash.0 ^ bit))
}

/// The first inputs of the run, and no more; said to last as long as it does, or as long as they do.
pub(super) fn inputs_cut(stage: &mut Stage) -> Forged {
    let left = stage.below(stage.run.claim.ticks as usize);
    let cut = record(&stage.run, stage.run.replay.inputs().take(left));
    let claim = stage.below(2) == 0;
    stage.edited(|submission| {
        submission.replay = cut.to_bytes();
        if claim {
            let game = cut.play();
            submission.claim.points = game.score().into();
            submission.claim.ticks = game.ticks();
            submission.claim.state_hash = StateHash::of(&game);
        }
    })
}

pub(super) fn inputs_after_the_end(stage: &mut Stage) -> Forged {
    let more = 1 + stage.below(100);
    let input = Input::from_bits(stage.below(128) as u8).expect("seven bits");
    let inputs = stage.run.replay.inputs().chain(std::iter::repeat_n(input, more));
    let longer = record(&stage.run, inputs);
    stage.with_replay(longer.to_bytes())
}

pub(super) fn inputs_inserted(stage: &mut Stage) -> Forged {
    let at = stage.below(stage.run.claim.ticks as usize);
    let more = 1 + stage.below(20);
    let input = Input::from_bits(stage.below(128) as u8).expect("seven bits");
    let inputs: Vec<_> = stage.run.replay.inputs().collect();
    let (head, tail) = inputs.split_at(at);
    let inserted = std::iter::repeat_n(&input, more);
    let longer = record(&stage.run, head.iter().chain(inserted).chain(tail).copied());
    stage.with_replay(longer.to_bytes())
}

pub(super) fn inputs_changed(stage: &mut Stage) -> Forged {
    let mut inputs: Vec<_> = stage.run.replay.inputs().collect();
    for _ in 0..=stage.below(5) {
        let at = stage.below(inputs.len());
        inputs[at] = Input::from_bits(inputs[at].bits() ^ 1 << stage.below(7)).expect("seven bits");
    }
    let changed = record(&stage.run, inputs.into_iter());
    stage.with_replay(changed.to_bytes())
}

/// A run that goes on as another one did.
pub(super) fn inputs_spliced(stage: &mut Stage) -> Forged {
    let shorter = stage.run.claim.ticks.min(stage.earlier.claim.ticks) as usize;
    let at = stage.below(shorter);
    let inputs = stage.run.replay.inputs().take(at).chain(stage.earlier.replay.inputs().skip(at));
    let spliced = record(&stage.run, inputs);
    let claim = if stage.below(2) == 0 { stage.run.claim } else { stage.earlier.claim };
    stage.world.wait_ticks(claim.ticks);
    stage.edited(|submission| {
        submission.replay = spliced.to_bytes();
        submission.claim = claim;
    })
}

/// The inputs of another run, from the ticket's seed on.
pub(super) fn inputs_of_another_seed(stage: &mut Stage) -> Forged {
    let spliced = record(&stage.run, stage.earlier.replay.inputs());
    let claim = stage.earlier.claim;
    stage.world.wait_ticks(claim.ticks);
    stage.edited(|submission| {
        submission.replay = spliced.to_bytes();
        submission.claim = claim;
    })
}

/// Another run as it was, its seed and all.
pub(super) fn another_run(stage: &mut Stage) -> Forged {
    let earlier = stage.earlier.submission();
    stage.world.wait_ticks(earlier.claim.ticks);
    stage.edited(|submission| {
        submission.replay = earlier.replay;
        submission.claim = earlier.claim;
    })
}

/// The run under another seed, by which other pieces would come.
pub(super) fn another_seed(stage: &mut Stage) -> Forged {
    let bit = stage.below(64);
    stage.edited(|submission| submission.replay[6 + bit / 8] ^= 1 << (bit % 8))
}

/// A whole run of another mode.
pub(super) fn another_mode(stage: &mut Stage) -> Forged {
    let modes = [Mode::Marathon, Mode::Endless, Mode::Ultra];
    let mode =
        *modes.iter().cycle().skip(stage.below(3)).find(|mode| **mode != stage.mode).expect("there are two");
    let replay = honest::play(mode, stage.run.ticket.seed, &mut stage.world.rng);
    let run = Played::new(stage.run.ticket.clone(), replay);
    stage.world.wait_ticks(run.claim.ticks);
    stage.submit(&run.submission())
}

/// A run that begins above level 1; on boards whose games don't rise, one of a mode that there is not on them.
pub(super) fn another_level(stage: &mut Stage) -> Forged {
    let level = 2 + stage.below(250) as u8;
    let rises = matches!(stage.mode, Mode::Marathon | Mode::Endless);
    let other = stage.other_mode();
    stage.edited(|submission| {
        let (at, value) = if rises { (2, level) } else { (1, other as u8) };
        submission.replay[at] = value;
    })
}

pub(super) fn another_version(stage: &mut Stage) -> Forged {
    let version = (Replay::VERSION as usize + 1 + stage.below(255)) as u8;
    stage.edited(|submission| submission.replay[0] = version)
}

pub(super) fn random_bytes(stage: &mut Stage) -> Forged {
    let length = stage.below(2_000);
    let mut bytes: Vec<_> = (0..length).map(|_| stage.world.rng.next_u64() as u8).collect();
    // Half of them begin as a replay does.
    let honest = stage.run.replay.to_bytes();
    let kept = if stage.below(2) == 0 { bytes.len().min(14) } else { 0 };
    bytes[..kept].copy_from_slice(&honest[..kept]);
    stage.with_replay(bytes)
}

pub(super) fn bits_flipped(stage: &mut Stage) -> Forged {
    let mut bytes = stage.run.replay.to_bytes();
    for _ in 0..=stage.below(4) {
        let bit = stage.below(8 * bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    stage.with_replay(bytes)
}

pub(super) fn bytes_cut(stage: &mut Stage) -> Forged {
    let mut bytes = stage.run.replay.to_bytes();
    bytes.truncate(stage.below(bytes.len()));
    stage.with_replay(bytes)
}

/// In a few bytes, more ticks than the board allows, and said so.
pub(super) fn endless(stage: &mut Stage) -> Forged {
    let most = max_ticks(stage.mode);
    let ticks = if stage.below(2) == 0 { most + 1 } else { u32::MAX - stage.below(1_000) as u32 };
    let replay = idle(stage, Replay::MAX_TICKS);
    stage.edited(|submission| {
        submission.replay = replay;
        submission.claim.ticks = ticks;
    })
}

/// The same, said to last as long as the board allows; and the forger waits as long.
pub(super) fn endless_after_waiting(stage: &mut Stage) -> Forged {
    let most = max_ticks(stage.mode);
    let replay = idle(stage, Replay::MAX_TICKS);
    stage.world.wait_ticks(most);
    stage.edited(|submission| {
        submission.replay = replay;
        submission.claim.ticks = most;
    })
}

/// The same, said to last no longer than an honest run.
pub(super) fn endless_in_secret(stage: &mut Stage) -> Forged {
    let replay = idle(stage, Replay::MAX_TICKS);
    stage.with_replay(replay)
}

/// More ticks than a replay can have.
pub(super) fn more_than_endless(stage: &mut Stage) -> Forged {
    let mut replay = idle(stage, Replay::MAX_TICKS);
    let ticks = [1, u32::MAX.into(), 1 << 32, u64::MAX][stage.below(4)];
    replay.push(Input::LEFT.bits());
    varint::write(&mut replay, ticks);
    stage.with_replay(replay)
}

/// A replay of more bytes than the board allows.
pub(super) fn giant(stage: &mut Stage) -> Forged {
    let limits = boards().swap_remove(stage.mode as usize).0.limits;
    let mut replay = stage.run.replay.to_bytes();
    let changes = (0..).flat_map(|tick| [[Input::LEFT, Input::NONE][tick % 2].bits(), 1]);
    replay.extend(changes.take(limits.max_bytes + 1 - replay.len()));
    stage.with_replay(replay)
}

/// The costliest that there is: a game of an hour, of which only the last state is a lie.
pub(super) fn an_hour(stage: &mut Stage) -> Forged {
    let seed = stage.run.ticket.seed;
    let replay = honest::play_well(stage.mode, seed, 9_000, &mut stage.world.rng);
    let mut run = Played::new(stage.run.ticket.clone(), replay);
    run.claim.state_hash.0 ^= 1;
    stage.world.wait_ticks(run.claim.ticks);
    stage.submit(&run.submission())
}

/// So many ticks without a key, after the header of the run.
fn idle(stage: &Stage, ticks: u32) -> Vec<u8> {
    let mut replay = Replay::new(stage.run.ticket.seed, Config::new(stage.mode)).to_bytes();
    replay.push(Input::NONE.bits());
    varint::write(&mut replay, ticks.into());
    replay
}

fn max_ticks(mode: Mode) -> u32 {
    boards().swap_remove(mode as usize).0.limits.max_ticks
}

/// A replay as the run's, but for the inputs.
fn record(run: &Played, inputs: impl Iterator<Item = Input>) -> Replay {
    let mut replay = Replay::new(run.replay.seed(), *run.replay.config());
    inputs.for_each(|input| replay.record(input).expect("it is short enough"));
    replay
}
