//! Who watches a mesh may lag behind: it sees the same match later, and no player waits for it.

use netcord::session::{Outcome, P2pConfig, ROLE_SPECTATOR, SessionEvent, SpectatorGone};
use netcord_tests::room::Party;
use std::time::Duration;

const SECOND: u32 = 60;
const WATCHES: usize = 4;

/// A match of four that runs, and one who watches.
fn watched(config: P2pConfig) -> Party {
    let mut party =
        Party::complete(3, P2pConfig { players: 4, stall_timeout: Duration::from_secs(4), ..config });
    party.run(4 * SECOND);
    assert_eq!(party.join(0, ROLE_SPECTATOR), WATCHES);
    party.run(2 * SECOND);
    assert!(party.person(WATCHES).saw(|event| matches!(event, SessionEvent::Started { local: None, .. })));
    party
}

/// How far the spectator is behind the host, in ticks.
fn behind(party: &Party) -> i32 {
    let tick = |number| party.person(number).session.stats().current_tick;
    tick(0).since(tick(WATCHES))
}

/// The states that the spectator saw are those of the players.
#[track_caller]
fn assert_same(party: &Party) {
    let spectator = &party.person(WATCHES).session;
    let tick = spectator.stats().confirmed_tick;
    let theirs = spectator.chained_hash(tick);
    assert!(theirs.is_some());
    assert_eq!(party.person(0).session.chained_hash(tick), theirs);
    assert_eq!(spectator.stats().desyncs, 0);
}

#[test]
fn a_spectator_who_was_held_up_catches_up_through_a_change_of_who_plays() {
    let mut party = watched(P2pConfig::default());
    assert!(behind(&party) < 40, "{} ticks", behind(&party));
    assert_same(&party);
    party.people[WATCHES].as_mut().unwrap().is_awake = false;
    party.run(SECOND);
    party.leave(2);
    party.run(4 * SECOND);
    party.people[WATCHES].as_mut().unwrap().is_awake = true;
    party.run(6);
    assert!(behind(&party) > 250, "{} ticks", behind(&party));
    party.run(15 * SECOND);
    assert!(behind(&party) < 40, "{} ticks", behind(&party));
    assert_same(&party);
    assert!(!party.person(WATCHES).is_out());
    assert_eq!(party.person(WATCHES).session.stats().rollbacks, 0);
    party.assert_in_step(&[0, 1, 3]);
}

#[test]
fn a_spectator_who_takes_nothing_in_is_dropped_and_no_player_waits_for_it() {
    let mut party = watched(P2pConfig { spectator_backlog: 120, ..P2pConfig::default() });
    party.room.lose(0, WATCHES);
    let before = party.person(0).session.stats().confirmed_ticks;
    party.run(6 * SECOND);
    let dropped = |event: &SessionEvent| {
        matches!(event, SessionEvent::SpectatorLeft { reason: SpectatorGone::TooSlow, .. })
    };
    assert!(party.person(0).saw(dropped), "{:?}", party.person(0).events);
    assert!(party.person(0).session.stats().confirmed_ticks > before + 350);
    party.assert_in_step(&[0, 1, 2, 3]);
}

#[test]
fn a_spectator_whose_backlog_overflows_leaves_and_can_come_again() {
    let mut party = watched(P2pConfig { spectator_backlog: 120, ..P2pConfig::default() });
    party.people[WATCHES].as_mut().unwrap().is_awake = false;
    party.run(6 * SECOND);
    party.people[WATCHES].as_mut().unwrap().is_awake = true;
    party.run(SECOND);
    assert!(party.person(WATCHES).saw(|event| matches!(event, SessionEvent::Ended(Outcome::FellBehind))));
    let again = party.join(0, ROLE_SPECTATOR);
    party.run(3 * SECOND);
    assert!(party.person(again).saw(|event| matches!(event, SessionEvent::Started { .. })));
    party.assert_in_step(&[0, 1, 2, 3]);
}
