//! The tables that were loaded.

use super::{Reason, Season};
use bevy_ecs::prelude::*;
use netcord::scores::api::{Entry, Page};
use netcord::scores::model::{BoardId, PlayerId, UnixTime};
use std::collections::HashMap;

/// The tables that were loaded with [`load_leaderboard`](super::ScoreCommands::load_leaderboard). Bevy sees it change when
/// one of them does.
#[derive(Resource, Clone, Debug, Default)]
pub struct Leaderboard {
    tables: HashMap<(BoardId, Season), Table>,
}

/// A table as it was loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) top: Page,
    pub(super) around: Option<Page>,
    pub(super) at: UnixTime,
}

/// A board's table of a season.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Table {
    /// The best.
    pub top: Option<Page>,
    /// Those around the player; `None` for a player without a score here.
    pub around: Option<Page>,
    /// When it was loaded, if it was.
    pub loaded: Option<UnixTime>,
    /// Whether it is known to be out of date: one of the player's runs was accepted since.
    pub stale: bool,
    /// Why it could not be loaded; what was loaded before stays.
    pub problem: Option<Reason>,
}

impl Leaderboard {
    /// The table of a board; `None` if nobody asked for it.
    pub fn table(&self, board: &BoardId, season: Season) -> Option<&Table> {
        self.tables.get(&(board.clone(), season))
    }

    /// Takes in what was loaded.
    pub(super) fn take(&mut self, board: &BoardId, season: Season, loaded: Result<Loaded, Reason>) {
        let table = self.tables.entry((board.clone(), season)).or_default();
        match loaded {
            Ok(Loaded { top, around, at }) => {
                *table = Table { top: Some(top), around, loaded: Some(at), stale: false, problem: None };
            }
            Err(problem) => table.problem = Some(problem),
        }
    }

    /// A run of the player is on this board now.
    pub(super) fn outdate(&mut self, board: &BoardId) {
        for ((of, _), table) in &mut self.tables {
            table.stale |= of == board;
        }
    }
}

impl Table {
    /// The best of all.
    pub fn best(&self) -> Option<&Entry> {
        self.top.as_ref()?.entries.first()
    }

    /// The best of a player among the rows that were loaded.
    pub fn entry_of(&self, player: PlayerId) -> Option<&Entry> {
        let pages = [&self.top, &self.around];
        pages.into_iter().flatten().flat_map(|page| &page.entries).find(|entry| entry.player.id == player)
    }
}
