//! The list of games, from adverts that come and go. It knows no network.

use super::advert::{Advert, FORMAT};
use super::text::clean_version;
use crate::invite::InviteCode;

/// The most games in a list; while it is full, further ones are not listed.
pub const MAX_LISTINGS: usize = 64;

/// Names a listing for as long as it is there; no number is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingId(pub u64);

/// A game on the network, as someone there says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanListing {
    /// Names it in [`LanEvent`]s.
    pub id: ListingId,
    /// Its name: one line that can be shown, of at most [`MAX_NAME`](super::MAX_NAME) characters; never empty.
    pub name: String,
    /// Its version, of at most [`MAX_VERSION`](super::MAX_VERSION) characters of ASCII.
    pub version: String,
    /// How many players are in.
    pub players: u8,
    /// How many can be.
    pub max_players: u8,
    /// How to join it.
    pub joining: Joining,
}

/// How a listed game is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joining {
    /// With this code, right away.
    Open(InviteCode),
    /// With a code that the host tells to whom it wants to have in.
    AskForCode,
    /// Not from here: it runs another version of the game. The listing says which; how many play is known only if
    /// the advert's format is ours, else both numbers are 0.
    OtherVersion,
}

/// What changed in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LanEvent {
    /// A game came.
    Found(ListingId),
    /// A game is not as it was.
    Updated(ListingId),
    /// A game ended, or its host is no longer heard.
    Gone(ListingId),
    /// Nothing more will be heard: the system took the network away. The list stays as it was; start another
    /// [`Browser`](super::Browser).
    Stopped,
}

/// The games of one kind that are there.
#[derive(Debug)]
pub(super) struct Listings {
    game: u64,
    version: String,
    /// The names of the adverts' records, in the order of the listings.
    records: Vec<String>,
    listings: Vec<LanListing>,
    next: u64,
}

impl LanListing {
    /// Whether as many players are in as can be.
    pub fn is_full(&self) -> bool {
        self.players >= self.max_players
    }
}

impl Listings {
    /// Lists the games with this id, for a player of this version.
    pub(super) fn new(game: u64, version: &str) -> Self {
        Self { game, version: clean_version(version), records: Vec::new(), listings: Vec::new(), next: 0 }
    }

    pub(super) fn as_slice(&self) -> &[LanListing] {
        &self.listings
    }

    /// The record of this name says this; `None` if it says nothing that we understand.
    pub(super) fn heard(&mut self, record: &str, advert: Option<Advert>) -> Option<LanEvent> {
        let Some(Advert { format, game }) = advert.filter(|advert| advert.game.game == self.game) else {
            return self.gone(record);
        };
        let known = self.records.iter().position(|known| known == record);
        let id = match known.and_then(|at| self.listings.get(at)) {
            Some(listing) => listing.id,
            None if self.listings.len() >= MAX_LISTINGS => return None,
            None => ListingId(self.next),
        };
        let joining = match game.invite {
            _ if format != FORMAT || game.version != self.version => Joining::OtherVersion,
            Some(code) => Joining::Open(code),
            None => Joining::AskForCode,
        };
        let name = if game.name.is_empty() { "?".into() } else { game.name };
        let (players, max_players) = (game.players, game.max_players);
        let listing = LanListing { id, name, version: game.version, players, max_players, joining };
        match known.and_then(|at| self.listings.get_mut(at)) {
            Some(old) if *old == listing => None,
            Some(old) => {
                *old = listing;
                Some(LanEvent::Updated(id))
            }
            None => {
                self.next += 1;
                self.records.push(record.into());
                self.listings.push(listing);
                Some(LanEvent::Found(id))
            }
        }
    }

    /// The record of this name is no longer there.
    pub(super) fn gone(&mut self, record: &str) -> Option<LanEvent> {
        let at = self.records.iter().position(|known| known == record)?;
        self.records.remove(at);
        Some(LanEvent::Gone(self.listings.remove(at).id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::LanGame;
    use super::*;

    fn advert(name: &str, version: &str) -> Option<Advert> {
        Some(Advert { format: FORMAT, game: LanGame::new(7, name, version) })
    }

    #[test]
    fn games_are_found_updated_and_gone() {
        let mut listings = Listings::new(7, "1.0");
        assert_eq!(listings.heard("a", advert("Ann", "1.0")), Some(LanEvent::Found(ListingId(0))));
        assert_eq!(listings.heard("b", advert("Bob", "1.0")), Some(LanEvent::Found(ListingId(1))));
        assert_eq!(listings.heard("a", advert("Ann", "1.0")), None);
        assert_eq!(listings.heard("a", advert("Anna", "1.0")), Some(LanEvent::Updated(ListingId(0))));
        assert_eq!(listings.gone("c"), None);
        assert_eq!(listings.gone("a"), Some(LanEvent::Gone(ListingId(0))));
        assert_eq!(
            listings.heard("b", None),
            Some(LanEvent::Gone(ListingId(1))),
            "what it says now is no advert"
        );
        assert_eq!(listings.heard("a", advert("Ann", "1.0")), Some(LanEvent::Found(ListingId(2))));
        assert_eq!(listings.as_slice().len(), 1);
    }

    #[test]
    fn other_games_are_not_listed_and_other_versions_can_not_be_joined() {
        let mut listings = Listings::new(7, "1.0");
        let other = Advert { format: FORMAT, game: LanGame::new(8, "Tetris", "1.0") };
        assert_eq!(listings.heard("t", Some(other)), None);
        listings.heard("a", advert("Ann", "1.1"));
        listings.heard("b", Some(Advert { format: FORMAT + 1, game: LanGame::new(7, "Bob", "1.0") }));
        listings.heard("c", advert("\u{202e}", "1.0"));
        let joining: Vec<_> = listings.as_slice().iter().map(|listing| listing.joining.clone()).collect();
        assert_eq!(joining, [Joining::OtherVersion, Joining::OtherVersion, Joining::AskForCode]);
        assert_eq!(listings.as_slice()[0].version, "1.1");
    }

    #[test]
    fn a_flood_of_adverts_fills_the_list_and_no_more() {
        let mut listings = Listings::new(7, "1.0");
        for number in 0..10 * MAX_LISTINGS {
            let event = listings.heard(&number.to_string(), advert("spam", "1.0"));
            assert_eq!(event.is_some(), number < MAX_LISTINGS);
        }
        assert_eq!(listings.as_slice().len(), MAX_LISTINGS);
        listings.gone("3");
        assert!(listings.heard("a", advert("Ann", "1.0")).is_some(), "there is room again");
    }
}
