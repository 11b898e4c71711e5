//! Who takes part in a match, and who hosts it: what all players agree on, and what the host alone keeps.

use crate::player_set::PlayerSet;
use crate::protocol::Lineage;
use crate::{MAX_PLAYERS, PlayerIndex};
use core::time::Duration;
use netcord_transport::ClientId;
use netcord_wire::Tick;

/// The players of a match.
#[derive(Debug, Default)]
pub(super) struct Seats {
    /// Who takes part, as of the last change. All agree on it.
    pub(super) live: PlayerSet,
    /// Who hosts, and how often that was handed over.
    pub(super) lineage: Lineage,
    /// The number of the last change.
    pub(super) number: u32,
    /// From this tick on all changes so far are in effect.
    pub(super) changed_at: Tick,
    /// To a host: whose place it is.
    owners: [Option<ClientId>; MAX_PLAYERS],
    /// To a host: since when the connection is lost to one who takes part.
    absent: [Option<Duration>; MAX_PLAYERS],
}

impl Seats {
    pub(super) fn host(&self) -> PlayerIndex {
        self.lineage.host()
    }

    /// The place of a client: its old one, one that was never taken, or one that is empty now. `is_taken` tells
    /// which are not.
    pub(super) fn take(
        &mut self,
        client: ClientId,
        players: u8,
        is_taken: impl Fn(PlayerIndex) -> bool,
    ) -> Option<PlayerIndex> {
        let all = || (0..players).map(PlayerIndex);
        let owner = |player: PlayerIndex| self.owners.get(player.index()).copied().flatten();
        let place = all()
            .find(|&player| owner(player) == Some(client))
            .or_else(|| all().find(|&player| owner(player).is_none() && !is_taken(player)))
            .or_else(|| all().find(|&player| !is_taken(player)))?;
        *self.owners.get_mut(place.index())? = Some(client);
        Some(place)
    }

    /// Whether the client has a place.
    pub(super) fn knows(&self, client: ClientId) -> bool {
        self.owners.contains(&Some(client))
    }

    /// The place is anyone's.
    pub(super) fn vacate(&mut self, player: PlayerIndex) {
        if let Some(owner) = self.owners.get_mut(player.index()) {
            *owner = None;
        }
    }

    /// The connection to a player is lost, or there again.
    pub(super) fn set_absent(&mut self, player: PlayerIndex, since: Option<Duration>) {
        if let Some(absent) = self.absent.get_mut(player.index()) {
            *absent = since;
        }
    }

    pub(super) fn absent_since(&self, player: PlayerIndex) -> Option<Duration> {
        self.absent.get(player.index()).copied().flatten()
    }

    /// Who takes part and is not connected.
    pub(super) fn absent(&self) -> PlayerSet {
        self.live.iter().filter(|&player| self.absent_since(player).is_some()).collect()
    }
}
