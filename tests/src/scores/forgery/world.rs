//! The service under attack: the real one, behind the routes that a server puts it behind, in simulated time.

use http::{Method, Request, header};
use netcord::wire::GameRng;
use netcord_scores::api::{Code, FetchTickets, Moderate, Problem, PutPlayer, Submission, Tickets};
use netcord_scores::http::{Api, ApiOptions};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{Act, BoardId, Ticket, Timing, UnixTime};
use netcord_scores::rules::{Outcome, Progress, Rules, Run, RunFault};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::signing::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, Target, sign};
use netcord_scores::store::MemoryStore;
use rand_core::SeedableRng as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tetris_rules::{Mode, TICKS_PER_SECOND};
use tetris_scores::{board_id, boards};

/// What requests are sent to, and signed for.
pub(super) const AUTHORITY: &str = "scores.example";

/// A service, its players, and the time of day.
pub(super) struct World {
    api: Api,
    pub(super) now: UnixTime,
    pub(super) rng: GameRng,
    pub(super) players: Vec<PlayerKey>,
    /// One who took a ticket and was banned then.
    pub(super) banned: PlayerKey,
    ticks: Arc<AtomicU64>,
}

/// What a request was answered with, and what that took.
pub(super) struct Answered<T> {
    /// The code of the refusal.
    pub(super) answer: Result<T, Code>,
    pub(super) cpu: Duration,
    /// Ticks that were played again.
    pub(super) ticks: u64,
}

impl World {
    pub(super) fn new(seed: u64, players: usize) -> Self {
        let mut rng = GameRng::new(seed);
        let now = UnixTime::from_millis(1_795_000_000_000);
        let ticks = Arc::new(AtomicU64::new(0));
        let boards: Vec<_> = boards()
            .into_iter()
            .map(|(board, rules)| {
                (board, Arc::new(Counted { rules, ticks: ticks.clone() }) as Arc<dyn Rules>)
            })
            .collect();
        let moderator = key(&mut rng);
        let store = MemoryStore::new(&boards.iter().map(|(board, _)| board.clone()).collect::<Vec<_>>());
        let options = ServiceOptions { moderators: vec![moderator.id()], ..ServiceOptions::default() };
        let service = Service::new(Arc::new(store), boards, options).expect("the boards of Tetris");
        let random = Box::new(rand_chacha::ChaCha20Rng::seed_from_u64(seed));
        let mut options = ApiOptions::new(now, random, Arc::new(|| Duration::ZERO));
        options.authorities.push(AUTHORITY.into());
        let api = Api::new(Arc::new(service), options).expect("no assets");
        let banned = key(&mut rng);
        let mut world = Self { api, now, rng, players: Vec::new(), banned, ticks };
        for _ in 0..players {
            let player = world.join();
            world.players.push(player);
        }
        let banned = world.banned.clone();
        world.put_name(&banned);
        let act = Act::Ban { player: banned.id() };
        let reason = "a test".to_owned();
        let ban = world.signed(&moderator, Method::POST, "/v1/moderation", json(&Moderate { act, reason }));
        world.expect::<serde_json::Value>(&ban);
        world
    }

    /// A player who comes, and takes a name.
    pub(super) fn join(&mut self) -> PlayerKey {
        let key = key(&mut self.rng);
        self.put_name(&key);
        key
    }

    fn put_name(&mut self, key: &PlayerKey) {
        let id = key.id().to_string();
        let put = PutPlayer { name: format!("player {}", &id[..10]) };
        let request = self.signed(key, Method::PUT, &format!("/v1/players/{id}"), json(&put));
        self.expect::<serde_json::Value>(&request);
    }

    /// So many open tickets of a player, the oldest first.
    pub(super) fn tickets(&mut self, by: &PlayerKey, mode: Mode, count: usize) -> Vec<Ticket> {
        let path = format!("/v1/boards/{}/tickets", board_id(mode));
        let request = self.signed(by, Method::POST, &path, json(&FetchTickets { count }));
        self.expect::<Tickets>(&request).tickets
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
    }

    /// Lets as much time pass as a run of so many ticks takes.
    pub(super) fn wait_ticks(&mut self, ticks: u32) {
        self.wait(duration(ticks));
    }

