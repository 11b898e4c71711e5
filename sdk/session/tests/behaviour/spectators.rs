//! Spectators see the confirmed match, come late, fall behind, and disturb nobody.

use crate::support::{Conditions, GUEST_ID, Table, ms};
use netcord_session::{Outcome, P2pConfig, PlayerIndex, SessionEvent, SpectatorGone};

#[test]
fn a_spectator_sees_what_the_players_confirmed_and_nothing_twice() {
    let mut table = Table::new(1, Conditions { loss: 10, jitter: ms(20), ..Conditions::default() });
    table.spectate(P2pConfig::default());
    table.run_seconds(20);
    table.assert_equal();
    let spectator = &table.spectators[0];
    assert!(spectator.saw(|event| matches!(event, SessionEvent::Started { local: None, .. })));
    assert!(spectator.session.confirmed.len() > 1_000, "{}", spectator.session.confirmed.len());
    assert_eq!(spectator.stats().rollbacks, 0);
    assert!(spectator.stats().ticks_per_second > 59.0, "{:?}", spectator.stats());
}

#[test]
fn a_late_spectator_starts_from_the_state() {
    let mut table = Table::new(2, Conditions { loss: 5, ..Conditions::default() });
    table.run_seconds(10);
    table.spectate(P2pConfig::default());
    table.run_seconds(5);
    table.assert_equal();
    let seen = &table.spectators[0].session.confirmed;
    assert!(seen.keys().next() > Some(&500) && seen.len() > 200, "{:?}", seen.keys().next());
    assert!(table.host.saw(|event| matches!(event, SessionEvent::SpectatorJoined { .. })));
}

#[test]
fn a_spectator_that_was_held_up_catches_up_without_a_jump() {
    let mut table = Table::new(3, Conditions { timeout: ms(60_000), ..Conditions::default() });
    table.spectate(P2pConfig::default());
    table.run_seconds(5);
    table.spectators[0].awake = false;
    table.run_seconds(4);
    table.spectators[0].awake = true;
    table.run(ms(100));
    let behind = table.host.stats().current_tick.since(table.spectators[0].stats().current_tick);
    assert!(behind > 200);
    table.run_seconds(12);
    let behind = table.host.stats().current_tick.since(table.spectators[0].stats().current_tick);
    assert!(behind < 40, "{behind} ticks behind");
    table.assert_equal();
}

#[test]
fn a_spectator_that_takes_nothing_in_is_dropped_and_the_players_notice_nothing() {
    let config = P2pConfig { spectator_backlog: 100, ..P2pConfig::default() };
    let mut table =
        Table::with_config(4, Conditions { timeout: ms(60_000), ..Conditions::default() }, config);
    table.spectate(P2pConfig::default());
    table.run_seconds(2);
    table.net.cut(100, true);
    table.run_seconds(8);
    let slow = |event: &SessionEvent| {
        matches!(event, SessionEvent::SpectatorLeft { reason: SpectatorGone::TooSlow, .. })
    };
    assert!(table.host.saw(slow), "{:?}", table.host.events);
    assert!(table.host.stats().ticks_per_second > 59.5 && table.guest.stats().ticks_per_second > 59.5);
    assert!(table.host.stats().longest_gap_ms < 25.0);
}

#[test]
fn a_spectator_that_keeps_less_than_it_is_sent_leaves() {
    let mut table = Table::new(4, Conditions { timeout: ms(60_000), ..Conditions::default() });
    table.spectate(P2pConfig { spectator_backlog: 60, ..P2pConfig::default() });
    table.run_seconds(2);
    // It takes in two seconds of inputs at once.
    table.spectators[0].awake = false;
    table.run_seconds(3);
    table.spectators[0].awake = true;
    table.run_seconds(1);
    assert_eq!(table.spectators[0].outcome(), Some(&Outcome::FellBehind));
    assert_eq!(table.host.session.inner.spectators().count(), 0);
    assert!(table.assert_equal() > 300);
}

#[test]
fn spectators_stay_through_a_pause_and_are_told_the_end() {
    let config = P2pConfig { forfeit_after: ms(4_000), ..P2pConfig::default() };
    let mut table = Table::with_config(5, Conditions::default(), config);
    table.spectate(P2pConfig::default());
    table.run_seconds(3);
    table.net.cut(GUEST_ID, true);
    table.run_seconds(2);
    table.net.cut(GUEST_ID, false);
    table.run_seconds(3);
    table.assert_equal();
    assert!(table.spectators[0].session.confirmed.len() > 200);
    table.net.cut(GUEST_ID, true);
    table.run_seconds(7);
    let verdict = Outcome::Forfeit { absent: PlayerIndex(1), authoritative: true };
    assert_eq!(table.spectators[0].outcome(), Some(&verdict));
}

#[test]
fn a_spectator_may_come_before_the_players() {
    let mut table = Table::new(6, Conditions::default());
    table.guest.awake = false;
    table.net.cut(GUEST_ID, true);
    table.spectate(P2pConfig::default());
    table.run_seconds(30);
    assert!(table.spectators[0].events.is_empty());
    table.net.cut(GUEST_ID, false);
    table.guest.awake = true;
    table.run_seconds(4);
    assert!(table.spectators[0].session.confirmed.contains_key(&0));
    assert!(table.assert_equal() > 100);
}

#[test]
fn only_so_many_spectators_are_let_in() {
    let config = P2pConfig { max_spectators: 2, ..P2pConfig::default() };
    let mut table = Table::with_config(7, Conditions::default(), config);
    (0..3).for_each(|_| table.spectate(P2pConfig::default()));
    table.run_seconds(2);
    assert_eq!(table.host.session.inner.spectators().count(), 2);
    assert_eq!(table.spectators.iter().filter(|spectator| spectator.outcome().is_some()).count(), 1);
}
