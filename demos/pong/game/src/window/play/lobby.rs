//! The seats of a match that is hosted: who is in, and which code is for the next.
//!
//! It knows no screens, and no match once that runs, but for the seats that become free in it.

use bevy::prelude::*;
use bevy_netcord::Seat;
use bevy_netcord::prelude::*;

/// A match that is hosted, before it begins and while it has seats for others.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lobby {
    /// How many play, the host included.
    pub(crate) players: usize,
    /// The codes that let somebody in, the next first.
    codes: Vec<String>,
    /// Who is in, besides the host.
    guests: Vec<usize>,
}

impl Default for Lobby {
    fn default() -> Self {
        Self::new(2)
    }
}

impl Lobby {
    /// A match of so many, into which nobody has come.
    pub(crate) fn new(players: usize) -> Self {
        Self { players, codes: Vec::new(), guests: Vec::new() }
    }

    /// The code for the next guest; none when there is no room.
    pub(crate) fn code(&self) -> Option<&str> {
        self.codes.first().map(String::as_str)
    }

    /// Whether `player` is in.
    pub(crate) fn is_in(&self, player: usize) -> bool {
        player == 0 || self.guests.contains(&player)
    }

    /// Whether nobody is missing.
    pub(crate) fn is_full(&self) -> bool {
        (0..self.players).all(|player| self.is_in(player))
    }

    fn open(&mut self, code: String) {
        self.codes.push(code);
    }

    fn close(&mut self, code: &str) {
        self.codes.retain(|open| open != code);
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Lobby>().add_systems(Update, update.before(super::PlaySystems));
}

fn update(mut events: MessageReader<MatchEvent>, connections: Query<&Connection>, mut lobby: ResMut<Lobby>) {
    let mut now = lobby.clone();
    for event in events.read() {
        match event {
            MatchEvent::InviteReady { code, seat: Seat::Player } => now.open(code.to_string()),
            MatchEvent::InviteClosed { code } => now.close(&code.to_string()),
            _ => {}
        }
    }
    now.guests = connections.iter().filter_map(|guest| Some(guest.player?.index())).collect();
    now.guests.sort_unstable();
    lobby.set_if_neq(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_until_it_was_used_and_then_the_next() {
        let mut lobby = Lobby::new(3);
        assert_eq!(lobby.code(), None);
        ["A", "B"].map(|code| lobby.open(code.into()));
        assert_eq!(lobby.code(), Some("A"));
        lobby.close("A");
        assert_eq!(lobby.code(), Some("B"));
        lobby.close("B");
        assert_eq!(lobby.code(), None);
        // Somebody left.
        lobby.open("C".into());
        assert_eq!(lobby.code(), Some("C"));
    }

    #[test]
    fn a_lobby_is_full_when_nobody_is_missing() {
        let mut lobby = Lobby::new(3);
        lobby.guests = vec![2];
        assert!(!lobby.is_full() && lobby.is_in(0) && !lobby.is_in(1) && lobby.is_in(2));
        lobby.guests = vec![1, 2];
        assert!(lobby.is_full());
    }
}
