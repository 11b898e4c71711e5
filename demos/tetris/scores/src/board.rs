//! The boards, and what a run on each may cost.

use crate::outcome::board_id;
use crate::rules::rules;
use netcord_scores::model::{Board, Entries, Order, RunLimits, Seasons, TicketPolicy, Unit, UnixTime};
use netcord_scores::rules::Rules;
use std::sync::Arc;
use tetris_rules::{Mode, Replay, TICKS_PER_SECOND, ULTRA_TICKS};

/// The boards of all modes, in the order of [`Mode::ALL`], each with its rules.
pub fn boards() -> Vec<(Board, Arc<dyn Rules>)> {
    Mode::ALL.map(|mode| (board(mode), Arc::new(rules(mode)) as Arc<dyn Rules>)).into()
}

fn board(mode: Mode) -> Board {
    let (title, max_ticks) = match mode {
        Mode::Marathon => ("Marathon", 4 * HOUR),
        // As long as the game records.
        Mode::Endless => ("Endless", Replay::MAX_TICKS),
        Mode::Sprint => ("Sprint: 40 lines", HOUR),
        Mode::Ultra => ("Ultra: 2 minutes", ULTRA_TICKS),
    };
    let (order, unit) = match mode {
        Mode::Sprint => (Order::LowestFirst, Unit::Ticks),
        Mode::Marathon | Mode::Endless | Mode::Ultra => (Order::HighestFirst, Unit::Points),
    };
    Board {
        id: board_id(mode),
        title: title.into(),
        order,
        unit,
        entries: Entries::BestPerPlayer,
        seasons: Seasons::Every { first: FIRST_SEASON, millis: WEEK_MILLIS },
        ticks_per_second: TICKS_PER_SECOND,
        limits: RunLimits { max_bytes: bytes(max_ticks), max_ticks, ..RunLimits::default() },
        tickets: TicketPolicy::default(),
    }
}

/// The most bytes that a replay of so many ticks has, with other keys in each than before; and as much again as lets
/// inputs that go on for a while be refused as such.
fn bytes(ticks: u32) -> usize {
    Replay::MAX_BYTES.min(1_024 + 2 * ticks as usize)
}

/// In ticks.
const HOUR: u32 = 60 * 60 * TICKS_PER_SECOND;
/// Monday, 2026-01-05, 00:00 UTC.
const FIRST_SEASON: UnixTime = UnixTime::from_millis(1_767_571_200_000);
const WEEK_MILLIS: u64 = 7 * 24 * 60 * 60 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Config, Input};

    #[test]
    fn a_replay_of_the_most_ticks_and_changes_is_within_the_bytes() {
        for (board, _) in boards() {
            let mut replay = Replay::new(1, Config::default());
            let recorded = (0..board.limits.max_ticks)
                .take_while(|tick| {
                    replay.record(if tick % 2 == 0 { Input::LEFT } else { Input::NONE }).is_ok()
                })
                .count();
            assert!(replay.to_bytes().len() <= board.limits.max_bytes, "{}: {recorded} ticks", board.id);
        }
        let (ultra, _) = boards().pop().expect("there are some");
        assert_eq!(ultra.limits.max_bytes, 15_424, "hardly more than needed");
    }

    #[test]
    fn a_season_is_a_week_from_monday_on() {
        let (board, _) = boards().remove(0);
        let sunday_night = UnixTime::from_millis(FIRST_SEASON.as_millis() + WEEK_MILLIS - 1);
        assert_eq!(board.seasons.at(sunday_night), 1);
        assert_eq!(board.seasons.at(UnixTime::from_millis(sunday_night.as_millis() + 1)), 2);
    }
}
