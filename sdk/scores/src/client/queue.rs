//! What of a player's runs is not at the service yet, and what to do next about it. No files, no network and no clock: the
//! time and randomness are handed in.

use super::backoff::{Backoff, Reason};
use super::errand::{Call, Done, Failure, OutboxEvent};
use crate::api::{Code, Submission};
use crate::model::{BoardId, Claim, PlayerId, Ticket, TicketId, UnixTime};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// For how many runs there is room, those that are under way included.
pub(super) const MAX_RUNS: usize = 64;
/// How long a replay may be.
pub(super) const MAX_REPLAY_BYTES: usize = 4 << 20;
/// How long all waiting replays may be together.
pub(super) const MAX_BYTES: usize = 32 << 20;
/// How many refused runs are told of.
const MAX_REFUSED: usize = 32;
/// For so long after its end a service may find a run too costly, which may be due to what else it does at the time.
const TOO_COSTLY_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// When a run is sent again that the service's rules are too old for, or too new.
const UPDATE_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);
/// When tickets are asked for again, if a service gave fewer than were wanted, or none will do.
const TOP_UP_PAUSE: Duration = Duration::from_secs(10 * 60);

/// All of it, as it is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queue {
    pub(super) name: Option<Name>,
    /// Whether the service knows the player, under whichever name.
    is_known: bool,
    /// By how many milliseconds the service's clock is ahead.
    pub(super) clock_ahead: i64,
    /// Those that can be taken, the next one first.
    tickets: Vec<Ticket>,
    /// Those of runs that are under way.
    taken: Vec<Ticket>,
    /// The oldest first.
    waiting: Vec<Waiting>,
    /// The oldest first.
    pub(super) refused: VecDeque<RefusedRun>,
    /// Of the service as a whole.
    service: Backoff,
    /// Of taking the name.
    naming: Backoff,
    /// Of asking for tickets.
    top_ups: BTreeMap<BoardId, Backoff>,
}

/// The name that a player wants to have at the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Name {
    /// It was not asked for yet.
    Wanted(String),
    /// The service knows the player by this name.
    Taken {
        /// As the player typed it.
        typed: String,
        /// As the service cleaned it: what others read.
        name: String,
    },
    /// The service refused it: ask the player for another one.
    Refused {
        /// As the player typed it.
        typed: String,
        /// Why.
        reason: Reason,
    },
}

/// A run that the service would not have. What it said is for the player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRun {
    /// What it was played with.
    pub ticket: Ticket,
    /// What it came to in the game.
    pub claim: Claim,
    /// Why it doesn't count.
    pub reason: Reason,
}

/// A run that is not at the service yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    ticket: Ticket,
    claim: Claim,
    replay: Vec<u8>,
    finished: UnixTime,
    backoff: Backoff,
}

/// What of a run is shown while it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRun {
    /// What it was played with.
    pub ticket: Ticket,
    /// What it came to in the game.
    pub claim: Claim,
    /// When it was.
    pub finished: UnixTime,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it is not there yet, if it was sent.
    pub reason: Option<Reason>,
}

/// What a game that plays runs wants of the queue.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) boards: Vec<BoardId>,
    pub(super) tickets_ahead: usize,
}

/// Why a ticket can't be taken, or a run not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    NoTicket,
    TooManyRuns,
    NotTaken,
    ReplayTooLong,
    TooManyBytes,
}

impl Queue {
    /// A process begins. Runs of the one before that were under way are over; their tickets are good still.
    pub(super) fn start(&mut self) {
        self.tickets.append(&mut self.taken);
    }

    pub(super) fn register(&mut self, name: &str) {
        let is_known = matches!(&self.name, Some(Name::Taken { typed, .. }) if typed == name);
        if !is_known {
            self.name = Some(Name::Wanted(name.into()));
            self.naming = Backoff::default();
        }
    }

    pub(super) fn take_ticket(&mut self, board: &BoardId, now: UnixTime) -> Result<Ticket, NoRoom> {
        if self.waiting.len() + self.taken.len() >= MAX_RUNS {
            return Err(NoRoom::TooManyRuns);
        }
        let there = self.time_there(now);
        self.tickets.retain(|ticket| there < ticket.expires);
        let good = |ticket: &Ticket| ticket.board == *board && !is_late(ticket, there);
        let ticket = self.tickets.remove(self.tickets.iter().position(good).ok_or(NoRoom::NoTicket)?);
        self.taken.push(ticket.clone());
        Ok(ticket)
    }

