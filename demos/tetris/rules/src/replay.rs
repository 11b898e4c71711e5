//! A game as what it follows from: the seed, the [`Config`] and the inputs.

use crate::events::Events;
use crate::handling::Handling;
use crate::input::{Input, InvalidInput};
use crate::mode::{Config, Mode};
use crate::tetris::Tetris;
use alloc::vec::Vec;
use core::fmt;
use netcord_wire::serde::{Deserialize, Serialize};
use netcord_wire::{CodecError, varint};

/// A game that can be played again, tick for tick, to the same state. The crate's front page has its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct Replay {
    seed: u64,
    config: Config,
    /// Two that follow each other have different inputs.
    runs: Vec<Run>,
    ticks: u32,
}

/// The same keys held for some ticks, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Run {
    input: Input,
    ticks: u32,
}

/// A replay that is watched: the game so far, and where it is in the inputs.
#[derive(Clone, Debug)]
pub struct Playback {
    replay: Replay,
    game: Tetris,
    run: usize,
    /// Ticks of that run that were played.
    played: u32,
}

/// Why bytes are no replay, or a tick can't be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// It was recorded by rules that these are not. Get the game that recorded it.
    UnknownVersion(u8),
    /// There is no such mode. Drop the replay: it is damaged or made up.
    UnknownMode(u8),
    /// A key is held that there is not. Drop the replay.
    InvalidInput(InvalidInput),
    /// The bytes are too long, end too soon, or say a thing otherwise than in its one spelling. Drop the replay.
    Malformed(CodecError),
    /// The game is longer than [`Replay::MAX_TICKS`], or has more than [`Replay::MAX_RUNS`]. One who records may
    /// play on, without a replay; one who reads drops it.
    TooLong,
}

impl Replay {
    /// The version of the rules and of the format. Rules that come to another state from the same inputs have another.
    pub const VERSION: u8 = 1;
    /// The longest game that is recorded: twelve hours.
    pub const MAX_TICKS: u32 = 12 * 60 * 60 * crate::TICKS_PER_SECOND;
    /// How often the keys may change.
    pub const MAX_RUNS: usize = 200_000;
    /// The longest that a replay is, in bytes.
    pub const MAX_BYTES: usize = Self::HEADER_BYTES + 5 * Self::MAX_RUNS;
    const HEADER_BYTES: usize = 14;

    /// A replay without inputs so far.
    pub const fn new(seed: u64, config: Config) -> Self {
        Self { seed, config, runs: Vec::new(), ticks: 0 }
    }

    /// Records the keys held in the next tick.
    ///
    /// # Errors
    /// [`ReplayError::TooLong`] when there is no more room; the replay stays as it is.
    pub fn record(&mut self, input: Input) -> Result<(), ReplayError> {
        self.push(Run { input, ticks: 1 })
    }

    /// What decides the pieces that come.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// How the game is played.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// How many ticks are recorded.
    pub const fn ticks(&self) -> u32 {
        self.ticks
    }

    /// The keys held, tick after tick.
    pub fn inputs(&self) -> impl Iterator<Item = Input> {
        self.runs.iter().flat_map(|run| core::iter::repeat_n(run.input, run.ticks as usize))
    }

    /// The game before its first tick.
    pub fn start(&self) -> Tetris {
        Tetris::new(self.seed, self.config)
    }

    /// The game after the last recorded tick, or as it ended if it ended sooner.
    pub fn play(&self) -> Tetris {
        let mut game = self.start();
        for input in self.inputs() {
            if game.step(input).over.is_some() {
                break;
            }
        }
        game
    }

    /// The game, to be watched tick by tick.
    pub fn watch(self) -> Playback {
        Playback { game: self.start(), replay: self, run: 0, played: 0 }
    }

