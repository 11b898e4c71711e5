//! The seats of a match that is hosted: who is in, and which code is for the next.

use bevy::prelude::*;
use bevy_netcord::Seat;
use bevy_netcord::prelude::*;

/// A match before it begins.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lobby {
    /// How many play, the host included.
    pub(crate) players: usize,
    /// One for each guest, in the order in which they are given out.
    codes: Vec<String>,
    /// How many codes were used. Who used one and went comes back with the same.
    used: usize,
    /// Who is in.
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
        Self { players, codes: Vec::new(), used: 0, guests: Vec::new() }
    }

    /// The code for the next guest; none when each was used.
    pub(crate) fn code(&self) -> Option<&str> {
        self.codes.get(self.used).map(String::as_str)
    }

    /// Whether there were codes, and each was used.
    pub(crate) fn is_given_out(&self) -> bool {
        !self.codes.is_empty() && self.code().is_none()
    }

    /// Whether `player` is in.
    pub(crate) fn is_in(&self, player: usize) -> bool {
        player == 0 || self.guests.contains(&player)
    }

    fn update(&mut self, codes: impl Iterator<Item = String>, guests: Vec<usize>) {
        self.codes.extend(codes);
        self.used = self.used.max(guests.len());
        self.guests = guests;
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Lobby>().add_systems(Update, update.before(super::PlaySystems));
}

fn update(mut events: MessageReader<MatchEvent>, connections: Query<&Connection>, mut lobby: ResMut<Lobby>) {
    let codes = events.read().filter_map(|event| match event {
        MatchEvent::InviteReady { code, seat: Seat::Player } => Some(code.to_string()),
        _ => None,
    });
    let mut guests: Vec<_> = connections.iter().filter_map(|guest| Some(guest.player?.index())).collect();
    guests.sort_unstable();
    let mut now = lobby.clone();
    now.update(codes, guests);
    lobby.set_if_neq(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lobby_of_four() -> Lobby {
        let mut lobby = Lobby::new(4);
        lobby.update(["A", "B", "C"].map(String::from).into_iter(), vec![]);
        lobby
    }

    fn come(lobby: &mut Lobby, guests: &[usize]) {
        lobby.update(std::iter::empty(), guests.to_vec());
    }

    #[test]
    fn each_guest_gets_the_next_code() {
        let mut lobby = lobby_of_four();
        assert_eq!(lobby.code(), Some("A"));
        come(&mut lobby, &[1]);
        assert_eq!(lobby.code(), Some("B"));
        come(&mut lobby, &[1, 2, 3]);
        assert!(lobby.code().is_none() && lobby.is_given_out());
        assert!((0..4).all(|player| lobby.is_in(player)));
    }

    #[test]
    fn a_code_is_not_shown_again_when_who_used_it_goes() {
        let mut lobby = lobby_of_four();
        come(&mut lobby, &[1, 2]);
        come(&mut lobby, &[2]);
        assert_eq!(lobby.code(), Some("C"));
        assert!(!lobby.is_in(1) && lobby.is_in(2));
    }

    #[test]
    fn before_there_are_codes_none_is_given_out() {
        assert!(!Lobby::new(2).is_given_out() && Lobby::new(2).code().is_none());
    }
}
