//! A match in steady state costs no allocation: not for a tick, not for a rollback, not for a message.

use allocation_counter::measure;
use netcord::session::{InputDelay, P2pConfig};
use netcord_tests::room::Party;

/// What `frames` frames of a match of so many cost that runs, with all inputs new in each tick, and each tick simulated
/// again some eight times.
fn cost(players: u8, frames: u32) -> (u64, f64) {
    let config = P2pConfig { players, input_delay: InputDelay::Fixed(0), ..P2pConfig::default() };
    let mut party = Party::complete(8, config);
    party.run(1_200);
    let stats = |party: &Party| party.person(0).session.stats();
    let before = stats(&party);
    let used = measure(|| party.run(frames));
    let after = stats(&party);
    let all: Vec<_> = (0..players.into()).collect();
    party.assert_in_step(&all);
    assert!(after.confirmed_ticks > before.confirmed_ticks + u64::from(frames) * 9 / 10, "{after:?}");
    let resimulated = (after.resimulated_ticks - before.resimulated_ticks) as f64;
    (used.count_total, resimulated / f64::from(frames))
}

#[test]
fn a_match_of_two_that_goes_back_eight_ticks_each_tick_allocates_nothing() {
    let (allocations, resimulated) = cost(2, 600);
    assert!(resimulated > 7.0, "{resimulated} ticks");
    assert_eq!(allocations, 0);
}

#[test]
fn a_match_of_four_that_goes_back_eight_ticks_each_tick_allocates_nothing() {
    let (allocations, resimulated) = cost(4, 600);
    assert!(resimulated > 7.0, "{resimulated} ticks");
    assert_eq!(allocations, 0);
}
