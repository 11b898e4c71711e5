//! Delta-compressed state snapshots: what changed since a state that the other side has, in as few bytes as can be.
//!
//! A game's components say themselves which integers they are made of, by `#[derive(Quantized)]`; a [`SnapshotSchema`]
//! is made of that. A **section** is a group of entities that is coded, acknowledged and lost as one. Its state at a tick is a
//! [`SectionState`], a row of integers for each entity. A [`SectionCodec`] turns a state into bytes, given up to three
//! older states that the receiver is known to have, its **baselines**, and back. Both sides keep a [`StateRing`].
//!
//! ```
//! use netcord_snapshot::{Mode, SectionCodec, SectionHeader, SectionState, SnapshotSchema, StateRing};
//! use netcord_wire::{ComponentId, ComponentSchema, NetEntity, Quantized, Schema, Tick, quantized::Blobs};
//! use std::sync::Arc;
//!
//! #[derive(Quantized)]
//! struct Ship {
//!     #[quantize(range(0.0..=1024.0), step = 0.25)]
//!     position: [f32; 2],
//!     burns: bool,
//! }
//!
//! const SHIP: ComponentId = ComponentId(0); // Its place in the schema.
//!
//! let schema = Schema::new().with_component(ComponentSchema::of::<Ship>("Ship"));
//! let schema = Arc::new(SnapshotSchema::new(&schema, 60.0)?);
//! let mut codec = SectionCodec::new(schema.clone());
//! let (mut sent, mut received) = (StateRing::new(&schema, 32), StateRing::new(&schema, 32));
//! let mut memory = Blobs::new();
//!
//! let mut bytes = Vec::new();
//! for tick in (0..20).map(Tick) {
//!     // The sender: the game's state, against what the receiver is known to have by now.
//!     let state = sent.insert(tick);
//!     for ship in 0..100 {
//!         let row = state.push(NetEntity(ship), schema.whole())?;
//!         let ship = Ship { position: [(10 * ship + 3 * tick.0) as f32 / 4.0, 175.0], burns: false };
//!         state.set(&schema, row, SHIP, &ship, &mut memory)?;
//!     }
//!     let known = sent.baselines(tick, |old| old.is_before(Tick(tick.0.saturating_sub(5))));
//!     let state = sent.get(tick).expect("just inserted");
//!     bytes.clear();
//!     codec.encode(Mode::Compact, state, known.as_slice(), &mut bytes)?;
//!
//!     // The receiver: the bytes say what they were coded against.
//!     let mut back = SectionState::new(&schema);
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
//!     GroupId, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema, SnapshotSender, View, ViewConfig,
//! };
//! use netcord_wire::{ComponentId, ComponentSchema, NetEntity, Quantized, Schema, Tick};
//! use std::sync::Arc;
//!
//! #[derive(Quantized, Debug, PartialEq)]
//! struct Ship {
//!     #[quantize(range(0.0..=1024.0), step = 0.25)]
//!     position: [f32; 2],
//!     #[quantize(bytes, max = 16)]
//!     name: String,
//! }
//!
//! const SHIP: ComponentId = ComponentId(0);
//!
//! let schema = Schema::new().with_component(ComponentSchema::of::<Ship>("Ship"));
//! let schema = Arc::new(SnapshotSchema::new(&schema, 60.0)?);
//! let mut sender = SnapshotSender::new(schema.clone(), SenderConfig::default());
//! let mut view = View::new(ViewConfig::default());
//! view.show(GroupId(0), 1);
//! let mut receiver = SnapshotReceiver::new(schema.clone(), ReceiverLimits::default());
//!
//! for tick in (1..10).map(Tick) {
//!     sender.begin(tick);
//!     sender.write(NetEntity(7), GroupId(0), schema.whole())?;
//!     sender.set(SHIP, &Ship { position: [5.0 * tick.0 as f32, 9.0], name: "Argo".into() })?;
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
//! let ship = receiver.component::<Ship>(NetEntity(7), SHIP)?;
//! assert_eq!(ship, Some((Tick(9), Ship { position: [45.0, 9.0], name: "Argo".into() })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Texts and bytes
//!
//! A `String` or `Vec<u8>` in a component is sent when it is another than in the newest baseline, whole, at two bytes more than
//! its own; those that stay as they were cost a byte a section, however many they are. A field has at most [`MAX_BLOB`] bytes, and
//! an entity with all of its own must fit into a message of [`MAX_MESSAGE`]: they are meant for names and the like, what
//! is longer goes over a reliable channel. A section has at most [`MAX_BLOB_BYTES`]. Each state that a receiver holds has
//! all of its texts, so there is a limit on [all of them](ReceiverLimits::blob_bytes), too. Whether a text is UTF-8 is
//! seen when a component is made of it.
//!
//! # How values are coded
//!
//! Of a field that changed, each number is predicted from the baselines, and what is coded is by how much that was wrong:
//! [`Mode::Compact`] by an adaptive range coder, [`Mode::Fast`] in bits. [`codec`] explains how, and what was tried.
#![forbid(unsafe_code)]

#[doc = include_str!("../docs/codec.md")]
pub mod codec {}

mod align;
mod bits;
mod blobs;
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

pub use blobs::MAX_BLOB_BYTES;
pub use error::{SchemaError, SnapshotError};
pub use feedback::MAX_FEEDBACK;
pub use message::{HISTORY, MAX_MESSAGE, SectionId};
pub use receive::{ReceiveError, ReceiverLimits, ReceiverStats, SnapshotEvent, SnapshotReceiver};
pub use ring::{Baselines, StateRing};
pub use schema::{MAX_BLOB, MAX_COMPONENTS, Shape, SnapshotSchema};
pub use section::{Baseline, MAX_BASELINES, MAX_ENTITIES, Mode, SectionCodec, SectionHeader, usual_ages};
pub use send::{GroupId, Progress, SenderConfig, SnapshotSender, View, ViewConfig};
pub use state::SectionState;
