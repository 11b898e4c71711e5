//! When a resource is saved, and what the game is told of it. Never waits, but when the app ends or is suspended.

use super::messages::{Recovered, SaveFailed, Saved};
use super::policy::PersistPolicy;
use super::slot::Slot;
use super::worker::Worker;
use super::{Persist, PersistStatus, Persistent, Urgency};
use bevy_ecs::prelude::*;
use bevy_time::{Real, Time};
use core::time::Duration;
use netcord::save::{Loaded, SaveError, SaveInfo};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What the game asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Save,
    Load,
    StartOver,
}

/// What came of a job.
enum Outcome<T> {
    Saved(Result<SaveInfo, SaveError>),
    Loaded(Result<Loaded<T>, SaveError>),
}

/// What to tell the game.
enum Told {
    Saved(Saved),
    Recovered(Recovered),
    Failed(SaveFailed),
}

/// Looks after one resource.
#[derive(Resource)]
pub(super) struct Watch<T: Persistent> {
    name: String,
    policy: PersistPolicy,
    slot: Arc<Mutex<Slot<T>>>,
    /// The first and the last change that are not saved yet, in the time of the app.
    changed: Option<(Duration, Duration)>,
    under_way: Option<Mutex<Receiver<Outcome<T>>>>,
    /// After a failure: when to try again.
    retry_at: Option<Duration>,
    /// What is there could not be loaded, and must not be written over.
    is_off: bool,
    pub(super) wish: Option<Wish>,
    told: Vec<Told>,
}

impl<T: Persistent> Watch<T> {
    pub(super) fn new(name: &str, policy: PersistPolicy, slot: Slot<T>) -> Self {
        Self {
            name: name.into(),
            policy,
            slot: Arc::new(Mutex::new(slot)),
            changed: None,
            under_way: None,
            retry_at: None,
            is_off: false,
            wish: None,
            told: Vec::new(),
        }
    }

    /// Takes in what was loaded; returns the value that it gives, if it gives one.
    pub(super) fn take_loaded(&mut self, loaded: Result<Loaded<T>, SaveError>) -> Option<T> {
        let (value, lost) = match loaded {
            Ok(Loaded::Nothing) => (Some(T::default()), Vec::new()),
            Ok(Loaded::Found { value, .. }) => (Some(value), Vec::new()),
            Ok(Loaded::Recovered { value, lost, .. }) => (Some(value), lost),
            // They are out of the way, and the next save begins anew.
            Err(SaveError::NoneGood { lost }) if lost.iter().all(|lost| lost.kept.is_some()) => {
                (Some(T::default()), lost)
            }
            Err(error) => {
                self.is_off = true;
                self.fail(error, None);
                return None;
            }
        };
        self.is_off = false;
        self.changed = None;
        self.retry_at = None;
        if !lost.is_empty() {
            for lost in &lost {
                tracing::warn!(save = self.name, file = %lost.path.display(), damage = %lost.damage, "a save is damaged");
            }
            self.told.push(Told::Recovered(Recovered { name: self.name.clone(), lost }));
        }
        value
    }

    fn take_saved(&mut self, saved: Result<SaveInfo, SaveError>, now: Duration) {
        match saved {
            Ok(info) => {
                self.is_off = false;
                self.retry_at = None;
                self.told.push(Told::Saved(Saved { name: self.name.clone(), info }));
            }
            Err(error) => {
                self.changed.get_or_insert((now, now));
                let retry_in = (!self.is_off).then_some(self.policy.retry);
                self.retry_at = retry_in.map(|wait| now + wait);
                self.fail(error, retry_in);
            }
        }
    }

    fn fail(&mut self, error: SaveError, retry_in: Option<Duration>) {
        tracing::warn!(save = self.name, %error, "a save failed");
        self.told.push(Told::Failed(SaveFailed { name: self.name.clone(), error, retry_in }));
    }

    pub(super) fn status(&self) -> PersistStatus {
        match (self.is_off, self.changed.is_some() || self.under_way.is_some()) {
            (true, _) => PersistStatus::Off,
            (false, true) => PersistStatus::Unsaved,
            (false, false) => PersistStatus::Saved,
        }
    }