    /// The run will not be finished. Its ticket stays open at the service, which gives only so many: it is taken again, last.
    pub(super) fn abandon(&mut self, ticket: &TicketId) {
        if let Some(at) = self.taken.iter().position(|taken| taken.id == *ticket) {
            self.tickets.push(self.taken.remove(at));
        }
    }

    pub(super) fn finish(&mut self, run: Submission, now: UnixTime) -> Result<(), NoRoom> {
        let taken = self.taken.iter().position(|taken| taken.id == run.ticket).ok_or(NoRoom::NotTaken)?;
        if run.replay.len() > MAX_REPLAY_BYTES {
            return Err(NoRoom::ReplayTooLong);
        }
        let bytes: usize = self.waiting.iter().map(|waiting| waiting.replay.len()).sum();
        if bytes + run.replay.len() > MAX_BYTES {
            return Err(NoRoom::TooManyBytes);
        }
        let (ticket, backoff) = (self.taken.remove(taken), Backoff::default());
        let Submission { claim, replay, .. } = run;
        self.waiting.push(Waiting { ticket, claim, replay, finished: now, backoff });
        Ok(())
    }

    /// What is due.
    pub(super) fn next(&self, plan: &Plan, now: UnixTime) -> Option<Call> {
        if !self.service.is_due(now) {
            return None;
        }
        if let Some(Name::Wanted(name)) = &self.name
            && self.naming.is_due(now)
        {
            return Some(Call::Register(name.clone()));
        }
        // Of those that were tried least the oldest, so that one that always fails holds nobody up.
        let due = self.waiting.iter().filter(|waiting| waiting.backoff.is_due(now));
        if let Some(waiting) = due.min_by_key(|waiting| (waiting.backoff.attempts, waiting.finished)) {
            let (ticket, claim, replay) = (waiting.ticket.id, waiting.claim, waiting.replay.clone());
            return Some(Call::Submit(waiting.ticket.board.clone(), Submission { ticket, claim, replay }));
        }
        let short = self.short_boards(plan, now).find(|(_, backoff)| backoff.is_due(now));
        short.map(|(board, _)| Call::FetchTickets(board.clone(), self.wanted(board, plan, now)))
    }

    /// When something is due next.
    pub(super) fn next_attempt(&self, plan: &Plan, now: UnixTime) -> Option<UnixTime> {
        let registers = matches!(self.name, Some(Name::Wanted(_))).then(|| self.naming.due(now));
        let runs = self.waiting.iter().map(|waiting| waiting.backoff.due(now));
        let top_ups = self.short_boards(plan, now).map(|(_, backoff)| backoff.due(now));
        let first = registers.into_iter().chain(runs).chain(top_ups).min()?;
        Some(first.max(self.service.due(now)))
    }

