//! The offline queue in its file, against a service that is down, slow, forgetful, or lying.

mod scripted;

use netcord_save::{Key, SaveError, SaveFolder};
use netcord_scores::api::{Code, Entry, FetchTickets, PlayerView, PutPlayer, Submission, Submitted, Tickets};
use netcord_scores::client::{Name, Outbox, OutboxError, OutboxEvent, OutboxOptions, ScoreClient};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{BoardId, Claim, ScoreId, Ticket, TicketId, UnixTime};
use netcord_wire::StateHash;
use scripted::{Reply, Request, Server, key};
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const NOW: UnixTime = UnixTime::from_millis(1_800_000_000_000);

fn board() -> BoardId {
    BoardId::new("maze").expect("a board")
}

/// A service of one board and one player, which does what it should unless it is told otherwise.
#[derive(Default)]
struct Service {
    issued: u8,
    open: Vec<Ticket>,
    redeemed: BTreeMap<TicketId, Submission>,
    faults: VecDeque<Fault>,
}

/// What happens to the next run that comes.
#[derive(Clone, Debug)]
enum Fault {
    /// This answer, and nothing is done.
    Instead(Reply),
    /// It is done, and this is the answer.
    After(Reply),
}

impl Service {
    fn answer(&mut self, request: &Request) -> Reply {
        request.signed().expect("it is signed");
        if !request.target.ends_with("/scores") {
            return self.serve(request);
        }
        match self.faults.pop_front() {
            Some(Fault::Instead(reply)) => reply,
            Some(Fault::After(reply)) => {
                self.serve(request);
                reply
            }
            None => self.serve(request),
        }
    }

    fn serve(&mut self, request: &Request) -> Reply {
        if request.method == "PUT" {
            let PutPlayer { name } = serde_json::from_slice(&request.body).expect("a name");
            if name == "taken" {
                return Reply::problem(409, "name_taken", "");
            }
            return Reply::json(&PlayerView { id: key().id(), name });
        }
        if request.is("POST", "/v1/boards/maze/tickets") {
            let FetchTickets { count } = serde_json::from_slice(&request.body).expect("a count");
            while self.open.len() < count.min(8) {
                self.issued += 1;
                self.open.push(Ticket {
                    id: TicketId([self.issued; 16]),
                    board: board(),
                    player: key().id(),
                    seed: self.issued.into(),
                    issued: NOW,
                    expires: NOW.after(Duration::from_secs(30 * 24 * 60 * 60)),
                });
            }
            return Reply::json(&Tickets { tickets: self.open.clone() });
        }
        assert!(request.is("POST", "/v1/boards/maze/scores"), "{request:?}");
        let run: Submission = serde_json::from_slice(&request.body).expect("a run");
        let repeated = match self.redeemed.get(&run.ticket) {
            Some(redeemed) if *redeemed == run => true,
            Some(_) => return Reply::problem(409, "ticket_used", ""),
            None if run.replay == b"forged" => return Reply::problem(422, "claim_differs", ""),
            None => false,
        };
        self.open.retain(|ticket| ticket.id != run.ticket);
        self.redeemed.insert(run.ticket, run.clone());
        let entry = Entry {
            rank: 1,
            score: ScoreId(1),
            player: PlayerView { id: key().id(), name: "Ann".into() },
            points: run.claim.points,
            ticks: run.claim.ticks,
            season: 1,
            accepted: NOW,
            details: BTreeMap::new(),
        };
        Reply::json(&Submitted { entry, all_time_rank: 1, best: true, repeated })
    }
}

/// A game with an outbox in a folder, and a service.
struct Game {
    disk: tempfile::TempDir,
    outbox: Option<Outbox>,
    service: Arc<Mutex<Service>>,
    server: Server,
    client: ScoreClient,
    now: UnixTime,
}

fn open(folder: &Path) -> Result<Outbox, SaveError> {
    Outbox::open(&SaveFolder::at(folder)?, Key::from_bytes([1; 32]), OutboxOptions::new([board()]))
}

