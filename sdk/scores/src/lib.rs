//! Highscores that are replayed before they count.
//!
//! A score is accepted because the service played the run again, not because a client claimed it.
//!
//! A player takes a *ticket*, which has the seed of a run; plays the run with it; and submits what the run came to, and its
//! *replay*: the inputs. The service plays the inputs by the rules of the board and records the score when
//! it comes to what was claimed. That proves that these inputs give this score. It does not prove that a person made them: for
//! that, the service keeps when keys were pressed, and moderators look at it.
//!
//! | feature | what there is |
//! |---|---|
//! | `client`, which is on | `client`: calls to a service over HTTP, and the queue of what could not be sent yet |
//! | `service` | `rules`, `service` and `store`: all that a service does but files and sockets, and a store in memory |
//! | `redb` | a store in one file |
//! | `server` | `http` and `server`: the service as an HTTP server inside of a program |
//!
//! [`model`] is what they have in common, and [`api`] is what client and server say to each other.
//!
//! # From the rules to the listing
//!
//! A game in which one guesses what comes next, until the first wrong guess:
//!
#![cfg_attr(feature = "service", doc = "```")]
#![cfg_attr(not(feature = "service"), doc = "```ignore")]
//! use netcord_scores::api::Submission;
//! use netcord_scores::model::{
//!     Board, BoardId, Claim, Entries, Listing, Order, PlayerId, RunLimits, Seasons, TicketPolicy, Timing, UnixTime,
//!     Unit,
//! };
//! use netcord_scores::rules::{Outcome, Progress, Rules, Run, RunFault};
//! use netcord_scores::service::{Service, ServiceOptions};
//! use netcord_scores::store::MemoryStore;
//! use netcord_wire::{GameRng, StateHash};
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! use std::{collections::BTreeMap, sync::Arc, time::Duration};
//!
//! struct Guessing;
//!
//! struct Game {
//!     dice: GameRng,
//!     right: i64,
//!     guesses: std::vec::IntoIter<u8>,
//! }
//!
//! impl Rules for Guessing {
//!     // The replay of this game is a byte for each guess.
//!     fn open(&self, seed: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault> {
//!         Ok(Box::new(Game { dice: GameRng::new(seed), right: 0, guesses: replay.to_vec().into_iter() }))
//!     }
//! }
//!
//! impl Run for Game {
//!     fn advance(&mut self, ticks: u32, timing: &mut Timing) -> Result<Progress, RunFault> {
//!         for played in 1..=ticks {
//!             let guess = self.guesses.next().ok_or(RunFault::Unfinished)?;
//!             timing.note(self.right as u32);
//!             if u32::from(guess) != self.dice.below(6) {
//!                 let over = self.guesses.len() == 0;
//!                 return if over { Ok(Progress::Finished { played }) } else { Err(RunFault::InputsAfterEnd) };
//!             }
//!             self.right += 1;
//!         }
//!         Ok(Progress::Running)
//!     }
//!
//!     fn outcome(&self) -> Outcome {
//!         let state_hash = StateHash(self.dice.state());
//!         Outcome { points: self.right, state_hash, details: BTreeMap::new() }
//!     }
//! }
//!
//! // The operator has a board of each player's best, and a store.
//! let board = Board {
//!     id: BoardId::new("guessing")?,
//!     title: "Guessing".to_owned(),
//!     order: Order::HighestFirst,
//!     unit: Unit::Points,
//!     entries: Entries::BestPerPlayer,
//!     seasons: Seasons::Endless,
//!     ticks_per_second: 1,
//!     limits: RunLimits::default(),
//!     tickets: TicketPolicy::default(),
//! };
//! let id = board.id.clone();
//! let store = Arc::new(MemoryStore::new(std::slice::from_ref(&board)));
//! let service = Service::new(store, vec![(board, Arc::new(Guessing))], ServiceOptions::default())?;
//!
//! // Ann takes a name and a ticket. A program that is not an example has real time and real chance.
//! let ann = PlayerId([7; 32]);
//! let noon = UnixTime::from_millis(1_795_262_400_000);
//! service.put_player(ann, "Ann", noon)?;
//! let ticket = service.tickets(ann, &id, 1, noon, &mut ChaCha20Rng::seed_from_u64(1))?.tickets.remove(0);
//!
//! // She plays: three guesses that are right, as she knows the dice, and one that isn't.
//! let mut dice = GameRng::new(ticket.seed);
//! let mut replay: Vec<u8> = (0..3).map(|_| dice.below(6) as u8).collect();
//! replay.push(6);
//! dice.below(6);
//! let claim = Claim { points: 3, ticks: 4, state_hash: StateHash(dice.state()) };
//!
//! // Four seconds later she submits the run, and is the first.
//! let later = noon.after(Duration::from_secs(4));
//! let run = Submission { ticket: ticket.id, claim, replay };
//! let submitted = service.submit(ann, &id, &run, later, &mut || Duration::ZERO)?;
//! assert_eq!((submitted.entry.rank, submitted.best), (1, true));
//!
//! // Had she claimed more, the service had played the run and seen it.
//! let top = service.top(&Listing { board: id, season: None }, None, 10)?;
//! assert_eq!((top.entries[0].player.name.as_str(), top.entries[0].points), ("Ann", 3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod api;
mod base64;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "command-line")]
pub mod command_line;
#[cfg(feature = "server")]
pub mod http;
#[cfg(any(feature = "client", feature = "server"))]
pub mod identity;
pub mod model;
#[cfg(feature = "service")]
pub mod ranking;
#[cfg(feature = "service")]
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "service")]
pub mod service;
#[cfg(any(feature = "client", feature = "server"))]
pub mod signing;
#[cfg(feature = "service")]
pub mod store;
#[cfg(feature = "service")]
#[doc(hidden)]
pub mod testing;
#[cfg(feature = "service")]
pub mod verify;
