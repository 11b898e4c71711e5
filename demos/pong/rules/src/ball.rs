//! The ball: its flight, walls, and paddles.
//!
//! Contacts are found on the line that the ball flies during the tick, not at its end, so no speed lets it
//! through a paddle. All divisions round towards zero, so a mirrored flight is the mirror of the flight.

use crate::events::{Event, Events};
use crate::field::{BALL_RADIUS, HALF_HEIGHT, HALF_WIDTH, PADDLE_DISTANCE, PADDLE_HALF_HEIGHT, Side, UNIT};
use crate::paddle::Paddle;
use netcord_wire::serde::{Deserialize, Serialize};

/// The ball.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub struct Ball {
    /// Its centre, at most [`HALF_WIDTH`] from the middle.
    pub x: i32,
    /// Its centre, at most [`Ball::MAX_Y`] from the middle.
    pub y: i32,
    /// How far it flies along x in a tick; 0 when it rests.
    pub velocity_x: i32,
    /// How far it flies along y in a tick.
    pub velocity_y: i32,
    /// Its speed along its line of flight, before rounding; [`Ball::MAX_SPEED`] at most.
    pub speed: i32,
}

impl Ball {
    /// The farthest from the middle that the ball's centre gets before a wall throws it back.
    pub const MAX_Y: i32 = HALF_HEIGHT - BALL_RADIUS;
    /// Its speed at the serve.
    pub const SERVE_SPEED: i32 = 5 * UNIT;
    /// The fastest that it gets.
    pub const MAX_SPEED: i32 = 14 * UNIT;
    /// Where its centre is when a paddle's face stops it.
    pub const CONTACT_X: i32 = PADDLE_DISTANCE - BALL_RADIUS;
    /// How far from a paddle's centre it still hits.
    pub const REACH: i32 = PADDLE_HALF_HEIGHT + BALL_RADIUS;

    /// The slope of a flight at 45 degrees; slopes are in 1/1024.
    const SLOPE: i32 = 1024;
    /// The steepest flight, 51 degrees.
    const MAX_SLOPE: i32 = 1280;
    /// The steepest serve, 31 degrees.
    const MAX_SERVE_SLOPE: i32 = 614;
    /// The slope that a hit with the very edge of the paddle adds.
    const EDGE_SLOPE: i32 = 1126;
    /// The slope that a paddle at its full speed adds.
    const MOTION_SLOPE: i32 = 358;

    /// How many slopes there are to serve with.
    pub(crate) const SERVE_SLOPES: u32 = 2 * Self::MAX_SERVE_SLOPE.unsigned_abs() + 1;

    /// Serves from the centre towards `side`, with one of the [`SERVE_SLOPES`](Self::SERVE_SLOPES).
    pub(crate) fn serve(side: Side, slope: u32, speeds: Speeds) -> Self {
        let mut ball = Self { speed: speeds.serve, ..Self::default() };
        ball.aim(side, slope as i32 - Self::MAX_SERVE_SLOPE);
        ball
    }

    /// Flies for one tick. The caller looks at [`goal`](Self::goal) next.
    pub(crate) fn step(&mut self, paddles: &[Paddle; 2], events: &mut Events) {
        let side = if self.velocity_x < 0 { Side::Left } else { Side::Right };
        let pace = self.velocity_x.abs();
        let gap = Self::CONTACT_X - self.x * side.sign();
        if !(1..=pace).contains(&gap) {
            return self.fly(pace, pace, events);
        }
        let mut contact = *self;
        let mut on_the_way = Events::default();
        contact.fly(gap, pace, &mut on_the_way);
        let paddle = &paddles[side.index()];
        let offset = contact.y - paddle.y;
        if offset.abs() > Self::REACH {
            return self.fly(pace, pace, events);
        }
        *self = contact;
        *events = on_the_way;
        events.add(if side == Side::Left { Event::HitLeft } else { Event::HitRight });
        // The rest of the tick is flown at the new speed.
        self.bounce_off(side, offset, paddle.velocity, Speeds::DUEL);
        self.fly(pace - gap, pace, events);
    }

    /// The side whose goal the ball is in; it then rests on the goal line.
    pub(crate) fn goal(&mut self) -> Option<Side> {
        let side = if self.x < 0 { Side::Left } else { Side::Right };
        if self.x.abs() < HALF_WIDTH {
            return None;
        }
        *self = Self { x: side.sign() * HALF_WIDTH, y: self.y, ..Self::default() };
        Some(side)
    }

