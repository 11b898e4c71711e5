//! The state as entities, components and fields with names: for the state hash and desync reports.

use super::game::{FourWalls, Phase};
use super::wall::Wall;
use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};

/// The ball, as an entity.
pub const BALL: NetEntity = NetEntity(0);
/// The players, as entities, in the order of [`Wall::ALL`].
pub const PLAYERS: [NetEntity; 4] = [NetEntity(1), NetEntity(2), NetEntity(3), NetEntity(4)];
/// The match, as an entity.
pub const MATCH: NetEntity = NetEntity(5);

impl FourWalls {
    /// The names of all that [`Inspect`] shows. Walls are numbered in the order of [`Wall::ALL`].
    pub fn schema() -> Schema {
        Schema::new()
            .with("Ball", &["x", "y", "velocity_x", "velocity_y", "speed"])
            .with("Paddle", &["along", "velocity"])
            .with("Seat", &["taken", "in_play", "lives"])
            .with("Match", &["phase", "wall", "ticks_in_phase", "rally", "longest_rally", "ticks", "rng"])
    }
}

impl Inspect for FourWalls {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        sink.component(BALL, ComponentId(0));
        let ball = self.ball();
        for value in [ball.x, ball.y, ball.velocity_x, ball.velocity_y, ball.speed] {
            sink.field(value.into());
        }
        for wall in Wall::ALL {
            sink.component(PLAYERS[wall.index()], ComponentId(1));
            let paddle = self.paddle(wall);
            sink.field(paddle.y.into());
            sink.field(paddle.velocity.into());
            sink.component(PLAYERS[wall.index()], ComponentId(2));
            let seat = self.seat_at(wall);
            for value in [seat.taken.into(), seat.in_play.into(), seat.lives.into()] {
                sink.field(value);
            }
        }
        sink.component(MATCH, ComponentId(3));
        let (phase, wall, ticks) = match self.phase() {
            Phase::Waiting { ticks } => (0, None, ticks),
            Phase::Serve { to, ticks } => (1, Some(to), ticks),
            Phase::Rally => (2, None, 0),
            Phase::Miss { by, ticks } => (3, Some(by), ticks),
            Phase::Over { winner, ready } => (4, Some(winner), ready),
        };
        for value in [
            phase,
            wall.map_or(-1, |wall| wall.index() as i64),
            ticks.into(),
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
