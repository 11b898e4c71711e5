//! The state as entities, components and fields with names: for the state hash and desync reports.

use crate::field::Side;
use crate::pong::{Phase, Pong};
use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};

/// The ball, as an entity.
pub const BALL: NetEntity = NetEntity(0);
/// The paddles, as entities, left and right.
pub const PADDLES: [NetEntity; 2] = [NetEntity(1), NetEntity(2)];
/// The match, as an entity.
pub const MATCH: NetEntity = NetEntity(3);

impl Pong {
    /// The names of all that [`Inspect`] shows.
    pub fn schema() -> Schema {
        Schema::new()
            .with("Ball", &["x", "y", "velocity_x", "velocity_y", "speed"])
            .with("Paddle", &["y", "velocity"])
            .with(
                "Match",
                &[
                    "phase",
                    "side",
                    "ticks_in_phase",
                    "score_left",
                    "score_right",
                    "rally",
                    "longest_rally",
                    "ticks",
                    "rng",
                ],
            )
    }
}

impl Inspect for Pong {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        sink.component(BALL, ComponentId(0));
        let ball = self.ball();
        for value in [ball.x, ball.y, ball.velocity_x, ball.velocity_y, ball.speed] {
            sink.field(value.into());
        }
        for side in Side::BOTH {
            sink.component(PADDLES[side.index()], ComponentId(1));
            let paddle = self.paddle(side);
            sink.field(paddle.y.into());
            sink.field(paddle.velocity.into());
        }
        sink.component(MATCH, ComponentId(2));
        let (phase, side, ticks) = match self.phase() {
            Phase::Serve { to, ticks } => (0, to.sign(), ticks),
            Phase::Rally => (1, 0, 0),
            Phase::Point { scorer, ticks } => (2, scorer.sign(), ticks),
            Phase::Over { winner, ready } => (3, winner.sign(), ready),
        };
        for value in [
            phase,
            side.into(),
            ticks.into(),
            self.score(Side::Left).into(),
            self.score(Side::Right).into(),
            self.rally().into(),
            self.longest_rally().into(),
            self.ticks().into(),
            // The bits of it: the sign means nothing.
            self.rng_state() as i64,
        ] {
            sink.field(value);
        }
    }
}
