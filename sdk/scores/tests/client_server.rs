//! The client against the real server, with its store in a file, through a wire that is cut anywhere.

mod scripted;

use netcord_save::{Key, SaveFolder};
use netcord_scores::api::Submission;
use netcord_scores::client::{Outbox, OutboxEvent, OutboxOptions, ScoreClient};
use netcord_scores::http::RateLimits;
use netcord_scores::model::{BoardId, UnixTime};
use netcord_scores::server::{GameBoards, Server, ServerConfig, ServerHandle, StorePlace};
use netcord_scores::testing::{Counter, Input, NOON, counter_board, run_of};
use netcord_wire::GameRng;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn serve(store: &Path) -> Outcome<ServerHandle> {
    let game = GameBoards {
        name: "a cut wire".into(),
        boards: vec![(counter_board("counter"), Arc::new(Counter::default()))],
        viewers: [].into(),
        assets: Vec::new(),
    };
    let mut config = ServerConfig::new(game, StorePlace::File(store.into()));
    config.listen.set_port(0);
    config.rate_limits = RateLimits::none();
    Ok(Server::start(config)?)
}

/// A wire to a server. Of three connections, it cuts two: after so many bytes to the server, or from it.
struct Wire {
    address: SocketAddr,
    server: Arc<Mutex<SocketAddr>>,
    is_good: Arc<Mutex<bool>>,
}

impl Wire {
    fn to(server: SocketAddr, seed: u64) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (server, is_good) = (Arc::new(Mutex::new(server)), Arc::new(Mutex::new(false)));
        let (to, good) = (Arc::clone(&server), Arc::clone(&is_good));
        thread::spawn(move || {
            let mut rng = GameRng::new(seed);
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(*to.lock().expect("no panic")) else { continue };
                let (up, down) = match rng.below(3) {
                    _ if *good.lock().expect("no panic") => (u64::MAX, u64::MAX),
                    0 => (rng.below(1_500).into(), u64::MAX),
                    1 => (u64::MAX, rng.below(900).into()),
                    _ => (u64::MAX, u64::MAX),
                };
                copy(&client, &server, up);
                copy(&server, &client, down);
            }
        });
        Ok(Self { address, server, is_good })
    }
}

/// Copies up to so many bytes, and cuts the wire then.
fn copy(from: &TcpStream, to: &TcpStream, at_most: u64) {
    let (from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
    thread::spawn(move || {
        let _ = io::copy(&mut (&from).take(at_most), &mut to);
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}

fn board() -> BoardId {
    BoardId::new("counter").expect("a board")
}

fn open(folder: &Path) -> Outcome<Outbox> {
    let folder = SaveFolder::at(folder)?;
    Ok(Outbox::open(&folder, Key::from_bytes([1; 32]), OutboxOptions::new([board()]))?)
}

/// What is due next, whenever that is.
fn work(outbox: &mut Outbox, client: &ScoreClient, now: &mut UnixTime) -> Outcome<Vec<OutboxEvent>> {
    *now = (*now).max(outbox.next_attempt(*now).unwrap_or(*now));
    Ok(outbox.work(client, *now)?)
}

#[test]
fn a_wire_that_is_cut_anywhere_and_a_server_that_restarts_lose_nothing() -> Outcome {
    let disk = tempfile::tempdir()?;
    let store = disk.path().join("scores.redb");
    let mut server = serve(&store)?;
    let wire = Wire::to(server.local_addr(), 7)?;
    let client = ScoreClient::new(&scripted::options(&format!("http://{}", wire.address)))?;
    let mut outbox = open(disk.path())?;
    outbox.register("Ann")?;
    let (mut played, mut accepted, mut now) = (BTreeSet::new(), BTreeSet::new(), NOON);
    for round in 0..2_000 {
        if played.len() < 20 {
            if let Ok(ticket) = outbox.take_ticket(&board(), now) {
                // So short that as many as these take less than the second that the service is not strict about.
                let (claim, replay) = run_of(ticket.seed, &[(Input::Press, 1), (Input::Stop, 1)]);
                outbox.finish(Submission { ticket: ticket.id, claim, replay }, now)?;
                played.insert(ticket.id);
            }
        } else if outbox.status(now).waiting.is_empty() {
            break;
        }
        if round % 10 == 9 {
            server.stop();
            server = serve(&store)?;
            *wire.server.lock().expect("no panic") = server.local_addr();
            drop(outbox);
            outbox = open(disk.path())?;
        }
        for event in work(&mut outbox, &client, &mut now)? {
            match event {
                OutboxEvent::Accepted { ticket, .. } => assert!(accepted.insert(ticket), "once"),
                OutboxEvent::Refused(run) => panic!("refused: {:?}", run.reason),
                _ => {}
            }
        }
    }
    assert_eq!((accepted.len(), &accepted), (20, &played));
    *wire.is_good.lock().expect("no panic") = true;
    let client = ScoreClient::new(&scripted::options(&format!("http://{}", wire.address)))?;
    let scores = client.history(&board(), &client.player(), None, 100)?.scores;
    let kept: BTreeSet<_> = scores.iter().map(|score| score.ticket).collect();
    assert_eq!((scores.len(), kept), (20, played), "each counts, and once");
    Ok(())
}
