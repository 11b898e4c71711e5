//! Highscores in the background: tickets, runs, tables and replays, with a server that answers, hangs, or isn't there.
#![cfg(feature = "scores")]

mod host;

use bevy_app::{App, AppExit, TaskPoolPlugin, Update};
use bevy_ecs::prelude::*;
use bevy_netcord::netcord::save::{Key, SaveFolder};
use bevy_netcord::netcord::scores::api::Code;
use bevy_netcord::netcord::scores::model::{BoardId, ScoreId, Ticket};
use bevy_netcord::scores::{
    Leaderboard, LeaderboardChanged, NameRefused, PlayerNamed, ReplayLoaded, RunTicket, ScoreAccepted,
    ScoreCommands, ScoreQueued, ScoreRefused, Scores, ScoresPlugin, Season, ServiceStatus,
};
use host::{BOARD, Host};
use netcord_scores::testing::{honest_run, run_with_points};
use std::thread;
use tempfile::TempDir;

/// All that was told, in order.
#[derive(Resource, Default)]
struct Heard {
    tickets: Vec<Option<Ticket>>,
    queued: Vec<ScoreQueued>,
    accepted: Vec<ScoreAccepted>,
    refused: Vec<ScoreRefused>,
    tables: usize,
    replays: Vec<ReplayLoaded>,
    names: Vec<String>,
    refused_names: Vec<NameRefused>,
}

fn listen(
    mut heard: ResMut<Heard>,
    (mut tickets, mut queued, mut accepted, mut refused): (
        MessageReader<RunTicket>,
        MessageReader<ScoreQueued>,
        MessageReader<ScoreAccepted>,
        MessageReader<ScoreRefused>,
    ),
    (mut tables, mut replays, mut names, mut refused_names): (
        MessageReader<LeaderboardChanged>,
        MessageReader<ReplayLoaded>,
        MessageReader<PlayerNamed>,
        MessageReader<NameRefused>,
    ),
) {
    heard.tickets.extend(tickets.read().map(|answer| answer.ticket.clone()));
    heard.queued.extend(queued.read().cloned());
    heard.accepted.extend(accepted.read().cloned());
    heard.refused.extend(refused.read().cloned());
    heard.tables += tables.read().count();
    heard.replays.extend(replays.read().cloned());
    heard.names.extend(names.read().map(|named| named.player.name.clone()));
    heard.refused_names.extend(refused_names.read().cloned());
}

/// An address where nobody listens: port 9 discards, where it does anything.
const NOBODY: &str = "http://127.0.0.1:9";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn board() -> BoardId {
    BoardId::new(BOARD).expect("a board")
}

/// A life of the game.
fn game(folder: &TempDir, url: &str) -> App {
    let folder = SaveFolder::at(folder.path()).expect("a folder");
    let mut app = App::new();
    app.add_plugins(TaskPoolPlugin::default())
        .add_plugins(ScoresPlugin::new(url, folder, Key::from_bytes([7; 32])).with_board(board()))
        .init_resource::<Heard>()
        .add_systems(Update, listen);
    app.update();
    app
}

fn exit(mut app: App) {
    app.world_mut().write_message(AppExit::Success);
    app.update();
}

/// Frames, until it is so. If a frame waited for the server, and the server for the test, it would never be.
fn frames_until(app: &mut App, mut is_so: impl FnMut(&App) -> bool) {
    while !is_so(app) {
        app.update();
        thread::yield_now();
    }
}

fn heard(app: &App) -> &Heard {
    app.world().resource::<Heard>()
}

fn scores(app: &App) -> &Scores {
    app.world().resource::<Scores>()
}

fn ask(app: &mut App, ask: impl FnOnce(&mut Commands<'_, '_>)) {
    ask(&mut app.world_mut().commands());
    app.world_mut().flush();
}

/// A game that has a name at the service, and tickets.
fn game_with_tickets(folder: &TempDir, host: &Host, name: &str) -> App {
    let mut app = game(folder, &host.url());
    ask(&mut app, |commands| commands.name_player(name));
    frames_until(&mut app, |app| scores(app).tickets(&board()) > 0);
    app
}

fn take_ticket(app: &mut App) -> Ticket {
    let before = heard(app).tickets.len();
    ask(app, |commands| commands.start_run(board()));
    frames_until(app, |app| heard(app).tickets.len() > before);
    heard(app).tickets[before].clone().expect("a ticket")
}

/// Begins a run, and ends it at once.
fn play(app: &mut App) -> Ticket {
    let ticket = take_ticket(app);
    let (claim, replay) = honest_run(ticket.seed);
    let played = ticket.clone();
    ask(app, move |commands| commands.finish_run(played, claim, replay));
    ticket
}

