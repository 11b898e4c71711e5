//! Whatever the network does, both peers confirm the same states, and no input is lost.

use crate::support::{Conditions, Table, ms};
use netcord_session::{P2pConfig, SessionEvent, first_game_channel};
use netcord_transport::{ChannelId, SendError};
use netcord_wire::GameRng;

#[test]
fn states_are_equal_over_a_grid_of_networks() {
    let mut seed = 0;
    for latency in [0, 20, 100, 250] {
        for loss in [0, 5, 30] {
            for jitter in [0, 40] {
                seed += 1;
                let conditions =
                    Conditions { latency: ms(latency), jitter: ms(jitter), loss, ..Conditions::default() };
                let mut table = Table::new(seed, conditions);
                table.run_seconds(12);
                let shared = table.assert_equal();
                assert!(shared > 150, "{conditions:?}, seed {seed}: {shared} ticks");
            }
        }
    }
}

#[test]
fn a_lost_packet_loses_no_input() {
    let mut table = Table::new(3, Conditions { loss: 30, ..Conditions::default() });
    table.run_seconds(20);
    table.net.set_conditions(Conditions::default());
    table.run_seconds(1);
    let shared = table.assert_equal();
    // Both ran nearly all of their ticks, and all but the newest are confirmed by both.
    assert!(shared > 1_000, "{shared}");
    assert!(table.host.stats().current_tick.0 as usize - shared < 20);
    // What each player pressed is what both games were told.
    let pressed = table.guest.pressed();
    assert!(pressed.len() > 1_000);
    for (tick, input) in pressed.range(..table.host.stats().confirmed_tick.0) {
        assert_eq!(table.host.told(*tick, 1), Some(*input), "at tick {tick}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| {
        let conditions = Conditions { loss: 10, jitter: ms(30), burst: 5, ..Conditions::default() };
        let mut table = Table::new(seed, conditions);
        table.run_seconds(5);
        (table.net.trace(), table.host.stats(), table.guest.stats())
    };
    assert_eq!(trace(4), trace(4));
    assert_ne!(trace(4).0, trace(5).0);
}

#[test]
fn a_gap_in_the_network_stalls_the_ticks_and_ends_without_a_trace() {
    let config = P2pConfig { prediction: 8, ..P2pConfig::default() };
    let mut table = Table::with_config(8, Conditions { timeout: ms(5_000), ..Conditions::default() }, config);
    table.run_seconds(3);
    table.net.cut(crate::support::GUEST_ID, true);
    table.run(ms(1_000));
    let stalled_at = table.host.stats().current_tick;
    assert!(table.host.session.inner.stalled_for() > ms(500));
    table.run(ms(1_000));
    assert_eq!(table.host.stats().current_tick, stalled_at, "no tick runs beyond the window");
    table.net.cut(crate::support::GUEST_ID, false);
    table.run_seconds(3);
    assert!(table.host.stats().current_tick.since(stalled_at) > 150);
    assert!(table.host.stats().max_rollback <= 8);
    assert_eq!(table.host.session.inner.stalled_for(), ms(0));
    assert!(table.assert_equal() > 300);
    assert!(!table.host.saw(|event| matches!(event, SessionEvent::Paused { .. })));
}

#[test]
fn any_weather_ends_in_play_or_in_the_forfeit_that_was_set() {
    for seed in 0..40 {
        let mut rng = GameRng::new(seed);
        let weather = |rng: &mut GameRng| Conditions {
            latency: ms(rng.below(250).into()),
            jitter: ms(rng.below(60).into()),
            loss: rng.below(31),
            burst: rng.below(10),
            ..Conditions::default()
        };
        let config = P2pConfig { forfeit_after: ms(4_000), spectator_backlog: 400, ..P2pConfig::default() };
        let mut table = Table::with_config(seed, weather(&mut rng), config.clone());
        table.spectate(config);
        for _ in 0..6 {
            table.run(ms(rng.below(3_000).into()));
            table.net.set_conditions(weather(&mut rng));
            if rng.below(2) == 0 {
                let cut = if rng.below(4) == 0 { 100 } else { crate::support::GUEST_ID };
                table.net.cut(cut, true);
                table.run(ms(rng.below(3_000).into()));
                table.net.cut(cut, false);
            }
        }
        table.net.set_conditions(Conditions::default());
        table.run_seconds(8);
        table.assert_equal();
        let before = table.host.stats().current_tick;
        table.run_seconds(2);
        let begun = table.host.saw(|event| matches!(event, SessionEvent::Started { .. }));
        let ended = table.guest.outcome().is_some() && (table.host.outcome().is_some() || !begun);
        let goes_on = table.host.stats().current_tick.since(before) > 100;
        assert!(ended || goes_on, "seed {seed}: {:?} {:?}", table.host.events, table.guest.events);
    }
}

#[test]
fn the_game_has_channels_of_its_own() {
    let mut table = Table::new(2, Conditions { loss: 10, ..Conditions::default() });
    table.run_seconds(2);
    let channel = first_game_channel();
    let peer = table.host.session.inner.opponent().unwrap();
    for word in ["good", "luck"] {
        table.host.session.inner.send(peer, channel, word.as_bytes()).unwrap();
    }
    let refused = table.host.session.inner.send(peer, ChannelId(0), b"forged");
    assert_eq!(refused, Err(SendError::UnknownChannel { channel: ChannelId(0) }));
    table.run_seconds(2);
    let said: Vec<_> = table
        .guest
        .events
        .iter()
        .filter_map(|event| match event {
            SessionEvent::Message { payload, .. } => Some(payload.as_slice()),
            _ => None,
        })
        .collect();
    assert_eq!(said, [b"good", b"luck"]);
    table.assert_equal();
}
