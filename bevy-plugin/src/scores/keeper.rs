//! The thread that keeps what is to be sent, and says when it is. It waits for the disk, never for the network: the calls are
//! made by a [`caller`], so that a run can begin while the service hangs. It knows no Bevy but for the messages it makes.

use super::caller::{self, Answer, Call, Query};
use super::leaderboard::Loaded;
use super::messages::{
    NameRefused, PlayerNamed, ReplayLoaded, RunTicket, ScoreAccepted, ScoreQueued, ScoreRefused,
};
use super::{Reason, Scores, ScoresPlugin, Season, ServiceStatus};
use core::time::Duration;
use netcord::scores::api::Submission;
use netcord::scores::client::{
    ClientError, ClientOptions, Name, Outbox, OutboxError, OutboxEvent, OutboxOptions, ScoreClient,
};
use netcord::scores::identity::PlayerKey;
use netcord::scores::model::{BoardId, Claim, PlayerId, ScoreId, Ticket, TicketId, UnixTime};
use std::collections::{BTreeSet, VecDeque};
use std::error::Error;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the thread hears.
#[derive(Debug)]
pub(super) enum Event {
    /// From the game.
    Ask(Ask),
    /// From the caller.
    Answer(Answer),
    /// The caller is gone, and has not answered this.
    CallerPanicked(Option<Query>),
}

/// What the game asks for.
#[derive(Debug)]
pub(super) enum Ask {
    StartRun(BoardId),
    FinishRun {
        ticket: Ticket,
        claim: Claim,
        replay: Vec<u8>,
    },
    AbandonRun(TicketId),
    Leaderboard(BoardId, Season),
    Replay(ScoreId),
    Name(String),
    Hurry,
    /// The app ends.
    Close,
}

/// What the game is told.
#[derive(Debug)]
pub(super) enum Told {
    Status(Scores),
    Ticket(RunTicket),
    Queued(ScoreQueued),
    Accepted(ScoreAccepted),
    Refused(ScoreRefused),
    Table { board: BoardId, season: Season, loaded: Result<Loaded, Reason> },
    Replay(ReplayLoaded),
    Named(PlayerNamed),
    NameRefused(NameRefused),
}

/// What the thread has.
pub(super) struct Keeper {
    outbox: Outbox,
    player: PlayerId,
    /// What the service calls the player.
    name: Option<String>,
    /// None when it panicked: nothing is sent any more.
    caller: Option<SyncSender<Call>>,
    /// What is to be asked of the service, besides what the outbox wants.
    queries: VecDeque<Query>,
    /// Whether a call is under way.
    is_calling: bool,
    service: ServiceStatus,
    /// The runs of which the game knows that they wait.
    known_to_wait: BTreeSet<TicketId>,
    /// What is to be told.
    news: Vec<Told>,
    told_status: Scores,
    told: SyncSender<Told>,
}

/// Why nothing is sent when the caller panicked.
const STOPPED: &str = "the highscores have stopped: the thread of their calls panicked";
/// How many queries wait at most.
const MAX_QUERIES: usize = 32;
/// How often the clock is looked at while something is to be done later: it may have been set.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);

impl Keeper {
    /// Keeps the scores until the app ends.
    pub(super) fn run(
        options: &ScoresPlugin,
        events: &Receiver<Event>,
        answers: SyncSender<Event>,
        told: SyncSender<Told>,
    ) {
        match Self::open(options, answers, told.clone()) {
            Ok(mut keeper) => keeper.keep(events),
            Err(error) => stay_off(&reason_of(error.as_ref()), events, &told),
        }
    }

    fn open(
        options: &ScoresPlugin,
        answers: SyncSender<Event>,
        told: SyncSender<Told>,
    ) -> Result<Self, Box<dyn Error>> {
        let ScoresPlugin { url, folder, key, boards, .. } = options;
        let player = PlayerKey::load_or_make(folder, key.clone())?;
        let client = ScoreClient::new(&ClientOptions::new(url, player.clone()))?;
        let outbox = Outbox::open(folder, key.clone(), OutboxOptions::new(boards.iter().cloned()))?;
        Ok(Self {
            name: taken_name(&outbox),
            outbox,
            player: player.id(),
            caller: Some(caller::start(client, answers)?),
            queries: VecDeque::new(),
            is_calling: false,
            service: ServiceStatus::Unknown,
            known_to_wait: BTreeSet::new(),
            news: Vec::new(),
            told_status: Scores::default(),
            told,
        })
    }

