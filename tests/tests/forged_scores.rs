//! Forged highscores. `cargo xtask torture scores` forges more of them.

use netcord_tests::scores::forgery::torture;

#[test]
fn every_forgery_is_refused_for_its_own_reason_and_every_honest_run_is_accepted() {
    // Each kind comes up twice.
    let totals = torture(106, 7, 1);
    assert_eq!(totals.faults, [""; 0]);
    assert!(totals.is_clean(), "{totals}");
    assert_eq!(totals.forgeries, 106);
    assert!(totals.honest >= 106 && totals.refused.len() > 20, "{totals}");
}
