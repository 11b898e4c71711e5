//! The client against the real service, with someone in the middle who loses, breaks and repeats what is said. The service's
//! time is simulated, and days away from this machine's.

mod scripted;

use bytes::Bytes;
use netcord_save::{Key, SaveFolder};
use netcord_scores::api::{Code, Submission};
use netcord_scores::client::{Outbox, OutboxEvent, OutboxOptions, ScoreClient, Season};
use netcord_scores::http::{Api, ApiOptions};
use netcord_scores::model::{Act, BoardId, TicketId, UnixTime};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::{MemoryStore, ScoreStore};
use netcord_scores::testing::{Counter, NOON, counter_board, honest_run, long_run};
use netcord_wire::GameRng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use scripted::{Reply, Request, Server, key};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn board() -> BoardId {
    BoardId::new("counter").expect("a board")
}

/// The service, and who stands in front of it.
struct Place {
    store: Arc<MemoryStore>,
    api: Api,
    now: UnixTime,
    rng: GameRng,
    /// Of a hundred requests, so many are lost or broken.
    faults: u32,
}

impl Place {
    fn open(seed: u64) -> Outcome<Self> {
        let store = Arc::new(MemoryStore::new(&[counter_board("counter")]));
        let mut rng = GameRng::new(seed);
        let api = Self::api(&store, NOON, &mut rng)?;
        Ok(Self { store, api, now: NOON, rng, faults: 0 })
    }

    /// A server that starts, with what the one before it stored.
    fn api(store: &Arc<MemoryStore>, now: UnixTime, rng: &mut GameRng) -> Outcome<Api> {
        let store: Arc<dyn ScoreStore> = Arc::<MemoryStore>::clone(store);
        let boards = vec![(counter_board("counter"), Arc::new(Counter::default()) as _)];
        let options = ServiceOptions { moderators: vec![key().id()], ..ServiceOptions::default() };
        let service = Arc::new(Service::new(store, boards, options)?);
        let random = Box::new(ChaCha8Rng::seed_from_u64(rng.next_u64()));
        Ok(Api::new(service, ApiOptions::new(now, random, Arc::new(|| Duration::ZERO)))?)
    }

    fn answer(&mut self, request: &Request) -> Reply {
        if self.rng.below(100) >= self.faults {
            return self.serve(request);
        }
        // A fault that comes before the service hears of it, or after.
        let good = if self.rng.below(2) == 0 { Some(self.serve(request)) } else { None };
        match (self.rng.below(6), good) {
            (0, Some(Reply::Bytes(good))) => Reply::Last(good[..good.len() / 2].to_vec()),
            (1, Some(_)) => {
                // The same request a second time, by who listens.
                let _ = self.serve(request);
                Reply::Last(Vec::new())
            }
            (2, _) => Reply::new("200 OK", "text/html", "<html>Log in to our network</html>"),
            (3, _) => Reply::new("502 Bad Gateway", "text/html", "<html>"),
            (4, _) => Reply::problem(429, "rate_limited", r#","retry_after_millis":5000"#),
            _ => Reply::Last(Vec::new()),
        }
    }

    fn serve(&self, request: &Request) -> Reply {
        let mut asked = http::Request::builder().method(request.method.as_str()).uri(&request.target);
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        let asked = asked.body(Bytes::copy_from_slice(&request.body)).expect("a request");
        let answer = self.api.handle(&asked, IpAddr::V4(Ipv4Addr::LOCALHOST), self.now);
        let headers: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| *name != http::header::CONTENT_LENGTH)
            .map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")))
            .collect();
        Reply::with(&answer.status().to_string(), &headers, answer.body())
    }
}

fn shared(place: Place) -> (Arc<Mutex<Place>>, Server) {
    let place = Arc::new(Mutex::new(place));
    let answering = Arc::clone(&place);
    let server = Server::start(move |request| answering.lock().expect("no panic").answer(request));
    (place, server)
}

