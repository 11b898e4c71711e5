//! A server in a process of its own, and players who call it.

use netcord_scores::api::Submission;
use netcord_scores::client::{ClientOptions, ScoreClient, Season};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::Ticket;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tetris_rules::{Bot, Config, Input, Mode, Replay};
use tetris_scores::{board_id, claim};

struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(store: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tetris-scores"))
            .args(["serve", "--listen", "127.0.0.1:0", "--json", "--store"])
            .arg(store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was built");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let ready: serde_json::Value = serde_json::from_str(&line).expect("in JSON");
        Self { process, url: ready["listening"].as_str().expect("a URL").to_owned() }
    }

    fn client(&self, key: u8) -> ScoreClient {
        let key = PlayerKey::from_bytes(&[key; 32]);
        ScoreClient::new(&ClientOptions::new(self.url.clone(), key)).expect("the URL is one")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has no time to do anything.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A marathon of a second: a bot brings some pieces to their places, and the others drop where they come.
fn play(ticket: &Ticket, pieces: u32) -> Submission {
    let mut replay = Replay::new(ticket.seed, Config::new(Mode::Marathon));
    let mut game = replay.start();
    let mut bot = Bot::new(Bot::FASTEST);
    while game.ending().is_none() {
        let drop = [Input::NONE, Input::HARD_DROP][game.ticks() as usize % 2];
        let input = if game.pieces() < pieces { bot.input(&game) } else { drop };
        replay.record(input).expect("it is short");
        game.step(input);
    }
    let claim = claim(&replay).expect("it is over");
    assert!(claim.ticks < 60, "nobody has to wait for it: {claim:?}");
    Submission { ticket: ticket.id, claim, replay: replay.to_bytes() }
}

#[test]
fn what_was_accepted_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("scores.redb");
    let board = board_id(Mode::Marathon);
    let server = Server::start(&store);
    let runs = [("Ada", 1, 0), ("Grace", 2, 1)].map(|(name, key, pieces)| {
        let client = server.client(key);
        client.put_player(name).expect("the name is free");
        let ticket = client.tickets(&board, 1).expect("there are some").remove(0);
        let run = play(&ticket, pieces);
        let submitted = client.submit(&board, &run).expect("it is honest");
        assert_eq!((submitted.entry.points, submitted.repeated), (run.claim.points, false));
        let mut better = run.clone();
        better.claim.points += 1;
        assert!(client.submit(&board, &better).is_err(), "the ticket is used");
        run
    });
    let listed = server.client(3).top(&board, Season::All, 10).expect("a listing");
    drop(server);

    let server = Server::start(&store);
    let client = server.client(1);
    let again = client.top(&board, Season::All, 10).expect("a listing");
    assert_eq!(again, listed);
    let mut points: Vec<_> = runs.iter().map(|run| run.claim.points).collect();
    points.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(again.entries.iter().map(|entry| entry.points).collect::<Vec<_>>(), points);
    for entry in &again.entries {
        let replay = Replay::from_bytes(&client.replay(entry.score).expect("it is kept")).expect("a replay");
        assert_eq!(claim(&replay).expect("it is over").points, entry.points);
    }
    let repeated = client.submit(&board, &runs[0]).expect("the same as before");
    assert!(repeated.repeated && repeated.entry.points == runs[0].claim.points);
    assert_eq!(client.top(&board, Season::All, 10).expect("a listing").total, 2);
}