    /// Those of which there are fewer tickets than planned.
    fn short_boards<'a>(
        &'a self,
        plan: &'a Plan,
        now: UnixTime,
    ) -> impl Iterator<Item = (&'a BoardId, Backoff)> + 'a {
        // Nobody gets tickets without a name.
        let boards = plan.boards.iter().filter(|_| self.is_known);
        boards.filter(move |board| self.count(board, now) < plan.tickets_ahead).map(|board| {
            let backoff = self.top_ups.get(board).cloned();
            (board, backoff.unwrap_or_default())
        })
    }

    /// How many tickets of a board to have open: those ahead, and those that nobody may take.
    fn wanted(&self, board: &BoardId, plan: &Plan, now: UnixTime) -> usize {
        let there = self.time_there(now);
        let late = self.tickets.iter().filter(|ticket| is_late(ticket, there) && there < ticket.expires);
        plan.tickets_ahead + self.out().chain(late).filter(|ticket| ticket.board == *board).count()
    }

    /// The tickets that are open at the service, and that nobody may take here.
    fn out(&self) -> impl Iterator<Item = &Ticket> {
        self.taken.iter().chain(self.waiting.iter().map(|waiting| &waiting.ticket))
    }

    /// How many tickets can be taken.
    pub(super) fn count(&self, board: &BoardId, now: UnixTime) -> usize {
        let there = self.time_there(now);
        self.tickets.iter().filter(|ticket| ticket.board == *board && !is_late(ticket, there)).count()
    }

    /// Tickets are of one player. Those of another one, who had this file before, are nobody's.
    pub(super) fn belongs_to(&mut self, player: PlayerId) {
        let before = self.tickets.len();
        self.tickets.retain(|ticket| ticket.player == player);
        if self.tickets.len() < before {
            self.ask_again();
        }
    }

    /// The service doesn't know the player, or no more.
    fn ask_again(&mut self) {
        self.is_known = false;
        if let Some(Name::Taken { typed, .. }) = &self.name {
            self.name = Some(Name::Wanted(typed.clone()));
        }
    }

    /// Notes what came of a call. `random` is new each time.
    pub(super) fn note(
        &mut self,
        plan: &Plan,
        call: &Call,
        outcome: Result<Done, Failure>,
        now: UnixTime,
        random: u64,
    ) -> Option<OutboxEvent> {
        let failure = match outcome {
            Ok(done) => {
                self.service = Backoff::default();
                return self.note_done(plan, call, done, now);
            }
            Err(failure) => failure,
        };
        if failure.is_of_service {
            self.service.postpone(&failure, now, random);
        } else {
            self.service = Backoff::default();
        }
        match call {
            Call::Register(typed) => {
                if !failure.is_transient {
                    return Some(self.refuse_name(typed, failure.reason));
                }
                if !failure.is_of_service {
                    self.naming.postpone(&failure, now, random);
                }
            }
            Call::Submit(_, run) => return self.note_failed_run(&run.ticket, failure, now, random),
            Call::FetchTickets(board, _) => {
                // It may have lost its memory of us.
                if failure.reason.code == Some(Code::NotFound) {
                    self.ask_again();
                }
                let pause = if failure.is_transient { failure.retry_after } else { Some(TOP_UP_PAUSE) };
                let backoff = self.top_ups.entry(board.clone()).or_default();
                backoff.postpone(&Failure { retry_after: pause, ..failure.clone() }, now, random);
            }
        }
        let own = match call {
            Call::FetchTickets(board, _) => self.top_ups.get(board),
            _ => Some(&self.naming),
        };
        let until = own.map_or(now, |backoff| backoff.due(now)).max(self.service.due(now));
        Some(OutboxEvent::Postponed { reason: failure.reason, until })
    }

    fn note_done(&mut self, plan: &Plan, call: &Call, done: Done, now: UnixTime) -> Option<OutboxEvent> {
        match (call, done) {
            (Call::Register(typed), Done::Registered(player)) => {
                // Meanwhile the player may have thought of another one.
                if self.name == Some(Name::Wanted(typed.clone())) {
                    self.name = Some(Name::Taken { typed: typed.clone(), name: player.name.clone() });
                }
                (self.is_known, self.naming) = (true, Backoff::default());
                // That the player had no name may be why there were no tickets; but not time and again.
                for backoff in self.top_ups.values_mut().filter(|backoff| backoff.attempts <= 1) {
                    backoff.next = now;
                }
                Some(OutboxEvent::Registered(player))
            }
            (Call::Submit(board, run), Done::Submitted(submitted)) => {
                self.waiting.retain(|waiting| waiting.ticket.id != run.ticket);
                self.top_ups.remove(board);
                Some(OutboxEvent::Accepted { ticket: run.ticket, board: board.clone(), submitted })
            }
            (Call::FetchTickets(board, _), Done::Tickets(open)) => {
                self.take_in(board, open);
                let count = self.count(board, now);
                if count >= plan.tickets_ahead {
                    self.top_ups.remove(board);
                } else {
                    let backoff = Backoff { next: now.after(TOP_UP_PAUSE), ..Backoff::default() };
                    self.top_ups.insert(board.clone(), backoff);
                }
                Some(OutboxEvent::Tickets { board: board.clone(), count })
            }
            _ => None,
        }
    }

    /// The service says which tickets of a board are open. Those that were abandoned stay last.
    fn take_in(&mut self, board: &BoardId, open: Vec<Ticket>) {
        self.tickets.retain(|ticket| ticket.board != *board || open.contains(ticket));
        for ticket in open {
            let is_known = self.tickets.iter().chain(self.out()).any(|known| known.id == ticket.id);
            if !is_known && self.tickets.len() < MAX_TICKETS {
                self.tickets.push(ticket);
            }
        }
    }

    fn refuse_name(&mut self, typed: &str, reason: Reason) -> OutboxEvent {
        if self.name == Some(Name::Wanted(typed.into())) {
            self.name = Some(Name::Refused { typed: typed.into(), reason: reason.clone() });
        }
        OutboxEvent::NameRefused { name: typed.into(), reason }
    }

    fn note_failed_run(
        &mut self,
        ticket: &TicketId,
        failure: Failure,
        now: UnixTime,
        random: u64,
    ) -> Option<OutboxEvent> {
        let at = self.waiting.iter().position(|waiting| waiting.ticket.id == *ticket)?;
        let waiting = &mut self.waiting[at];
        let is_too_costly =
            failure.reason.code == Some(Code::TooCostly) && now.since(waiting.finished) >= TOO_COSTLY_FOR;
        // Players update their games before operators do, and the other way round.
        let is_other_version = failure.reason.code == Some(Code::OtherVersion);
        if is_other_version || failure.is_transient && !is_too_costly {
            let pause = if is_other_version { Some(UPDATE_PAUSE) } else { failure.retry_after };
            waiting.backoff.postpone(&Failure { retry_after: pause, ..failure.clone() }, now, random);
            if failure.is_of_service {
                waiting.backoff.next = now;
            }
            let until = waiting.backoff.due(now).max(self.service.due(now));
            return Some(OutboxEvent::Postponed { reason: failure.reason, until });
        }
        let Waiting { ticket, claim, .. } = self.waiting.remove(at);
        let is_spent = matches!(
            failure.reason.code,
            Some(Code::TicketUsed | Code::TicketExpired | Code::TicketNotYours | Code::NotFound)
        );
        if !is_spent {
            // Open at the service: see `abandon`.
            self.tickets.push(ticket.clone());
        }
        if failure.reason.code == Some(Code::NotFound) {
            // The service knows the ticket no more, or the player: it lost its memory, and none of that board's are good.
            self.tickets.retain(|other| other.board != ticket.board);
            self.ask_again();
        }
        let refused = RefusedRun { ticket, claim, reason: failure.reason };
        if self.refused.len() >= MAX_REFUSED {
            self.refused.pop_front();
        }
        self.refused.push_back(refused.clone());
        Some(OutboxEvent::Refused(refused))
    }

    /// Whatever was postponed is due.
    pub(super) fn hurry(&mut self, now: UnixTime) {
        let runs = self.waiting.iter_mut().map(|waiting| &mut waiting.backoff);
        for backoff in runs.chain(self.top_ups.values_mut()).chain([&mut self.naming, &mut self.service]) {
            backoff.next = now;
        }
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = WaitingRun> {
        self.waiting.iter().map(|Waiting { ticket, claim, finished, backoff, .. }| WaitingRun {
            ticket: ticket.clone(),
            claim: *claim,
            finished: *finished,
            attempts: backoff.attempts,
            reason: backoff.last.clone(),
        })
    }

    /// Why something waits, the newest reason.
    pub(super) fn last_problem(&self) -> Option<&Reason> {
        let runs = self.waiting.iter().map(|waiting| &waiting.backoff);
        let backoffs = runs.chain(self.top_ups.values()).chain([&self.naming, &self.service]);
        backoffs.filter_map(|backoff| backoff.last.as_ref()).max_by_key(|reason| reason.at)
    }

    fn time_there(&self, now: UnixTime) -> UnixTime {
        UnixTime::from_millis(now.as_millis().saturating_add_signed(self.clock_ahead))
    }
}

/// How many tickets are kept. No service gives so many, unless it lies.
const MAX_TICKETS: usize = 1_000;

/// Whether a run should not be begun any more, as it might end too late: in the last tenth of the ticket's life, or its last
/// day.
fn is_late(ticket: &Ticket, there: UnixTime) -> bool {
    let margin = (ticket.expires.since(ticket.issued) / 10).min(Duration::from_secs(24 * 60 * 60));
    there.after(margin) >= ticket.expires
}