    fn keep(&mut self, events: &Receiver<Event>) {
        loop {
            self.call_next();
            self.tell();
            let event = match self.pause() {
                Some(pause) => events.recv_timeout(pause),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Ask(Ask::Close)) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Event::Ask(ask)) => self.hear(ask),
                Ok(Event::Answer(answer)) => self.take(answer),
                Ok(Event::CallerPanicked(query)) => self.stop_calls(query),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// For how long there is nothing to do; `None` is until something is heard.
    fn pause(&self) -> Option<Duration> {
        let now = now();
        let calls = self.caller.is_some() && !self.is_calling;
        let next = if calls { self.outbox.next_attempt(now) } else { None };
        next.map(|next| next.since(now).clamp(Duration::from_millis(100), LOOK_AT_CLOCK))
    }

    /// Has the caller make the next call, if none is under way.
    fn call_next(&mut self) {
        let Some(caller) = self.caller.as_ref().filter(|_| !self.is_calling) else { return };
        let errand = self.outbox.next_errand(now()).map(Call::Errand);
        if let Some(call) = errand.or_else(|| self.queries.pop_front().map(Call::Query)) {
            // It waits for one. If it is gone, that is heard.
            self.is_calling = caller.send(call).is_ok();
        }
    }

    /// Nobody makes calls any more. What is finished is kept all the same, for the next life of the game.
    fn stop_calls(&mut self, unanswered: Option<Query>) {
        let reason = reason(STOPPED);
        self.caller = None;
        self.service = ServiceStatus::Off(reason.clone());
        let queries = unanswered.into_iter().chain(self.queries.drain(..));
        self.news.extend(queries.map(|query| query.turn_down(reason.clone())));
        self.tell_of_waiting(&reason);
    }

    /// Tells what is new. Nobody may be there any more to hear it.
    fn tell(&mut self) {
        let status = self.status();
        if status != self.told_status {
            self.told_status = status.clone();
            let _ = self.told.send(Told::Status(status));
        }
        for told in self.news.drain(..) {
            let _ = self.told.send(told);
        }
    }

    fn status(&self) -> Scores {
        let status = self.outbox.status(now());
        Scores {
            status: self.service.clone(),
            player: Some(self.player),
            name: self.name.clone(),
            waiting: status.waiting.len(),
            refused: status.refused,
            tickets: status.tickets,
        }
    }

    /// Does what the game asks for.
    fn hear(&mut self, ask: Ask) {
        match ask {
            Ask::StartRun(board) => {
                let ticket = self.outbox.take_ticket(&board, now());
                if let Err(error @ OutboxError::Save(_)) = &ticket {
                    tracing::warn!(%board, error = sentence(error), "a ticket could not be taken");
                }
                self.news.push(Told::Ticket(RunTicket { board, ticket: ticket.ok() }));
            }
            Ask::FinishRun { ticket, claim, replay } => self.finish(ticket, claim, replay),
            Ask::AbandonRun(ticket) => warn_of(self.outbox.abandon(&ticket)),
            Ask::Leaderboard(board, season) => self.query(Query::Table(board, season)),
            Ask::Replay(score) => self.query(Query::Replay(score)),
            Ask::Name(name) => warn_of(self.outbox.register(&name)),
            Ask::Hurry => self.outbox.hurry(now()),
            Ask::Close => {}
        }
    }

    fn finish(&mut self, ticket: Ticket, claim: Claim, replay: Vec<u8>) {
        let Ticket { id: ticket, board, .. } = ticket;
        match self.outbox.finish(Submission { ticket, claim, replay }, now()) {
            Ok(()) if self.caller.is_none() => self.tell_of_waiting(&reason(STOPPED)),
            Ok(()) => {}
            // It is sent all the same, but should the game end before that, it is forgotten.
            Err(error @ OutboxError::Save(_)) => {
                self.known_to_wait.insert(ticket);
                self.news.push(Told::Queued(ScoreQueued { ticket, board, reason: reason_of(&error) }));
            }
            Err(error) => {
                warn_of(self.outbox.abandon(&ticket));
                self.news.push(Told::Refused(ScoreRefused { ticket, board, reason: reason_of(&error) }));
            }
        }
    }

    /// Asks the service when its turn comes. What is asked for already is not asked for again.
    fn query(&mut self, query: Query) {
        if self.queries.contains(&query) {
            return;
        }
        if self.caller.is_none() {
            self.news.push(query.turn_down(reason(STOPPED)));
        } else if self.queries.len() < MAX_QUERIES {
            self.queries.push_back(query);
        } else {
            self.news.push(query.turn_down(reason("too much is asked for at once")));
        }
    }

    /// Takes in what came of a call.
    fn take(&mut self, answer: Answer) {
        self.is_calling = false;
        match answer {
            Answer::Errand(done) => {
                let events = self.outbox.note(done, now()).unwrap_or_else(|error| {
                    warn_of(Err(error));
                    self.outbox.take_events()
                });
                events.into_iter().for_each(|event| self.take_event(event));
            }
            Answer::Table { board, season, loaded } => {
                let loaded = self.judge(loaded);
                self.news.push(Told::Table { board, season, loaded });
            }
            Answer::Replay { score, loaded } => {
                let replay = self.judge(loaded);
                self.news.push(Told::Replay(ReplayLoaded { score, replay }));
            }
        }
    }

    /// Notes whether the service was there.
    fn judge<T>(&mut self, answer: Result<T, ClientError>) -> Result<T, Reason> {
        match answer {
            Ok(answer) => {
                self.service = ServiceStatus::Online;
                Ok(answer)
            }
            Err(error) => {
                let reason = Reason { code: error.code(), ..reason_of(&error) };
                self.note_reason(&reason);
                Err(reason)
            }
        }
    }

    /// A service that says why not is there.
    fn note_reason(&mut self, reason: &Reason) {
        self.service = match reason.code {
            Some(_) => ServiceStatus::Online,
            None => ServiceStatus::Offline(reason.clone()),
        };
    }

    fn take_event(&mut self, event: OutboxEvent) {
        match event {
            OutboxEvent::Registered(player) => {
                self.name = Some(player.name.clone());
                self.news.push(Told::Named(PlayerNamed { player }));
            }
            OutboxEvent::NameRefused { name, reason } => {
                self.keep_old_name(&name);
                self.news.push(Told::NameRefused(NameRefused { name, reason }));
            }
            OutboxEvent::Accepted { ticket, board, submitted } => {
                self.known_to_wait.remove(&ticket);
                self.news.push(Told::Accepted(ScoreAccepted { ticket, board, submitted }));
            }
            OutboxEvent::Refused(run) => {
                let Ticket { id: ticket, board, .. } = run.ticket;
                self.known_to_wait.remove(&ticket);
                self.news.push(Told::Refused(ScoreRefused { ticket, board, reason: run.reason }));
            }
            OutboxEvent::Postponed { reason, .. } => {
                self.tell_of_waiting(&reason);
                self.note_reason(&reason);
                return;
            }
            _ => {}
        }
        self.service = ServiceStatus::Online;
    }

    /// The player is still called what they were, and that is what the outbox is to remember.
    fn keep_old_name(&mut self, refused: &str) {
        // The service knows the player no more, and somebody else has the name.
        self.name.take_if(|name| name == refused);
        if let Some(name) = &self.name
            && matches!(self.outbox.status(now()).name, Some(Name::Refused { .. }))
        {
            warn_of(self.outbox.register(name));
        }
    }

    /// Tells of the runs that wait, each once.
    fn tell_of_waiting(&mut self, reason: &Reason) {
        for run in self.outbox.status(now()).waiting {
            let Ticket { id: ticket, board, .. } = run.ticket;
            if self.known_to_wait.insert(ticket) {
                self.news.push(Told::Queued(ScoreQueued { ticket, board, reason: reason.clone() }));
            }
        }
    }
}

/// What the service called the player in the last life of the game.
fn taken_name(outbox: &Outbox) -> Option<String> {
    match outbox.status(now()).name {
        Some(Name::Taken { name, .. }) => Some(name),
        _ => None,
    }
}

/// Turns down what is asked for until the app ends.
fn stay_off(reason: &Reason, events: &Receiver<Event>, told: &SyncSender<Told>) {
    let status = ServiceStatus::Off(reason.clone());
    let _ = told.send(Told::Status(Scores { status, ..Scores::default() }));
    while let Ok(Event::Ask(ask)) = events.recv() {
        if matches!(ask, Ask::Close) {
            return;
        }
        if let Some(answer) = ask.turn_down(reason.clone()) {
            let _ = told.send(answer);
        }
    }
}

impl Ask {
    /// The answer that it won't be done, if there is somebody to tell.
    pub(super) fn turn_down(self, reason: Reason) -> Option<Told> {
        match self {
            Self::StartRun(board) => Some(Told::Ticket(RunTicket { board, ticket: None })),
            Self::FinishRun { ticket: Ticket { id: ticket, board, .. }, .. } => {
                Some(Told::Refused(ScoreRefused { ticket, board, reason }))
            }
            Self::Leaderboard(board, season) => Some(Query::Table(board, season).turn_down(reason)),
            Self::Replay(score) => Some(Query::Replay(score).turn_down(reason)),
            Self::Name(name) => Some(Told::NameRefused(NameRefused { name, reason })),
            Self::AbandonRun(_) | Self::Hurry | Self::Close => None,
        }
    }
}

impl Query {
    fn turn_down(self, reason: Reason) -> Told {
        match self {
            Self::Table(board, season) => Told::Table { board, season, loaded: Err(reason) },
            Self::Replay(score) => Told::Replay(ReplayLoaded { score, replay: Err(reason) }),
        }
    }
}

/// What is done is done, and saved with the next change.
fn warn_of(saved: Result<(), OutboxError>) {
    if let Err(error) = saved {
        tracing::warn!(error = sentence(&error), "the scores could not be saved");
    }
}

fn reason_of(error: &(dyn Error + 'static)) -> Reason {
    reason(&sentence(error))
}

/// Why this machine can't do something.
pub(super) fn reason(text: &str) -> Reason {
    Reason { code: None, text: text.into(), at: now() }
}

/// An error with what caused it.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let causes = core::iter::successors(Some(error), |error| (*error).source());
    let texts: Vec<String> = causes.map(|error| error.to_string()).collect();
    texts.join(": ")
}

/// The time of day.
pub(super) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_millis(since.as_millis() as u64)
}
