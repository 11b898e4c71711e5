//! The state as entities, components and fields with names: for the state hash and desync reports.

use crate::board::HEIGHT;
use crate::tetris::Tetris;
use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};

/// The piece that falls, as an entity; the rows of the board are entities 0 to 39, from the lowest up.
pub const PIECE: NetEntity = NetEntity(HEIGHT as u32);
/// The pieces to come, as an entity.
pub const BAG: NetEntity = NetEntity(HEIGHT as u32 + 1);
/// The keys, as an entity.
pub const CONTROLS: NetEntity = NetEntity(HEIGHT as u32 + 2);
/// Score, lines and what else there is once a game, as an entity.
pub const GAME: NetEntity = NetEntity(HEIGHT as u32 + 3);

impl Tetris {
    /// The names of all that [`Inspect`] shows.
    pub fn schema() -> Schema {
        Schema::new()
            .with("Row", &["cells"])
            .with(
                "Piece",
                &[
                    "kind",
                    "facing",
                    "x",
                    "y",
                    "fraction",
                    "lowest",
                    "has_rested",
                    "rested",
                    "resets",
                    "last_kick",
                ],
            )
            .with(
                "Bag",
                &[
                    "first", "rng", "piece_0", "piece_1", "piece_2", "piece_3", "piece_4", "piece_5",
                    "piece_6", "piece_7", "piece_8", "piece_9", "piece_10", "piece_11", "piece_12",
                    "piece_13",
                ],
            )
            .with("Controls", &["held", "direction", "wait"])
            .with(
                "Game",
                &[
                    "mode",
                    "start_level",
                    "auto_shift_delay",
                    "auto_repeat",
                    "soft_drop",
                    "held",
                    "has_held",
                    "ticks",
                    "pieces",
                    "lines",
                    "score",
                    "combo",
                    "back_to_back",
                    "ending",
                ],
            )
    }
}

impl Inspect for Tetris {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for (y, &row) in (0..).zip(self.board.rows()) {
            sink.component(NetEntity(y), ComponentId(0));
            sink.field(row as i64);
        }
        sink.component(PIECE, ComponentId(1));
        let falling = &self.falling;
        for value in [
            falling.piece.kind as i64,
            falling.piece.facing as i64,
            falling.piece.x.into(),
            falling.piece.y.into(),
            falling.fraction.into(),
            falling.lowest.into(),
            falling.has_rested.into(),
            falling.rested.into(),
            falling.resets.into(),
            falling.last_kick.map_or(-1, i64::from),
        ] {
            sink.field(value);
        }
        sink.component(BAG, ComponentId(2));
        self.bag.fields().for_each(|value| sink.field(value));
        sink.component(CONTROLS, ComponentId(3));
        for value in
            [self.controls.held.bits().into(), self.controls.direction.into(), self.controls.wait.into()]
        {
            sink.field(value);
        }
        sink.component(GAME, ComponentId(4));
        let handling = self.config.handling;
        for value in [
            self.config.mode as i64,
            self.config.start_level.into(),
            handling.auto_shift_delay.into(),
            handling.auto_repeat.into(),
            handling.soft_drop.into(),
            self.held.map_or(0, |kind| kind as i64),
            self.has_held.into(),
            self.ticks.into(),
            self.pieces.into(),
            self.lines.into(),
            self.score.into(),
            self.combo.into(),
            self.back_to_back.into(),
            self.ending.map_or(-1, |ending| ending as i64),
        ] {
            sink.field(value);
        }
    }
}