/// A run of a ticket, as the game would hand it in.
fn played(ticket: TicketId, seed: u64) -> Submission {
    let (claim, replay) = honest_run(seed);
    Submission { ticket, claim, replay }
}

#[test]
fn all_calls_are_understood() -> Outcome {
    let (_, server) = shared(Place::open(0)?);
    let client = server.client();
    let (board, me) = (board(), client.player());
    assert_eq!(client.put_player(" Ann ")?.name, "Ann");
    let ticket = client.tickets(&board, 2)?.remove(0);
    let run = played(ticket.id, ticket.seed);
    let submitted = client.submit(&board, &run)?;
    assert!(client.submit(&board, &run)?.repeated);
    let entry = submitted.entry;
    assert_eq!(client.info()?.time, NOON);
    assert_eq!(client.boards()?.boards[0].board.id, board);
    assert_eq!(client.board(&board)?.scores, 1);
    let listed = std::slice::from_ref(&entry);
    for season in [Season::All, Season::Current, Season::Number(1)] {
        assert_eq!(client.top(&board, season, 10)?.entries, listed);
        assert_eq!(client.around(&board, &me, season, 11)?.entries, listed);
        assert_eq!(client.best(&board, &me, season)?, entry);
        assert_eq!(client.rank(&board, entry.points, season)?.rank, 1);
    }
    assert_eq!(client.history(&board, &me, None, 10)?.scores[0].id, entry.score);
    assert_eq!(client.score(entry.score)?, entry);
    assert_eq!(client.replay(entry.score)?, run.replay);
    assert_eq!(client.player_view(&me)?.name, "Ann");
    assert_eq!(client.players_named("an")?.players[0].id, me);
    let act = Act::Hide { score: entry.score };
    let done = client.moderate(&netcord_scores::api::Moderate { act, reason: "a test".into() })?;
    assert_eq!(client.audit(None, 10)?.entries, [done]);
    assert_eq!(client.back_up().map_err(|error| error.code()), Err(Some(Code::NotFound)), "there is no file");
    Ok(())
}

#[test]
fn a_page_follows_a_page() -> Outcome {
    let (_, server) = shared(Place::open(0)?);
    let mut expected = Vec::new();
    for player in 0..5 {
        let key = netcord_scores::identity::PlayerKey::from_bytes(&[player; 32]);
        let options = netcord_scores::client::ClientOptions { key, ..scripted::options(&server.url()) };
        let client = ScoreClient::new(&options)?;
        client.put_player(&format!("Player {player}"))?;
        let ticket = client.tickets(&board(), 1)?.remove(0);
        expected.push(client.submit(&board(), &played(ticket.id, ticket.seed))?.entry.score);
    }
    let client = server.client();
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = match &after {
            None => client.top(&board(), Season::All, 2)?,
            Some(after) => client.page_after(&board(), Season::All, after, 2)?,
        };
        seen.extend(page.entries.iter().map(|entry| entry.score));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, expected);
    Ok(())
}

#[test]
fn a_run_that_is_too_soon_counts_later() -> Outcome {
    let (place, server) = shared(Place::open(0)?);
    let disk = tempfile::tempdir()?;
    let mut outbox = open(disk.path())?;
    let client = server.client();
    outbox.register("Ann")?;
    outbox.work(&client, NOON)?;
    outbox.work(&client, NOON)?;
    let ticket = outbox.take_ticket(&board(), NOON)?;
    let (claim, replay) = long_run(ticket.seed, 60 * 60);
    outbox.finish(Submission { ticket: ticket.id, claim, replay }, NOON)?;
    let events = outbox.work(&client, NOON)?;
    assert!(
        matches!(&events[..], [OutboxEvent::Postponed { reason, .. }] if reason.code == Some(Code::TooSoon))
    );
    let later = NOON.after(Duration::from_secs(60));
    place.lock().expect("no panic").now = later;
    let mut events = Vec::new();
    while events.is_empty() || matches!(events[..], [OutboxEvent::Tickets { .. }]) {
        let due = outbox.next_attempt(later).ok_or("it waits")?;
        events = outbox.work(&client, later.max(due))?;
    }
    assert!(matches!(events[..], [OutboxEvent::Accepted { .. }]), "{events:?}");
    Ok(())
}

