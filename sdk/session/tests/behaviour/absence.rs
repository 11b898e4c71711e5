//! A player is gone: the match pauses, and resumes, or ends.

use crate::support::{Conditions, GUEST_ID, Table, ms};
use netcord_session::{Outcome, P2pConfig, PlayerIndex, SessionEvent};
use netcord_transport::DisconnectReason;

const HOST: PlayerIndex = PlayerIndex(0);
const GUEST: PlayerIndex = PlayerIndex(1);

fn is_pause(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Paused { .. })
}

fn is_resume(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Resumed { .. })
}

#[test]
fn a_partition_of_three_seconds_pauses_and_resumes_without_losing_an_input() {
    for seed in 0..20 {
        let mut table = Table::new(seed, Conditions { loss: 5, jitter: ms(20), ..Conditions::default() });
        table.run(ms(3_000 + seed * 37));
        let before = table.host.stats().current_tick;
        table.net.cut(GUEST_ID, true);
        table.run_seconds(3);
        assert!(table.host.saw(is_pause) && table.guest.saw(is_pause), "seed {seed}");
        assert!(table.host.stats().current_tick.since(before) < 20, "no tick runs in a pause");
        table.net.cut(GUEST_ID, false);
        table.run_seconds(4);
        assert!(
            table.host.saw(is_resume) && table.guest.saw(is_resume),
            "seed {seed}: {:?}",
            table.guest.events
        );
        assert!(table.host.stats().current_tick.since(before) > 120, "seed {seed}");
        table.assert_equal();
        let told = table.guest.pressed();
        for (tick, input) in told.range(..table.host.stats().confirmed_tick.0) {
            assert_eq!(table.host.told(*tick, 1), Some(*input), "seed {seed}, tick {tick}");
        }
    }
}

#[test]
fn an_absence_longer_than_the_match_waits_is_a_forfeit_and_the_hosts_view_counts() {
    let config = P2pConfig { forfeit_after: ms(5_000), ..P2pConfig::default() };
    let mut table = Table::with_config(1, Conditions::default(), config);
    table.run_seconds(2);
    table.net.cut(GUEST_ID, true);
    table.run_seconds(5);
    assert_eq!(table.host.outcome(), None);
    table.run_seconds(2);
    assert_eq!(table.host.outcome(), Some(&Outcome::Forfeit { absent: GUEST, authoritative: true }));
    assert_eq!(table.guest.outcome(), Some(&Outcome::Forfeit { absent: HOST, authoritative: false }));
    table.net.cut(GUEST_ID, false);
    table.run_seconds(2);
    assert_eq!(table.guest.outcome(), Some(&Outcome::Forfeit { absent: GUEST, authoritative: true }));
    let ends = |event: &&SessionEvent| matches!(event, SessionEvent::Ended(_));
    assert_eq!(table.host.events.iter().filter(ends).count(), 1);
}

#[test]
fn a_guest_that_gave_up_first_is_told_what_the_host_makes_of_it() {
    let config = P2pConfig { forfeit_after: ms(20_000), ..P2pConfig::default() };
    let mut table = Table::with_config(1, Conditions::default(), config.clone());
    table.restart_guest(P2pConfig { forfeit_after: ms(2_000), ..config }, 5);
    table.run_seconds(2);
    table.net.cut(GUEST_ID, true);
    table.run_seconds(4);
    assert_eq!(table.guest.outcome(), Some(&Outcome::Forfeit { absent: HOST, authoritative: false }));
    assert_eq!(table.host.outcome(), None);
    table.net.cut(GUEST_ID, false);
    table.run_seconds(1);
    let verdict = Outcome::Forfeit { absent: GUEST, authoritative: true };
    assert_eq!((table.host.outcome(), table.guest.outcome()), (Some(&verdict), Some(&verdict)));
}

