//! The smallest game that has scores, for tests of this crate and of those that use it: a counter.
//!
//! Each tick the player presses a key, which is worth a point, or doesn't. The run ends when the player says so.

use crate::model::{
    Board, BoardId, Claim, Entries, Order, PlayerId, RunLimits, Seasons, TicketPolicy, Timing, Unit, UnixTime,
};
use crate::rules::{Outcome, Progress, Rules, Run, RunFault};
use netcord_wire::{GameRng, StateHash};
use std::collections::BTreeMap;

/// A moment that is as good as another: 2026-11-21 10:13:20 UTC.
pub const NOON: UnixTime = UnixTime::from_millis(1_795_256_000_000);

/// A board of [`Counter`], with seasons of a week: 60 ticks are a second, the most points are the best, and each player's
/// best run is listed.
///
/// # Panics
/// When `id` is no [`BoardId`].
pub fn counter_board(id: &str) -> Board {
    Board {
        id: BoardId::new(id).expect("the id of a board"),
        title: format!("Counter {id}"),
        order: Order::HighestFirst,
        unit: Unit::Points,
        entries: Entries::BestPerPlayer,
        seasons: Seasons::Every { first: UnixTime::from_millis(NOON.as_millis() - 1_000), millis: WEEK },
        ticks_per_second: 60,
        limits: RunLimits { max_bytes: 4_096, max_ticks: 36_000, max_millis: 1_000 },
        tickets: TicketPolicy { open_at_most: 4, lifetime_millis: WEEK },
    }
}

const WEEK: u64 = 7 * 24 * 60 * 60 * 1_000;

/// A player's id, of that number. No key belongs to it.
pub const fn player_id(number: u8) -> PlayerId {
    PlayerId([number; 32])
}

/// A run of less than a second that ends with some points, as a game would hand it in.
pub fn honest_run(seed: u64) -> (Claim, Vec<u8>) {
    let mut rng = GameRng::new(!seed);
    let mut steps = vec![(Input::Press, 1 + rng.below(5))];
    for _ in 0..rng.below(8) {
        let input = if rng.below(3) == 0 { Input::Wait } else { Input::Press };
        steps.push((input, 1 + rng.below(5)));
    }
    steps.push((Input::Stop, 1));
    run_of(seed, &steps)
}

/// A run that comes to so many points, in one tick more.
pub fn run_with_points(seed: u64, points: u32) -> (Claim, Vec<u8>) {
    run_of(seed, &[(Input::Press, points), (Input::Stop, 1)])
}

/// A run of so many ticks and no points.
pub fn long_run(seed: u64, ticks: u32) -> (Claim, Vec<u8>) {
    run_of(seed, &[(Input::Wait, ticks.saturating_sub(1)), (Input::Stop, 1)])
}

/// The replay of a run in which each input is held for so many ticks, and what the run comes to. It may be none that
/// counts: it need not end.
pub fn run_of(seed: u64, steps: &[(Input, u32)]) -> (Claim, Vec<u8>) {
    let mut replay = vec![Counter::VERSION, 0];
    replay.extend(seed.to_le_bytes());
    let mut state = State::new(seed);
    for &(input, ticks) in steps {
        replay.push(input as u8);
        replay.extend(ticks.to_le_bytes());
        (0..ticks).for_each(|_| state.step(input));
    }
    (Claim { points: state.points, ticks: state.ticks, state_hash: state.hash() }, replay)
}

/// What a player does in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Input {
    /// Nothing.
    Wait,
    /// Presses the key.
    Press,
    /// Ends the run.
    Stop,
}

/// The rules of the counter.
///
/// A replay is its version, the mode, the seed, and then an input (one byte) and for how many ticks it is held (four), again
/// and again; numbers have their lowest byte first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter {
    /// Which of 256 modes that are all the same; what [`run_of`] makes is of mode 0.
    pub mode: u8,
}

impl Counter {
    /// The version of these rules.
    pub const VERSION: u8 = 1;
}

impl Rules for Counter {
    fn open(&self, seed: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault> {
        let malformed = |what: &str| RunFault::Malformed(what.to_owned());
        let (&[version, mode], rest) =
            replay.split_first_chunk().ok_or_else(|| malformed("the replay ends in its header"))?;
        if version != Self::VERSION {
            return Err(RunFault::OtherVersion(format!("the replay is of version {version} of the rules")));
        }
        if mode != self.mode {
            return Err(RunFault::OtherGame(format!("the replay is of mode {mode}")));
        }
        let (recorded, rest) =
            rest.split_first_chunk().ok_or_else(|| malformed("the replay ends in its header"))?;
        if u64::from_le_bytes(*recorded) != seed {
            return Err(RunFault::OtherSeed);
        }
        let (steps, []) = rest.as_chunks::<5>() else {
            return Err(malformed("the replay ends in an input"));
        };
        let steps = steps
            .iter()
            .map(|&[input, a, b, c, d]| match input {
                0 => Ok((Input::Wait, u32::from_le_bytes([a, b, c, d]))),
                1 => Ok((Input::Press, u32::from_le_bytes([a, b, c, d]))),
                2 => Ok((Input::Stop, u32::from_le_bytes([a, b, c, d]))),
                _ => Err(malformed("there is no such input")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(Play { state: State::new(seed), steps: steps.into_iter(), input: Input::Wait, held: 0 }))
    }
}

struct State {
    rng: GameRng,
    points: i64,
    ticks: u32,
}

impl State {
    const fn new(seed: u64) -> Self {
        Self { rng: GameRng::new(seed), points: 0, ticks: 0 }
    }

    fn step(&mut self, input: Input) {
        self.ticks += 1;
        if input == Input::Press {
            self.points += 1;
            self.rng.next_u64();
        }
    }

    fn hash(&self) -> StateHash {
        StateHash(self.rng.state() ^ u64::from(self.ticks) ^ self.points.unsigned_abs().rotate_left(32))
    }
}

struct Play {
    state: State,
    steps: std::vec::IntoIter<(Input, u32)>,
    input: Input,
    held: u32,
}

impl Run for Play {
    fn advance(&mut self, ticks: u32, timing: &mut Timing) -> Result<Progress, RunFault> {
        for played in 1..=ticks {
            while self.held == 0 {
                let (input, held) = self.steps.next().ok_or(RunFault::Unfinished)?;
                if input != self.input && held > 0 {
                    timing.note(self.state.ticks);
                }
                (self.input, self.held) = (input, held);
            }
            self.held -= 1;
            self.state.step(self.input);
            if self.input == Input::Stop {
                let over = self.held == 0 && self.steps.len() == 0;
                return if over { Ok(Progress::Finished { played }) } else { Err(RunFault::InputsAfterEnd) };
            }
        }
        Ok(Progress::Running)
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            points: self.state.points,
            state_hash: self.state.hash(),
            details: BTreeMap::from([("ticks".to_owned(), i64::from(self.state.ticks))]),
        }
    }
}