    /// Where the ball's centre is when it gets to `side`'s paddle, had it no walls to bounce off; `None` when it
    /// flies the other way or is past it.
    pub(crate) fn arrival(&self, side: Side) -> Option<Arrival> {
        let pace = self.velocity_x * side.sign();
        let gap = Self::CONTACT_X - self.x * side.sign();
        (pace > 0 && gap > 0)
            .then(|| Arrival { ticks: gap / pace, y_without_walls: self.y + self.velocity_y * gap / pace })
    }

    /// Flies `part` / `whole` of a tick, off a wall if one is in the way. A tick meets one wall at most.
    fn fly(&mut self, part: i32, whole: i32, events: &mut Events) {
        self.advance(part, whole);
        if self.y.abs() > Self::MAX_Y {
            self.y = 2 * self.y.signum() * Self::MAX_Y - self.y;
            self.velocity_y = -self.velocity_y;
            events.add(Event::Wall);
        }
    }

    /// Flies `part` / `whole` of a tick, whatever is in the way.
    pub(crate) fn advance(&mut self, part: i32, whole: i32) {
        self.x += self.velocity_x * part / whole;
        self.y += self.velocity_y * part / whole;
    }

    /// The same ball with x and y exchanged.
    #[must_use]
    pub(crate) const fn transposed(self) -> Self {
        Self {
            x: self.y,
            y: self.x,
            velocity_x: self.velocity_y,
            velocity_y: self.velocity_x,
            speed: self.speed,
        }
    }

    /// Turns back from `side`, faster; half of the incoming slope is kept, where and how the paddle hit is added.
    pub(crate) fn bounce_off(&mut self, side: Side, offset: i32, paddle_velocity: i32, speeds: Speeds) {
        let kept = self.velocity_y * Self::SLOPE / self.velocity_x.abs() / 2;
        let edge = offset * Self::EDGE_SLOPE / Self::REACH;
        let spin = paddle_velocity * Self::MOTION_SLOPE / Paddle::MAX_SPEED;
        self.speed = (self.speed + speeds.gain).min(speeds.most);
        self.aim(side.opponent(), (kept + edge + spin).clamp(-Self::MAX_SLOPE, Self::MAX_SLOPE));
    }

    fn aim(&mut self, towards: Side, slope: i32) {
        let length = (Self::SLOPE * Self::SLOPE + slope * slope).isqrt();
        self.velocity_x = towards.sign() * self.speed * Self::SLOPE / length;
        self.velocity_y = self.speed * slope / length;
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.is_within(HALF_WIDTH, Self::MAX_Y, Speeds::DUEL)
    }

    /// Whether it is within a field of these measures, and not faster than it can be.
    pub(crate) fn is_within(&self, half_width: i32, half_height: i32, speeds: Speeds) -> bool {
        self.x.unsigned_abs() <= half_width.unsigned_abs()
            && self.y.unsigned_abs() <= half_height.unsigned_abs()
            && (0..=speeds.most).contains(&self.speed)
            && self.velocity_x.unsigned_abs() <= self.speed.unsigned_abs()
            && self.velocity_y.unsigned_abs() <= self.speed.unsigned_abs()
    }
}

/// How fast the ball is in a game, along its line of flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speeds {
    /// At the serve.
    pub(crate) serve: i32,
    /// What every hit adds.
    pub(crate) gain: i32,
    /// The fastest that it gets.
    pub(crate) most: i32,
}

impl Speeds {
    /// Those of a match of two.
    pub(crate) const DUEL: Self =
        Self { serve: Ball::SERVE_SPEED, gain: 3 * UNIT / 8, most: Ball::MAX_SPEED };
}

/// A ball's meeting with a paddle's line, as a bot foresees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) ticks: i32,
    pub(crate) y_without_walls: i32,
}

impl Arrival {
    /// The height at which the ball arrives, after all walls.
    pub(crate) fn y(self) -> i32 {
        // Unfolded, the walls are mirrors: y runs up and down a band of twice the height.
        let band = 2 * Ball::MAX_Y;
        let along = (self.y_without_walls + Ball::MAX_Y).rem_euclid(2 * band);
        along.min(2 * band - along) - Ball::MAX_Y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        /// A ball in flight at any speed that it may have, and paddles anywhere.
        fn flight()(
            x in -HALF_WIDTH + 1..HALF_WIDTH,
            y in -Ball::MAX_Y..=Ball::MAX_Y,
            speed in Ball::SERVE_SPEED..=Ball::MAX_SPEED,
            slope in -Ball::MAX_SLOPE..=Ball::MAX_SLOPE,
            right: bool,
            paddles in [-Paddle::MAX_Y..=Paddle::MAX_Y, -Paddle::MAX_Y..=Paddle::MAX_Y],
            motion in -Paddle::MAX_SPEED..=Paddle::MAX_SPEED,
        ) -> (Ball, [Paddle; 2]) {
            let mut ball = Ball { x, y, speed, ..Ball::default() };
            ball.aim(Side::BOTH[usize::from(right)], slope);
            (ball, paddles.map(|y| Paddle { y, velocity: motion }))
        }
    }

