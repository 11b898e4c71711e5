//! The scene of the public exercise (networked physics data compression): frames of 901 bodies, as integers.

use super::physics;
use netcord::wire::{ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema};
use netcord_snapshot::{SectionState, SnapshotSchema};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bodies, the driven one first.
pub(crate) const BODIES: usize = 901;
/// Integers of a body: orientation (largest, three others), position, whether it touches the driven one.
pub(crate) const FIELDS: usize = 8;
const VALUES: usize = BODIES * FIELDS;
/// Positions lie within this, both ways; heights from 0 to their top.
const REACH: i32 = 131_071;
const HEIGHT: i32 = 16_383;
/// Frames of a scene of our own.
const FRAMES: usize = 1_500;

/// A scene.
pub(crate) struct Cubes {
    values: Vec<i32>,
    /// Where it was recorded; `None` for one of our own.
    pub(crate) recorded: Option<PathBuf>,
}

impl Cubes {
    /// The scene in a file, or beside the workspace, or else one of our own.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, String> {
        let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cubes.bin.zst");
        let path = match path {
            Some(path) => path.to_owned(),
            None if usual.exists() => usual,
            None => return Ok(Self { values: physics::record(1, FRAMES), recorded: None }),
        };
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut bytes = std::fs::read(&path).map_err(failed)?;
        if path.extension().is_some_and(|extension| extension == "zst") {
            bytes = zstd::decode_all(bytes.as_slice()).map_err(failed)?;
        }
        if bytes.is_empty() || bytes.len() % (4 * VALUES) != 0 {
            return Err(format!("{}: not a whole number of frames of {BODIES} bodies", path.display()));
        }
        let (integers, _) = bytes.as_chunks();
        Ok(Self {
            values: integers.iter().map(|&bytes| i32::from_le_bytes(bytes)).collect(),
            recorded: Some(path),
        })
    }

    pub(crate) fn frames(&self) -> usize {
        self.values.len() / VALUES
    }

    /// All integers of a frame, body by body.
    pub(crate) fn frame(&self, frame: usize) -> &[i32] {
        &self.values[frame * VALUES..][..VALUES]
    }

    /// A frame's bodies as a section.
    pub(crate) fn state(&self, schema: &SnapshotSchema, frame: usize, bodies: Range<usize>) -> SectionState {
        let mut state = SectionState::new(schema);
        for body in bodies {
            let row = state.push(NetEntity(body as u32), schema.whole()).expect("ids that ascend");
            let values = state.row_mut(row);
            values.copy_from_slice(&self.frame(frame)[body * FIELDS..][..FIELDS]);
            values[4] += REACH;
            values[5] += REACH;
        }
        state
    }
}

/// What the bodies are made of. This is all that the codec is told.
pub(crate) fn schema() -> Arc<SnapshotSchema> {
    let [reach, height] = [REACH, HEIGHT].map(f64::from);
    let position =
        FieldKind::Range { axes: vec![(-reach, reach), (-reach, reach), (0.0, height)], step: 1.0 };
    let body = [
        FieldSchema::new("orientation", FieldKind::Rotation { bits: 9 }),
        FieldSchema::new("position", position),
        FieldSchema::new("interacting", FieldKind::Flag),
    ];
    let schema = Schema::new().with_component(ComponentSchema::new("Body", body));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}
