//! What a game is played for, and how fast it gets.

use crate::handling::Handling;
use netcord_wire::serde::{Deserialize, Serialize};

/// The rate at which the rules are played.
pub const TICKS_PER_SECOND: u32 = 60;
/// Lines that end a marathon: fifteen levels of ten.
pub const MARATHON_LINES: u32 = 150;
/// Lines that end a sprint.
pub const SPRINT_LINES: u32 = 40;
/// Ticks that end an ultra: two minutes.
pub const ULTRA_TICKS: u32 = 120 * TICKS_PER_SECOND;
/// Lines from one level to the next.
pub const LINES_PER_LEVEL: u32 = 10;
/// The highest level: pieces fall to the ground at once. An endless game goes on in it.
pub const MAX_LEVEL: u8 = 20;

/// What a game is played for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", rename_all = "snake_case")]
pub enum Mode {
    /// Points, through fifteen levels: over at [`MARATHON_LINES`].
    #[default]
    Marathon,
    /// Points, until the field is full; levels rise to [`MAX_LEVEL`].
    Endless,
    /// The least time for [`SPRINT_LINES`]; the level stays 1.
    Sprint,
    /// Points in [`ULTRA_TICKS`]; the level stays 1.
    Ultra,
}

/// All that a game follows from but its seed and its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", default)]
pub struct Config {
    /// What it is played for.
    pub mode: Mode,
    /// The level that a marathon or an endless game begins at. Outside of 1 to 15 the nearest of them counts.
    pub start_level: u8,
    /// How keys become moves.
    pub handling: Handling,
}

/// How a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", rename_all = "snake_case")]
pub enum Ending {
    /// What it was played for is reached: the lines, or the time.
    Complete,
    /// Topped out: there was no room for the next piece.
    BlockOut,
    /// Topped out: a piece locked wholly above the rows that are seen.
    LockOut,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Marathon, Self::Endless, Self::Sprint, Self::Ultra];

    /// Its name, for files and command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marathon => "marathon",
            Self::Endless => "endless",
            Self::Sprint => "sprint",
            Self::Ultra => "ultra",
        }
    }

    /// The lines that end it, if any do.
    pub const fn goal(self) -> Option<u32> {
        match self {
            Self::Marathon => Some(MARATHON_LINES),
            Self::Sprint => Some(SPRINT_LINES),
            Self::Endless | Self::Ultra => None,
        }
    }

    /// The ticks that end it, if any do.
    pub const fn time(self) -> Option<u32> {
        match self {
            Self::Ultra => Some(ULTRA_TICKS),
            _ => None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { mode: Mode::Marathon, start_level: 1, handling: Handling::default() }
    }
}

impl Config {
    /// The highest level to begin at.
    pub const MAX_START_LEVEL: u8 = 15;

    /// A game of this mode from level 1 on, with the usual handling.
    pub fn new(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// The level after so many lines.
    pub fn level(&self, lines: u32) -> u8 {
        let start = match self.mode {
            Mode::Marathon | Mode::Endless => self.start_level.clamp(1, Self::MAX_START_LEVEL),
            Mode::Sprint | Mode::Ultra => return 1,
        };
        let highest = if self.mode == Mode::Marathon { Self::MAX_START_LEVEL } else { MAX_LEVEL };
        let earned = u8::try_from(1 + lines / LINES_PER_LEVEL).unwrap_or(MAX_LEVEL);
        earned.max(start).min(highest)
    }
}

/// How far pieces fall in a tick of each level, in 1/65536 of a row.
///
/// A row takes (0.8 - (level - 1) * 0.007) ^ (level - 1) seconds: <https://tetris.wiki/Marathon>. From level 19 on
/// that is 20 rows a tick or more, which is to say all of them.
const GRAVITY: [u32; MAX_LEVEL as usize] = [
    1_092, 1_377, 1_768, 2_311, 3_075, 4_169, 5_759, 8_107, 11_634, 17_026, 25_416, 38_709, 60_169, 95_483,
    154_742, 256_187, 433_425, 749_597, 1_325_716, 2_398_490,
];

/// How far pieces fall in a tick of `level`, which is 1 to 20, in 1/65536 of a row.
pub(crate) const fn gravity(level: u8) -> u32 {
    GRAVITY[level as usize - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::falling::ROW;

    #[test]
    fn gravity_is_that_of_the_published_formula() {
        for level in 1..=MAX_LEVEL {
            let below = f64::from(level - 1);
            let seconds = (0.8 - below * 0.007).powf(below);
            let rows = 1.0 / (seconds * f64::from(TICKS_PER_SECOND));
            let ours = f64::from(gravity(level)) / f64::from(ROW);
            assert!((ours - rows).abs() <= 0.5 / f64::from(ROW) + 1e-9, "level {level}: {ours}, not {rows}");
        }
    }

    #[test]
    fn ten_lines_make_a_level_from_the_first_one_on() {
        let config = |mode, start_level| Config { start_level, ..Config::new(mode) };
        let cases = [
            (config(Mode::Marathon, 1), 0, 1),
            (config(Mode::Marathon, 1), 9, 1),
            (config(Mode::Marathon, 1), 10, 2),
            (config(Mode::Marathon, 1), 149, 15),
            (config(Mode::Marathon, 1), 153, 15),
            // "An example is when the player starts at level 5, the player will have to clear 50 lines to advance to
            // level 6", <https://tetris.wiki/Marathon>.
            (config(Mode::Marathon, 5), 49, 5),
            (config(Mode::Marathon, 5), 50, 6),
            (config(Mode::Endless, 15), 0, 15),
            (config(Mode::Endless, 0), 189, 19),
            (config(Mode::Endless, 99), 200, MAX_LEVEL),
            (config(Mode::Endless, 1), u32::MAX, MAX_LEVEL),
            (config(Mode::Sprint, 9), 39, 1),
            (config(Mode::Ultra, 9), 50, 1),
        ];
        for (config, lines, level) in cases {
            assert_eq!(config.level(lines), level, "{config:?}, {lines} lines");
        }
    }
}
