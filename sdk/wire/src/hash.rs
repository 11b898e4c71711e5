//! One stable hash per tick, the same on every platform (STANDARD.md, section 2.1).

use crate::{ComponentId, FieldSink, Inspect, NetEntity};
use core::fmt;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

/// The hash of a simulation's state at one tick: XXH3-64 over what [`Inspect`] shows of it.
///
/// It finds divergence, it is no defence: a peer that lies can make a collision.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StateHash(pub u64);

impl StateHash {
    /// The hash of `state`.
    pub fn of(state: &(impl Inspect + ?Sized)) -> Self {
        let mut hasher = StateHasher::default();
        state.inspect(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Debug for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Computes a [`StateHash`] from the fields it is shown.
#[derive(Clone, Default)]
pub struct StateHasher(Xxh3Default);

impl StateHasher {
    /// The hash of all that was shown.
    pub fn finish(&self) -> StateHash {
        StateHash(self.0.digest())
    }
}

impl FieldSink for StateHasher {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        let mut bytes = [0; 6];
        bytes[..4].copy_from_slice(&entity.0.to_le_bytes());
        bytes[4..].copy_from_slice(&component.0.to_le_bytes());
        self.0.update(&bytes);
    }

    fn field(&mut self, value: i64) {
        self.0.update(&value.to_le_bytes());
    }
}
