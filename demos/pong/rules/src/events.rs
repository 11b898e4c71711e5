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
    /// The ball bounced off a solid wall.
    Wall,
    /// The left player scored.
    PointLeft,
    /// The right player scored.
    PointRight,
    /// The match was won.
    MatchWon,
    /// All players were ready and a new match began.
    Rematch,
    /// The paddle above hit the ball.
    HitTop,
    /// The paddle below hit the ball.
    HitBottom,
    /// Between four walls: the left player let the ball past.
    MissLeft,
    /// Between four walls: the right player let the ball past.
    MissRight,
    /// The player above let the ball past.
    MissTop,
    /// The player below let the ball past.
    MissBottom,
    /// Between four walls: who let the ball past lost the last life, and that wall is closed.
    Out,
    /// Between four walls: a player came into play.
    Joined,
    /// Between four walls: a player in play left.
    Left,
}

/// The events of one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Events(u32);

impl Event {
    /// All events, in the order in which [`Events::iter`] tells them.
    pub const ALL: [Self; 17] = [
        Self::Served,
        Self::HitLeft,
        Self::HitRight,
        Self::Wall,
        Self::PointLeft,
        Self::PointRight,
        Self::MatchWon,
        Self::Rematch,
        Self::HitTop,
        Self::HitBottom,
        Self::MissLeft,
        Self::MissRight,
        Self::MissTop,
        Self::MissBottom,
        Self::Out,
        Self::Joined,
        Self::Left,
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
