//! The queue in its save file, and the calls that empty it.

use super::errand::Failure;
use super::queue::{MAX_BYTES, MAX_REPLAY_BYTES, MAX_RUNS, NoRoom, Plan, Queue};
use super::{Errand, ErrandDone, Name, OutboxEvent, Reason, RefusedRun, ScoreClient, WaitingRun};
use crate::api::Submission;
use crate::model::{BoardId, Ticket, TicketId, UnixTime};
use netcord_save::{Key, Loaded, Lost, SaveError, SaveFile, SaveFolder, SaveOptions, first_version};
use std::collections::BTreeMap;
use std::mem;

first_version!(Queue, "netcord.scores.outbox");

/// Runs on their way to a service, and tickets for the next ones, in an encrypted save: they outlast the game, the machine
/// and an evening without a network.
///
/// It has no thread and no clock: someone calls [`work`](Self::work) whenever something is [due](Self::next_attempt), on a
/// thread that may wait. All calls wait for the disk.
///
/// # What it promises
///
/// - A run that was [finished](Self::finish) is sent until the service accepts it, or refuses it for good; then it is among
///   [`OutboxStatus::refused`], with the reason. No run is dropped because of what the network, the service or the clock do.
/// - A run counts once, however often it is sent: its ticket is redeemed once, and the same again is answered as at first.
///   So a machine that dies after the service accepted a run, and before this could be saved, does no harm.
/// - Of a run that is cut short by a crash, nothing is lost but the run: the ticket can be taken again, after all others.
///
/// # When the file is damaged
///
/// The newest good generation counts, and [`lost`](Self::lost) says what doesn't. What was finished after it was written is
/// lost. What was accepted after it is sent again, and answered as repeated. If there is no good one, the outbox begins
/// anew. The damaged files stay where [`Lost::kept`] says.
///
/// # One for each service and player
///
/// Tickets are of one service and one player. For another service, have another folder.
#[derive(Debug)]
pub struct Outbox {
    file: SaveFile<Queue>,
    queue: Queue,
    plan: Plan,
    /// Those that were not handed out, as saving failed.
    events: Vec<OutboxEvent>,
    lost: Vec<Lost>,
}

/// What a game wants of its outbox.
#[derive(Clone, Debug)]
pub struct OutboxOptions {
    /// The boards that the game plays for.
    pub boards: Vec<BoardId>,
    /// How many tickets of each to have in hand, 3 by default: so many runs can be played offline. A service gives no more
    /// than [`TicketPolicy::open_at_most`](crate::model::TicketPolicy).
    pub tickets_ahead: usize,
}

