//! A state that differs by one bit is named: tick, entity, component, field, both values, on both peers.

use crate::support::{Conditions, Table, ms};
use netcord_session::{DesyncReport, OnDesync, Outcome, P2pConfig, SessionEvent};
use netcord_wire::{NetEntity, Tick};

fn reports(events: &[SessionEvent]) -> Vec<&DesyncReport> {
    events
        .iter()
        .filter_map(|event| match event {
            SessionEvent::Desync(report) => Some(&**report),
            _ => None,
        })
        .collect()
}

#[test]
fn a_flipped_bit_is_named_on_both_peers() {
    for seed in 0..10 {
        let mut table = Table::new(seed, Conditions { loss: 10, jitter: ms(20), ..Conditions::default() });
        table.run_seconds(1);
        let tick = 200 + seed as u32 * 7;
        table.guest.session.cosmic_ray = Some(tick);
        table.run_seconds(10);
        let (host, guest) = (reports(&table.host.events), reports(&table.guest.events));
        assert_eq!((host.len(), guest.len()), (1, 1), "seed {seed}");
        for report in [host[0], guest[0]] {
            assert_eq!((report.tick, report.exact), (Tick(tick + 1), true), "seed {seed}: {report}");
            let first = report.difference.as_ref().unwrap();
            assert_eq!((first.entity, &*first.component, &*first.field), (NetEntity(1), "Player", "vx"));
            assert_eq!(first.ours.unwrap() ^ first.theirs.unwrap(), 1);
        }
        let [ours, theirs] = [host[0], guest[0]].map(|report| report.difference.clone().unwrap());
        assert_eq!((ours.ours, ours.theirs), (theirs.theirs, theirs.ours));
        assert_eq!((host[0].our_hash, host[0].their_hash), (guest[0].their_hash, guest[0].our_hash));
        let text = host[0].to_string();
        assert!(
            text.contains(&format!("tick {}", tick + 1)) && text.contains("entity 1 Player.vx: ours"),
            "{text}"
        );
        assert_eq!(table.host.outcome(), None);
    }
}

#[test]
fn a_match_may_end_with_a_desync() {
    let config = P2pConfig { on_desync: OnDesync::End, ..P2pConfig::default() };
    let mut table = Table::with_config(3, Conditions::default(), config);
    table.guest.session.cosmic_ray = Some(150);
    table.run_seconds(5);
    assert_eq!(table.host.outcome(), Some(&Outcome::Desync));
    assert_eq!(table.guest.outcome(), Some(&Outcome::Desync));
}

#[test]
fn a_spectator_notices_too() {
    let mut table = Table::new(4, Conditions::default());
    table.spectate(P2pConfig::default());
    table.run_seconds(1);
    table.spectators[0].session.cosmic_ray = Some(200);
    table.run_seconds(6);
    let seen = reports(&table.spectators[0].events);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].tick, Tick(201));
    assert_eq!(reports(&table.host.events).len(), 1);
    assert!(reports(&table.guest.events).is_empty());
}

#[test]
fn a_match_that_stays_in_step_reports_nothing() {
    let config = P2pConfig { desync_interval: 1, ..P2pConfig::default() };
    let mut table =
        Table::with_config(5, Conditions { loss: 20, jitter: ms(50), ..Conditions::default() }, config);
    table.run_seconds(20);
    assert!(table.assert_equal() > 900);
    assert!(reports(&table.host.events).is_empty());
}
