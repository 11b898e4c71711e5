//! Threads that answer what may wait for a disk or a verification, behind queues with an end.

use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Instant;
use tokio::sync::oneshot;

/// Something to do.
type Job = Box<dyn FnOnce() + Send>;

/// Some threads and a queue.
pub(super) struct Workers {
    queue: SyncSender<Job>,
    waiting: Arc<AtomicI64>,
    /// Is disconnected when all threads have ended.
    ended: Receiver<Infallible>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The queue is full.
    Full,
    /// It panicked.
    Panicked,
}

impl Workers {
    /// As many threads as that, at least one, and a queue of so many jobs; `waiting` is how many are in it.
    pub(super) fn start(
        name: &str,
        threads: usize,
        queue: usize,
        waiting: &Arc<AtomicI64>,
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let (alive, ended) = channel();
        for _ in 0..threads.max(1) {
            let (receiver, waiting, alive) = (receiver.clone(), waiting.clone(), alive.clone());
            let run = move || {
                work(&receiver, &waiting);
                drop(alive);
            };
            Builder::new().name(name.to_owned()).spawn(run)?;
        }
        Ok(Self { queue: sender, waiting: waiting.clone(), ended })
    }

    /// Does it on one of the threads. If nobody waits for the outcome any more when its turn comes, it isn't done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let (sender, outcome) = oneshot::channel();
        let job = Box::new(move || {
            if !sender.is_closed() {
                // Whether somebody waits for it or not, it is done.
                let _ = sender.send(what());
            }
        });
        self.waiting.fetch_add(1, Relaxed);
        match self.queue.try_send(job) {
            Ok(()) => outcome.await.map_err(|_| NoAnswer::Panicked),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.waiting.fetch_sub(1, Relaxed);
                Err(NoAnswer::Full)
            }
        }
    }

    /// Lets the threads end with the jobs that they have, and waits for them, but not after that moment.
    pub(super) fn stop(self, until: Instant) {
        drop(self.queue);
        let at_most = until.saturating_duration_since(Instant::now());
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(at_most) {
            tracing::warn!("a handler goes on after its server was stopped");
        }
    }
}

fn work(queue: &Mutex<Receiver<Job>>, waiting: &AtomicI64) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        waiting.fetch_sub(1, Relaxed);
        // Whoever waits for the outcome sees that there is none.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