impl OutboxOptions {
    /// For these boards, and the defaults.
    #[must_use]
    pub fn new(boards: impl IntoIterator<Item = BoardId>) -> Self {
        Self { boards: boards.into_iter().collect(), tickets_ahead: 3 }
    }
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxStatus {
    /// The player's name at the service, if one was wanted.
    pub name: Option<Name>,
    /// How many runs can be begun, by board.
    pub tickets: BTreeMap<BoardId, usize>,
    /// Runs that are not at the service yet, the oldest first.
    pub waiting: Vec<WaitingRun>,
    /// When [`Outbox::work`] has something to do. None: when there is something new.
    pub next_attempt: Option<UnixTime>,
    /// Why something waits, the newest reason.
    pub last_problem: Option<Reason>,
    /// The last runs that the service would not have, the oldest first.
    pub refused: Vec<RefusedRun>,
}

/// Why an outbox did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is no ticket for this board: the player has no name yet, or [`work`](Outbox::work) could not fetch any. Play
    /// without one; the run won't count. [`OutboxStatus::last_problem`] says why.
    #[error("there is no ticket for {0}")]
    NoTicket(BoardId),
    /// So many runs wait for the service that there is no room for another. Play without a ticket; the run won't count.
    #[error("{waiting} runs wait for the service already")]
    Full {
        /// How many wait, or are under way.
        waiting: usize,
    },
    /// The waiting replays are too long together for this one. The run is still under way: finish it again when some are sent.
    #[error("the replays that wait for the service are {MAX_BYTES} bytes or more with this one")]
    FullOfBytes,
    /// No service takes a replay of this length. The run is still under way: abandon it.
    #[error("a replay of {bytes} bytes is too long: at most {MAX_REPLAY_BYTES}")]
    ReplayTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The ticket was not taken from this outbox, or its run was finished or abandoned before.
    #[error("ticket {0} is not of a run that is under way")]
    NotTaken(TicketId),
    /// The save failed. What was asked is done, but for a ticket, which was not taken; should the game end before something
    /// else is saved, it is forgotten. Tell the player what the save says.
    #[error("the outbox could not be saved")]
    Save(#[from] SaveError),
}

impl Outbox {
    /// Opens the outbox of a folder, made if it is not there, and locks it.
    ///
    /// # Errors
    /// What [`SaveFolder::open`] and [`SaveFile::load`] say, but for [`SaveError::NoneGood`], after which it begins anew if all
    /// damaged files could be set aside.
    pub fn open(folder: &SaveFolder, key: Key, options: OutboxOptions) -> Result<Self, SaveError> {
        let mut file = folder.open::<Queue>("scores-outbox", SaveOptions::encrypted(key))?;
        let (queue, lost) = match file.load() {
            Ok(Loaded::Nothing) => (Queue::default(), Vec::new()),
            Ok(Loaded::Found { value, .. }) => (value, Vec::new()),
            Ok(Loaded::Recovered { value, lost, .. }) => (value, lost),
            Err(SaveError::NoneGood { lost }) if lost.iter().all(|lost| lost.kept.is_some()) => {
                (Queue::default(), lost)
            }
            Err(error) => return Err(error),
        };
        if !lost.is_empty() {
            tracing::warn!(files = lost.len(), "the outbox of scores was damaged");
        }
        let OutboxOptions { boards, tickets_ahead } = options;
        let plan = Plan { boards, tickets_ahead };
        let mut outbox = Self { file, queue, plan, events: Vec::new(), lost };
        outbox.queue.start();
        Ok(outbox)
    }

    /// The generations of the file that were damaged when it was opened.
    #[must_use]
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// Wants a name at the service, or another one. Without any, it gives no tickets. The same name again costs nothing.
    ///
    /// # Errors
    /// [`OutboxError::Save`].
    pub fn register(&mut self, name: &str) -> Result<(), OutboxError> {
        self.queue.register(name);
        self.save()
    }

    /// Takes a ticket for a run that begins now. It is this run's until [`finish`](Self::finish) or
    /// [`abandon`](Self::abandon), or until the game ends.
    ///
    /// # Errors
    /// [`OutboxError::NoTicket`], [`OutboxError::Full`], [`OutboxError::Save`].
    pub fn take_ticket(&mut self, board: &BoardId, now: UnixTime) -> Result<Ticket, OutboxError> {
        let ticket = self.queue.take_ticket(board, now).map_err(|why| match why {
            NoRoom::TooManyRuns => OutboxError::Full { waiting: MAX_RUNS },
            _ => OutboxError::NoTicket(board.clone()),
        })?;
        if let Err(error) = self.save() {
            self.queue.abandon(&ticket.id);
            return Err(error);
        }
        Ok(ticket)
    }

    /// The run will not be finished: the player gave up. Its ticket can be taken again, after all others.
    ///
    /// # Errors
    /// [`OutboxError::Save`].
    pub fn abandon(&mut self, ticket: &TicketId) -> Result<(), OutboxError> {
        self.queue.abandon(ticket);
        self.save()
    }

