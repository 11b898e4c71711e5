//! The match between four walls: who is in play, serve, rally, miss, until one is left; then a rematch.

use super::flight::{Barrier, fly, past};
use super::wall::{HALF_SQUARE, PADDLE_TRAVEL, SPEEDS, Wall};
use crate::ball::Ball;
use crate::events::{Event, Events};
use crate::input::Input;
use crate::paddle::Paddle;
use crate::pong::REMATCH_TICKS;
use netcord_wire::GameRng;
use netcord_wire::serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The balls that a player may let past before its wall is closed, the last one included.
pub const LIVES: u8 = 5;
/// The most lives: those of a player who faces a solid wall from the start. The ball comes back from there, and costs
/// such a player about a life more than the others.
pub const MAX_LIVES: u8 = LIVES + 1;

const WAITING_TICKS: u8 = 30;
const SERVE_TICKS: u8 = 90;
const MISS_TICKS: u8 = 45;

/// The whole state of a match between four walls. Deserializing refuses a state that no match gets into, so
/// [`step`](Self::step) never fails, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", remote = "Self")]
pub struct FourWalls {
    ball: Ball,
    paddles: [Paddle; 4],
    seats: [Seat; 4],
    phase: Phase,
    rally: u32,
    longest_rally: u32,
    ticks: u32,
    rng: GameRng,
}

/// What is going on in the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub enum Phase {
    /// The match has not begun: it does when two players are there, and nobody has come or gone for some time.
    Waiting {
        /// Ticks until then.
        ticks: u8,
    },
    /// The ball waits in the centre.
    Serve {
        /// Where it will fly: to who let the last ball past, or is left to be served.
        to: Wall,
        /// Ticks until then.
        ticks: u8,
    },
    /// The ball is in play.
    Rally,
    /// A player let the ball past; it lies on the edge.
    Miss {
        /// Whose wall it is.
        by: Wall,
        /// Ticks until the next serve is prepared.
        ticks: u8,
    },
    /// One player is left.
    Over {
        /// That player's wall.
        winner: Wall,
        /// For how many ticks all have held [`Input::SERVE`]; at [`REMATCH_TICKS`] a new match begins.
        ready: u8,
    },
}

/// One player's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub struct Seat {
    /// Whether there is a player, in play or not.
    pub taken: bool,
    /// Whether the player is in play: its wall has a paddle. Every other wall is solid.
    pub in_play: bool,
    /// The balls that it may still let past. Who leaves and comes back finds them as they were.
    pub lives: u8,
}

impl FourWalls {
    /// A match that nobody has joined yet; `seed` decides who is served to, and the angles of all serves.
    pub fn new(seed: u64) -> Self {
        Self::with_seats([false; 4], GameRng::new(seed))
    }

    /// Plays one tick with the inputs of the players, in the order of [`Wall::ALL`]; `None` where there is no player.
    ///
    /// Players may come and go in any tick. Who comes while a ball is in play enters before the next serve, with as
    /// many lives as the player in play who has the fewest; who comes after the match waits for the next. When a
    /// player in play leaves, its wall is closed, and a ball in play is served again.
    pub fn step(&mut self, inputs: [Option<Input>; 4]) -> Events {
        let mut events = Events::default();
        self.ticks = self.ticks.wrapping_add(1);
        self.seat(inputs.map(|input| input.is_some()), &mut events);
        for wall in Wall::ALL {
            let paddle = &mut self.paddles[wall.index()];
            match inputs[wall.index()] {
                Some(input) if self.seats[wall.index()].in_play => paddle.step(input, PADDLE_TRAVEL),
                _ => *paddle = Paddle::default(),
            }
        }
        match self.phase {
            Phase::Waiting { ticks: 0 } => self.begin(),
            Phase::Serve { to, ticks: 0 } => {
                let slope = self.rng.below(Ball::SERVE_SLOPES);
                let ball = Ball::serve(to.side(), slope, SPEEDS);
                // What is up for one wall is down for the next: turned, so that the rules are fair to all.
                let flipped = matches!(to, Wall::Left | Wall::Top);
                self.ball =
                    to.seen_from(if flipped { Ball { velocity_y: -ball.velocity_y, ..ball } } else { ball });
                self.rally = 0;
                self.phase = Phase::Rally;
                events.add(Event::Served);
            }
            Phase::Miss { by, ticks: 0 } => self.prepare_serve(by),
            Phase::Waiting { ref mut ticks }
            | Phase::Serve { ref mut ticks, .. }
            | Phase::Miss { ref mut ticks, .. } => *ticks -= 1,
            Phase::Rally => self.play(&mut events),
            Phase::Over { winner, ready } => {
                let mut players = inputs.iter().flatten();
                let enough = players.clone().count() >= 2;
                let all = enough && players.all(|input| input.holds(Input::SERVE));
                let ready = if all { ready + 1 } else { 0 };
                self.phase = Phase::Over { winner, ready };
                if ready >= REMATCH_TICKS {
                    *self = Self::with_seats(self.seats.map(|seat| seat.taken), self.rng);
                    events.add(Event::Rematch);
                }
            }
        }
        events
    }

