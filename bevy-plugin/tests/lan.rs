//! Matches on a local network: advertised, listed, joined from the list. The network is simulated.
#![cfg(feature = "lan")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use bevy_netcord::{LanGame, LanGames, NotJoinable};
use serde::{Deserialize, Serialize};

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Ticks(u32);

fn game(app: &mut App) {
    app.rollback_resource::<Ticks>().add_systems(NetUpdate, |mut ticks: ResMut<Ticks>| ticks.0 += 1);
}

/// Three apps on one network, none of them in a match.
fn network() -> TestMatch<u8> {
    TestMatch::idle(3, "latency=2ms".parse().expect("conditions"), 5, NetConfig::new("lan"), game)
}

fn host(apps: &mut TestMatch<u8>, app: usize, options: HostOptions) {
    apps.world(app).commands().host_match(options);
    apps.frames(2);
}

fn games(apps: &mut TestMatch<u8>, app: usize) -> Vec<LanGame> {
    apps.world(app).resource::<LanGames>().to_vec()
}

#[test]
fn a_match_is_listed_with_a_code_for_who_comes_next_until_it_is_full() {
    let mut apps = network();
    for app in [1, 2] {
        apps.world(app).commands().browse_lan();
    }
    apps.frames(2);
    assert!(apps.world(1).resource::<LanGames>().is_browsing());
    assert_eq!(games(&mut apps, 1), []);

    host(&mut apps, 0, HostOptions::new().with_players(3).with_lan_name("Ann's game"));
    let [listed] = &games(&mut apps, 1)[..] else { panic!("one match is there") };
    assert_eq!((listed.name.as_str(), listed.players, listed.max_players), ("Ann's game", 1, 3));
    let first = listed.code().expect("it can be joined");

    apps.world(1).commands().join_match(first.clone());
    apps.frames(60);
    let [listed] = &games(&mut apps, 2)[..] else { panic!("it has a free seat") };
    assert_eq!((listed.players, listed.max_players), (2, 3));
    let second = listed.code().expect("it can be joined");
    assert_ne!(first, second, "a code lets one player in");

    apps.world(2).commands().join_match(second);
    apps.run_until_playing();
    assert_eq!(games(&mut apps, 2), [], "it is full");
    apps.frames(60);
    apps.assert_equal();
}

#[test]
fn a_match_that_is_left_is_listed_no_more() {
    let mut apps = network();
    apps.world(1).commands().browse_lan();
    host(&mut apps, 0, HostOptions::new().with_lan_name("Ann's game"));
    assert_eq!(games(&mut apps, 1).len(), 1);
    apps.leave(0);
    apps.frames(2);
    assert_eq!(games(&mut apps, 1), []);
}

#[test]
fn a_match_whose_host_shows_no_code_is_listed_with_what_to_do() {
    let mut apps = network();
    apps.world(1).commands().browse_lan();
    host(&mut apps, 0, HostOptions::new().with_lan_name("Ann's game").with_lan_code(false));
    assert_eq!(games(&mut apps, 1)[0].code(), Err(NotJoinable::AskForCode));
    assert_eq!(NotJoinable::AskForCode.to_string(), "ask the host for the invite code");
}

#[test]
fn who_does_not_ask_hears_nothing_and_who_names_nothing_is_not_listed() {
    let mut apps = network();
    apps.world(1).commands().browse_lan();
    host(&mut apps, 0, HostOptions::new());
    host(&mut apps, 2, HostOptions::new().with_lan_name("Bea's game"));
    assert_eq!(games(&mut apps, 0), []);
    assert_eq!(games(&mut apps, 1).len(), 1);
    apps.world(1).commands().stop_browsing_lan();
    apps.frames(2);
    assert!(!apps.world(1).resource::<LanGames>().is_browsing());
    assert_eq!(games(&mut apps, 1), []);
}

#[test]
fn the_list_changes_only_when_what_is_heard_does() {
    #[derive(Resource, Default)]
    struct Changes(u32);
    let mut apps = network();
    apps.app(1).init_resource::<Changes>().add_systems(
        bevy_app::Update,
        (|mut changes: ResMut<Changes>| changes.0 += 1).run_if(resource_changed::<LanGames>),
    );
    apps.world(1).commands().browse_lan();
    apps.frames(5);
    let before = apps.world(1).resource::<Changes>().0;
    host(&mut apps, 0, HostOptions::new().with_lan_name("Ann's game"));
    apps.frames(20);
    assert_eq!(apps.world(1).resource::<Changes>().0, before + 1);
}

#[test]
fn a_seat_that_is_left_is_free_again_for_another_code() {
    let mut apps = network();
    apps.world(2).commands().browse_lan();
    host(&mut apps, 0, HostOptions::new().with_players(3).with_lan_name("Ann's game"));
    for _ in 0..3 {
        let code = games(&mut apps, 2)[0].code().expect("it can be joined");
        apps.world(1).commands().join_match(code.clone());
        apps.frames(60);
        assert_eq!(games(&mut apps, 2)[0].players, 2);
        apps.leave(1);
        apps.frames(60);
        assert_eq!(games(&mut apps, 2)[0].players, 1);
        assert_ne!(games(&mut apps, 2)[0].code(), Ok(code), "a code is good once");
    }
    for app in [1, 2] {
        let code = games(&mut apps, 2)[0].code().expect("it can be joined");
        apps.world(app).commands().join_match(code);
        apps.frames(60);
    }
    apps.run_until_playing();
    assert_eq!(games(&mut apps, 2), []);
}
