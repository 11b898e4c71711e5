//! A player's process: its output as messages, its life bound to ours.

use crate::cargo;
use crate::failure::{Failure, Outcome};
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// A running player. It is killed when this is dropped. Should xtask itself be killed, the player's stdout is
/// closed, and its next line fails.
pub(crate) struct Player {
    child: Child,
    /// How many of stdout and stderr are open.
    open: u8,
}

/// What a player's process does.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A line on its stdout.
    Line(String),
    /// A line on its stderr.
    Complaint(String),
    /// It is gone; its exit code, if it was not killed.
    Gone(Option<i32>),
}

/// What a player's process did, and which player's; `None` when one of its streams ended.
pub(crate) type Report<S> = (S, Option<Heard>);

impl Player {
    /// How long a player that has closed its streams may take to exit.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Starts `command` as `side`; what it prints goes to `reports`.
    pub(crate) fn start<S: Copy + Send + 'static>(
        side: S,
        command: &mut Command,
        reports: &Sender<Report<S>>,
    ) -> Outcome<Self> {
        let mut child =
            cargo::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        if let Some(stdout) = child.stdout.take() {
            forward(side, stdout, Heard::Line, reports.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            forward(side, stderr, Heard::Complaint, reports.clone());
        }
        Ok(Self { child, open: 2 })
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Takes note that a stream ended. After the last, the process is as good as gone: returns its exit code.
    pub(crate) fn stream_ended(&mut self) -> Option<Heard> {
        self.open = self.open.saturating_sub(1);
        (self.open == 0).then(|| Heard::Gone(self.exit_code()))
    }

    /// Waits for the exit code; `None` when the player was killed, or does not exit in time.
    fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Self::PATIENCE;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.code(),
                Ok(None) => thread::sleep(Duration::from_millis(5)),
                Err(_) => return None,
            }
        }
        None
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends each line of `stream`, and then that it ended.
fn forward<S: Copy + Send + 'static>(
    side: S,
    stream: impl Read + Send + 'static,
    what: fn(String) -> Heard,
    reports: Sender<Report<S>>,
) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if reports.send((side, Some(what(line)))).is_err() {
                return;
            }
        }
        // Nobody listens any more when the match was given up.
        let _ = reports.send((side, None));
    });
}

/// What players tell, one JSON object a line, to whoever waits for something.
pub(crate) struct Scene<S> {
    pub(crate) inbox: Receiver<Report<S>>,
}

impl<S: Display> Scene<S> {
    /// How long a game may take to come to what is waited for.
    const PATIENCE: Duration = Duration::from_secs(180);

    /// Returns when a player told an event that is `wanted`.
    pub(crate) fn wait_for<E: DeserializeOwned>(
        &self,
        what: &str,
        mut wanted: impl FnMut(&E) -> bool,
    ) -> Outcome {
        let deadline = Instant::now() + Self::PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok((_, Some(Heard::Line(line)))) => {
                    if serde_json::from_str(&line).is_ok_and(|event| wanted(&event)) {
                        return Ok(());
                    }
                }
                Ok((side, None)) => {
                    return Err(Failure::new(format!("the {side} ended while {what} was waited for")));
                }
                Ok(_) => {}
                Err(_) => {
                    let seconds = Self::PATIENCE.as_secs();
                    return Err(Failure::new(format!("{what} was waited for, {seconds} s")));
                }
            }
        }
    }
}
