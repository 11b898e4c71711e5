//! The game on the table, whichever of the two it is, and what there is to see of it.
//!
//! The rules know lengths in integers; a [`Picture`] is what the court draws, in units, and no more than that.

use bevy::prelude::*;
use pong_rules::four_walls::{self, FourWalls, HALF_SQUARE, WALL_DISTANCE, Wall};
use pong_rules::{
    Bot, Event, Events, HALF_HEIGHT, HALF_WIDTH, Input, PADDLE_DISTANCE, PADDLE_THICKNESS, Phase, Pong,
    REMATCH_TICKS, Side, UNIT,
};
use serde::{Deserialize, Serialize};

/// A match in progress.
#[derive(Resource, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Arena {
    /// Two players, face to face.
    Duel(Pong),
    /// Up to four players, each behind a wall.
    Square(FourWalls),
}

impl Default for Arena {
    fn default() -> Self {
        Self::Duel(Pong::new(1))
    }
}

/// A paddle as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PaddlePicture {
    pub(crate) centre: Vec2,
    /// Whether it moves up and down.
    pub(crate) upright: bool,
}

/// What there is to see of a match at one tick. Lengths in units of the field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    /// From the middle to the edges.
    pub(crate) half_size: Vec2,
    pub(crate) ball: Vec2,
    /// How fast the ball is: 0 at rest, 1 at its fastest.
    pub(crate) pace: f32,
    /// By player; none where there is no player in play.
    pub(crate) paddles: [Option<PaddlePicture>; 4],
    /// Points, or lives; by player.
    pub(crate) tallies: [Option<u16>; 4],
    pub(crate) stage: Stage,
    pub(crate) rally: u32,
}

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not enough players yet.
    Waiting,
    /// The ball waits; ticks until it flies. `first` is whether the match begins with it.
    Serve {
        ticks: u32,
        first: bool,
    },
    Rally,
    /// Somebody let the ball past.
    Point,
    /// Somebody won; how far all are with asking for a rematch: 0 to 100.
    Over {
        winner: usize,
        ready: u32,
    },
}

/// Ticks that each number of the countdown stays.
pub(crate) const COUNTDOWN_TICKS: u32 = 30;

impl Stage {
    /// Three, two, one: before the first serve of a match.
    pub(crate) fn countdown(self) -> Option<u32> {
        match self {
            Self::Serve { ticks, first: true } if ticks > 0 => Some(ticks.div_ceil(COUNTDOWN_TICKS)),
            _ => None,
        }
    }
}

impl Arena {
    /// A match of so many players.
    pub(crate) fn new(players: usize, seed: u64) -> Self {
        if players > 2 { Self::Square(FourWalls::new(seed)) } else { Self::Duel(Pong::new(seed)) }
    }

    /// Plays one tick; who is not there has no input.
    pub(crate) fn step(&mut self, inputs: [Option<Input>; 4]) -> Events {
        match self {
            Self::Duel(pong) => pong.step([inputs[0], inputs[1]].map(Option::unwrap_or_default)),
            Self::Square(square) => square.step(inputs),
        }
    }

    /// What `bot` presses for `player`.
    pub(crate) fn bot_input(&self, bot: &mut Bot, player: usize) -> Input {
        match self {
            Self::Duel(pong) => bot.input(pong, Side::BOTH[player % 2]),
            Self::Square(square) => bot.input_at(square, Wall::ALL[player % 4]),
        }
    }

    /// The place of `player`'s paddle along its wall, and how fast it moves, in the rules' lengths.
    pub(crate) fn paddle(&self, player: usize) -> (i32, i32) {
        let paddle = match self {
            Self::Duel(pong) => pong.paddle(Side::BOTH[player % 2]),
            Self::Square(square) => square.paddle(Wall::ALL[player % 4]),
        };
        (paddle.y, paddle.velocity)
    }

