//! The store in memory keeps the promises of a store.
#![cfg(feature = "service")]

use netcord_scores::store::{MemoryStore, contract};

#[test]
fn the_store_in_memory_keeps_all_promises() {
    contract::check(&mut |boards| Box::new(MemoryStore::new(boards)));
}

#[test]
fn long_random_walks_of_the_store_in_memory_go_as_a_list_says() {
    for seed in 100..110 {
        contract::walk(&mut |boards| Box::new(MemoryStore::new(boards)), seed, 200);
    }
}
