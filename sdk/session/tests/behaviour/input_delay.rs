//! Input delay, set and automatic, changes in play without gap or contradiction.

use crate::support::{Conditions, Table, ms};
use netcord_session::{InputDelay, P2pConfig, SessionError, SessionEvent};

#[test]
fn the_delay_changes_in_play_without_gap_or_duplicate() {
    let mut table = Table::new(5, Conditions { loss: 5, jitter: ms(10), ..Conditions::default() });
    table.run_seconds(2);
    for delay in [0, 9, 3, 15, 0, 1] {
        table.guest.session.inner.set_input_delay(InputDelay::Fixed(delay)).unwrap();
        table.host.session.inner.set_input_delay(InputDelay::Fixed(15 - delay)).unwrap();
        table.run_seconds(2);
        assert_eq!(table.guest.stats().input_delay, u32::from(delay));
    }
    assert!(table.assert_equal() > 700);
    assert!(table.guest.stats().ticks_per_second > 59.0, "{:?}", table.guest.stats());
}

#[test]
fn more_delay_means_less_to_guess() {
    let depth = |delay| {
        let config = P2pConfig { input_delay: InputDelay::Fixed(delay), ..P2pConfig::default() };
        let mut table =
            Table::with_config(6, Conditions { latency: ms(50), ..Conditions::default() }, config);
        table.run_seconds(10);
        table.assert_equal();
        table.host.stats().max_rollback
    };
    assert!(depth(0) >= 3);
    assert_eq!(depth(6), 0);
}

#[test]
fn the_automatic_delay_follows_the_link_in_steps() {
    let config = P2pConfig { input_delay: InputDelay::Auto { max: 4 }, ..P2pConfig::default() };
    let mut table = Table::with_config(7, Conditions { latency: ms(80), ..Conditions::default() }, config);
    table.run_seconds(8);
    let steps: Vec<_> = table
        .guest
        .events
        .iter()
        .filter_map(|event| match event {
            SessionEvent::InputDelayChanged { ticks } => Some(*ticks),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [1, 2, 3]);
    table.net.set_conditions(Conditions { latency: ms(10), ..Conditions::default() });
    table.run_seconds(4);
    assert_eq!(table.guest.stats().input_delay, 1);
    table.assert_equal();
}

#[test]
fn an_automatic_delay_starts_from_the_one_in_force() {
    let mut table = Table::new(7, Conditions { latency: ms(80), ..Conditions::default() });
    table.run_seconds(2);
    table.guest.session.inner.set_input_delay(InputDelay::Fixed(6)).unwrap();
    table.guest.session.inner.set_input_delay(InputDelay::Auto { max: 5 }).unwrap();
    assert_eq!(table.guest.stats().input_delay, 5);
    table.run_seconds(4);
    assert_eq!(table.guest.stats().input_delay, 3);
    table.assert_equal();
}

#[test]
fn a_delay_out_of_range_is_refused() {
    let mut table = Table::new(5, Conditions::default());
    let refused = table.host.session.inner.set_input_delay(InputDelay::Fixed(16));
    assert!(matches!(refused, Err(SessionError::Config(_))));
}
