//! Threads that answer what may wait for a disk or a verification, behind queues with an end.
//!
//! A queue is a list behind a lock: the standard library's channels spin before they wait, which costs more than a small
//! answer.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Instant;
use tokio::sync::oneshot;

/// Something to do.
type Job = Box<dyn FnOnce() + Send>;

/// Some threads and a queue.
pub(super) struct Workers {
    queue: Arc<Queue>,
    /// Is disconnected when all threads have ended.
    ended: Receiver<Infallible>,
}

/// What waits to be done.
struct Queue {
    jobs: Mutex<Jobs>,
    /// Told when there is a job, or when there will be none any more.
    changed: Condvar,
    capacity: usize,
    /// How many wait, for whoever reads figures.
    waiting: Arc<AtomicI64>,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    closed: bool,
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
        capacity: usize,
        waiting: &Arc<AtomicI64>,
    ) -> io::Result<Self> {
        let (jobs, changed, waiting) = (Mutex::default(), Condvar::new(), waiting.clone());
        let queue = Arc::new(Queue { jobs, changed, capacity, waiting });
        let (alive, ended) = channel();
        // Should one of the threads not start, the others end with this.
        let workers = Self { queue: queue.clone(), ended };
        for _ in 0..threads.max(1) {
            let (queue, alive) = (queue.clone(), alive.clone());
            let run = move || {
                while let Some(job) = queue.next() {
                    // Whoever waits for the outcome sees that there is none.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
                drop(alive);
            };
            Builder::new().name(name.to_owned()).spawn(run)?;
        }
        Ok(workers)
    }

    /// Does it on one of the threads. If nobody waits for the outcome any more when its turn comes, it isn't done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let (sender, outcome) = oneshot::channel();
        let job = move || {
            if !sender.is_closed() {
                // Whether somebody waits for it or not, it is done.
                let _ = sender.send(what());
            }
        };
        if !self.queue.push(Box::new(job)) {
            return Err(NoAnswer::Full);
        }
        outcome.await.map_err(|_| NoAnswer::Panicked)
    }

    /// Lets the threads end with the jobs that they have, and waits for them, but not after that moment.
    pub(super) fn stop(self, until: Instant) {
        self.queue.close();
        let at_most = until.saturating_duration_since(Instant::now());
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(at_most) {
            tracing::warn!("a handler goes on after its server was stopped");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job at the end, unless it is full.
    fn push(&self, job: Job) -> bool {
        let mut jobs = self.lock();
        if jobs.closed || jobs.waiting.len() >= self.capacity {
            return false;
        }
        jobs.waiting.push_back(job);
        self.waiting.store(jobs.waiting.len() as i64, Relaxed);
        drop(jobs);
        self.changed.notify_one();
        true
    }

    /// Waits for a job; there is none any more when it is closed and empty.
    fn next(&self) -> Option<Job> {
        let idle = |jobs: &mut Jobs| jobs.waiting.is_empty() && !jobs.closed;
        let mut jobs = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let job = jobs.waiting.pop_front();
        self.waiting.store(jobs.waiting.len() as i64, Relaxed);
        job
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