    /// A flight that ends near a paddle's line, which few random ones do.
    fn flight_at_a_paddle() -> impl Strategy<Value = (Ball, [Paddle; 2])> {
        (flight(), 1..=Ball::MAX_SPEED).prop_map(|((mut ball, paddles), gap)| {
            ball.x = ball.velocity_x.signum() * (Ball::CONTACT_X - gap);
            (ball, paddles)
        })
    }

    fn paddle_hit(events: Events) -> bool {
        events.contains(Event::HitLeft) || events.contains(Event::HitRight)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_ball_tunnels_through_a_paddle((start, paddles) in flight_at_a_paddle()) {
            let (mut ball, mut events) = (start, Events::default());
            ball.step(&paddles, &mut events);
            let pace = start.velocity_x.abs();
            let gap = Ball::CONTACT_X - start.x.abs();
            if gap > pace {
                prop_assert!(!paddle_hit(events));
                return Ok(());
            }
            // Where the ball meets the line, to 1/65536 of a length, found without the code under test.
            let exact = (i64::from(start.y) << 16) + (i64::from(start.velocity_y) << 16) * i64::from(gap) / i64::from(pace);
            let wall = i64::from(Ball::MAX_Y) << 16;
            let met = if exact.abs() > wall { exact.signum() * 2 * wall - exact } else { exact };
            let side = if start.x < 0 { Side::Left } else { Side::Right };
            let off = (met - (i64::from(paddles[side.index()].y) << 16)).abs();
            let reach = i64::from(Ball::REACH) << 16;
            // A length of rounding is left open.
            if off + (1 << 16) <= reach {
                prop_assert!(paddle_hit(events));
                prop_assert!(ball.x.abs() <= Ball::CONTACT_X);
                prop_assert_eq!(ball.velocity_x.signum(), -start.velocity_x.signum());
            }
            if off >= reach + (1 << 16) {
                prop_assert!(!paddle_hit(events));
            }
        }

        #[test]
        fn every_flight_stays_in_the_field_and_within_its_speed((mut ball, paddles) in flight()) {
            for _ in 0..400 {
                let before = ball.speed;
                ball.step(&paddles, &mut Events::default());
                prop_assert!(ball.y.abs() <= Ball::MAX_Y);
                prop_assert!((before..=Ball::MAX_SPEED).contains(&ball.speed));
                if ball.goal().is_some() {
                    prop_assert_eq!(ball.x.abs(), HALF_WIDTH);
                    return Ok(());
                }
                prop_assert!(ball.is_valid() && ball.velocity_x != 0);
                let speed = (ball.velocity_x.pow(2) + ball.velocity_y.pow(2)).isqrt();
                prop_assert!((speed - ball.speed).abs() <= 8, "{} flies at {}", ball.speed, speed);
            }
        }

        #[test]
        fn a_flight_arrives_where_it_was_foreseen((start, mut paddles) in flight()) {
            let side = if start.velocity_x < 0 { Side::Left } else { Side::Right };
            let Some(arrival) = start.arrival(side) else { return Ok(()) };
            paddles[side.index()].y = arrival.y().clamp(-Paddle::MAX_Y, Paddle::MAX_Y);
            let (mut ball, mut events) = (start, Events::default());
            while !paddle_hit(events) {
                ball.step(&paddles, &mut events);
                prop_assert!(ball.goal().is_none(), "missed");
            }
        }
    }

    #[test]
    fn the_edge_and_the_motion_of_the_paddle_bend_the_ball() {
        let bounce = |paddle_y, velocity| {
            let mut ball = Ball { x: Ball::CONTACT_X - 1, speed: Ball::SERVE_SPEED, ..Ball::default() };
            ball.aim(Side::Right, 0);
            ball.step(&[Paddle { y: paddle_y, velocity }; 2], &mut Events::default());
            ball
        };
        assert_eq!(bounce(0, 0).velocity_y, 0);
        assert!(bounce(-20 * UNIT, 0).velocity_y > 2 * UNIT, "hit above the centre, it rises");
        assert!(bounce(0, Paddle::MAX_SPEED).velocity_y > UNIT, "a rising paddle takes it along");
        assert!(bounce(0, 0).speed > Ball::SERVE_SPEED);
        assert_eq!(bounce(0, -Paddle::MAX_SPEED).velocity_y, -bounce(0, Paddle::MAX_SPEED).velocity_y);
    }
}
