//! Saves on a simulated disk that loses power. `cargo xtask torture save` cuts it more often.

use netcord_tests::save::Totals;
use netcord_tests::save::cuts::{exhaust, wander};
use netcord_tests::save::disk::Honesty;

#[test]
fn a_power_cut_at_any_moment_loses_no_acknowledged_save_and_tears_none() {
    let totals = exhaust(Honesty::Honest);
    assert_eq!(totals.faults, [""; 0]);
    assert!(totals.is_clean() && totals.cuts > 5_000, "{totals:?}");
}

#[test]
fn a_machine_that_loses_power_again_and_again_keeps_its_save() {
    for seed in 0..10 {
        let totals = wander(seed, Honesty::Honest);
        assert_eq!(totals.faults, [""; 0]);
        assert_eq!(totals.cuts, 40, "seed {seed}");
    }
}

#[test]
fn a_disk_that_lies_about_flushing_is_found_out() {
    let wander = |honesty| {
        let mut totals = Totals::default();
        (0..5).for_each(|seed| totals += wander(seed, honesty));
        totals
    };
    let files = wander(Honesty::LiesAboutFiles);
    assert!(files.torn > 0, "{files:?}");
    let folders = wander(Honesty::LiesAboutFolders);
    assert!(folders.lost > 0 && folders.torn == 0, "{folders:?}");
}
