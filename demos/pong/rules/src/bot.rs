//! A bot: it sees the ball late, aims with an error, and changes direction rarely, as people do.

use crate::ball::Ball;
use crate::events::Events;
use crate::field::{Side, UNIT};
use crate::four_walls::{self, Barrier, CONTACT, FourWalls, PADDLE_TRAVEL, Wall, fly, out, pace};
use crate::input::Input;
use crate::paddle::Paddle;
use crate::pong::{Phase, Pong};
use core::fmt;
use core::str::FromStr;
use netcord_wire::GameRng;

/// How well a [`Bot`] plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Skill {
    /// Reacts late, forgets the walls, misses one ball in three.
    Easy,
    /// Makes a match of it.
    #[default]
    Medium,
    /// Misses little, and aims away from you.
    Hard,
    /// Returns almost everything, to where you are not.
    Expert,
}

/// A name that is no [`Skill`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSkill;

/// A player made of integers. It has its own randomness, so it is no part of the match's state: what it presses
/// goes over the network as a person's keys do.
#[derive(Clone, Debug)]
pub struct Bot {
    skill: Skill,
    rng: GameRng,
    /// The line of flight it last saw, by the hits of the rally so far; a new one is what it reacts to.
    seen: Option<u32>,
    /// Ticks until it understands what it saw.
    thinking: u32,
    /// Where it wants its paddle.
    target: i32,
    /// The direction it holds, and for how many ticks it won't change it.
    held: i32,
    settled: u32,
}

/// What makes a skill. Lengths are those of the field.
struct Traits {
    /// Ticks from a hit to the reaction; up to half as many again come on top.
    reaction: u32,
    /// The largest error in where it expects a ball of [`Bot::EASY_SPEED`]; faster balls confuse it more.
    error: i32,
    /// How far off its paddle's centre it likes to hit, to bend the ball away from the opponent.
    aim: i32,
    /// Ticks between two changes of direction.
    patience: u32,
    /// Whether it foresees that the ball comes back from a wall.
    foresees_walls: bool,
}

impl Skill {
    /// All skills, from the weakest.
    pub const ALL: [Self; 4] = [Self::Easy, Self::Medium, Self::Hard, Self::Expert];

    /// The skill's name, as [`FromStr`] reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
            Self::Expert => "expert",
        }
    }

    const fn traits(self) -> Traits {
        match self {
            Self::Easy => {
                Traits { reaction: 24, error: 50 * UNIT, aim: 0, patience: 10, foresees_walls: false }
            }
            Self::Medium => {
                Traits { reaction: 16, error: 38 * UNIT, aim: 0, patience: 8, foresees_walls: true }
            }
            Self::Hard => {
                Traits { reaction: 11, error: 24 * UNIT, aim: 8 * UNIT, patience: 6, foresees_walls: true }
            }
            Self::Expert => {
                Traits { reaction: 7, error: 8 * UNIT, aim: 16 * UNIT, patience: 4, foresees_walls: true }
            }
        }
    }
}

impl Bot {
    const EASY_SPEED: i32 = 8 * UNIT;
    /// For how many ticks it foresees a flight between four walls.
    const FORESIGHT: u32 = 240;

    /// A bot whose errors follow from `seed`.
    pub const fn new(seed: u64, skill: Skill) -> Self {
        Self { skill, rng: GameRng::new(seed), seen: None, thinking: 0, target: 0, held: 0, settled: 0 }
    }

    /// What the bot presses in the next tick, playing `side`. Ask it once a tick.
    pub fn input(&mut self, pong: &Pong, side: Side) -> Input {
        let flight = (pong.phase() == Phase::Rally).then(|| pong.rally());
        if self.watch(flight) {
            let foresees_walls = self.skill.traits().foresees_walls;
            let arrival = pong.ball().arrival(side).map(|arrival| match foresees_walls {
                true => arrival.y(),
                false => arrival.y_without_walls,
            });
            let up = pong.paddle(side.opponent()).y <= 0;
            self.target = self.plan(arrival, up, pong.ball().speed).clamp(-Paddle::MAX_Y, Paddle::MAX_Y);
        }
        self.press(pong.paddle(side), pong.winner().is_some())
    }

