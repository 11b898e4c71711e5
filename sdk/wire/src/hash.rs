//! One stable hash per tick, the same on every platform (STANDARD.md, section 2.1).

use crate::{ComponentId, FieldSink, Inspect, NetEntity};
use core::fmt;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

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
#[derive(Clone)]
pub struct StateHasher {
    /// What was shown last: the hash takes large pieces several times as fast as single fields.
    recent: [u8; RECENT],
    filled: usize,
    /// The hash of what was shown before; small states never need it.
    earlier: Option<Xxh3Default>,
}

const RECENT: usize = 512;

impl StateHasher {
    /// The hash of all that was shown.
    pub fn finish(&self) -> StateHash {
        let recent = &self.recent[..self.filled];
        StateHash(match &self.earlier {
            None => xxh3_64(recent),
            Some(earlier) => {
                let mut hasher = earlier.clone();
                hasher.update(recent);
                hasher.digest()
            }
        })
    }

    #[inline]
    fn take<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.filled + N > RECENT {
            self.earlier.get_or_insert_default().update(&self.recent[..self.filled]);
            self.filled = 0;
        }
        self.recent[self.filled..self.filled + N].copy_from_slice(&bytes);
        self.filled += N;
    }
}

impl Default for StateHasher {
    fn default() -> Self {
        Self { recent: [0; RECENT], filled: 0, earlier: None }
    }
}

impl FieldSink for StateHasher {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        self.take(entity.0.to_le_bytes());
        self.take(component.0.to_le_bytes());
    }

    fn field(&mut self, value: i64) {
        self.take(value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn states_of_any_size_hash_as_their_bytes(components in proptest::collection::vec(
            (any::<u32>(), any::<u16>(), proptest::collection::vec(any::<i64>(), 0..9)), 0..60,
        )) {
            let mut hasher = StateHasher::default();
            let mut bytes = Vec::new();
            for (entity, component, fields) in components {
                hasher.component(NetEntity(entity), ComponentId(component));
                bytes.extend(entity.to_le_bytes());
                bytes.extend(component.to_le_bytes());
                for field in fields {
                    hasher.field(field);
                    bytes.extend(field.to_le_bytes());
                }
                prop_assert_eq!(hasher.finish(), StateHash(xxh3_64(&bytes)));
            }
        }
    }
}