    /// A request that is signed, now and for the first time.
    pub(super) fn signed(
        &mut self,
        by: &PlayerKey,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Request<Vec<u8>> {
        let created = self.now;
        self.signed_at(by, method, path, body, created)
    }

    /// The same by another clock.
    pub(super) fn signed_at(
        &mut self,
        by: &PlayerKey,
        method: Method,
        path: &str,
        body: Vec<u8>,
        created: UnixTime,
    ) -> Request<Vec<u8>> {
        let target = Target { method: method.as_str(), authority: AUTHORITY, path, query: None, body: &body };
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.rng.next_u64().to_le_bytes());
        let headers = sign(by, &target, created, nonce);
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, AUTHORITY)
            .header(header::CONTENT_TYPE, "application/json")
            .header(CONTENT_DIGEST, headers.content_digest)
            .header(SIGNATURE_INPUT, headers.signature_input)
            .header(SIGNATURE, headers.signature)
            .body(body)
            .expect("a request")
    }

    /// A submission, signed by `by`.
    pub(super) fn submission(
        &mut self,
        by: &PlayerKey,
        board: &BoardId,
        run: &Submission,
    ) -> Request<Vec<u8>> {
        self.signed(by, Method::POST, &scores_path(board), json(run))
    }

    /// Sends a request, and measures what it takes.
    pub(super) fn send<T: DeserializeOwned>(&mut self, request: &Request<Vec<u8>>) -> Answered<T> {
        let ticks = self.ticks.load(Ordering::Relaxed);
        let address = 0x0a00_0000 | (self.rng.next_u64() as u32 & 0x00ff_ffff);
        let request = request.clone().map(bytes::Bytes::from);
        let begun = thread_cpu();
        let response = self.api.handle(&request, IpAddr::V4(Ipv4Addr::from_bits(address)), self.now);
        let cpu = thread_cpu() - begun;
        let body = response.body();
        let answer = if response.status().is_success() {
            Ok(serde_json::from_slice(body).expect("the answer that was asked for"))
        } else {
            let problem: Problem = serde_json::from_slice(body).expect("a problem");
            assert_eq!(problem.status, response.status().as_u16());
            Err(problem.code)
        };
        Answered { answer, cpu, ticks: self.ticks.load(Ordering::Relaxed) - ticks }
    }

    /// Gets what anybody may ask for.
    pub(super) fn get<T: DeserializeOwned>(&mut self, path: &str) -> T {
        self.expect(&Request::get(path).header(header::HOST, AUTHORITY).body(Vec::new()).expect("a request"))
    }

    fn expect<T: DeserializeOwned>(&mut self, request: &Request<Vec<u8>>) -> T {
        self.send(request).answer.unwrap_or_else(|code| panic!("{} refused: {code:?}", request.uri()))
    }
}

/// How long a run of so many ticks takes.
pub(super) fn duration(ticks: u32) -> Duration {
    Duration::from_secs(1) * ticks / TICKS_PER_SECOND
}

/// Where runs of a board are handed in.
pub(super) fn scores_path(board: &BoardId) -> String {
    format!("/v1/boards/{board}/scores")
}

/// A body.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it has no keys but strings")
}

/// A key that follows from the seed.
pub(super) fn key(rng: &mut GameRng) -> PlayerKey {
    PlayerKey::from_bytes(&std::array::from_fn(|_| rng.next_u64() as u8))
}

/// What this thread has computed for so far.
pub(super) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Rules that count the ticks which are played.
struct Counted {
    rules: Arc<dyn Rules>,
    ticks: Arc<AtomicU64>,
}

struct CountedRun {
    run: Box<dyn Run>,
    ticks: Arc<AtomicU64>,
}

impl Rules for Counted {
    fn open(&self, seed: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault> {
        let run = self.rules.open(seed, replay)?;
        Ok(Box::new(CountedRun { run, ticks: self.ticks.clone() }))
    }
}

impl Run for CountedRun {
    fn advance(&mut self, ticks: u32, timing: &mut Timing) -> Result<Progress, RunFault> {
        let progress = self.run.advance(ticks, timing);
        // Where it ended by a fault nobody knows: at most all of them were played.
        let played = if let Ok(Progress::Finished { played }) = progress { played } else { ticks };
        self.ticks.fetch_add(played.into(), Ordering::Relaxed);
        progress
    }

    fn outcome(&self) -> Outcome {
        self.run.outcome()
    }
}