    /// The points of two; of four, nothing.
    pub(crate) fn score(&self) -> [u16; 2] {
        match self {
            Self::Duel(pong) => Side::BOTH.map(|side| pong.score(side)),
            Self::Square(_) => [0; 2],
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Duel(pong) => pong.winner().is_some(),
            Self::Square(square) => square.winner().is_some(),
        }
    }

    pub(crate) fn picture(&self) -> Picture {
        match self {
            Self::Duel(pong) => duel(pong),
            Self::Square(square) => self::square(square),
        }
    }
}

fn units(length: i32) -> f32 {
    length as f32 / UNIT as f32
}

fn ready(ticks: u8) -> u32 {
    u32::from(ticks) * 100 / u32::from(REMATCH_TICKS)
}

fn duel(pong: &Pong) -> Picture {
    let paddle = |side: Side| PaddlePicture {
        centre: Vec2::new(
            units((PADDLE_DISTANCE + PADDLE_THICKNESS / 2) * side.sign()),
            units(pong.paddle(side).y),
        ),
        upright: true,
    };
    let stage = match pong.phase() {
        Phase::Serve { ticks, .. } => {
            let first = Side::BOTH.iter().all(|&side| pong.score(side) == 0);
            Stage::Serve { ticks: ticks.into(), first }
        }
        Phase::Rally => Stage::Rally,
        Phase::Point { .. } => Stage::Point,
        Phase::Over { winner, ready: held } => Stage::Over { winner: winner.index(), ready: ready(held) },
    };
    let [left, right] = Side::BOTH;
    Picture {
        half_size: Vec2::new(units(HALF_WIDTH), units(HALF_HEIGHT)),
        ball: Vec2::new(units(pong.ball().x), units(pong.ball().y)),
        pace: pong.ball().speed as f32 / pong_rules::Ball::MAX_SPEED as f32,
        paddles: [Some(paddle(left)), Some(paddle(right)), None, None],
        tallies: [Some(pong.score(left)), Some(pong.score(right)), None, None],
        stage,
        rally: pong.rally(),
    }
}

fn square(square: &FourWalls) -> Picture {
    let stage = match square.phase() {
        four_walls::Phase::Waiting { .. } => Stage::Waiting,
        four_walls::Phase::Serve { ticks, .. } => {
            Stage::Serve { ticks: ticks.into(), first: square.ticks() < 120 }
        }
        four_walls::Phase::Rally => Stage::Rally,
        four_walls::Phase::Miss { .. } => Stage::Point,
        four_walls::Phase::Over { winner, ready: held } => {
            Stage::Over { winner: winner.index(), ready: ready(held) }
        }
    };
    let paddles = Wall::ALL.map(|wall| {
        square.seat_at(wall).in_play.then(|| {
            let (x, y) = wall.point(square.paddle(wall).y, WALL_DISTANCE + PADDLE_THICKNESS / 2);
            PaddlePicture { centre: Vec2::new(units(x), units(y)), upright: wall.is_upright() }
        })
    });
    Picture {
        half_size: Vec2::splat(units(HALF_SQUARE)),
        ball: Vec2::new(units(square.ball().x), units(square.ball().y)),
        pace: square.ball().speed as f32 / pong_rules::Ball::MAX_SPEED as f32,
        paddles,
        tallies: Wall::ALL
            .map(|wall| Some(square.seat_at(wall)).filter(|seat| seat.taken).map(|seat| seat.lives.into())),
        stage,
        rally: square.rally(),
    }
}

/// Who hit the ball, if `event` is a hit.
pub(crate) fn hitter(event: Event) -> Option<usize> {
    match event {
        Event::HitLeft => Some(0),
        Event::HitRight => Some(1),
        Event::HitTop => Some(2),
        Event::HitBottom => Some(3),
        _ => None,
    }
}

/// Whose goal the ball is in, if `event` says so.
pub(crate) fn conceder(event: Event) -> Option<usize> {
    match event {
        Event::PointRight | Event::MissLeft => Some(0),
        Event::PointLeft | Event::MissRight => Some(1),
        Event::MissTop => Some(2),
        Event::MissBottom => Some(3),
        _ => None,
    }
}
