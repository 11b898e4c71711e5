//! The thread that waits for the disk: one for all saves, started with the first.

use bevy_ecs::prelude::*;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs in their order. Dropped, it finishes those that it was given.
#[derive(Resource, Default)]
pub(super) struct Worker(Option<(mpsc::Sender<Job>, JoinHandle<()>)>);

impl Worker {
    /// Runs `job` later.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub(super) fn run(&mut self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let (jobs, _) = match &mut self.0 {
            Some(running) => running,
            stopped => {
                let (jobs, received) = mpsc::channel::<Job>();
                let thread = thread::Builder::new().name("saves".into()).spawn(move || {
                    for job in received {
                        // Who waits for it sees that nothing came of it. The hook has printed why.
                        let _ = panic::catch_unwind(AssertUnwindSafe(job));
                    }
                })?;
                stopped.insert((jobs, thread))
            }
        };
        jobs.send(Box::new(job)).map_err(|_| io::Error::other("the thread for saves is gone"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((jobs, thread)) = self.0.take() {
            drop(jobs);
            let _ = thread.join();
        }
    }
}