impl Game {
    /// With a name, and tickets.
    fn start() -> Outcome<Self> {
        let disk = tempfile::tempdir()?;
        let service = Arc::new(Mutex::new(Service::default()));
        let shared = Arc::clone(&service);
        let server = Server::start(move |request| shared.lock().expect("no panic").answer(request));
        let (outbox, client) = (Some(open(disk.path())?), server.client());
        let mut game = Self { disk, outbox, service, server, client, now: NOW };
        game.outbox().register("Ann")?;
        assert_eq!(game.work()?.len(), 1);
        assert!(matches!(game.work()?[..], [OutboxEvent::Tickets { count: 3, .. }]));
        Ok(game)
    }

    fn outbox(&mut self) -> &mut Outbox {
        self.outbox.as_mut().expect("it is open")
    }

    fn restart(&mut self) -> Outcome {
        self.outbox = None;
        self.outbox = Some(open(self.disk.path())?);
        Ok(())
    }

    fn work(&mut self) -> Result<Vec<OutboxEvent>, OutboxError> {
        self.outbox.as_mut().expect("it is open").work(&self.client, self.now)
    }

    fn fault(&self, fault: Fault) {
        self.service.lock().expect("no panic").faults.push_back(fault);
    }

    fn redeemed(&self) -> usize {
        self.service.lock().expect("no panic").redeemed.len()
    }

    /// Plays a run, and returns its ticket.
    fn play(&mut self, replay: &[u8]) -> Outcome<TicketId> {
        let now = self.now;
        let ticket = self.outbox().take_ticket(&board(), now)?.id;
        let claim = Claim { points: 500, ticks: 60, state_hash: StateHash(1) };
        self.outbox().finish(Submission { ticket, claim, replay: replay.into() }, now)?;
        Ok(ticket)
    }

    /// Waits until a run is due, and sends it.
    fn wait_and_work(&mut self) -> Outcome<Vec<OutboxEvent>> {
        loop {
            let due = self.outbox.as_ref().and_then(|outbox| outbox.next_attempt(self.now));
            self.now = self.now.max(due.ok_or("nothing waits")?);
            let events = self.work()?;
            if !matches!(events[..], [OutboxEvent::Tickets { .. }]) {
                return Ok(events);
            }
        }
    }
}

