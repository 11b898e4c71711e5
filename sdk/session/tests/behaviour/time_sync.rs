//! Both peers keep to the same tick, whatever their clocks and networks do.

use crate::support::{Conditions, Table, ms};

#[test]
fn a_bad_network_costs_no_ticks_and_no_long_gaps() {
    for seed in 0..8 {
        let conditions = Conditions { latency: ms(100), jitter: ms(20), burst: 5, ..Conditions::default() };
        let mut table = Table::new(seed, conditions);
        table.run_seconds(20);
        table.assert_equal();
        for peer in [&table.host, &table.guest] {
            let stats = peer.stats();
            assert!(stats.ticks_per_second >= 59.5, "seed {seed}: {stats:?}");
            assert!(stats.longest_gap_ms <= 50.0, "seed {seed}: {stats:?}");
        }
    }
}

#[test]
fn clocks_that_drift_apart_by_one_percent_are_slewed_together() {
    let mut table = Table::new(2, Conditions::default());
    (table.host.drift, table.guest.drift) = (5_000, -5_000);
    table.run_seconds(60);
    table.assert_equal();
    let (host, guest) = (table.host.stats(), table.guest.stats());
    assert!(host.current_tick.since(guest.current_tick).abs() <= 1, "{host:?} {guest:?}");
    assert!(host.lead_ticks > 0.2 && host.lead_ticks < 1.5, "{host:?}");
    // Neither ever waits for the other at the end of its window.
    assert!(host.longest_gap_ms < 25.0 && guest.longest_gap_ms < 25.0, "{host:?} {guest:?}");
}

#[test]
fn different_ways_there_and_back_and_uneven_frames_do_no_harm() {
    let mut table = Table::new(11, Conditions { jitter: ms(15), ..Conditions::default() });
    (table.host.frame, table.guest.frame) = (ms(17), ms(7));
    table.run_seconds(30);
    table.assert_equal();
    let (host, guest) = (table.host.stats(), table.guest.stats());
    assert!(host.current_tick.since(guest.current_tick).abs() <= 2, "{host:?} {guest:?}");
    assert!(host.ticks_per_second > 59.5 && guest.ticks_per_second > 59.5, "{host:?} {guest:?}");
}

#[test]
fn a_sleep_of_ten_seconds_is_not_made_up_for_in_a_burst() {
    let mut table = Table::new(9, Conditions { timeout: ms(60_000), ..Conditions::default() });
    table.run_seconds(3);
    let before = table.guest.stats().current_tick;
    table.guest.awake = false;
    table.run_seconds(10);
    table.guest.awake = true;
    let asleep = table.guest.stats().current_tick;
    assert_eq!(before, asleep);
    table.run(ms(5));
    let woken = table.guest.stats().current_tick;
    assert!(woken.since(asleep) <= 4, "{} ticks at once", woken.since(asleep));
    table.run_seconds(10);
    assert!(table.guest.stats().current_tick.since(woken) > 590);
    assert!(table.host.stats().current_tick.since(table.guest.stats().current_tick).abs() <= 2);
    assert!(table.assert_equal() > 700);
}

#[test]
fn a_clock_that_jumps_runs_no_ticks_for_it() {
    let mut table = Table::new(9, Conditions::default());
    table.run_seconds(3);
    let before = table.guest.stats().current_tick;
    table.guest.jump = ms(10_000);
    table.run_seconds(1);
    assert!(table.guest.stats().current_tick.since(before) < 70);
    assert!(table.guest.outcome().is_none());
    table.assert_equal();
}
