//! The rankings of all listings: what of the file is kept in memory, and is built anew when it is opened.

use super::rows::{PLAYERS, STANDINGS, Stop, decode};
use crate::model::{BoardId, Entries, Player, PlayerId, Position, ScoreId};
use crate::ranking::Ranking;
use redb::{ReadTransaction, ReadableTable as _};
use std::collections::{BTreeMap, HashSet};

/// A board whose scores are ranked.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) id: BoardId,
    pub(super) number: u32,
    pub(super) entries: Entries,
}

/// The number of a board, and a season or none for all time.
pub(super) type ListingKey = (u32, Option<u32>);

/// A score that enters a listing, or leaves it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    Enter(ListingKey, Position),
    Leave(ListingKey, Position),
}

#[derive(Debug, Default)]
pub(super) struct Listings(BTreeMap<ListingKey, Ranking>);

impl Listings {
    /// Reads who stands where.
    pub(super) fn build(file: &ReadTransaction, boards: &[Ranked]) -> Result<Self, Stop> {
        let banned = banned(file)?;
        let mut positions: BTreeMap<ListingKey, Vec<Position>> = BTreeMap::new();
        let mut last = None;
        for standing in file.open_table(STANDINGS)?.iter()? {
            let (standing, ()) = standing.map(|(standing, nothing)| (standing, nothing.value()))?;
            let (player, board, season, key, id) = standing.value();
            let of = (*player, board, season);
            let first = last.replace(of) != Some(of);
            let entries = boards.iter().find(|ranked| ranked.number == board).map(|ranked| ranked.entries);
            let listed = match entries {
                Some(Entries::BestPerPlayer) => first,
                Some(Entries::AllRuns) => true,
                None => false,
            };
            if listed && !banned.contains(&PlayerId(*player)) {
                positions.entry((board, season)).or_default().push(Position { key, id: ScoreId(id) });
            }
        }
        let ranked = positions.into_iter().map(|(listing, mut positions)| {
            positions.sort_unstable();
            (listing, positions.into_iter().collect())
        });
        Ok(Self(ranked.collect()))
    }

    pub(super) fn get(&self, listing: ListingKey) -> Option<&Ranking> {
        self.0.get(&listing)
    }

    pub(super) fn apply(&mut self, moves: &[Move]) {
        for change in moves {
            match change {
                Move::Enter(listing, position) => {
                    self.0.entry(*listing).or_default().insert(*position);
                }
                Move::Leave(listing, position) => {
                    self.0.get_mut(listing).map(|ranking| ranking.remove(position));
                }
            }
        }
    }
}

fn banned(file: &ReadTransaction) -> Result<HashSet<PlayerId>, Stop> {
    let mut banned = HashSet::new();
    for row in file.open_table(PLAYERS)?.iter()? {
        let player: Player = decode(row?.1.value())?;
        if player.banned {
            banned.insert(player.id);
        }
    }
    Ok(banned)
}