    /// What came of the job that is under way, if there is one that has ended, or does so until `until`.
    fn outcome(&mut self, until: Option<Instant>) -> Option<Outcome<T>> {
        let under_way = self.under_way.as_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner);
        let wait = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        let outcome = match under_way.recv_timeout(wait) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => Outcome::Saved(Err(self.cant_run(io::Error::other(
                "the thread for saves panicked over it: the type's serialization, or a migration, has a fault",
            )))),
        };
        self.under_way = None;
        Some(outcome)
    }

    fn cant_run(&self, source: io::Error) -> SaveError {
        SaveError::Io { doing: "save or load", path: PathBuf::from(&self.name), source }
    }

    /// What is to be done now.
    fn next_job(&mut self, now: Duration, is_urgent: bool) -> Option<Wish> {
        let wish = self.wish.take();
        if matches!(wish, Some(Wish::Load | Wish::StartOver)) {
            return wish;
        }
        let (first, last) = self.changed.filter(|_| !self.is_off)?;
        let may_try = self.retry_at.is_none_or(|at| now >= at);
        let has_rested = now - last >= self.policy.quiet || now - first >= self.policy.at_most;
        (is_urgent || wish.is_some() || (may_try && has_rested)).then_some(Wish::Save)
    }

    fn start(&mut self, job: Wish, value: &T, worker: &mut Worker, now: Duration) {
        let (slot, (send, receive)) = (self.slot.clone(), mpsc::channel());
        let value = (job != Wish::Load).then(|| value.clone());
        self.changed = None;
        let started = worker.run(move || {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody may be there any more to be told.
            let _ = send.send(match (job, value) {
                (Wish::Save, Some(value)) => Outcome::Saved(slot.save(&value)),
                (Wish::StartOver, Some(value)) => Outcome::Saved(slot.start_over(&value)),
                (_, _) => Outcome::Loaded(slot.load()),
            });
        });
        match started {
            Ok(()) => self.under_way = Some(Mutex::new(receive)),
            Err(error) => self.take_saved(Err(self.cant_run(error)), now),
        }
    }
}

/// Looks after a resource, once a frame; while it is urgent, until all is done.
pub(super) fn frame<T: Persistent>(
    mut persist: ResMut<'_, Persist<T>>,
    mut watch: ResMut<'_, Watch<T>>,
    mut worker: ResMut<'_, Worker>,
    mut urgency: ResMut<'_, Urgency>,
    time: Res<'_, Time<Real>>,
    mut commands: Commands<'_, '_>,
) {
    let now = time.elapsed();
    // What was loaded before the first frame is no change.
    if persist.is_changed() && persist.last_changed() != persist.added() {
        let first = watch.changed.map_or(now, |(first, _)| first);
        watch.changed = Some((first, now));
    }
    let until = urgency.until;
    let mut has_failed = false;
    loop {
        match watch.outcome(until) {
            Some(Outcome::Saved(saved)) => {
                has_failed = saved.is_err();
                watch.take_saved(saved, now);
            }
            Some(Outcome::Loaded(loaded)) => {
                if let Some(value) = watch.take_loaded(loaded) {
                    persist.value = value;
                }
            }
            None => {}
        }
        if watch.under_way.is_some() || has_failed {
            break;
        }
        let Some(job) = watch.next_job(now, until.is_some()) else { break };
        watch.start(job, &persist.value, &mut worker, now);
        if until.is_none() {
            break;
        }
    }
    let status = watch.status();
    persist.bypass_change_detection().status = status;
    urgency.unsaved += usize::from(until.is_some() && status == PersistStatus::Unsaved);
    if !watch.told.is_empty() {
        commands.queue(|world: &mut World| {
            world.resource_scope(|world, mut watch: Mut<'_, Watch<T>>| tell(world, &mut watch));
        });
    }
}

/// Writes the messages.
pub(super) fn tell<T: Persistent>(world: &mut World, watch: &mut Watch<T>) {
    for told in watch.told.drain(..) {
        match told {
            Told::Saved(saved) => drop(world.write_message(saved)),
            Told::Recovered(recovered) => drop(world.write_message(recovered)),
            Told::Failed(failed) => drop(world.write_message(failed)),
        }
    }
}
