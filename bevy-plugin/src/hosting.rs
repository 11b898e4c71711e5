//! What a host still has to give: the invites to its free seats, and what the local network is told of them.

use crate::event::{MatchEvent, Seat};
use crate::link::Link;
use crate::options::HostOptions;
use netcord::session::{ROLE_PLAYER, ROLE_SPECTATOR};
use netcord::transport::invite::{InviteCode, InviteError};

/// A match that we opened.
pub(crate) struct Hosting {
    options: HostOptions,
    /// Those that nobody has used yet.
    invites: Vec<(InviteCode, Seat)>,
}

impl Hosting {
    pub(crate) fn new(options: HostOptions) -> Self {
        Self { options, invites: Vec::new() }
    }

    /// Forgets the invites that were used, and opens one for each seat that nobody has or may come back to: at the
    /// start, when a player has left, when an invite has expired. Returns what the game is told of it.
    ///
    /// Once it has begun, a match of two takes nobody in.
    pub(crate) fn update(
        &mut self,
        link: &mut Link,
        has_begun: bool,
    ) -> Result<Vec<MatchEvent>, InviteError> {
        let endpoint = link.endpoint_mut();
        let closed = self.invites.extract_if(.., |(code, _)| !endpoint.is_open(code));
        let mut events: Vec<_> = closed.map(|(code, _)| MatchEvent::InviteClosed { code }).collect();
        let guests = if has_begun && self.options.players == 2 { 0 } else { self.options.players - 1 };
        let seats =
            [(Seat::Player, ROLE_PLAYER, guests), (Seat::Spectator, ROLE_SPECTATOR, self.options.spectators)];
        for (seat, role, all) in seats {
            for _ in endpoint.given(role)..all {
                let code = endpoint.invite(role)?;
                self.invites.push((code.clone(), seat));
                events.push(MatchEvent::InviteReady { code, seat });
            }
        }
        Ok(events)
    }

    /// What the local network is told, of a match with that many players in; `None` when there is no room, or it shall
    /// not be told.
    #[cfg(feature = "lan")]
    pub(crate) fn advert(
        &self,
        kind: &crate::lan::Kind,
        players: usize,
    ) -> Option<netcord::transport::lan::LanGame> {
        let name = self.options.lan_name.as_deref()?;
        let (code, _) = self.invites.iter().find(|(_, seat)| *seat == Seat::Player)?;
        let players = (players as u8, self.options.players as u8);
        Some(kind.advert(name, players, self.options.lan_code.then(|| code.clone())))
    }
}
