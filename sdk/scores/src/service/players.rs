//! Players take names and tickets.

use super::{Name, Service, ServiceError};
use crate::api::{Code, PlayerView, Players, Tickets};
use crate::model::{BoardId, Player, PlayerId, Ticket, TicketId, UnixTime};
use rand_core::CryptoRng;
use std::time::Duration;

impl Service {
    /// A player.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn player(&self, player: &PlayerId) -> Result<PlayerView, ServiceError> {
        self.store.player(player)?.map(PlayerView::from).ok_or_else(|| ServiceError::not_found("player"))
    }

    /// Up to `limit` players whose names begin like `prefix`, or look like it. Banned ones are not among them.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub fn players(&self, prefix: &str, limit: usize) -> Result<Players, ServiceError> {
        let limit = limit.clamp(1, Self::MAX_LIMIT);
        let Some(prefix) = Name::key_prefix(prefix) else { return Ok(Players { players: Vec::new() }) };
        let players = self.store.players_named(&prefix, limit)?;
        Ok(Players { players: players.into_iter().map(PlayerView::from).collect() })
    }

    /// Gives a player a name, and adds the player who is not known yet. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`Code::BadName`], [`Code::NameTaken`]; [`Code::Banned`], as a banned player keeps the name they have.
    pub fn put_player(&self, by: PlayerId, name: &str, now: UnixTime) -> Result<PlayerView, ServiceError> {
        let name = Name::new(name).map_err(|bad| ServiceError::new(Code::BadName, bad.to_string()))?;
        if let Some(known) = self.store.player(&by)? {
            only_if_not_banned(&known)?;
        }
        let player = Player {
            id: by,
            name: name.shown,
            name_key: name.key,
            joined: now,
            busy_until: UnixTime::default(),
            banned: false,
        };
        self.store.put_player(&player)?;
        Ok(player.into())
    }

    /// Gives a player so many open tickets of a board, or as many as the board allows. Those that are open already are among
    /// them: asking again gives the same ones, so that nobody chooses among seeds by asking often. `rng` has to be one that
    /// nobody foresees: who knows a seed beforehand has longer to play.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is no such board, or the player took no name yet; [`Code::Banned`].
    pub fn tickets(
        &self,
        by: PlayerId,
        board: &BoardId,
        count: usize,
        now: UnixTime,
        rng: &mut dyn CryptoRng,
    ) -> Result<Tickets, ServiceError> {
        let played = self.played(board)?;
        only_if_not_banned(&self.named(&by)?)?;
        let policy = played.board.tickets;
        let at_most = count.min(policy.open_at_most);
        let expires = now.after(Duration::from_millis(policy.lifetime_millis));
        let fresh: Vec<_> = (0..at_most.max(1))
            .map(|_| {
                let mut id = TicketId([0; 16]);
                rng.fill_bytes(&mut id.0);
                let seed = rng.next_u64();
                Ticket { id, board: board.clone(), player: by, seed, issued: now, expires }
            })
            .collect();
        Ok(Tickets { tickets: self.store.issue_tickets(&fresh, at_most, now)? })
    }

    /// A player who took a name.
    pub(super) fn named(&self, player: &PlayerId) -> Result<Player, ServiceError> {
        self.store.player(player)?.ok_or_else(|| {
            ServiceError::new(Code::NotFound, "the service doesn't know this player yet: take a name first")
        })
    }
}

pub(super) fn only_if_not_banned(player: &Player) -> Result<(), ServiceError> {
    if player.banned {
        return Err(ServiceError::new(Code::Banned, "a moderator banned this player"));
    }
    Ok(())
}

impl From<Player> for PlayerView {
    fn from(player: Player) -> Self {
        Self { id: player.id, name: player.name }
    }
}
