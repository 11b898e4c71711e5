//! The ball's flight in the square: off solid walls and paddles, or past them.
//!
//! A wall stops the ball on one line, whether it is solid or has a paddle. Behind a line that the ball was let past,
//! it flies on to the edge. Nothing prefers a direction: a flight turned by a quarter is the quarter turn of the flight.

use super::wall::{CONTACT, HALF_SQUARE, SPEEDS, Wall};
use crate::ball::Ball;
use crate::events::{Event, Events};
use crate::paddle::Paddle;

/// What the ball meets at a wall.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Barrier<'a> {
    /// No player: the ball comes back.
    Solid,
    /// A player's paddle, which may miss.
    Paddle(&'a Paddle),
    /// Nothing.
    Open,
}

/// A tick, as a whole of which contacts are parts.
const TICK: i32 = 1 << 16;
/// The most contacts of a tick. Two are plenty but for a ball that rattles in a corner, and it loses the rest of its
/// tick.
const MAX_CONTACTS: usize = 4;

/// Flies for one tick. The caller looks at [`past`] next.
pub(crate) fn fly(ball: &mut Ball, barriers: [Barrier<'_>; 4], events: &mut Events) {
    let mut left = TICK;
    for _ in 0..MAX_CONTACTS {
        let Some((wall, at)) = contact(ball, left) else {
            return ball.advance(left, TICK);
        };
        ball.advance(at, TICK);
        left -= at;
        let mut seen = wall.seen_from(*ball);
        seen.x = wall.side().sign() * CONTACT;
        match barriers[wall.index()] {
            Barrier::Solid => {
                seen.velocity_x = -seen.velocity_x;
                events.add(Event::Wall);
            }
            Barrier::Paddle(paddle) if (seen.y - paddle.y).abs() <= Ball::REACH => {
                seen.bounce_off(wall.side(), seen.y - paddle.y, paddle.velocity, SPEEDS);
                events.add(wall.hit());
            }
            // Past the line for good.
            Barrier::Paddle(_) | Barrier::Open => seen.x += wall.side().sign(),
        }
        *ball = wall.seen_from(seen);
    }
}

/// The wall past which the ball is out of the square; it then rests on that edge.
pub(crate) fn past(ball: &mut Ball) -> Option<Wall> {
    let out = |wall: &Wall| out(ball, *wall) >= HALF_SQUARE;
    let wall = first(Wall::ALL.into_iter().filter(out))?;
    let within = |value: i32| value.clamp(-HALF_SQUARE, HALF_SQUARE);
    *ball = Ball { x: within(ball.x), y: within(ball.y), ..Ball::default() };
    Some(wall)
}

/// How far the ball is from the centre, towards `wall`.
pub(crate) fn out(ball: &Ball, wall: Wall) -> i32 {
    wall.seen_from(*ball).x * wall.side().sign()
}

/// How fast the ball flies towards `wall`.
pub(crate) fn pace(ball: &Ball, wall: Wall) -> i32 {
    wall.seen_from(*ball).velocity_x * wall.side().sign()
}

/// The first wall's line that the ball meets, and when, in less than `left` of a tick.
fn contact(ball: &Ball, left: i32) -> Option<(Wall, i32)> {
    let at = |wall: Wall| {
        let (gap, pace) = (CONTACT - out(ball, wall), pace(ball, wall));
        // Up to a tick's way from the line, so that the product is small.
        let near = gap >= 0 && gap < pace;
        near.then(|| gap * TICK / pace).filter(|&at| at < left)
    };
    let soonest = Wall::ALL.into_iter().filter_map(at).min()?;
    first(Wall::ALL.into_iter().filter(|&wall| at(wall) == Some(soonest))).map(|wall| (wall, soonest))
}

/// The only one, or of two that make a corner the one after which the other comes, counter-clockwise.
fn first(walls: impl Iterator<Item = Wall> + Clone) -> Option<Wall> {
    let comes_second = |wall: &Wall| walls.clone().any(|other| other.next() == *wall);
    walls.clone().find(|wall| !comes_second(wall))
}