#[test]
fn a_run_is_sent_when_the_service_is_back_however_often_the_game_was_restarted() -> Outcome {
    let mut game = Game::start()?;
    let (service, down) = (game.client.clone(), std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    game.client = ScoreClient::new(&scripted::options(&format!("http://{down}")))?;
    let tickets = [game.play(b"one")?, game.play(b"two")?];
    for _ in 0..3 {
        game.restart()?;
        assert!(matches!(game.wait_and_work()?[..], [OutboxEvent::Postponed { .. }]));
        let (outbox, now) = (game.outbox.as_ref().ok_or("open")?, game.now);
        let status = outbox.status(now);
        assert_eq!(status.waiting.iter().map(|run| run.ticket.id).collect::<Vec<_>>(), tickets);
        assert!(status.last_problem.ok_or("a reason")?.text.contains("can't reach"));
        assert_eq!(status.tickets[&board()], 1, "there is another run to be played");
    }
    game.client = service;
    for _ in 0..2 {
        let events = game.wait_and_work()?;
        assert!(matches!(&events[..], [OutboxEvent::Accepted { submitted, .. }] if !submitted.repeated));
    }
    assert_eq!(game.redeemed(), 2);
    Ok(())
}

#[test]
fn a_run_stays_whatever_the_service_says_until_it_says_something_sensible() -> Outcome {
    let Reply::Bytes(good) = Reply::new("200 OK", "application/json", "{\"entry\":1}") else {
        panic!("bytes")
    };
    let html = "<html>Log in to our network</html>";
    let faults = [
        Reply::new("500 Oops", "text/html", html),
        Reply::new("200 OK", "text/html", html),
        Reply::new("200 OK", "application/json", html),
        Reply::new("200 OK", "application/json", "[]"),
        Reply::json(&Tickets { tickets: Vec::new() }),
        Reply::Last(good[..good.len() - 2].to_vec()),
        Reply::Last(Vec::new()),
        Reply::with("302 Found", &[("location", "http://127.0.0.1:1/login")], ""),
        Reply::problem(500, "internal", ""),
        Reply::problem(503, "busy", r#","retry_after_millis":2000"#),
        Reply::problem(429, "rate_limited", r#","retry_after_millis":2000"#),
        Reply::problem(422, "too_soon", ""),
        Reply::problem(422, "other_version", ""),
        Reply::problem(401, "bad_signature", ""),
        Reply::problem(401, "replayed_request", ""),
        Reply::problem(599, "of_another_day", ""),
    ];
    let mut game = Game::start()?;
    game.play(b"run")?;
    for (attempt, reply) in faults.iter().enumerate() {
        game.fault(Fault::Instead(reply.clone()));
        let events = game.wait_and_work()?;
        assert!(matches!(events[..], [OutboxEvent::Postponed { .. }]), "{reply:?}: {events:?}");
        let (outbox, now) = (game.outbox.as_ref().ok_or("open")?, game.now);
        let status = outbox.status(now);
        let [waiting] = &status.waiting[..] else { panic!("{reply:?}: it waits no more") };
        assert_eq!((waiting.attempts, &waiting.reason), (attempt as u32 + 1, &status.last_problem));
        assert!(status.next_attempt.is_some() && status.refused.is_empty());
    }
    assert!(matches!(game.wait_and_work()?[..], [OutboxEvent::Accepted { .. }]));
    assert_eq!(game.redeemed(), 1);
    assert_eq!(game.outbox.ok_or("open")?.status(game.now).last_problem, None, "it is over");
    Ok(())
}

#[test]
fn a_service_is_left_alone_for_as_long_as_it_asks() -> Outcome {
    let mut game = Game::start()?;
    game.play(b"run")?;
    game.fault(Fault::Instead(Reply::with("503 Busy", &[("retry-after", "30")], "")));
    let [OutboxEvent::Postponed { until, .. }] = game.work()?[..] else { return Err("postponed".into()) };
    assert!(until.since(game.now) >= Duration::from_secs(30));
    let asked = game.server.requests().len();
    assert_eq!(game.work()?, []);
    assert_eq!(game.server.requests().len(), asked, "nobody asked");
    Ok(())
}

#[test]
fn an_acceptance_that_nobody_heard_of_is_repeated() -> Outcome {
    let mut game = Game::start()?;
    for reply in [Reply::Last(Vec::new()), Reply::new("502 Bad Gateway", "text/html", "")] {
        let ticket = game.play(b"run")?;
        game.fault(Fault::After(reply));
        assert!(matches!(game.work()?[..], [OutboxEvent::Postponed { .. }]));
        let events = game.wait_and_work()?;
        let [OutboxEvent::Accepted { ticket: accepted, submitted, .. }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*accepted, submitted.repeated), (ticket, true));
    }
    assert_eq!(game.redeemed(), 2);
    Ok(())
}

#[test]
fn a_machine_that_dies_before_an_acceptance_is_saved_does_no_harm() -> Outcome {
    let mut game = Game::start()?;
    game.play(b"run")?;
    let before: Vec<_> = saves(game.disk.path())?
        .into_iter()
        .map(|path| Ok((fs::read(&path)?, path)))
        .collect::<Outcome<_>>()?;
    assert!(matches!(game.work()?[..], [OutboxEvent::Accepted { .. }]));
    game.outbox = None;
    saves(game.disk.path())?.iter().try_for_each(fs::remove_file)?;
    before.iter().try_for_each(|(bytes, path)| fs::write(path, bytes))?;
    game.restart()?;
    let events = game.work()?;
    assert!(
        matches!(&events[..], [OutboxEvent::Accepted { submitted, .. }] if submitted.repeated),
        "{events:?}"
    );
    assert_eq!(game.redeemed(), 1);
    Ok(())
}

#[test]
fn a_refused_run_is_told_of_and_not_sent_again() -> Outcome {
    let mut game = Game::start()?;
    let ticket = game.play(b"forged")?;
    let events = game.work()?;
    let [OutboxEvent::Refused(refused)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((refused.ticket.id, refused.reason.code), (ticket, Some(Code::ClaimDiffers)));
    assert_eq!(refused.reason.text, "it says claim_differs");
    game.restart()?;
    let status = game.outbox.as_ref().ok_or("open")?.status(game.now);
    assert_eq!((status.refused, status.waiting), (vec![refused.clone()], Vec::new()));
    Ok(())
}

#[test]
fn a_service_that_lost_its_memory_is_asked_for_other_tickets() -> Outcome {
    let mut game = Game::start()?;
    let lost = game.play(b"run")?;
    game.service.lock().expect("no panic").open.clear();
    game.fault(Fault::Instead(Reply::problem(404, "not_found", "")));
    let events = game.work()?;
    assert!(matches!(&events[..], [OutboxEvent::Refused(run), ..] if run.ticket.id == lost), "{events:?}");
    for _ in 0..3 {
        game.work()?;
    }
    let again = game.play(b"again")?;
    let is_open = game.service.lock().expect("no panic").open.iter().any(|ticket| ticket.id == again);
    assert!(is_open, "an old one");
    let events = game.wait_and_work()?;
    assert!(matches!(events[..], [OutboxEvent::Accepted { .. }, ..]), "{events:?}");
    Ok(())
}

#[test]
fn a_name_that_is_taken_is_asked_for_once() -> Outcome {
    let mut game = Game::start()?;
    game.outbox().register("taken")?;
    let events = game.work()?;
    assert!(matches!(&events[..], [OutboxEvent::NameRefused { name, reason }]
        if name == "taken" && reason.code == Some(Code::NameTaken)));
    assert_eq!(game.work()?, []);
    game.restart()?;
    let now = game.now;
    assert!(matches!(game.outbox().status(now).name, Some(Name::Refused { .. })));
    game.outbox().register("Ann")?;
    assert!(matches!(game.work()?[..], [OutboxEvent::Registered(_)]));
    Ok(())
}

#[test]
fn a_run_that_can_not_be_saved_is_sent_all_the_same() -> Outcome {
    let mut game = Game::start()?;
    let now = game.now;
    let ticket = game.outbox().take_ticket(&board(), now)?.id;
    saves(game.disk.path())?.iter().try_for_each(fs::remove_file)?;
    fs::remove_dir_all(game.disk.path())?;
    let claim = Claim { points: 500, ticks: 60, state_hash: StateHash(1) };
    let finished = game.outbox().finish(Submission { ticket, claim, replay: Vec::new() }, now);
    assert!(matches!(finished, Err(OutboxError::Save(_))), "{finished:?}");
    let tickets = game.outbox().status(now).tickets[&board()];
    let taken = game.outbox().take_ticket(&board(), now);
    assert!(matches!(taken, Err(OutboxError::Save(_))), "{taken:?}");
    assert_eq!(game.outbox().status(now).tickets[&board()], tickets, "it was not taken");
    assert!(game.work().is_err(), "the service has it, but that can't be saved");
    fs::create_dir_all(game.disk.path())?;
    let mut events = game.work()?;
    events.extend(game.work()?);
    let accepted = events.iter().any(|event| matches!(event, OutboxEvent::Accepted { .. }));
    assert!(accepted, "it comes when it can: {events:?}");
    Ok(())
}

#[test]
fn a_damaged_file_costs_what_came_after_the_one_before() -> Outcome {
    let mut game = Game::start()?;
    game.play(b"one")?;
    game.play(b"two")?;
    game.outbox = None;
    damage(&newest(game.disk.path())?)?;
    game.restart()?;
    let outbox = game.outbox.as_ref().ok_or("open")?;
    assert_eq!(outbox.lost().len(), 1);
    let status = outbox.status(game.now);
    assert_eq!(status.waiting.len(), 1, "the second run was finished with the save that is lost");
    game.outbox = None;
    for save in saves(game.disk.path())? {
        damage(&save)?;
    }
    game.restart()?;
    let outbox = game.outbox.as_ref().ok_or("open")?;
    assert!(outbox.lost().iter().all(|lost| lost.kept.is_some()), "they are kept for whoever wants to look");
    assert_eq!(outbox.status(game.now).waiting.len(), 0, "it begins anew");
    Ok(())
}

#[test]
fn an_outbox_is_open_once() -> Outcome {
    let game = Game::start()?;
    let second = open(game.disk.path());
    assert!(matches!(second, Err(SaveError::Locked { .. })), "{second:?}");
    Ok(())
}

#[test]
fn an_outbox_of_the_first_version_can_be_read() -> Outcome {
    let disk = tempfile::tempdir()?;
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scores-outbox.0.save");
    if std::env::var_os("NETCORD_MAKE_FIXTURES").is_some() {
        let mut game = Game::start()?;
        game.play(b"forged")?;
        game.work()?;
        game.play(b"run")?;
        game.fault(Fault::Instead(Reply::problem(503, "busy", "")));
        game.work()?;
        fs::copy(newest(game.disk.path())?, &fixture)?;
    }
    fs::copy(&fixture, disk.path().join("scores-outbox.0.save"))?;
    let status = open(disk.path())?.status(NOW);
    assert_eq!(status.name, Some(Name::Taken { typed: "Ann".into(), name: "Ann".into() }));
    assert_eq!(status.tickets[&board()], 2);
    assert_eq!(status.waiting[0].reason.as_ref().and_then(|reason| reason.code), Some(Code::Busy));
    assert_eq!(status.refused[0].reason.code, Some(Code::ClaimDiffers));
    Ok(())
}

#[test]
fn a_player_stays_who_they_are() -> Outcome {
    let disk = tempfile::tempdir()?;
    let folder = SaveFolder::at(disk.path())?;
    let key = || Key::from_bytes([1; 32]);
    let player = PlayerKey::load_or_make(&folder, key())?.id();
    assert_eq!(PlayerKey::load_or_make(&folder, key())?.id(), player);
    let other = PlayerKey::load_or_make(&folder, Key::from_bytes([2; 32]));
    assert!(matches!(other, Err(SaveError::WrongKey { .. })), "{other:?}");
    let files = saves(disk.path())?;
    assert_eq!(files.len(), 3, "it is written several times");
    damage(&files[0])?;
    damage(&files[2])?;
    assert_eq!(PlayerKey::load_or_make(&folder, key())?.id(), player, "one is enough");
    for save in saves(disk.path())? {
        damage(&save)?;
    }
    let lost = PlayerKey::load_or_make(&folder, key());
    assert!(matches!(lost, Err(SaveError::NoneGood { .. })), "the player hears of it: {lost:?}");
    assert_ne!(PlayerKey::load_or_make(&folder, key())?.id(), player, "then they are a new one");
    Ok(())
}

/// The files of saves in a folder.
fn saves(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let mut saves = Vec::new();
    for entry in fs::read_dir(folder)? {
        saves.push(entry?.path());
    }
    saves.retain(|path| path.extension().is_some_and(|extension| extension == "save"));
    saves.sort();
    Ok(saves)
}

fn newest(folder: &Path) -> Outcome<std::path::PathBuf> {
    let generations = SaveFolder::at(folder)?.inspect("scores-outbox")?;
    Ok(generations
        .into_iter()
        .max_by_key(|generation| generation.header.as_ref().map_or(0, |info| info.counter))
        .ok_or("a save")?
        .path)
}

fn damage(path: &Path) -> Outcome {
    let mut bytes = fs::read(path)?;
    let middle = bytes.len() - 20;
    bytes[middle] = bytes[middle].wrapping_add(1);
    fs::write(path, bytes)?;
    Ok(())
}
