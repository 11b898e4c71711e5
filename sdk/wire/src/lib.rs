//! The vocabulary of netcord: ticks, ids, bits, quantisers, schemas, state hashes, codecs with limits.
//!
//! `no_std` with `alloc`. Nothing here knows a network, a clock or an engine.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod hash;
mod rng;
mod schema;
mod tick;

pub use hash::{StateHash, StateHasher};
pub use rng::GameRng;
pub use schema::{ComponentId, ComponentSchema, FieldSink, Inspect, NetEntity, Schema};
pub use serde;
pub use tick::Tick;