    /// The ball.
    pub const fn ball(&self) -> &Ball {
        &self.ball
    }

    /// The paddle at `wall`, in the middle while nobody there is in play. [`Wall::point`] tells where it is.
    pub const fn paddle(&self, wall: Wall) -> &Paddle {
        &self.paddles[wall.index()]
    }

    /// The player at `wall`.
    pub const fn seat_at(&self, wall: Wall) -> Seat {
        self.seats[wall.index()]
    }

    /// What is going on.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Who won, once the match is over.
    pub const fn winner(&self) -> Option<Wall> {
        match self.phase {
            Phase::Over { winner, .. } => Some(winner),
            _ => None,
        }
    }

    /// How often the ball was hit since the last serve.
    pub const fn rally(&self) -> u32 {
        self.rally
    }

    /// The longest rally of the match.
    pub const fn longest_rally(&self) -> u32 {
        self.longest_rally
    }

    /// How many ticks of the match were played.
    pub const fn ticks(&self) -> u32 {
        self.ticks
    }

    /// The same match after a quarter turn, counter-clockwise: the right wall is now the top.
    #[must_use]
    pub fn turned(self) -> Self {
        let mut turned = self;
        let ball = self.ball;
        turned.ball =
            Ball { x: -ball.y, y: ball.x, velocity_x: -ball.velocity_y, velocity_y: ball.velocity_x, ..ball };
        for wall in Wall::ALL {
            let Paddle { y, velocity } = self.paddles[wall.index()];
            // Along the right wall up is towards positive y; turned, that is towards negative x.
            let sign = if wall.is_upright() { -1 } else { 1 };
            turned.paddles[wall.next().index()] = Paddle { y: sign * y, velocity: sign * velocity };
            turned.seats[wall.next().index()] = self.seats[wall.index()];
        }
        match &mut turned.phase {
            Phase::Serve { to: wall, .. }
            | Phase::Miss { by: wall, .. }
            | Phase::Over { winner: wall, .. } => {
                *wall = wall.next();
            }
            Phase::Waiting { .. } | Phase::Rally => {}
        }
        turned
    }

    /// What the ball meets at each wall.
    pub(crate) fn barriers(&self) -> [Barrier<'_>; 4] {
        Wall::ALL.map(|wall| match self.seat_at(wall).in_play {
            true => Barrier::Paddle(self.paddle(wall)),
            false => Barrier::Solid,
        })
    }

    pub(crate) const fn rng_state(&self) -> u64 {
        self.rng.state()
    }

    /// A match before its first serve.
    fn with_seats(taken: [bool; 4], rng: GameRng) -> Self {
        Self {
            ball: Ball::default(),
            paddles: [Paddle::default(); 4],
            seats: taken.map(|taken| Seat { taken, in_play: taken, lives: LIVES }),
            phase: Phase::Waiting { ticks: WAITING_TICKS },
            rally: 0,
            longest_rally: 0,
            ticks: 0,
            rng,
        }
    }

    /// Lets players come and go.
    fn seat(&mut self, present: [bool; 4], events: &mut Events) {
        let in_play = self.seats.iter().filter(|seat| seat.in_play);
        let fewest = in_play.map(|seat| seat.lives).min().unwrap_or(LIVES);
        let enters = !matches!(self.phase, Phase::Rally | Phase::Over { .. });
        let changed = self.seats.map(|seat| seat.taken) != present;
        let mut leaver = None;
        for wall in Wall::ALL {
            let seat = &mut self.seats[wall.index()];
            seat.taken = present[wall.index()];
            if seat.in_play && !seat.taken {
                seat.in_play = false;
                leaver = Some(wall);
                events.add(Event::Left);
            } else if enters && seat.taken && !seat.in_play && seat.lives > 0 {
                seat.in_play = true;
                seat.lives = seat.lives.min(fewest);
                events.add(Event::Joined);
            }
        }
        match (self.phase, leaver) {
            (Phase::Waiting { .. }, _) if changed || self.players_in_play() < 2 => {
                self.phase = Phase::Waiting { ticks: WAITING_TICKS };
            }
            (Phase::Rally, Some(leaver)) => self.prepare_serve(leaver),
            (Phase::Serve { to, .. }, Some(_)) if !self.seat_at(to).in_play => self.prepare_serve(to),
            _ => {}
        }
        self.end_if_decided(events);
    }

