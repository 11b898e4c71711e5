//! Delta-compressed state snapshots: what changed since a state that the other side has, in as few bytes as can be.
//!
//! A game describes its components once, as a [`SnapshotSchema`]: fields of quantised integers, and what kind of thing
//! each is. A **section** is a group of entities that is coded, acknowledged and lost as one. Its state at a tick is a
//! [`SectionState`], a row of integers for each entity. A [`SectionCodec`] turns a state into bytes, given up to three
//! older states that the receiver is known to have, its **baselines**, and back. Both sides keep a [`StateRing`].
//!
//! ```
//! use netcord_snapshot::{Component, Field, FieldKind, Mode, SectionCodec, SectionHeader, SnapshotSchema, StateRing};
//! use netcord_wire::{NetEntity, Tick};
//! use std::sync::Arc;
//!
//! let fields = [Field::new("position", FieldKind::Range(vec![4_095, 4_095])), Field::flag("burns")];
//! let schema = Arc::new(SnapshotSchema::new([Component::new("Ship", fields)])?);
//! let mut codec = SectionCodec::new(schema.clone());
//! let (mut sent, mut received) = (StateRing::new(&schema, 32), StateRing::new(&schema, 32));
//!
//! let mut bytes = Vec::new();
//! for tick in (0..20).map(Tick) {
//!     // The sender: the game's state, against what the receiver is known to have by now.
//!     let state = sent.insert(tick);
//!     for ship in 0..100 {
//!         let row = state.push(NetEntity(ship), schema.whole())?;
//!         state.row_mut(row).copy_from_slice(&[(10 * ship + 3 * tick.0) as i32, 700, 0]);
//!     }
//!     let known = sent.baselines(tick, |old| old.is_before(Tick(tick.0.saturating_sub(5))));
//!     let state = sent.get(tick).expect("just inserted");
//!     bytes.clear();
//!     codec.encode(Mode::Compact, state, known.as_slice(), &mut bytes)?;
//!
//!     // The receiver: the bytes say what they were coded against.
//!     let mut back = netcord_snapshot::SectionState::new(&schema);
//!     let known = received.baselines_of(tick, &SectionHeader::read(&bytes)?)?;
//!     codec.decode(&bytes, known.as_slice(), &mut back)?;
//!     assert_eq!(&back, state);
//!     received.insert(tick).copy_from(&back);
//! }
//! assert!(bytes.len() < 50, "100 ships that all move as before, in {} bytes", bytes.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # From a server to its clients
//!
//! A [`SnapshotSender`] takes all entities of a tick, keeps them in sections, and encodes each section once for all
//! clients that have the same of it. A [`View`] is what one client gets: groups that it sees, and a budget of bytes.
//! A [`SnapshotReceiver`] takes the messages in any order, and tells which entities enter and leave. Messages go over
//! a channel that may lose them, and whose receipts tell the view what arrived. What arrived and could not be read all
//! the same, the receiver names in its [feedback](SnapshotReceiver::feedback), and it comes again, whole.
//!
//! ```
//! use netcord_snapshot::{
//!     Component, Field, FieldKind, GroupId, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema,
//!     SnapshotSender, View, ViewConfig,
//! };
//! use netcord_wire::{NetEntity, Tick};
//! use std::sync::Arc;
//!
//! let ship = Component::new("Ship", [Field::new("position", FieldKind::Range(vec![4_095, 4_095]))]);
//! let schema = Arc::new(SnapshotSchema::new([ship])?);
//! let mut sender = SnapshotSender::new(schema.clone(), SenderConfig::default());
//! let mut view = View::new(ViewConfig::default());
//! view.show(GroupId(0), 1);
//! let mut receiver = SnapshotReceiver::new(schema.clone(), ReceiverLimits::default());
//!
//! for tick in (1..10).map(Tick) {
//!     sender.begin(tick);
//!     sender.write(NetEntity(7), GroupId(0), schema.whole())?.copy_from_slice(&[5 * tick.0 as i32, 9]);
//!     sender.finish();
//!     let mut receipt = 100 * u64::from(tick.0);
//!     while let Some(message) = view.next_message(&mut sender)? {
//!         receiver.receive(message)?; // A real one goes through a channel, which names the receipt,
//!         receipt += 1;
//!         view.sent(receipt);
//!         view.delivered(receipt); // and says what became of it.
//!     }
//!     if let Some(feedback) = receiver.feedback() {
//!         view.receive_feedback(&sender, feedback)?; // It goes over a channel, too.
//!     }
//! }
//! let (tick, _, position) = receiver.entity(NetEntity(7)).expect("it is in a group that the view shows");
//! assert_eq!((tick, position), (Tick(9), &[45, 9][..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How values are coded
//!
//! Rows come in blocks; a block at rest costs next to nothing. A row says whether it changed, its fields whether they
//! did. Of a field that did, each number is predicted: by its velocity field, where the schema names one
//! ([`Field::moves`]), else by how it went on between two baselines; rotations turn on about their axis. What is coded
//! is by how much the prediction was wrong.
//!
//! [`Mode::Compact`] codes it by an adaptive binary range coder. How long a number is likely to be is told by how far
//! another prediction, from a third baseline, differs, and by the numbers beside it; the bits after its first are
//! packed as they are. All probabilities start anew in each section: from values that were worked out for no scene in
//! particular, and which are the same on every machine. [`Mode::Fast`] packs bits, with one width for the numbers of a
//! field.
//!
//! `cargo xtask bench snapshot` measures both. What was tried on the way, on the scene of the public exercise (901
//! bodies, a frame against the sixth before it), in bytes a frame:
//!
//! | change | bytes |
//! |---|---|
//! | probabilities that start from a guess about the expected length | 307 |
//! | that follow from one family of curves, and a better guess | 288 |
//! | the same, learned from frame to frame (not done: each client would have models of its own, and share no bytes) | 266 |
//! | rotations compared as integers for the expected length, 5 % faster (not done) | +5 |
//! | baselines of 6, 8 and 18 ticks in place of 6, 8 and 12 | -2.5 |
//! | bits after a number's first, and its sign, packed and not modelled: 10 % faster | +6.5 |
//! | bits that are not modelled kept out of the range coder: 4 % faster | +2 |
//! | whether a row moved between the two older baselines, as a context: 5 % slower | 0 |
#![forbid(unsafe_code)]

mod align;
mod bits;
mod compact;
mod entities;
mod error;
mod fast;
mod feedback;
mod history;
pub mod interpolation;
mod message;
mod model;
mod predict;
mod range_coder;
mod receive;
mod ring;
mod schema;
mod section;
mod send;
mod state;
mod tick_set;

pub use error::{SchemaError, SnapshotError};
pub use feedback::MAX_FEEDBACK;
pub use message::{HISTORY, MAX_MESSAGE, SectionId};
pub use receive::{ReceiveError, ReceiverLimits, ReceiverStats, SnapshotEvent, SnapshotReceiver};
pub use ring::{Baselines, StateRing};
pub use schema::{Component, Field, FieldKind, MAX_AXES, MAX_COMPONENTS, Shape, SnapshotSchema};
pub use section::{Baseline, MAX_BASELINES, MAX_ENTITIES, Mode, SectionCodec, SectionHeader, usual_ages};
pub use send::{GroupId, Progress, SenderConfig, SnapshotSender, View, ViewConfig};
pub use state::SectionState;
