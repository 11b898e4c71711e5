//! Games that count, with a real server of scores: from the ticket to the rank, the world's tables and the replays in them.

use super::play::{Purpose, Round};
use super::ranking::{NameTrouble, Ranking};
use super::screens::{Panel, Screen};
use super::tests::{frames, game_of_any_pieces, place, press, round};
use bevy::prelude::*;
use bevy_netcord::netcord::scores::model::Claim;
use bevy_netcord::netcord::wire::StateHash;
use bevy_netcord::scores::{ScoreCommands as _, Scores};
use netcord_scores::server::{Server, ServerConfig, ServerHandle, StorePlace};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;
use tetris_rules::Mode;
use tetris_scores::board_id;

fn server() -> ServerHandle {
    server_at(0, StorePlace::Memory)
}

fn server_at(port: u16, store: StorePlace) -> ServerHandle {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let config = ServerConfig { listen, ..ServerConfig::new(tetris_scores::game(None), store) };
    Server::start(config).expect("a server")
}

/// A game that takes part in the world.
fn game(folder: &Path, url: &str, arguments: &[&str]) -> App {
    game_of_any_pieces(folder, &[&["--name", "ADA", "--scores", url], arguments].concat())
}

fn frames_until(app: &mut App, mut is_so: impl FnMut(&App) -> bool) {
    while !is_so(app) {
        app.update();
        thread::yield_now();
    }
}

fn tickets(app: &App, mode: Mode) -> usize {
    app.world().resource::<Scores>().tickets(&board_id(mode))
}

fn ranking(app: &App) -> &Ranking {
    app.world().resource::<Ranking>()
}

/// From the title into a marathon, and through it: all pieces are dropped where they come.
fn play_a_marathon(app: &mut App) {
    press(app, KeyCode::Enter);
    press(app, KeyCode::Enter);
    frames_until(app, |app| place(app).0 == Screen::Play && round(app).lead == 0);
    while round(app).game().ending().is_none() {
        press(app, KeyCode::Space);
    }
}

#[test]
fn a_game_that_counts_stands_in_the_table_of_the_world_where_its_replay_is_watched() {
    let (folder, server) = (tempfile::tempdir().expect("a folder"), server());
    let mut app = game(folder.path(), &server.url(), &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    play_a_marathon(&mut app);
    let score = round(&app).game().score();
    // A person would have needed some seconds for it: so long the service waits.
    frames_until(&mut app, |app| matches!(ranking(app), Ranking::Accepted(_)));
    assert_eq!(ranking(&app).after(), "World rank 1 this season, 1 of all time");
    frames_until(&mut app, |app| place(app) == (Screen::Play, Panel::Result));

    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Scores);
    frames(&mut app, 3);
    // From the new row of this device's table to the world's of this season, and there into its first row.
    press(&mut app, KeyCode::ArrowUp);
    press(&mut app, KeyCode::ArrowRight);
    while !shows(&mut app, "ADA (you)") {
        app.update();
    }
    press(&mut app, KeyCode::ArrowDown);
    press(&mut app, KeyCode::Enter);
    frames_until(&mut app, |app| place(app).0 == Screen::Watch);
    assert_eq!(round(&app).purpose(), Purpose::Watch);
    let length = round(&app).length();
    app.world_mut().resource_mut::<Round>().seek(length);
    assert_eq!(round(&app).game().score(), score);
}

/// Whether this text is on the screen.
fn shows(app: &mut App, text: &str) -> bool {
    let world = app.world_mut();
    world.query::<&Text>().iter(world).any(|shown| shown.0 == text)
}

#[test]
fn a_game_without_a_network_is_kept_and_counts_when_there_is_one_whatever_other_services_hear_meanwhile() {
    let (folder, kept) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let store = StorePlace::File(kept.path().join("scores"));
    let server = server_at(0, store.clone());
    let (url, port) = (server.url(), server.local_addr().port());
    let mut app = game(folder.path(), &url, &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    exit(app);
    server.stop();

    let mut app = game(folder.path(), &url, &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    play_a_marathon(&mut app);
    frames_until(&mut app, |app| matches!(ranking(app), Ranking::Queued(..)));
    assert!(ranking(&app).after().starts_with("kept for the world's table"), "{}", ranking(&app).after());
    exit(app);

    let other = server_at(0, StorePlace::Memory);
    let mut app = game(folder.path(), &other.url(), &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    assert_eq!(app.world().resource::<Scores>().waiting(), 0, "it is no game of this service");
    exit(app);

    let mut app = game(folder.path(), &url, &[]);
    frames_until(&mut app, |app| app.world().resource::<Scores>().player().is_some());
    assert_eq!(app.world().resource::<Scores>().waiting(), 1);
    let _server = server_at(port, store);
    frames_until(&mut app, |app| app.world().resource::<Scores>().waiting() == 0);
    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Scores);
    frames(&mut app, 3);
    press(&mut app, KeyCode::ArrowDown);
    press(&mut app, KeyCode::ArrowRight);
    while !shows(&mut app, "ADA (you)") {
        app.update();
    }
}

#[test]
fn a_game_without_a_ticket_is_played_all_the_same_and_says_that_it_does_not_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), "http://127.0.0.1:9", &[]);
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Enter);
    frames_until(&mut app, |app| place(app).0 == Screen::Play);
    assert_eq!(ranking(&app).during(), "not ranked: no ticket");
    assert_eq!(round(&app).purpose(), Purpose::Play);
}

#[test]
fn who_enters_a_name_that_another_player_has_is_a_guest_and_told_so() {
    let server = server();
    let [theirs, ours] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let mut other = game(theirs.path(), &server.url(), &[]);
    frames_until(&mut other, |app| tickets(app, Mode::Marathon) > 0);
    let mut app = game(ours.path(), &server.url(), &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    let name = app.world().resource::<Scores>().name().expect("a name");
    assert!(name.starts_with("GUEST "), "{name}");
    let trouble = &app.world().resource::<NameTrouble>().0;
    assert!(trouble.starts_with("ADA: "), "{trouble}");
}

#[test]
fn a_game_that_is_refused_while_nobody_looks_is_told_of_among_the_highscores() {
    let (folder, server) = (tempfile::tempdir().expect("a folder"), server());
    let mut app = game(folder.path(), &server.url(), &[]);
    frames_until(&mut app, |app| tickets(app, Mode::Marathon) > 0);
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Enter);
    frames_until(&mut app, |app| matches!(ranking(app), Ranking::Open(_)));
    let Ranking::Open(ticket) = ranking(&app).clone() else { panic!("{:?}", ranking(&app)) };
    // It has no replay.
    let claim = Claim { points: 1, ticks: 1, state_hash: StateHash::of(round(&app).game()) };
    app.world_mut().commands().finish_run(ticket, claim, Vec::new());
    app.world_mut().flush();
    frames_until(&mut app, |app| !app.world().resource::<Scores>().refused().is_empty());
    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Scores);
    frames(&mut app, 3);
    let reason = app.world().resource::<Scores>().refused()[0].reason.text.clone();
    assert!(shows(&mut app, &format!("a game was not ranked today: {reason}")));
}

fn exit(mut app: App) {
    app.world_mut().write_message(AppExit::Success);
    app.update();
}