#[test]
fn a_run_begins_with_a_ticket_and_comes_back_with_its_rank_its_table_and_its_replay() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    assert_eq!((heard(&app).names.as_slice(), scores(&app).name()), (&["Ada".to_owned()][..], Some("Ada")));
    let ticket = play(&mut app);
    frames_until(&mut app, |app| !heard(app).accepted.is_empty());
    let accepted = &heard(&app).accepted[0];
    assert_eq!((accepted.ticket, &accepted.board), (ticket.id, &board()));
    assert_eq!((accepted.submitted.entry.rank, accepted.submitted.best), (1, true));
    assert_eq!((scores(&app).waiting(), scores(&app).status()), (0, &ServiceStatus::Online));

    let score = accepted.submitted.entry.score;
    ask(&mut app, |commands| {
        commands.load_leaderboard(board(), Season::Current);
        commands.load_replay(score);
    });
    frames_until(&mut app, |app| heard(app).tables == 1 && heard(app).replays.len() == 1);
    let player = scores(&app).player().expect("a player");
    let table = app.world().resource::<Leaderboard>().table(&board(), Season::Current).expect("a table");
    let pages = [table.top.as_ref(), table.around.as_ref()];
    assert!(pages.into_iter().all(|page| page.expect("a page").entries.len() == 1));
    assert_eq!(table.entry_of(player).map(|entry| entry.score), Some(score));
    assert!(!table.stale && table.problem.is_none());
    assert_eq!(heard(&app).replays[0].replay.as_deref(), Ok(&honest_run(ticket.seed).1[..]));

    play(&mut app);
    frames_until(&mut app, |app| heard(app).accepted.len() == 2);
    let leaderboard = app.world().resource::<Leaderboard>();
    assert!(leaderboard.table(&board(), Season::Current).expect("a table").stale, "there is a newer score");
}

#[test]
fn a_service_that_hangs_holds_up_no_frame_and_no_run() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    host.shut();
    ask(&mut app, |commands| commands.load_leaderboard(board(), Season::All));
    frames_until(&mut app, |_| host.is_waited_for());
    // The call hangs. A run begins and ends meanwhile, and so does another one.
    for waiting in 1..=2 {
        play(&mut app);
        frames_until(&mut app, |app| scores(app).waiting() == waiting);
    }
    assert!(heard(&app).accepted.is_empty() && host.is_waited_for());
    host.open();
    frames_until(&mut app, |app| heard(app).accepted.len() == 2 && heard(app).tables == 1);
}

#[test]
fn what_was_played_without_a_network_counts_in_another_life_of_the_game() {
    let (folder, host) = (folder(), Host::start());
    exit(game_with_tickets(&folder, &host, "Ada"));

    let mut app = game(&folder, NOBODY);
    let ticket = play(&mut app);
    frames_until(&mut app, |app| !heard(app).queued.is_empty());
    let queued = &heard(&app).queued[0];
    assert_eq!((queued.ticket, queued.reason.code), (ticket.id, None), "{}", queued.reason.text);
    assert!(matches!(scores(&app).status(), ServiceStatus::Offline(_)));
    exit(app);

    let mut app = game(&folder, &host.url());
    // The next attempt is some time off.
    ask(&mut app, |commands| commands.send_scores());
    frames_until(&mut app, |app| !heard(app).accepted.is_empty());
    assert_eq!(heard(&app).accepted[0].ticket, ticket.id);
    assert_eq!(scores(&app).waiting(), 0);
}

#[test]
fn a_game_that_ends_waits_for_no_service_and_loses_nothing() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    host.shut();
    let ticket = play(&mut app);
    frames_until(&mut app, |_| host.is_waited_for());
    // In the same frame as the end.
    let other = take_ticket(&mut app);
    let (claim, replay) = honest_run(other.seed);
    let played = other.clone();
    ask(&mut app, |commands| commands.finish_run(played, claim, replay));
    exit(app);
    assert!(host.is_waited_for(), "it is over, and the service still hangs");

    // The files are not in use any more, though the call is.
    let mut app = game(&folder, NOBODY);
    frames_until(&mut app, |app| scores(app).player().is_some());
    assert_eq!(scores(&app).waiting(), 2);
    exit(app);
    host.open();
    let mut app = game(&folder, &host.url());
    ask(&mut app, |commands| commands.send_scores());
    frames_until(&mut app, |app| heard(app).accepted.len() == 2);
    let accepted: Vec<_> = heard(&app).accepted.iter().map(|accepted| accepted.ticket).collect();
    assert!(accepted.contains(&ticket.id) && accepted.contains(&other.id));
}

/// The files are in a folder that has another name for a while.
#[cfg(unix)]
#[test]
fn a_run_that_is_accepted_while_the_disk_fails_is_told_of_all_the_same() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    host.shut();
    let ticket = play(&mut app);
    frames_until(&mut app, |app| scores(app).waiting() == 1 && host.is_waited_for());
    let elsewhere = folder.path().with_extension("elsewhere");
    std::fs::rename(folder.path(), &elsewhere).expect("another name");
    host.open();
    frames_until(&mut app, |app| !heard(app).accepted.is_empty());
    let accepted = &heard(&app).accepted[0];
    assert_eq!((accepted.ticket, &accepted.board), (ticket.id, &board()));
    std::fs::rename(&elsewhere, folder.path()).expect("its name");

    // What was not saved is saved with the next change.
    let before = heard(&app).accepted.len();
    play(&mut app);
    frames_until(&mut app, |app| heard(app).accepted.len() > before);
    exit(app);
    let mut app = game(&folder, NOBODY);
    frames_until(&mut app, |app| scores(app).player().is_some());
    assert_eq!(scores(&app).waiting(), 0);
}

