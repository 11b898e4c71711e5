//! The way between the app and the thread that keeps its scores: bounded both ways, and never waited for but when the app
//! ends.

use super::keeper::{Ask, Event, Told, reason};
use super::messages::LeaderboardChanged;
use super::{Leaderboard, Scores, ServiceStatus};
use bevy_app::AppExit;
use bevy_ecs::prelude::*;
use core::convert::Infallible;
use core::time::Duration;
use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError, TrySendError};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// How much may be under way to the thread, and from it. A game asks for a few things a minute.
const ROOM: usize = 64;

/// The thread, as the app holds it. Dropped, it has the thread end.
#[derive(Resource)]
pub(super) struct Link {
    events: SyncSender<Event>,
    /// Where the thread is heard; none when it need not be any more.
    told: Option<Mutex<Receiver<Told>>>,
    /// Says nothing; it is closed when the thread has ended.
    ended: Mutex<Receiver<Infallible>>,
    thread: Option<JoinHandle<()>>,
    exit_wait: Duration,
}

impl Link {
    /// Starts the thread with `keep`, which is given what it hears, a way for others to say something to it, and where it
    /// tells what is to tell.
    pub(super) fn start(
        exit_wait: Duration,
        keep: impl FnOnce(&Receiver<Event>, SyncSender<Event>, SyncSender<Told>) + Send + 'static,
    ) -> io::Result<Self> {
        let (events, heard) = mpsc::sync_channel(ROOM);
        let (tell, told) = mpsc::sync_channel(ROOM);
        let (alive, ended) = mpsc::sync_channel(0);
        let answers = events.clone();
        let thread = thread::Builder::new().name("scores".into()).spawn(move || {
            let _alive = alive;
            keep(&heard, answers, tell);
        })?;
        let (told, ended) = (Some(Mutex::new(told)), Mutex::new(ended));
        Ok(Self { events, told, ended, thread: Some(thread), exit_wait })
    }

    /// What the thread tells next; `None` for now. The error is that it is gone.
    fn hear(&mut self) -> Result<Option<Told>, TryRecvError> {
        let Some(told) = &mut self.told else { return Ok(None) };
        match told.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
            Err(TryRecvError::Empty) => Ok(None),
            told => told.map(Some),
        }
    }

    /// Lets the thread do what it was asked for, has it end, and waits for that, but not for long. What it can't tell any
    /// more it has on the disk.
    fn close(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        // So that it need not wait for us to hear it.
        self.told = None;
        let deadline = Instant::now() + self.exit_wait;
        while let Err(TrySendError::Full(_)) = self.events.try_send(Event::Ask(Ask::Close)) {
            if Instant::now() > deadline {
                return;
            }
            thread::yield_now();
        }
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let wait = deadline.saturating_duration_since(Instant::now());
        match ended.recv_timeout(wait) {
            Err(mpsc::RecvTimeoutError::Timeout) => {
                tracing::warn!("the disk is slow: scores may still be written to it as the game ends");
            }
            // The hook has printed why it panicked, if it did.
            _ => drop(thread.join()),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

/// Asks the thread for something.
pub(super) fn ask(world: &mut World, ask: Ask) {
    let Some(link) = world.get_resource::<Link>() else {
        tracing::error!("the app keeps no scores: add ScoresPlugin");
        return;
    };
    let (event, why) = match link.events.try_send(Event::Ask(ask)) {
        Ok(()) => return,
        Err(TrySendError::Full(event)) => (event, "too much is under way already: try again in a moment"),
        Err(TrySendError::Disconnected(event)) => (event, "the highscores have stopped"),
    };
    if let Event::Ask(ask) = event
        && let Some(told) = ask.turn_down(reason(why))
    {
        tell(world, told);
    }
}

/// Tells the app what was heard since the last frame.
pub(super) fn hear(world: &mut World) {
    for _ in 0..ROOM {
        let Some(mut link) = world.get_resource_mut::<Link>() else { return };
        match link.hear() {
            Ok(Some(told)) => tell(world, told),
            Ok(None) => return,
            Err(_) => {
                link.told = None;
                let reason = reason("the highscores have stopped: their thread panicked");
                world.resource_mut::<Scores>().status = ServiceStatus::Off(reason);
                return;
            }
        }
    }
}

fn tell(world: &mut World, told: Told) {
    match told {
        Told::Status(scores) => *world.resource_mut::<Scores>() = scores,
        Told::Ticket(answer) => drop(world.write_message(answer)),
        Told::Queued(queued) => drop(world.write_message(queued)),
        Told::Accepted(accepted) => {
            world.resource_mut::<Leaderboard>().outdate(&accepted.board);
            world.write_message(accepted);
        }
        Told::Refused(refused) => drop(world.write_message(refused)),
        Told::Table { board, season, loaded } => {
            world.resource_mut::<Leaderboard>().take(&board, season, loaded);
            world.write_message(LeaderboardChanged { board, season });
        }
        Told::Replay(loaded) => drop(world.write_message(loaded)),
        Told::Named(named) => drop(world.write_message(named)),
        Told::NameRefused(refused) => drop(world.write_message(refused)),
    }
}

/// Ends the thread with the app.
pub(super) fn close(ends: MessageReader<AppExit>, mut link: ResMut<Link>) {
    if !ends.is_empty() {
        link.close();
    }
}
