//! What a desync looks like to the one who must find its cause: tick, entity, component and field by name.

use crate::storage::{RESOURCES, Store};
use core::fmt;
use netcord::session::DesyncReport;
use netcord::wire::{NetEntity, Tick};

/// Our state and a peer's differ, though both had the same inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Desync {
    /// The first tick whose state differs: the cause is in the [`NetUpdate`](crate::NetUpdate) before it.
    pub tick: Tick,
    /// Whether `tick` is known to be the first; if not, the first is that one or earlier.
    pub exact: bool,
    /// Where it differs; `None` when the fields of the tick are not known any more.
    pub difference: Option<Difference>,
    /// What changes in `NetUpdate` but is not registered for rollback, by name: the most common cause.
    pub suspects: Vec<String>,
    /// The session's own report, with hashes.
    pub report: DesyncReport,
}

/// The first field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The entity; `None` for a resource.
    pub entity: Option<NetEntity>,
    /// The component's or resource's name.
    pub component: String,
    /// The field's name, such as `velocity.x` or `items[3]`.
    pub field: String,
    /// Our value; `None` where we have no such entity, component or field.
    pub ours: Option<String>,
    /// Their value; `None` where they have no such entity, component or field.
    pub theirs: Option<String>,
}

impl Desync {
    pub(crate) fn new(report: DesyncReport, store: &Store, suspects: Vec<String>) -> Self {
        let difference = report.difference.as_ref().map(|difference| {
            // The session's schema has no names of fields, so it gives numbers.
            let index = difference.field.rsplit(' ').next().and_then(|number| number.parse().ok());
            let index = index.unwrap_or(usize::MAX);
            let name = store.field_name(&difference.component, difference.entity, index);
            let (field, kind) = name.unwrap_or_else(|| (difference.field.clone(), Default::default()));
            Difference {
                entity: (difference.entity != RESOURCES).then_some(difference.entity),
                component: difference.component.clone(),
                field,
                ours: difference.ours.map(|value| kind.show(value)),
                theirs: difference.theirs.map(|value| kind.show(value)),
            }
        });
        Self { tick: report.tick, exact: report.exact, difference, suspects, report }
    }
}

impl fmt::Display for Desync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.exact { "first differ at" } else { "differ at or before" };
        write!(f, "desync: states {when} tick {}", self.tick)?;
        match &self.difference {
            Some(difference) => write!(f, ": {difference}")?,
            None => f.write_str("; the field is not known")?,
        }
        if !self.suspects.is_empty() {
            let suspects = self.suspects.join(", ");
            write!(f, "; changed in NetUpdate but not registered for rollback: {suspects}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entity {
            Some(entity) => write!(f, "{entity} ")?,
            None => f.write_str("resource ")?,
        }
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(
            f,
            "{}.{}: ours {}, theirs {}",
            self.component,
            self.field,
            show(&self.ours),
            show(&self.theirs)
        )
    }
}
