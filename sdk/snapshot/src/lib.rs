//! Delta-compressed state snapshots.
#![forbid(unsafe_code)]

mod align;
mod compact;
mod entities;
mod error;
mod fast;
mod history;
mod model;
mod predict;
mod range_coder;
mod schema;
mod section;
mod state;

pub use error::{SchemaError, SnapshotError};
pub use schema::{Component, Field, FieldKind, MAX_AXES, MAX_COMPONENTS, Shape, SnapshotSchema};
pub use section::{Baseline, MAX_BASELINES, MAX_ENTITIES, Mode, SectionCodec, SectionHeader, usual_ages};
pub use state::SectionState;
