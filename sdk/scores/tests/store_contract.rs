//! The stores keep the promises of a store.
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

#[test]
#[cfg(feature = "redb")]
fn the_store_in_a_file_keeps_all_promises() {
    use netcord_scores::store::RedbStore;
    let folder = tempfile::tempdir().unwrap();
    let mut files = 0;
    contract::check(&mut |boards| {
        files += 1;
        Box::new(RedbStore::open(folder.path().join(format!("{files}.redb")), boards).unwrap())
    });
}
