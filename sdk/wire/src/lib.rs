//! The vocabulary of netcord: ticks, ids, bits, quantisers, schemas, state hashes, codecs with limits.
//!
//! `no_std` with `alloc`. Nothing here knows a network, a clock or an engine.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bits;
pub mod codec;
mod error;
mod field_log;
mod hash;
mod quantize;
mod rng;
mod schema;
mod tick;
pub mod varint;

pub use bits::{BitReader, BitWriter};
pub use error::CodecError;
pub use field_log::{FieldDifference, FieldLog};
pub use hash::{StateHash, StateHasher};
pub use quantize::{AngleQuantizer, RangeQuantizer, StepQuantizer};
pub use rng::GameRng;
pub use schema::{ComponentId, ComponentSchema, FieldSink, Inspect, NetEntity, Schema};
pub use serde;
pub use tick::Tick;
