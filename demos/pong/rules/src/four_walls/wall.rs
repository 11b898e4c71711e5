//! The square and its four walls.

use crate::ball::{Ball, Speeds};
use crate::events::Event;
use crate::field::{BALL_RADIUS, HALF_HEIGHT, PADDLE_HALF_HEIGHT, Side, UNIT};
use netcord_wire::serde::{Deserialize, Serialize};

/// From the centre to each edge of the square; it is as high as the field of two players.
pub const HALF_SQUARE: i32 = HALF_HEIGHT;
/// From the centre to the face of each paddle, and of each solid wall.
pub const WALL_DISTANCE: i32 = 156 * UNIT;
/// The farthest from the middle of its wall that a paddle's centre gets: there two paddles meet in the corner.
pub const PADDLE_TRAVEL: i32 = WALL_DISTANCE - PADDLE_HALF_HEIGHT;

/// How far the ball's centre is from the middle when a face stops it.
pub(crate) const CONTACT: i32 = WALL_DISTANCE - BALL_RADIUS;
/// The way is shorter than on the field of two, and the ball slower.
pub(crate) const SPEEDS: Speeds = Speeds { serve: 4 * UNIT, gain: UNIT / 4, most: 10 * UNIT };

/// A wall of the square, and the player behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub enum Wall {
    /// At negative x: the first input.
    Left,
    /// At positive x: the second input.
    Right,
    /// At positive y: the third input. Its paddle moves along x.
    Top,
    /// At negative y: the fourth input. Its paddle moves along x.
    Bottom,
}

impl Wall {
    /// All walls, in the order of the inputs: two players face each other.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// The place of this wall among the four.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The wall on the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Top => Self::Bottom,
            Self::Bottom => Self::Top,
        }
    }

    /// The next wall, counter-clockwise.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Left => Self::Bottom,
            Self::Bottom => Self::Right,
            Self::Right => Self::Top,
            Self::Top => Self::Left,
        }
    }

    /// Whether it is the left or the right wall, along which paddles move up and down.
    pub const fn is_upright(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }

    /// The x and y of the point `along` from the middle of this wall, and `out` from the centre of the square:
    /// `wall.point(paddle.y, WALL_DISTANCE)` is the middle of a paddle's face.
    pub const fn point(self, along: i32, out: i32) -> (i32, i32) {
        let out = self.side().sign() * out;
        if self.is_upright() { (out, along) } else { (along, out) }
    }

    /// The side on which this wall is for a ball that is [`seen_from`](Self::seen_from) it.
    pub(crate) const fn side(self) -> Side {
        match self {
            Self::Left | Self::Bottom => Side::Left,
            Self::Right | Self::Top => Side::Right,
        }
    }

    /// The ball with x towards or away from this wall, and y along it. Done twice, it is the ball itself.
    pub(crate) const fn seen_from(self, ball: Ball) -> Ball {
        if self.is_upright() { ball } else { ball.transposed() }
    }

    pub(crate) const fn hit(self) -> Event {
        match self {
            Self::Left => Event::HitLeft,
            Self::Right => Event::HitRight,
            Self::Top => Event::HitTop,
            Self::Bottom => Event::HitBottom,
        }
    }

    pub(crate) const fn miss(self) -> Event {
        match self {
            Self::Left => Event::MissLeft,
            Self::Right => Event::MissRight,
            Self::Top => Event::MissTop,
            Self::Bottom => Event::MissBottom,
        }
    }
}
