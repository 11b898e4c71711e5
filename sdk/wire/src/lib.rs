//! The vocabulary of netcord: ticks, ids, bits, quantisers, schemas, state hashes, codecs with limits.
//!
//! `no_std` with `alloc`. Nothing here knows a network, a clock or an engine. STANDARD.md, section 2, has every byte.
//!
//! A state that shows its fields has a hash, the same on every platform, and when two peers' hashes differ, a log
//! that says where:
//!
//! ```
//! use netcord_wire::{
//!     ComponentId, FieldLog, FieldSink, GameRng, Inspect, NetEntity, RangeQuantizer, Schema, StateHash,
//! };
//!
//! struct Duel {
//!     health: [u8; 2],
//!     wind: f32,
//!     rng: GameRng,
//! }
//!
//! const WIND: RangeQuantizer = RangeQuantizer::new(-20.0, 20.0, 0.1);
//!
//! impl Inspect for Duel {
//!     fn inspect(&self, sink: &mut dyn FieldSink) {
//!         for (player, health) in self.health.into_iter().enumerate() {
//!             sink.component(NetEntity(player as u32), ComponentId(0));
//!             sink.field(health.into());
//!         }
//!         sink.component(NetEntity(2), ComponentId(1));
//!         sink.field(WIND.quantize(self.wind).into());
//!         sink.field(self.rng.state() as i64);
//!     }
//! }
//!
//! let schema = Schema::new().with("Player", &["health"]).with("Weather", &["wind", "rng"]);
//! let ours = Duel { health: [100, 80], wind: 1.25, rng: GameRng::new(7) };
//! let theirs = Duel { health: [100, 79], ..ours };
//! assert_ne!(StateHash::of(&ours), StateHash::of(&theirs));
//!
//! let (ours, theirs) = (FieldLog::of(&ours, 4_096), FieldLog::of(&theirs, 4_096));
//! let difference = ours.first_difference(&theirs, &schema).expect("a hit was missed");
//! assert_eq!(difference.to_string(), "entity 1 Player.health: ours 80, theirs 79");
//! ```
//!
//! | for | there is |
//! |---|---|
//! | time | [`Tick`] |
//! | what a state is made of | [`Inspect`], [`Schema`], [`NetEntity`], [`ComponentId`] |
//! | finding and naming a desync | [`StateHash`], [`FieldLog`], [`FieldDifference`] |
//! | floats that must be equal, or small | [`RangeQuantizer`], [`AngleQuantizer`], [`StepQuantizer`], [`RotationQuantizer`] |
//! | formats of our own | [`BitWriter`], [`BitReader`], [`varint`] |
//! | typed values as bytes | [`codec::message`], [`codec::file`] |
//! | randomness in rules | [`GameRng`] |
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bits;
pub mod codec;
mod error;
mod field_log;
mod hash;
mod quantize;
mod rng;
mod rotation;
mod schema;
mod tick;
pub mod varint;

pub use bits::{BitReader, BitWriter};
pub use error::CodecError;
pub use field_log::{FieldDifference, FieldLog};
pub use hash::{StateHash, StateHasher};
pub use quantize::{AngleQuantizer, RangeQuantizer, StepQuantizer};
pub use rng::GameRng;
pub use rotation::RotationQuantizer;
pub use schema::{ComponentId, ComponentSchema, FieldSink, Inspect, NetEntity, Schema};
pub use serde;
pub use tick::Tick;
