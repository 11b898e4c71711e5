//! What happened in a tick: what sounds and particles hang on. It is no part of the state.

/// One thing that can happen in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The ball was served from the centre.
    Served,
    /// The left paddle hit the ball.
    HitLeft,
    /// The right paddle hit the ball.
    HitRight,
    /// The ball bounced off a wall, above or below.
    Wall,
    /// The left player scored.
    PointLeft,
    /// The right player scored.
    PointRight,
    /// The match was won.
    MatchWon,
    /// Both players were ready and a new match began.
    Rematch,
}

/// The events of one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Events(u8);

impl Event {
    /// All events, in the order in which [`Events::iter`] tells them.
    pub const ALL: [Self; 8] = [
        Self::Served,
        Self::HitLeft,
        Self::HitRight,
        Self::Wall,
        Self::PointLeft,
        Self::PointRight,
        Self::MatchWon,
        Self::Rematch,
    ];
}

impl Events {
    /// Whether `event` happened.
    pub const fn contains(self, event: Event) -> bool {
        self.0 & (1 << event as u8) != 0
    }

    /// Whether nothing happened.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What happened, in the order of [`Event::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Event> {
        Event::ALL.into_iter().filter(move |&event| self.contains(event))
    }

    pub(crate) const fn add(&mut self, event: Event) {
        self.0 |= 1 << event as u8;
    }
}
