//! A few seeds of the suite `snapshot`; `cargo xtask lab snapshot` plays thousands.

use netcord_tests::snapshot;

#[test]
fn what_arrives_is_what_was_sent_within_the_budget() {
    for seed in 0..4 {
        let played = snapshot::play(seed);
        assert_eq!(played.faults, [], "seed {seed}");
        assert!(played.totals.compared > 1_000, "seed {seed}: {:?}", played.totals);
    }
}
