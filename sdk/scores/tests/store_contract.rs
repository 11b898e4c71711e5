//! The store in memory keeps the promises of a store.
#![cfg(feature = "service")]

use netcord_scores::store::{MemoryStore, contract};

#[test]
fn the_store_in_memory_keeps_all_promises() {
    contract::check(&mut |boards| Box::new(MemoryStore::new(boards)));
}