    /// What the bot presses in the next tick of a match between four walls, playing `wall`. Ask it once a tick.
    pub fn input_at(&mut self, game: &FourWalls, wall: Wall) -> Input {
        // A ball that comes back from a solid wall is a new flight, too.
        let comes = pace(game.ball(), wall) > 0;
        let flight = (game.phase() == four_walls::Phase::Rally)
            .then(|| game.rally().wrapping_mul(2) | u32::from(comes));
        if self.watch(flight) {
            let arrival = self.arrival(game, wall);
            let up = match game.seat_at(wall.opposite()).in_play {
                true => game.paddle(wall.opposite()).y <= 0,
                false => self.rng.below(2) == 0,
            };
            self.target = self.plan(arrival, up, game.ball().speed).clamp(-PADDLE_TRAVEL, PADDLE_TRAVEL);
        }
        self.press(game.paddle(wall), game.winner().is_some())
    }

    /// Notices a new flight, and tells some ticks later that it is time to make up its mind about it.
    fn watch(&mut self, flight: Option<u32>) -> bool {
        if self.seen != flight {
            self.seen = flight;
            let reaction = self.skill.traits().reaction;
            self.thinking = reaction + self.rng.below(reaction / 2 + 1);
        } else if let Some(left) = self.thinking.checked_sub(1) {
            self.thinking = left;
            return left == 0;
        }
        false
    }

    /// Where to have the paddle for a flight that arrives at `arrival`, if it does, and is to be sent up or down.
    fn plan(&mut self, arrival: Option<i32>, up: bool, speed: i32) -> i32 {
        let traits = self.skill.traits();
        let Some(y) = arrival else {
            // The ball flies away: wait near the middle.
            return self.within(traits.error);
        };
        // A ball above the paddle's centre is bent upwards; so to send it up, wait below it.
        let aim = if up { -traits.aim } else { traits.aim };
        y + aim + self.within(traits.error / UNIT * speed / (Self::EASY_SPEED / UNIT))
    }

    /// Where along `wall` the ball arrives, unless another player's wall comes first.
    fn arrival(&self, game: &FourWalls, wall: Wall) -> Option<i32> {
        let mut ball = *game.ball();
        if !self.skill.traits().foresees_walls {
            let (gap, pace) = (CONTACT - out(&ball, wall), pace(&ball, wall));
            let seen = wall.seen_from(ball);
            return (gap > 0 && pace > 0).then(|| seen.y + seen.velocity_y * gap / pace);
        }
        let barriers = game.barriers().map(|barrier| match barrier {
            Barrier::Paddle(_) => Barrier::Open,
            other => other,
        });
        for _ in 0..Self::FORESIGHT {
            fly(&mut ball, barriers, &mut Events::default());
            if let Some(first) = Wall::ALL.into_iter().find(|&wall| out(&ball, wall) > CONTACT) {
                return (first == wall).then(|| wall.seen_from(ball).y);
            }
        }
        None
    }

    /// The keys that bring the paddle to its target.
    fn press(&mut self, paddle: &Paddle, over: bool) -> Input {
        let serve = if over { Input::SERVE } else { Input::NONE };
        serve
            | match self.steer(paddle) {
                1 => Input::UP,
                -1 => Input::DOWN,
                _ => Input::NONE,
            }
    }

    /// The direction to hold: towards the target, unless the paddle comes to rest there by itself.
    fn steer(&mut self, paddle: &Paddle) -> i32 {
        self.settled = self.settled.saturating_sub(1);
        let rest = paddle.y + paddle.velocity * paddle.velocity.abs() / (2 * Paddle::ACCELERATION);
        let off = self.target - rest;
        let direction = if off.abs() < Ball::REACH / 4 { 0 } else { off.signum() };
        // It may let go at any time, but takes up another direction only now and then.
        if direction != self.held && direction != 0 && self.settled == 0 {
            self.settled = self.skill.traits().patience;
            self.held = direction;
        } else if direction != self.held {
            self.held = 0;
        }
        self.held
    }

    /// A number from `-most` to `most`.
    fn within(&mut self, most: i32) -> i32 {
        self.rng.below(2 * most.unsigned_abs() + 1) as i32 - most
    }
}

impl FromStr for Skill {
    type Err = UnknownSkill;
    fn from_str(name: &str) -> Result<Self, UnknownSkill> {
        Self::ALL.into_iter().find(|skill| skill.name() == name).ok_or(UnknownSkill)
    }
}

impl fmt::Display for Skill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for UnknownSkill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a skill is easy, medium, hard or expert")
    }
}

impl core::error::Error for UnknownSkill {}
