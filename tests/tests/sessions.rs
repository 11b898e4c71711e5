//! A few seeds of the suite `session`; `cargo xtask lab session` plays many.

use netcord_tests::session::{self, Totals};

/// Plays seeds that lie far apart in the grid.
fn play(seeds: impl Iterator<Item = u64>) -> Totals {
    let mut totals = Totals::default();
    for seed in seeds {
        let played = session::play_twice(seed);
        assert_eq!(played.faults, [], "seed {seed}");
        totals += played.totals;
    }
    totals
}

#[test]
fn peers_stay_in_step_whatever_happens_and_each_seed_is_one_trace() {
    let totals = play((0..1_100).step_by(51));
    assert_eq!((totals.matches, totals.replays), (22, 22));
    assert_eq!((totals.desyncs, totals.lost_inputs), (0, 0));
    // What the seeds are for did happen.
    assert!(totals.rollbacks > 100 && totals.resumes > 5 && totals.forfeits > 2, "{totals:?}");
    assert!(
        totals.restarts > 0 && totals.sleeps > 0 && totals.moves > 0 && totals.spectators > 0,
        "{totals:?}"
    );
}

/// A seed that failed once: after a resume the host had nothing to say, its word that the match starts was lost in a
/// cut, and both waited for each other.
#[test]
fn a_host_that_has_nothing_to_say_says_so() {
    play(std::iter::once(120));
}