    /// The run is over: keeps it, until the service has it.
    ///
    /// # Errors
    /// [`OutboxError::NotTaken`], [`OutboxError::ReplayTooLong`], [`OutboxError::FullOfBytes`]; [`OutboxError::Save`], after which
    /// it is sent all the same.
    pub fn finish(&mut self, run: Submission, now: UnixTime) -> Result<(), OutboxError> {
        let (ticket, bytes) = (run.ticket, run.replay.len());
        self.queue.finish(run, now).map_err(|why| match why {
            NoRoom::ReplayTooLong => OutboxError::ReplayTooLong { bytes },
            NoRoom::TooManyBytes => OutboxError::FullOfBytes,
            _ => OutboxError::NotTaken(ticket),
        })?;
        self.save()
    }

    /// Tries whatever waits without waiting any longer, for a player who asks for it or a network that came back.
    pub fn hurry(&mut self, now: UnixTime) {
        self.queue.hurry(now);
    }

    /// Does one thing that is due, if there is any: takes the name, sends a run, or fetches tickets. Waits for the network.
    ///
    /// What a call comes to is an event, also where it fails.
    ///
    /// # Errors
    /// [`OutboxError::Save`]; the events come with the next call then, or with [`take_events`](Self::take_events).
    pub fn work(&mut self, client: &ScoreClient, now: UnixTime) -> Result<Vec<OutboxEvent>, OutboxError> {
        match self.next_errand(now) {
            Some(errand) => self.note(errand.run(client), now),
            None => Ok(self.take_events()),
        }
    }

    /// What [`work`](Self::work) would do now, to be done without this outbox: while that waits for the network, runs can
    /// begin and end. [`note`](Self::note) what comes of it; until then there is no other errand to do.
    #[must_use]
    pub fn next_errand(&self, now: UnixTime) -> Option<Errand> {
        self.queue.next(&self.plan, now).map(Errand)
    }

    /// Notes what came of an errand.
    ///
    /// # Errors
    /// As [`work`](Self::work).
    pub fn note(&mut self, done: ErrandDone, now: UnixTime) -> Result<Vec<OutboxEvent>, OutboxError> {
        let ErrandDone { call, outcome, player, clock_ahead } = done;
        let outcome = outcome.map_err(|error| Failure::new(&error, now));
        if let Err(failure) = &outcome {
            tracing::info!(reason = failure.reason.text, "a call to the service of scores failed");
        }
        // A call that was signed and understood shows that the clocks agree as far as the client knows.
        if clock_ahead != 0 || outcome.is_ok() {
            self.queue.clock_ahead = clock_ahead;
        }
        // Without randomness it is the longest pause.
        let random = getrandom::u64().unwrap_or(u64::MAX);
        self.queue.belongs_to(player);
        self.events.extend(self.queue.note(&self.plan, &call, outcome, now, random));
        self.save()?;
        Ok(self.take_events())
    }

    /// The events that were held back as saving failed. What they say is so, but not on the disk: should the game end before
    /// something is saved, the same comes again.
    #[must_use]
    pub fn take_events(&mut self) -> Vec<OutboxEvent> {
        mem::take(&mut self.events)
    }

    /// When [`work`](Self::work) has something to do. None: when there is something new.
    #[must_use]
    pub fn next_attempt(&self, now: UnixTime) -> Option<UnixTime> {
        if !self.events.is_empty() {
            return Some(now);
        }
        self.queue.next_attempt(&self.plan, now)
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self, now: UnixTime) -> OutboxStatus {
        let boards = self.plan.boards.iter();
        OutboxStatus {
            name: self.queue.name.clone(),
            tickets: boards.map(|board| (board.clone(), self.queue.count(board, now))).collect(),
            waiting: self.queue.waiting().collect(),
            next_attempt: self.next_attempt(now),
            last_problem: self.queue.last_problem().cloned(),
            refused: self.queue.refused.iter().cloned().collect(),
        }
    }

    fn save(&mut self) -> Result<(), OutboxError> {
        self.file.save(&self.queue)?;
        Ok(())
    }
}
