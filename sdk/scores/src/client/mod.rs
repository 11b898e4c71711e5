//! Calls to a service, and the queue of what could not be sent yet.
//!
//! ```
//! use netcord_save::{Key, SaveFolder};
//! use netcord_scores::api::Submission;
//! use netcord_scores::client::{ClientOptions, Outbox, OutboxError, OutboxEvent, OutboxOptions, ScoreClient};
//! use netcord_scores::identity::PlayerKey;
//! use netcord_scores::model::{BoardId, UnixTime};
//!
//! # let disk = tempfile::tempdir()?;
//! # let my_games = disk.path();
//! # let (address, now) = ("http://127.0.0.1:1", UnixTime::from_millis(1_800_000_000_000));
//! let folder = SaveFolder::at(my_games)?; // or SaveFolder::of_game("com", "Studio", "Maze")?
//! let key = Key::from_bytes(*b"32 bytes that are in the game's ");
//! let player = PlayerKey::load_or_make(&folder, key.clone())?; // on the first start, a new player
//! let client = ScoreClient::new(&ClientOptions::new(address, player))?;
//! let maze = BoardId::new("maze")?;
//! let mut outbox = Outbox::open(&folder, key, OutboxOptions::new([maze.clone()]))?;
//! outbox.register("Ann")?;
//!
//! // On a thread that may wait, whenever something is due.
//! if outbox.next_attempt(now).is_some_and(|due| due <= now) {
//!     for event in outbox.work(&client, now)? {
//!         match event {
//!             OutboxEvent::Accepted { submitted, .. } => println!("rank {}", submitted.entry.rank),
//!             OutboxEvent::Refused(run) => println!("that run doesn't count: {}", run.reason.text),
//!             OutboxEvent::Postponed { reason, .. } => println!("later: {}", reason.text),
//!             _ => {}
//!         }
//!     }
//! }
//!
//! // A run begins with a ticket, which has its seed; without one, it is a run that doesn't count.
//! match outbox.take_ticket(&maze, now) {
//!     Ok(ticket) => {
//! #       let play = |_| unreachable!("nobody is at port 1");
//!         let (claim, replay) = play(ticket.seed);
//!         outbox.finish(Submission { ticket: ticket.id, claim, replay }, now)?; // sent when it can be
//!     }
//!     Err(OutboxError::NoTicket(_)) => println!("no ticket: {:?}", outbox.status(now).last_problem),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which of the two
//!
//! [`ScoreClient`] makes calls: it is what tables are shown with. A call that fails says why, as a [`ClientError`], and what to
//! do about it. [`Outbox`] is what runs are played with: it has tickets before they are wanted, and runs after they were
//! played, in a save file.
//!
//! # What is not trusted
//!
//! Whatever answers, no answer is longer than it may be, takes longer than [`ClientOptions::overall_timeout`], or is
//! believed because its status says 200: it must be of the right kind, and about what was asked. Redirections are not
//! followed, as a request is signed for one host. Names and replays are other players': check them as any file.
//!
//! # Time
//!
//! A signature is of a moment, so the client reads the system's clock when it signs. Where the service's differs by more than
//! a minute, the service says so, and the client signs again by the service's. The outbox is told the time by whoever calls.
//!
//! # Pitfalls
//!
//! - **Calls wait**, for the network up to half a minute, for the disk some milliseconds. Have them on another thread.
//!   [`Outbox::next_errand`] lets the call be made elsewhere, while the outbox goes on.
//! - **A key that is lost is a player who is lost.** [`PlayerKey::load_or_make`](crate::identity::PlayerKey::load_or_make)
//!   says how it is kept; a game may want to let players copy it to their next machine.
//! - **Without TLS**, who listens can read what is sent, and withhold it. They can't change it, send it twice, or sign
//!   anything else.
//! - **A service has one address.** What is signed names the host; a proxy in front of the service must leave `Host` as it is.

mod backoff;
mod errand;
mod error;
mod exchange;
mod kept_key;
mod options;
mod outbox;
mod queue;
mod score_client;
#[cfg(test)]
mod simulation;

pub use backoff::Reason;
pub use errand::{Errand, ErrandDone, OutboxEvent};
pub use error::ClientError;
pub use options::{ClientOptions, ProxyChoice, Roots};
pub use outbox::{Outbox, OutboxError, OutboxOptions, OutboxStatus};
pub use queue::{Name, RefusedRun, WaitingRun};
pub use score_client::{ScoreClient, Season};
