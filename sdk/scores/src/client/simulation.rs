//! The queue against a service that is simulated, through any sequence of faults and restarts.

use super::backoff::Reason;
use super::errand::{Call, Done, Failure, OutboxEvent};
use super::queue::{NoRoom, Plan, Queue};
use crate::api::{Code, Entry, PlayerView, Submission, Submitted};
use crate::model::{BoardId, Claim, PlayerId, ScoreId, Ticket, TicketId, UnixTime};
use netcord_wire::StateHash;
use netcord_wire::codec::file;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PLAYER: PlayerId = PlayerId([7; 32]);
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const OPEN_AT_MOST: usize = 8;

fn board() -> BoardId {
    BoardId::new("maze").expect("a board")
}

/// A service that remembers one board.
#[derive(Default)]
struct Service {
    open: Vec<Ticket>,
    issued: u8,
    redeemed: BTreeMap<TicketId, (Claim, Vec<u8>)>,
    knows_player: bool,
}

impl Service {
    fn answer(&mut self, call: &Call, now: UnixTime) -> Result<Done, Code> {
        match call {
            Call::Register(name) => {
                self.knows_player = true;
                Ok(Done::Registered(PlayerView { id: PLAYER, name: name.clone() }))
            }
            Call::FetchTickets(..) if !self.knows_player => Err(Code::NotFound),
            Call::FetchTickets(board, count) => {
                self.open.retain(|ticket| ticket.expires > now);
                while self.open.len() < (*count).min(OPEN_AT_MOST) && self.issued < u8::MAX {
                    self.issued += 1;
                    let (id, seed) = (TicketId([self.issued; 16]), self.issued.into());
                    let (board, expires) = (board.clone(), now.after(LIFETIME));
                    self.open.push(Ticket { id, board, player: PLAYER, seed, issued: now, expires });
                }
                Ok(Done::Tickets(self.open.clone()))
            }
            Call::Submit(_, run) => self.redeem(run, now),
        }
    }

    fn redeem(&mut self, run: &Submission, now: UnixTime) -> Result<Done, Code> {
        if let Some((claim, replay)) = self.redeemed.get(&run.ticket) {
            let same = (*claim, replay) == (run.claim, &run.replay);
            return if same { Ok(submitted(run, true)) } else { Err(Code::TicketUsed) };
        }
        let at = self.open.iter().position(|ticket| ticket.id == run.ticket).ok_or(Code::NotFound)?;
        if self.open[at].expires <= now {
            return Err(Code::TicketExpired);
        }
        if run.replay != run.claim.points.to_le_bytes() {
            return Err(Code::ClaimDiffers);
        }
        self.open.remove(at);
        self.redeemed.insert(run.ticket, (run.claim, run.replay.clone()));
        Ok(submitted(run, false))
    }
}

fn submitted(run: &Submission, repeated: bool) -> Done {
    let entry = Entry {
        rank: 1,
        score: ScoreId(1),
        player: PlayerView { id: PLAYER, name: "Ann".into() },
        points: run.claim.points,
        ticks: run.claim.ticks,
        season: 1,
        accepted: UnixTime::default(),
        details: BTreeMap::new(),
    };
    Done::Submitted(Submitted { entry, all_time_rank: 1, best: true, repeated })
}

fn failure(code: Option<Code>, now: UnixTime) -> Failure {
    let is_of_service = matches!(code, None | Some(Code::RateLimited | Code::Busy | Code::ClockSkew));
    let is_transient = is_of_service || matches!(code, Some(Code::Internal | Code::TooSoon));
    let retry_after = (code == Some(Code::RateLimited)).then_some(Duration::from_secs(30));
    let reason = Reason { code, text: format!("{code:?}"), at: now };
    Failure { reason, retry_after, is_transient, is_of_service }
}

/// What may become of a call.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// The service never hears of it; or answers so, without doing it.
    Before(Option<Code>),
    /// The service does it, and nobody hears of that.
    After,
    /// The service does it, and the game dies before that is saved.
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Take,
    Finish { honest: bool },
    Abandon,
    Work(Fault),
    Pass { seconds: u32 },
    Crash,
    ServiceForgetsPlayer,
}