#[test]
fn a_restarted_guest_goes_on_from_the_state_alone() {
    let mut table = Table::new(2, Conditions { loss: 3, ..Conditions::default() });
    table.run_seconds(5);
    let before = table.host.stats();
    table.restart_guest(P2pConfig::default(), 99);
    table.run_seconds(5);
    assert!(table.host.saw(is_pause) && table.host.saw(is_resume));
    assert!(table.guest.saw(|event| matches!(event, SessionEvent::Started { local: Some(GUEST), .. })));
    assert!(table.host.stats().current_tick.since(before.current_tick) > 200);
    assert!(table.assert_equal() > 200);
    assert!(table.guest.session.confirmed.keys().next() > Some(&200));
}

#[test]
fn the_connection_may_break_again_while_the_match_resumes() {
    for seed in 0..40 {
        let mut table = Table::new(seed, Conditions { loss: 10, jitter: ms(20), ..Conditions::default() });
        table.run_seconds(2);
        for round in 0..4 {
            table.net.cut(GUEST_ID, true);
            table.run(ms(1_100));
            table.net.cut(GUEST_ID, false);
            // From before the hello to after the first ticks.
            table.run(ms(60 + (seed * 53 + round * 131) % 900));
        }
        table.run_seconds(6);
        let ticks = table.assert_equal();
        assert!(ticks > 300, "seed {seed}: {ticks}");
        assert_eq!((table.host.outcome(), table.guest.outcome()), (None, None), "seed {seed}");
    }
}

#[test]
fn one_who_leaves_ends_the_match_at_once() {
    let mut table = Table::new(2, Conditions::default());
    table.run_seconds(2);
    table.guest.session.inner.leave(42);
    table.run_seconds(1);
    let left = Outcome::Left { player: GUEST, code: 42 };
    assert_eq!((table.host.outcome(), table.guest.outcome()), (Some(&left), Some(&left)));
    assert!(!table.host.saw(is_pause));

    let mut table = Table::new(2, Conditions::default());
    table.run_seconds(2);
    table.host.session.inner.leave(7);
    table.run_seconds(1);
    let left = Outcome::Left { player: HOST, code: 7 };
    assert_eq!((table.host.outcome(), table.guest.outcome()), (Some(&left), Some(&left)));
}

#[test]
fn a_guest_that_comes_and_goes_before_the_start_leaves_the_host_waiting_for_another() {
    let mut table = Table::new(2, Conditions::default());
    table.run(ms(110));
    table.guest.session.inner.leave(0);
    table.run_seconds(1);
    assert!(table.host.events.is_empty(), "{:?}", table.host.events);
    table.restart_guest(P2pConfig::default(), 3);
    table.run_seconds(3);
    assert!(table.assert_equal() > 100);
}

#[test]
fn a_third_player_is_turned_away() {
    let mut table = Table::new(2, Conditions::default());
    table.run_seconds(1);
    table.intrude();
    table.run_seconds(1);
    let turned_away = Outcome::Disconnected(DisconnectReason::Denied);
    assert_eq!(table.spectators[0].outcome(), Some(&turned_away));
    assert!(table.assert_equal() > 60);
}

#[test]
fn a_peer_that_connects_and_says_nothing_is_dropped() {
    let mut table = Table::new(2, Conditions::default());
    table.guest.awake = false;
    table.run_seconds(1);
    let silent = table.host.session.inner.opponent();
    assert!(silent.is_some());
    table.run_seconds(11);
    assert!(table.host.events.is_empty());
    assert_ne!(table.host.session.inner.opponent(), silent);
}

#[test]
fn a_peer_that_stands_still_on_a_working_connection_counts_as_absent() {
    let config = P2pConfig { stall_timeout: ms(3_000), forfeit_after: ms(3_000), ..P2pConfig::default() };
    let mut table = Table::with_config(2, Conditions::default(), config);
    table.run_seconds(2);
    table.guest.awake = false;
    table.run_seconds(5);
    assert!(table.host.saw(is_pause));
}
