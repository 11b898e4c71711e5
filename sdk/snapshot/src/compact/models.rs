//! All models of a section: what is learned while it is coded, and where that begins.

use crate::model::{Bit, Number, Symbol};
use crate::schema::{GroupKind, SnapshotSchema};

/// How often the largest component is not the predicted one, when the next comes close: by how many bits the gap is longer
/// than what the prediction is likely to be wrong by, and 4.
const MISJUDGED: [f64; 9] = [0.45, 0.45, 0.43, 0.4, 0.3, 0.15, 0.05, 0.01, 0.003];

/// The models of all that is coded.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    /// Whether anything changes in rows where nothing has; by whether the row before them did.
    pub(super) blocks: [Bit; 2],
    pub(super) rows: [Bit; 32],
    pub(super) groups: Vec<GroupModels>,
}

#[derive(Clone, Debug)]
pub(super) struct GroupModels {
    pub(super) changed: [Bit; 32],
    pub(super) values: ValueModels,
}

#[derive(Clone, Debug)]
pub(super) enum ValueModels {
    Numbers { moved: Box<Number>, new: Box<Number>, new_learned: bool },
    Rotation { moved: Box<Number>, largest: [Bit; 16], second: [Bit; 16] },
    Symbol(Box<Symbol>),
}

impl Models {
    pub(crate) fn new(schema: &SnapshotSchema) -> Self {
        let rows = std::array::from_fn(|context| {
            let (length, beside) = (context & 7, context >> 3);
            let probability = match length {
                0 => [0.004, 0.01, 0.01, 0.03][beside],
                1 => 0.65,
                2 => 0.95,
                _ => 0.98,
            };
            Bit::new(probability, if length == 0 { 20 } else { 4 })
        });
        let groups = schema.groups().iter().map(|group| {
            let changed = std::array::from_fn(|context| {
                let (length, earlier) = (context & 7, context >> 3);
                let probability = match (&group.kind, length, earlier) {
                    (GroupKind::Symbol { .. }, _, 0 | 1) => 0.05,
                    (_, 0, 1) => 0.2,
                    (_, 0, _) => 0.6,
                    (_, 1, _) => 0.8,
                    _ => 0.95,
                };
                Bit::new(probability, 3)
            });
            let values = match group.kind {
                GroupKind::Numbers(_) => ValueModels::Numbers {
                    moved: Box::new(Number::new()),
                    new: Box::new(Number::new()),
                    new_learned: false,
                },
                GroupKind::Rotation { .. } => ValueModels::Rotation {
                    moved: Box::new(Number::new()),
                    largest: std::array::from_fn(|context| Bit::new(MISJUDGED[context.min(8)], 3)),
                    second: [Bit::new(0.1, 3); 16],
                },
                GroupKind::Symbol { .. } => ValueModels::Symbol(Box::new(Symbol::new())),
            };
            GroupModels { changed, values }
        });
        Self { blocks: [Bit::new(0.03, 6), Bit::new(0.06, 6)], rows, groups: groups.collect() }
    }

    /// Becomes the same as `start`, in the memory that it has.
    pub(crate) fn restart(&mut self, start: &Self) {
        (self.blocks, self.rows) = (start.blocks, start.rows);
        for (ours, start) in self.groups.iter_mut().zip(&start.groups) {
            ours.changed = start.changed;
            match (&mut ours.values, &start.values) {
                (
                    ValueModels::Numbers { moved, new, new_learned },
                    ValueModels::Numbers { moved: moved_start, new: new_start, .. },
                ) => {
                    moved.clone_from(moved_start);
                    if std::mem::take(new_learned) {
                        new.clone_from(new_start);
                    }
                }
                (
                    ValueModels::Rotation { moved, largest, second },
                    ValueModels::Rotation {
                        moved: moved_start,
                        largest: largest_start,
                        second: second_start,
                    },
                ) => {
                    moved.clone_from(moved_start);
                    *largest = *largest_start;
                    *second = *second_start;
                }
                (ValueModels::Symbol(symbol), ValueModels::Symbol(symbol_start)) => {
                    symbol.clone_from(symbol_start)
                }
                (ours, start) => *ours = start.clone(),
            }
        }
    }
}