    /// The replay as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Handling { auto_shift_delay, auto_repeat, soft_drop } = self.config.handling;
        let mut bytes = Vec::with_capacity(Self::HEADER_BYTES + 2 * self.runs.len());
        bytes.extend([Self::VERSION, self.config.mode as u8, self.config.start_level]);
        bytes.extend([auto_shift_delay, auto_repeat, soft_drop]);
        bytes.extend(self.seed.to_le_bytes());
        for run in &self.runs {
            bytes.push(run.input.bits());
            varint::write(&mut bytes, run.ticks.into());
        }
        bytes
    }

    /// The replay in these bytes, from wherever they come.
    ///
    /// # Errors
    /// Any of [`ReplayError`]. No more memory is taken than four times the length of the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayError> {
        let Some((&version, _)) = bytes.split_first() else {
            return Err(CodecError::UnexpectedEnd.into());
        };
        if version != Self::VERSION {
            return Err(ReplayError::UnknownVersion(version));
        }
        if bytes.len() > Self::MAX_BYTES {
            return Err(CodecError::TooLong { limit: Self::MAX_BYTES }.into());
        }
        let Some((header, mut rest)) = bytes.split_first_chunk::<{ Self::HEADER_BYTES }>() else {
            return Err(CodecError::UnexpectedEnd.into());
        };
        let [_, mode, start_level, auto_shift_delay, auto_repeat, soft_drop, seed @ ..] = *header;
        let config = Config {
            mode: *Mode::ALL.get(usize::from(mode)).ok_or(ReplayError::UnknownMode(mode))?,
            start_level,
            handling: Handling { auto_shift_delay, auto_repeat, soft_drop },
        };
        let mut replay = Self::new(u64::from_le_bytes(seed), config);
        while let Some((&input, after)) = rest.split_first() {
            rest = after;
            let input = Input::from_bits(input).map_err(ReplayError::InvalidInput)?;
            let ticks = u32::try_from(varint::read(&mut rest)?).map_err(|_| ReplayError::TooLong)?;
            if ticks == 0 || replay.runs.last().is_some_and(|last| last.input == input) {
                return Err(CodecError::NotCanonical.into());
            }
            replay.push(Run { input, ticks })?;
        }
        Ok(replay)
    }

    fn push(&mut self, run: Run) -> Result<(), ReplayError> {
        if run.ticks > Self::MAX_TICKS - self.ticks {
            return Err(ReplayError::TooLong);
        }
        let is_full = self.runs.len() >= Self::MAX_RUNS;
        match self.runs.last_mut() {
            Some(last) if last.input == run.input => last.ticks += run.ticks,
            _ if is_full => return Err(ReplayError::TooLong),
            _ => self.runs.push(run),
        }
        self.ticks += run.ticks;
        Ok(())
    }
}

impl Playback {
    /// The game so far.
    pub const fn game(&self) -> &Tetris {
        &self.game
    }

    /// What is watched.
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// The keys held in the tick that comes; none after the last, or when the game is over.
    pub fn next_input(&self) -> Option<Input> {
        let run = self.replay.runs.get(self.run)?;
        self.game.ending().is_none().then_some(run.input)
    }

    /// Plays one tick; none after the last, or when the game is over.
    pub fn step(&mut self) -> Option<Events> {
        let input = self.next_input()?;
        self.played += 1;
        if self.played == self.replay.runs[self.run].ticks {
            self.run += 1;
            self.played = 0;
        }
        Some(self.game.step(input))
    }
}

impl TryFrom<Vec<u8>> for Replay {
    type Error = ReplayError;
    fn try_from(bytes: Vec<u8>) -> Result<Self, ReplayError> {
        Self::from_bytes(&bytes)
    }
}

impl From<Replay> for Vec<u8> {
    fn from(replay: Replay) -> Self {
        replay.to_bytes()
    }
}

impl From<CodecError> for ReplayError {
    fn from(error: CodecError) -> Self {
        Self::Malformed(error)
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVersion(version) => {
                write!(
                    f,
                    "the replay is of version {version}, these rules are of version {}",
                    Replay::VERSION
                )
            }
            Self::UnknownMode(mode) => write!(f, "the replay is of mode {mode}, which there is not"),
            Self::InvalidInput(input) => write!(f, "the replay is damaged: {input}"),
            Self::Malformed(error) => write!(f, "the replay is damaged: {error}"),
            Self::TooLong => write!(
                f,
                "the game is longer than {} ticks, or its keys change more than {} times",
                Replay::MAX_TICKS,
                Replay::MAX_RUNS
            ),
        }
    }
}

impl core::error::Error for ReplayError {}