fn open(folder: &std::path::Path) -> Outcome<Outbox> {
    let folder = SaveFolder::at(folder)?;
    Ok(Outbox::open(&folder, Key::from_bytes([1; 32]), OutboxOptions::new([board()]))?)
}

/// An evening: runs are played with and without a network, the game and the server restart, answers are lost.
fn evening(seed: u64) -> Outcome {
    let (place, server) = shared(Place::open(seed)?);
    let disk = tempfile::tempdir()?;
    let (mut outbox, client) = (Some(open(disk.path())?), server.client());
    let mut rng = GameRng::new(!seed);
    let (mut honest, mut forged, mut settled) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    let mut now = NOON;
    outbox.as_mut().ok_or("open")?.register("Ann")?;
    for round in 0.. {
        let open_outbox = outbox.as_mut().ok_or("open")?;
        let playing = round < 80;
        place.lock().expect("no panic").faults = if playing { 50 } else { 0 };
        match rng.below(8) {
            0 | 1 if playing => {
                if let Ok(ticket) = open_outbox.take_ticket(&board(), now) {
                    let mut run = played(ticket.id, ticket.seed);
                    if rng.below(5) == 0 {
                        run.claim.points += 1;
                        forged.insert(ticket.id);
                    } else {
                        honest.insert(ticket.id, run.claim);
                        forged.remove(&ticket.id);
                    }
                    open_outbox.finish(run, now)?;
                }
            }
            2 if playing => {
                // The game restarts.
                drop(outbox.take());
                outbox = Some(open(disk.path())?);
            }
            3 if playing && rng.below(4) == 0 => {
                // The server does.
                let place = &mut *place.lock().expect("no panic");
                place.api = Place::api(&place.store, place.now, &mut place.rng)?;
            }
            _ => {
                let Some(due) = open_outbox.next_attempt(now) else {
                    if playing {
                        continue;
                    }
                    break;
                };
                now = now.max(due);
                place.lock().expect("no panic").now = now;
                for event in open_outbox.work(&client, now)? {
                    match event {
                        OutboxEvent::Accepted { ticket, submitted, .. } => {
                            assert_eq!(submitted.entry.points, honest[&ticket].points);
                            settled.insert(ticket);
                        }
                        OutboxEvent::Refused(run) => {
                            assert_eq!(run.reason.code, Some(Code::ClaimDiffers), "{:?}", run.reason);
                            assert!(forged.contains(&run.ticket.id));
                        }
                        _ => {}
                    }
                }
                if !playing && open_outbox.status(now).waiting.is_empty() {
                    break;
                }
            }
        }
        assert!(round < 2_000, "seed {seed}: it does not end: {:?}", outbox.map(|outbox| outbox.status(now)));
    }
    let kept = client.history(&board(), &client.player(), None, 100)?.scores;
    let tickets: BTreeSet<_> = kept.iter().map(|score| score.ticket).collect();
    assert_eq!(tickets.len(), kept.len(), "seed {seed}: none counts twice");
    assert_eq!(
        tickets,
        honest.keys().copied().collect(),
        "seed {seed}: each honest run counts, and nothing else"
    );
    assert_eq!(tickets, settled, "seed {seed}: the player heard of each");
    assert!(!kept.is_empty() && !server.requests().is_empty());
    Ok(())
}

#[test]
fn nothing_is_lost_and_nothing_counts_twice_whoever_stands_in_the_middle() -> Outcome {
    for seed in 0..4 {
        evening(seed)?;
    }
    Ok(())
}
