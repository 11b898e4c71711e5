//! A few seeds of the suite `channels`; `cargo xtask lab channels` plays many.

use netcord_tests::channels;

#[test]
fn every_backend_keeps_every_promise() {
    for seed in 0..4 {
        let played = channels::play(seed);
        assert_eq!(played.faults, [], "seed {seed}");
        let totals = played.totals;
        // What the seeds are for did happen: three backends, four losses, and a mebibyte on each backend.
        assert_eq!((totals.runs, totals.mebibytes), (15, 3), "seed {seed}");
        assert!(totals.handed_out > 1_000 && totals.delivered > 500 && totals.lost > 10, "{totals:?}");
    }
}