/// A game with its outbox, the disk below it, and the service.
struct World {
    service: Service,
    queue: Queue,
    disk: Vec<u8>,
    plan: Plan,
    now: UnixTime,
    playing: Vec<Ticket>,
    finished: BTreeMap<i64, bool>,
    refused: BTreeSet<i64>,
    random: u64,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            service: Service::default(),
            queue: Queue::default(),
            disk: Vec::new(),
            plan: Plan { boards: vec![board()], tickets_ahead: 3 },
            now: UnixTime::from_millis(1_800_000_000_000),
            playing: Vec::new(),
            finished: BTreeMap::new(),
            refused: BTreeSet::new(),
            random: 1,
        };
        world.queue.register("Ann");
        world.save();
        world
    }

    fn save(&mut self) {
        self.disk = file::encode(&self.queue, 1 << 20).expect("it fits");
    }

    fn crash(&mut self) {
        self.queue = file::decode(&self.disk, 1 << 20).expect("what was saved");
        self.queue.start();
        self.playing.clear();
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Take => {
                if let Ok(ticket) = self.queue.take_ticket(&board(), self.now) {
                    assert!(!self.playing.contains(&ticket), "one ticket, one run");
                    assert!(
                        self.queue.waiting().all(|run| run.ticket.id != ticket.id),
                        "one ticket, one run"
                    );
                    self.playing.push(ticket);
                }
            }
            Step::Finish { honest } => {
                let Some(ticket) = self.playing.pop() else { return };
                let points = self.finished.len() as i64;
                let claim = Claim { points, ticks: 1, state_hash: StateHash(0) };
                let replay = (points + i64::from(!honest)).to_le_bytes().to_vec();
                self.queue
                    .finish(Submission { ticket: ticket.id, claim, replay }, self.now)
                    .expect("there is room");
                self.finished.insert(points, honest);
            }
            Step::Abandon => {
                if let Some(ticket) = self.playing.pop() {
                    self.queue.abandon(&ticket.id);
                }
            }
            Step::Work(fault) => return self.work(fault),
            Step::Pass { seconds } => self.now = self.now.after(Duration::from_secs(seconds.into())),
            Step::Crash => return self.crash(),
            Step::ServiceForgetsPlayer => self.service.knows_player = false,
        }
        self.save();
    }

    fn work(&mut self, fault: Fault) {
        let Some(call) = self.queue.next(&self.plan, self.now) else { return };
        let outcome = match fault {
            Fault::Before(code) => Err(code),
            Fault::None => self.service.answer(&call, self.now).map_err(Some),
            Fault::After => self.service.answer(&call, self.now).map_err(Some).and(Err(None)),
            Fault::Crash => {
                let _ = self.service.answer(&call, self.now);
                return self.crash();
            }
        };
        let outcome = outcome.map_err(|code| failure(code, self.now));
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let event = self.queue.note(&self.plan, &call, outcome, self.now, self.random);
        self.save();
        if let Some(OutboxEvent::Refused(run)) = event {
            assert!(self.refused.insert(run.claim.points), "refused once");
            let known = self.queue.refused.iter().any(|refused| *refused == run);
            assert!(known, "the player can read it later");
        }
    }

    /// No more faults: works until nothing waits.
    fn settle(&mut self) {
        for _ in 0..1_000 {
            if self.queue.waiting().next().is_none() {
                return;
            }
            let due = self.queue.next_attempt(&self.plan, self.now).expect("something waits");
            self.now = self.now.max(due);
            self.work(Fault::None);
        }
        panic!("still waiting: {:?}", self.queue.waiting().collect::<Vec<_>>());
    }
}

