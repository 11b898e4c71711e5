//! The highscores: for each mode the ten best games, with their replays. They know no window and no file.

use serde::{Deserialize, Serialize};
use tetris_rules::{Ending, Mode, Replay, Tetris};

/// How many games a table has.
pub(crate) const ROWS: usize = 10;
/// The longest name, in letters.
pub(crate) const NAME_LETTERS: usize = 10;

/// A table for each mode, in the order of [`Mode::ALL`]; the best game first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Highscores {
    tables: [Vec<Entry>; Mode::ALL.len()],
}

/// A game in a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) score: u32,
    pub(crate) lines: u32,
    pub(crate) level: u8,
    pub(crate) ticks: u32,
    /// When it ended, in seconds since 1970.
    pub(crate) unix_seconds: u64,
    /// None for a game that was too long to be recorded.
    pub(crate) replay: Option<Replay>,
}

impl Entry {
    /// The entry of a game that is over; none where it is not worth one: a sprint that was not finished, no points.
    pub(crate) fn of(game: &Tetris, replay: Option<Replay>, unix_seconds: u64) -> Option<Self> {
        let counts = match game.config().mode {
            Mode::Sprint => game.ending() == Some(Ending::Complete),
            Mode::Marathon | Mode::Endless | Mode::Ultra => game.score() > 0,
        };
        counts.then(|| Self {
            name: String::new(),
            score: game.score(),
            lines: game.lines(),
            level: game.level(),
            ticks: game.ticks(),
            unix_seconds,
            replay,
        })
    }

    /// The same under a name.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: if name.is_empty() { "NOBODY".into() } else { name.to_owned() }, ..self }
    }

    /// Smaller is better.
    fn rank(&self, mode: Mode) -> u32 {
        if mode == Mode::Sprint { self.ticks } else { u32::MAX - self.score }
    }
}

impl Highscores {
    /// The table of a mode, the best game first.
    pub(crate) fn table(&self, mode: Mode) -> &[Entry] {
        &self.tables[mode as usize]
    }

    /// Which row `entry` would have, from 0; none if it is not among the best.
    pub(crate) fn place(&self, mode: Mode, entry: &Entry) -> Option<usize> {
        // Of two that are equal the older one stays above.
        let row = self.table(mode).partition_point(|other| other.rank(mode) <= entry.rank(mode));
        (row < ROWS).then_some(row)
    }

    /// Enters a game and returns its row; none if it is not among the best.
    pub(crate) fn enter(&mut self, mode: Mode, entry: Entry) -> Option<usize> {
        let row = self.place(mode, &entry)?;
        let table = &mut self.tables[mode as usize];
        table.insert(row, entry);
        table.truncate(ROWS);
        Some(row)
    }
}

/// `text` as a name: capitals, digits and spaces, and not too many of them.
pub(crate) fn name(text: &str) -> String {
    let letters = text.chars().filter(|&letter| letter.is_ascii_alphanumeric() || letter == ' ');
    letters.take(NAME_LETTERS).map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Config, Input};

    fn entry(score: u32, ticks: u32) -> Entry {
        let replay = None;
        Entry { name: "ADA".into(), score, lines: 40, level: 1, ticks, unix_seconds: 0, replay }
    }

    #[test]
    fn points_count_but_in_a_sprint_the_time() {
        let mut highscores = Highscores::default();
        for (mode, best) in [(Mode::Marathon, entry(900, 9_000)), (Mode::Sprint, entry(100, 3_000))] {
            assert_eq!(highscores.enter(mode, entry(500, 5_000)), Some(0));
            assert_eq!(highscores.enter(mode, best.clone()), Some(0), "{mode:?}");
            assert_eq!(
                highscores.enter(mode, entry(500, 5_000)),
                Some(2),
                "{mode:?}: the older one stays above"
            );
            assert_eq!(highscores.table(mode)[0], best);
        }
        assert!(highscores.table(Mode::Ultra).is_empty());
    }

    #[test]
    fn a_full_table_takes_only_what_is_better_than_its_last() {
        let mut highscores = Highscores::default();
        for score in 1..=ROWS as u32 {
            highscores.enter(Mode::Ultra, entry(score * 100, 0));
        }
        assert_eq!(highscores.enter(Mode::Ultra, entry(100, 0)), None);
        assert_eq!(highscores.enter(Mode::Ultra, entry(101, 0)), Some(ROWS - 1));
        assert_eq!(highscores.table(Mode::Ultra).len(), ROWS);
        assert!(highscores.table(Mode::Ultra).iter().all(|entry| entry.score > 100));
    }

    #[test]
    fn a_sprint_that_topped_out_is_no_highscore() {
        let mut game = Tetris::new(1, Config::new(Mode::Sprint));
        for tick in 0..2_000 {
            game.step(if tick % 2 == 0 { Input::HARD_DROP } else { Input::NONE });
        }
        assert!(game.ending().is_some_and(|ending| ending != Ending::Complete) && game.score() > 0);
        assert_eq!(Entry::of(&game, None, 0), None);
    }

    #[test]
    fn names_are_capitals_and_not_too_many() {
        assert_eq!(name("ada lovelace!"), "ADA LOVELA");
        assert_eq!(name("\u{7f}<b>9"), "B9");
    }
}