#[test]
fn a_run_that_is_not_what_it_claims_is_refused_and_the_player_hears_why() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    let ticket = take_ticket(&mut app);
    let (mut claim, replay) = run_with_points(ticket.seed, 30);
    claim.points += 1;
    ask(&mut app, |commands| commands.finish_run(ticket, claim, replay));
    frames_until(&mut app, |app| !heard(app).refused.is_empty());
    let refused = heard(&app).refused[0].clone();
    assert_eq!(refused.reason.code, Some(Code::ClaimDiffers));
    assert_eq!(scores(&app).waiting(), 0);
    exit(app);
    let mut app = game(&folder, NOBODY);
    frames_until(&mut app, |app| scores(app).player().is_some());
    let [kept] = scores(&app).refused() else { panic!("{:?}", scores(&app).refused()) };
    assert_eq!((kept.ticket.id, &kept.reason), (refused.ticket, &refused.reason), "it is known later, too");
}

#[test]
fn a_run_that_is_given_up_leaves_its_ticket_to_another_one() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    exit(app);
    app = game(&folder, NOBODY);
    frames_until(&mut app, |app| scores(app).tickets(&board()) > 0);
    let tickets = scores(&app).tickets(&board());
    let ticket = take_ticket(&mut app);
    assert_eq!(scores(&app).tickets(&board()), tickets - 1);
    ask(&mut app, |commands| commands.abandon_run(ticket.id));
    frames_until(&mut app, |app| scores(app).tickets(&board()) == tickets);
}

#[test]
fn a_name_that_another_player_has_is_refused_and_the_old_one_stays() {
    let (ours, theirs, host) = (folder(), folder(), Host::start());
    let _other = game_with_tickets(&theirs, &host, "Grace");
    let mut app = game_with_tickets(&ours, &host, "Ada");
    ask(&mut app, |commands| commands.name_player("grace"));
    frames_until(&mut app, |app| !heard(app).refused_names.is_empty());
    let refused = &heard(&app).refused_names[0];
    assert_eq!((refused.name.as_str(), refused.reason.code), ("grace", Some(Code::NameTaken)));
    assert_eq!(scores(&app).name(), Some("Ada"));
    frames_until(&mut app, |app| heard(app).names.len() == 2);
    exit(app);
    let mut app = game(&ours, NOBODY);
    frames_until(&mut app, |app| scores(app).player().is_some());
    assert_eq!(scores(&app).name(), Some("Ada"), "in another life of the game, too");
}

#[test]
fn without_tickets_a_run_is_not_ranked_and_a_table_that_can_t_be_loaded_says_why() {
    let folder = folder();
    let mut app = game(&folder, NOBODY);
    ask(&mut app, |commands| {
        commands.start_run(board());
        commands.load_leaderboard(board(), Season::All);
    });
    frames_until(&mut app, |app| heard(app).tables == 1 && heard(app).tickets.len() == 1);
    assert_eq!(heard(&app).tickets, [None]);
    let table = app.world().resource::<Leaderboard>().table(&board(), Season::All).expect("a table");
    assert!(table.top.is_none() && table.problem.is_some());
}

#[test]
fn a_second_copy_of_the_game_keeps_no_scores_and_says_why() {
    let folder = folder();
    let mut first = game(&folder, NOBODY);
    frames_until(&mut first, |app| scores(app).player().is_some());
    let mut second = game(&folder, NOBODY);
    frames_until(&mut second, |app| *scores(app).status() != ServiceStatus::Unknown);
    assert!(matches!(scores(&second).status(), ServiceStatus::Off(_)));
    ask(&mut second, |commands| commands.start_run(board()));
    frames_until(&mut second, |app| !heard(app).tickets.is_empty());
    assert_eq!(heard(&second).tickets, [None]);
}

#[test]
fn what_is_asked_beyond_all_measure_is_turned_down_at_once() {
    let (folder, host) = (folder(), Host::start());
    let mut app = game_with_tickets(&folder, &host, "Ada");
    host.shut();
    const ASKED: u64 = 500;
    ask(&mut app, |commands| (1..=ASKED).for_each(|score| commands.load_replay(ScoreId(score))));
    // All but those that wait, and the one that hangs.
    frames_until(&mut app, |app| heard(app).replays.len() as u64 >= ASKED - 33);
    assert!(heard(&app).replays.iter().all(|loaded| loaded.replay.is_err()));
    let ticket = play(&mut app);
    host.open();
    frames_until(&mut app, |app| heard(app).accepted.iter().any(|accepted| accepted.ticket == ticket.id));
}