fn step() -> impl Strategy<Value = Step> {
    let transient = [Code::Internal, Code::RateLimited, Code::Busy, Code::TooSoon, Code::ClockSkew];
    let before = prop::option::of(prop::sample::select(transient.to_vec())).prop_map(Fault::Before);
    let fault =
        prop_oneof![3 => Just(Fault::None), 2 => before, 2 => Just(Fault::After), 1 => Just(Fault::Crash)];
    prop_oneof![
        4 => Just(Step::Take),
        4 => prop::bool::weighted(0.8).prop_map(|honest| Step::Finish { honest }),
        1 => Just(Step::Abandon),
        10 => fault.prop_map(Step::Work),
        3 => (0..600_u32).prop_map(|seconds| Step::Pass { seconds }),
        1 => (0..400_000_u32).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Crash),
        1 => Just(Step::ServiceForgetsPlayer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_finished_run_is_accepted_once_or_refused_with_a_reason(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.settle();
        let accepted: Vec<_> = world.service.redeemed.values().map(|(claim, _)| claim.points).collect();
        let once: BTreeSet<_> = accepted.iter().copied().collect();
        prop_assert_eq!(accepted.len(), once.len(), "accepted once");
        for (points, honest) in &world.finished {
            let (accepted, refused) = (once.contains(points), world.refused.contains(points));
            prop_assert!(accepted != refused, "run {}: accepted {}, refused {}", points, accepted, refused);
            prop_assert!(*honest || refused, "a forgery counts");
        }
        let honest_refusals = world.queue.refused.iter().filter(|run| world.finished[&run.claim.points]);
        for run in honest_refusals {
            let is_late = run.ticket.expires <= world.now;
            prop_assert!(is_late, "an honest run was refused: {:?}", run.reason);
        }
    }
}

fn playing() -> World {
    let mut world = World::new();
    world.work(Fault::None);
    world.work(Fault::None);
    world
}

#[test]
fn tickets_are_fetched_ahead_once_there_is_a_name() {
    let mut world = World::new();
    assert_eq!(world.queue.take_ticket(&board(), world.now), Err(NoRoom::NoTicket));
    world.work(Fault::None);
    world.work(Fault::None);
    assert_eq!(world.queue.count(&board(), world.now), 3);
    assert_eq!(world.queue.next_attempt(&world.plan, world.now), None);
    world.step(Step::Take);
    world.work(Fault::None);
    assert_eq!(world.queue.count(&board(), world.now), 3, "another one for the one that was taken");
}

#[test]
fn a_ticket_that_was_abandoned_or_cut_short_is_taken_again_after_all_others() {
    for step in [Step::Abandon, Step::Crash] {
        let mut world = playing();
        world.step(Step::Take);
        let first = world.playing[0].clone();
        world.step(step);
        let mut taken = Vec::new();
        for _ in 0..3 {
            taken.push(world.queue.take_ticket(&board(), world.now).expect("a ticket").id);
        }
        assert_eq!(taken.iter().position(|id| *id == first.id), Some(2), "{step:?}");
    }
}

#[test]
fn a_run_that_always_fails_holds_nobody_up() {
    let mut world = playing();
    for _ in 0..2 {
        world.step(Step::Take);
        world.step(Step::Finish { honest: true });
    }
    world.work(Fault::Before(Some(Code::Internal)));
    world.work(Fault::None);
    let waiting: Vec<_> = world.queue.waiting().map(|run| (run.claim.points, run.attempts)).collect();
    assert_eq!(waiting, [(0, 1)], "the second was accepted");
}

#[test]
fn a_service_that_says_when_is_not_asked_before() {
    let mut world = playing();
    world.step(Step::Take);
    world.step(Step::Finish { honest: true });
    world.work(Fault::Before(Some(Code::RateLimited)));
    let due = world.queue.next_attempt(&world.plan, world.now).expect("it waits");
    assert!(due.since(world.now) >= Duration::from_secs(30));
    assert_eq!(world.queue.next(&world.plan, world.now), None);
    assert_eq!(world.queue.last_problem().and_then(|reason| reason.code), Some(Code::RateLimited));
    world.queue.hurry(world.now);
    assert!(world.queue.next(&world.plan, world.now).is_some(), "unless the player wants it");
}

#[test]
fn late_tickets_are_passed_over_by_the_services_clock() {
    let mut world = playing();
    let an_hour = Duration::from_secs(60 * 60);
    world.now = world.now.after(LIFETIME - an_hour);
    assert_eq!(world.queue.count(&board(), world.now), 0, "an hour before the end no run is begun");
    let mut world = playing();
    world.queue.clock_ahead = -(LIFETIME.as_millis() as i64);
    world.now = world.now.after(LIFETIME);
    assert_eq!(world.queue.count(&board(), world.now), 3, "it is this clock that is wrong");
}

#[test]
fn a_refused_run_gives_its_ticket_back_as_the_service_gives_no_other() {
    let mut world = playing();
    for _ in 0..100 {
        world.step(Step::Take);
        world.step(Step::Finish { honest: false });
        world.settle();
        world.step(Step::Pass { seconds: 600 });
        world.work(Fault::None);
    }
    assert!(world.service.issued <= OPEN_AT_MOST as u8);
    assert_eq!(world.refused.len(), 100);
    assert_eq!(world.queue.refused.len(), 32, "the log is bounded");
}

#[test]
fn there_is_room_for_so_many_runs_and_bytes() {
    let mut world = playing();
    let run = |ticket: &Ticket, bytes| Submission {
        ticket: ticket.id,
        claim: Claim { points: 0, ticks: 1, state_hash: StateHash(0) },
        replay: vec![0; bytes],
    };
    let ticket = world.queue.take_ticket(&board(), world.now).expect("a ticket");
    let too_long = world.queue.finish(run(&ticket, (4 << 20) + 1), world.now);
    assert_eq!(too_long, Err(NoRoom::ReplayTooLong));
    assert_eq!(world.queue.finish(run(&ticket, 4 << 20), world.now), Ok(()));
    assert_eq!(world.queue.finish(run(&ticket, 1), world.now), Err(NoRoom::NotTaken), "a run is over once");
    world.plan.tickets_ahead = 200;
    let tickets = (0..100_u8).map(|id| Ticket { id: TicketId([id + 100; 16]), ..ticket.clone() }).collect();
    let call = Call::FetchTickets(board(), 200);
    world.queue.note(&world.plan, &call, Ok(Done::Tickets(tickets)), world.now, 0);
    for _ in 0..7 {
        let ticket = world.queue.take_ticket(&board(), world.now).expect("a ticket");
        assert_eq!(world.queue.finish(run(&ticket, 4 << 20), world.now), Ok(()));
    }
    let ticket = world.queue.take_ticket(&board(), world.now).expect("a ticket");
    assert_eq!(world.queue.finish(run(&ticket, 1), world.now), Err(NoRoom::TooManyBytes));
    while world.queue.take_ticket(&board(), world.now).is_ok() {}
    assert_eq!(world.queue.take_ticket(&board(), world.now), Err(NoRoom::TooManyRuns));
}

#[test]
fn a_board_that_is_not_there_is_not_asked_for_all_the_time() {
    let mut world = World::new();
    world.work(Fault::None);
    let mut calls = 0;
    for _ in 0..10 {
        while let Some(call) = world.queue.next(&world.plan, world.now) {
            let outcome = match &call {
                Call::FetchTickets(..) => Err(failure(Some(Code::NotFound), world.now)),
                _ => world.service.answer(&call, world.now).map_err(|code| failure(Some(code), world.now)),
            };
            world.queue.note(&world.plan, &call, outcome, world.now, 0);
            calls += 1;
        }
        world.step(Step::Pass { seconds: 60 });
    }
    assert!(calls <= 6, "{calls} calls in ten minutes");
}

#[test]
fn another_player_gets_tickets_of_their_own() {
    let mut world = playing();
    world.queue.belongs_to(PLAYER);
    assert_eq!(world.queue.count(&board(), world.now), 3);
    world.queue.belongs_to(PlayerId([8; 32]));
    assert_eq!(world.queue.count(&board(), world.now), 0);
    assert_eq!(world.queue.next(&world.plan, world.now), Some(Call::Register("Ann".into())));
}

#[test]
fn who_is_refused_another_name_plays_on_under_the_one_they_have() {
    let mut world = playing();
    world.queue.register("Bob");
    let taken = Failure { is_transient: false, ..failure(Some(Code::NameTaken), world.now) };
    let event = world.queue.note(&world.plan, &Call::Register("Bob".into()), Err(taken), world.now, 0);
    assert!(matches!(event, Some(OutboxEvent::NameRefused { .. })));
    world.step(Step::Take);
    assert!(matches!(world.queue.next(&world.plan, world.now), Some(Call::FetchTickets(..))));
}
