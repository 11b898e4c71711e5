//! The match: serve, rally, point, and so on to eleven; then a rematch.

use crate::ball::{Ball, Speeds};
use crate::events::{Event, Events};
use crate::field::Side;
use crate::input::Input;
use crate::paddle::Paddle;
use netcord_wire::GameRng;
use netcord_wire::serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The points that win a match, with a lead of [`WINNING_LEAD`] at least.
pub const WINNING_SCORE: u16 = 11;
/// How long both must hold [`Input::SERVE`] after a match to start the next.
pub const REMATCH_TICKS: u8 = 60;

/// The lead that a winner has at least.
pub const WINNING_LEAD: u16 = 2;
const SERVE_TICKS: u8 = 90;
const POINT_TICKS: u8 = 45;

/// The whole state of a match of Pong. Deserializing refuses a state that no match gets into, so
/// [`step`](Self::step) never fails, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", remote = "Self")]
pub struct Pong {
    ball: Ball,
    paddles: [Paddle; 2],
    phase: Phase,
    scores: [u16; 2],
    rally: u32,
    longest_rally: u32,
    ticks: u32,
    rng: GameRng,
}

/// What is going on in the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub enum Phase {
    /// The ball waits in the centre.
    Serve {
        /// Where it will fly: to the player who conceded the last point.
        to: Side,
        /// Ticks until then.
        ticks: u8,
    },
    /// The ball is in play.
    Rally,
    /// A point was scored; the ball lies on the goal line.
    Point {
        /// Who scored it.
        scorer: Side,
        /// Ticks until the next serve is prepared.
        ticks: u8,
    },
    /// The match is won.
    Over {
        /// Who won it.
        winner: Side,
        /// For how many ticks both have held [`Input::SERVE`]; at [`REMATCH_TICKS`] a new match begins.
        ready: u8,
    },
}

impl Pong {
    /// A new match; `seed` decides who is served to first, and the angles of all serves.
    pub fn new(seed: u64) -> Self {
        let mut rng = GameRng::new(seed);
        let to = if rng.below(2) == 0 { Side::Left } else { Side::Right };
        Self::served_to(to, rng)
    }

