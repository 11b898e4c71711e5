//! A few seeds of the suite `mesh`; `cargo xtask lab mesh` plays many.

use netcord_tests::mesh::{self, Totals};

/// Plays seeds that lie far apart in the grid.
fn play(seeds: impl IntoIterator<Item = u64>) -> Totals {
    let mut totals = Totals::default();
    for seed in seeds {
        let played = mesh::play_twice(seed);
        assert_eq!(played.faults, [], "seed {seed}");
        totals += played.totals;
    }
    totals
}

#[test]
fn three_to_eight_stay_in_step_whoever_comes_and_goes_and_each_seed_is_one_trace() {
    let totals = play((0..1_100).step_by(43));
    assert_eq!((totals.matches, totals.replays, totals.desyncs), (26, 26, 0));
    // What the seeds are for did happen.
    assert!(totals.leaves > 3 && totals.crashes > 2 && totals.rejoins > 0, "{totals:?}");
    assert!(totals.late_joins > 0 && totals.hand_overs > 3 && totals.cuts > 5, "{totals:?}");
}

#[test]
fn spectators_who_are_held_up_see_the_same_match_later() {
    let totals = play([9, 26, 43, 60]);
    assert_eq!((totals.spectators, totals.hold_ups, totals.desyncs), (4, 4, 0));
}

/// Where one knew less of a leaver's inputs than the host, it was not sent what it lacked.
#[test]
fn who_knows_less_of_a_leavers_inputs_than_the_host_gets_the_rest() {
    play([42, 52]);
}

/// A host that lost all others dropped them, and so had nobody to take back.
#[test]
fn a_host_that_is_cut_off_from_all_waits_for_them() {
    play([15, 40]);
}

/// One who came back while it was being removed was told of its own removal, and took that for a lie.
#[test]
fn who_comes_back_while_it_is_being_removed_joins_anew() {
    play([95, 220]);
}

/// Two who had taken a host's place were introduced by it to itself.
#[test]
fn who_hosts_one_half_of_a_split_yields_to_the_older_host() {
    play([108, 339, 372]);
}

/// The one who was to follow a new host left before it had promised, and the claim waited for its word.
#[test]
fn a_claim_outlives_one_who_was_to_follow() {
    play([1_917]);
}

/// Both guests came to each other at once, and each gave up the link that the other kept.
#[test]
fn of_two_links_that_cross_both_keep_the_same() {
    play([3_679]);
}

/// A guest that had missed its removal waited for inputs from a host that did not know it any more.
#[test]
fn who_missed_its_removal_is_told_when_it_is_back() {
    play([5_617]);
}