    /// Deals the lives and prepares the first serve.
    fn begin(&mut self) {
        for wall in Wall::ALL {
            self.seats[wall.index()].lives = LIVES + u8::from(!self.seat_at(wall.opposite()).in_play);
        }
        let first = Wall::ALL[self.rng.below(4) as usize];
        self.prepare_serve(first);
    }

    fn play(&mut self, events: &mut Events) {
        let mut ball = self.ball;
        fly(&mut ball, self.barriers(), events);
        if Wall::ALL.iter().any(|wall| events.contains(wall.hit())) {
            self.rally = self.rally.saturating_add(1);
            self.longest_rally = self.longest_rally.max(self.rally);
        }
        let missed = past(&mut ball);
        self.ball = ball;
        let Some(by) = missed else { return };
        events.add(by.miss());
        let seat = &mut self.seats[by.index()];
        seat.lives = seat.lives.saturating_sub(1);
        if seat.lives == 0 {
            seat.in_play = false;
            events.add(Event::Out);
            let facing = &mut self.seats[by.opposite().index()];
            if facing.in_play {
                facing.lives = (facing.lives + 1).min(MAX_LIVES);
            }
        }
        self.phase = Phase::Miss { by, ticks: MISS_TICKS };
        self.end_if_decided(events);
    }

    /// Ends a match that goes on when no two players are in play any more.
    fn end_if_decided(&mut self, events: &mut Events) {
        if !matches!(self.phase, Phase::Serve { .. } | Phase::Rally | Phase::Miss { .. }) {
            return;
        }
        match (self.players_in_play(), Wall::ALL.into_iter().find(|&wall| self.seat_at(wall).in_play)) {
            (1, Some(winner)) => {
                self.phase = Phase::Over { winner, ready: 0 };
                events.add(Event::MatchWon);
            }
            // All left at once: whoever is still there, or comes, begins anew.
            (0, _) => *self = Self { ticks: self.ticks, ..Self::with_seats([false; 4], self.rng) },
            _ => {}
        }
    }

    /// Puts the ball in the centre, to be served to the player at `wall`, or to another if that one is not in play.
    fn prepare_serve(&mut self, wall: Wall) {
        let others = [wall.next(), wall.opposite(), wall.next().opposite()];
        let in_play = |wall: &Wall| self.seats[wall.index()].in_play;
        let to = if in_play(&wall) {
            Some(wall)
        } else {
            let which = self.rng.below(others.iter().filter(|wall| in_play(wall)).count() as u32);
            others.into_iter().filter(in_play).nth(which as usize)
        };
        self.ball = Ball::default();
        self.phase = Phase::Serve { to: to.unwrap_or(wall), ticks: SERVE_TICKS };
    }

    fn players_in_play(&self) -> usize {
        self.seats.iter().filter(|seat| seat.in_play).count()
    }

    /// Whether a step from here stays within the integers: what arithmetic relies on.
    fn is_valid(&self) -> bool {
        let phase = match self.phase {
            Phase::Waiting { ticks } => ticks <= WAITING_TICKS,
            Phase::Serve { ticks, .. } => ticks <= SERVE_TICKS,
            Phase::Rally => (self.ball.velocity_x, self.ball.velocity_y) != (0, 0),
            Phase::Miss { ticks, .. } => ticks <= MISS_TICKS,
            Phase::Over { ready, .. } => ready < REMATCH_TICKS,
        };
        let seat = |seat: &Seat| seat.lives <= MAX_LIVES && (!seat.in_play || seat.taken && seat.lives > 0);
        phase
            && self.seats.iter().all(seat)
            && self.ball.is_within(HALF_SQUARE, HALF_SQUARE, SPEEDS)
            && self.paddles.iter().all(|paddle| paddle.is_within(PADDLE_TRAVEL))
    }
}

impl Serialize for FourWalls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for FourWalls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let game = Self::deserialize(deserializer)?;
        if game.is_valid() {
            Ok(game)
        } else {
            Err(D::Error::custom("no match between four walls gets into this state"))
        }
    }
}
