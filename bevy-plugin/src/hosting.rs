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

    /// Forgets the invites that were used, and opens others for the seats that are free: at the start, when a player is
    /// gone, when an invite has expired. Returns what the game is told of it. `awaited` players take part and are not
    /// connected.
    ///
    /// Once it has begun, a match of two takes nobody in. In larger ones, who is gone may come back without an invite;
    /// what is open then for its seat stays so, and leads to one that another leaves.
    pub(crate) fn update(
        &mut self,
        link: &mut Link,
        has_begun: bool,
        awaited: usize,
    ) -> Result<Vec<MatchEvent>, InviteError> {
        let endpoint = link.endpoint_mut();
        let closed = self.invites.extract_if(.., |(code, _)| !endpoint.is_open(code));
        let mut events: Vec<_> = closed.map(|(code, _)| MatchEvent::InviteClosed { code }).collect();
        let guests = if has_begun && self.options.players == 2 { 0 } else { self.options.players - 1 };
        let seats = [
            (Seat::Player, ROLE_PLAYER, guests.saturating_sub(awaited)),
            (Seat::Spectator, ROLE_SPECTATOR, self.options.spectators),
        ];
        for (seat, role, all) in seats {
            let open = self.invites.iter().filter(|(_, of)| *of == seat).count();
            for _ in open + endpoint.connected(role)..all {
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
        let name = self.options.lan_name.as_deref().filter(|_| players < self.options.players)?;
        let (code, _) = self.invites.iter().find(|(_, seat)| *seat == Seat::Player)?;
        let players = (players as u8, self.options.players as u8);
        Some(kind.advert(name, players, self.options.lan_code.then(|| code.clone())))
    }
}