    /// Plays one tick with the inputs of the left and the right player.
    pub fn step(&mut self, inputs: [Input; 2]) -> Events {
        let mut events = Events::default();
        self.ticks = self.ticks.wrapping_add(1);
        for (paddle, input) in self.paddles.iter_mut().zip(inputs) {
            paddle.step(input, Paddle::MAX_Y);
        }
        match self.phase {
            Phase::Serve { to, ticks: 0 } => {
                self.ball = Ball::serve(to, self.rng.below(Ball::SERVE_SLOPES), Speeds::DUEL);
                self.rally = 0;
                self.phase = Phase::Rally;
                events.add(Event::Served);
            }
            Phase::Point { scorer, ticks: 0 } => {
                self.ball = Ball::default();
                self.phase = Phase::Serve { to: scorer.opponent(), ticks: SERVE_TICKS };
            }
            Phase::Serve { ref mut ticks, .. } | Phase::Point { ref mut ticks, .. } => *ticks -= 1,
            Phase::Rally => self.play(&mut events),
            Phase::Over { winner, ready } => {
                let both = inputs.iter().all(|input| input.holds(Input::SERVE));
                let ready = if both { ready + 1 } else { 0 };
                self.phase = Phase::Over { winner, ready };
                if ready >= REMATCH_TICKS {
                    *self = Self::served_to(winner.opponent(), self.rng);
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

    /// The paddle of `side`.
    pub const fn paddle(&self, side: Side) -> &Paddle {
        &self.paddles[side.index()]
    }

    /// What is going on.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The points of `side`.
    pub const fn score(&self, side: Side) -> u16 {
        self.scores[side.index()]
    }

    /// Who won, once the match is over.
    pub const fn winner(&self) -> Option<Side> {
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

    /// The same match seen in a mirror: left and right change places.
    #[must_use]
    pub fn mirrored(mut self) -> Self {
        self.ball.x = -self.ball.x;
        self.ball.velocity_x = -self.ball.velocity_x;
        self.paddles.reverse();
        self.scores.reverse();
        match &mut self.phase {
            Phase::Serve { to: side, .. }
            | Phase::Point { scorer: side, .. }
            | Phase::Over { winner: side, .. } => *side = side.opponent(),
            Phase::Rally => {}
        }
        self
    }

    pub(crate) const fn rng_state(&self) -> u64 {
        self.rng.state()
    }

    fn served_to(to: Side, rng: GameRng) -> Self {
        Self {
            ball: Ball::default(),
            paddles: [Paddle::default(); 2],
            phase: Phase::Serve { to, ticks: SERVE_TICKS },
            scores: [0; 2],
            rally: 0,
            longest_rally: 0,
            ticks: 0,
            rng,
        }
    }

    fn play(&mut self, events: &mut Events) {
        self.ball.step(&self.paddles, events);
        if events.contains(Event::HitLeft) || events.contains(Event::HitRight) {
            self.rally = self.rally.saturating_add(1);
            self.longest_rally = self.longest_rally.max(self.rally);
        }
        let Some(goal) = self.ball.goal() else { return };
        let scorer = goal.opponent();
        let score = self.scores[scorer.index()].saturating_add(1);
        self.scores[scorer.index()] = score;
        events.add(if scorer == Side::Left { Event::PointLeft } else { Event::PointRight });
        self.phase = Phase::Point { scorer, ticks: POINT_TICKS };
        if score >= WINNING_SCORE && score >= self.score(goal).saturating_add(WINNING_LEAD) {
            self.phase = Phase::Over { winner: scorer, ready: 0 };
            events.add(Event::MatchWon);
        }
    }

    /// Whether a step from here stays within the integers and ends: what arithmetic relies on.
    fn is_valid(&self) -> bool {
        let phase = match self.phase {
            Phase::Serve { ticks, .. } => ticks <= SERVE_TICKS,
            Phase::Rally => self.ball.velocity_x != 0,
            Phase::Point { ticks, .. } => ticks <= POINT_TICKS,
            Phase::Over { ready, .. } => ready < REMATCH_TICKS,
        };
        phase && self.ball.is_valid() && self.paddles.iter().all(|paddle| paddle.is_within(Paddle::MAX_Y))
    }
}

impl Serialize for Pong {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Pong {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pong = Self::deserialize(deserializer)?;
        if pong.is_valid() {
            Ok(pong)
        } else {
            Err(D::Error::custom("no match of Pong gets into this state"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rally that `scorer` wins in this tick.
    fn about_to_score(scorer: Side, scores: [u16; 2]) -> Pong {
        let mut pong = Pong { scores, phase: Phase::Rally, ..Pong::new(1) };
        pong.ball = Ball::serve(scorer.opponent(), 0, Speeds::DUEL);
        pong.ball.x = scorer.opponent().sign() * (crate::HALF_WIDTH - 1);
        pong
    }

    #[test]
    fn a_match_is_won_by_two() {
        let cases = [
            ([10, 9], Some(Side::Left)),
            ([10, 10], None),
            ([11, 10], Some(Side::Left)),
            ([9, 10], None),
            ([24, 24], None),
            ([25, 24], Some(Side::Left)),
            ([9, 0], None),
        ];
        for (scores, winner) in cases {
            let mut pong = about_to_score(Side::Left, scores);
            let events = pong.step([Input::NONE; 2]);
            assert!(events.contains(Event::PointLeft));
            assert_eq!(
                (pong.winner(), events.contains(Event::MatchWon)),
                (winner, winner.is_some()),
                "{scores:?}"
            );
            assert_eq!(pong.score(Side::Left), scores[0] + 1);
        }
    }

    #[test]
    fn scores_do_not_overflow() {
        let mut pong = about_to_score(Side::Right, [u16::MAX; 2]);
        pong.step([Input::NONE; 2]);
        assert_eq!(pong.score(Side::Right), u16::MAX);
    }

    #[test]
    fn a_state_that_no_match_gets_into_is_refused() {
        let rally = about_to_score(Side::Left, [3, 4]);
        let break_it: [fn(&mut Pong); 12] = [
            |pong| pong.ball.x = crate::HALF_WIDTH + 1,
            |pong| pong.ball.x = i32::MIN,
            |pong| pong.ball.y = -Ball::MAX_Y - 1,
            |pong| pong.ball.speed = Ball::MAX_SPEED + 1,
            |pong| pong.ball.velocity_x = 0,
            |pong| pong.ball.velocity_x = pong.ball.speed + 1,
            |pong| pong.ball.velocity_y = i32::MIN,
            |pong| pong.paddles[0].y = Paddle::MAX_Y + 1,
            |pong| pong.paddles[1].velocity = -Paddle::MAX_SPEED - 1,
            |pong| pong.phase = Phase::Serve { to: Side::Left, ticks: SERVE_TICKS + 1 },
            |pong| pong.phase = Phase::Point { scorer: Side::Left, ticks: u8::MAX },
            |pong| pong.phase = Phase::Over { winner: Side::Left, ready: REMATCH_TICKS },
        ];
        let sent = |pong: &Pong| postcard::from_bytes::<Pong>(&postcard::to_allocvec(pong).unwrap()).ok();
        assert_eq!(sent(&rally), Some(rally));
        for (index, break_it) in break_it.into_iter().enumerate() {
            let mut pong = rally;
            break_it(&mut pong);
            assert_eq!(sent(&pong), None, "case {index}");
        }
    }
}
