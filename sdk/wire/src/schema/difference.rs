//! Where two schemas differ, in words: for who plays against another version of the game.

use super::{ComponentSchema, FieldSchema, Schema, TimeUnit};
use crate::codec::message;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// The most characters of each name and description.
const MAX_WORDS: usize = 200;

/// The first place where two schemas differ. Each text has at most 200 characters, none of them control characters: half
/// of them may be a peer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDifference {
    /// The component, by its name here, or there if only the other has it.
    pub component: String,
    /// The field, by its name here, or there if only the other has it; `None` if the components are not the same.
    pub field: Option<String>,
    /// What it is here; `None` if it is not.
    pub ours: Option<String>,
    /// What it is there; `None` if it is not.
    pub theirs: Option<String>,
}

impl Schema {
    /// The first component and field in which `theirs` is not as this one. Components are compared place by place: their
    /// ids are places.
    pub fn first_difference(&self, theirs: &Self) -> Option<SchemaDifference> {
        first(&self.components, &theirs.components, |ours, theirs| {
            let (Some(ours), Some(theirs)) = (ours, theirs) else { return difference_of_names(ours, theirs) };
            if ours.name != theirs.name {
                return difference_of_names(Some(ours), Some(theirs));
            }
            ours.first_difference(theirs)
        })
    }
}

fn difference_of_names(
    ours: Option<&ComponentSchema>,
    theirs: Option<&ComponentSchema>,
) -> Option<SchemaDifference> {
    let name = |component: Option<&ComponentSchema>| component.map(|component| words(&component.name));
    Some(SchemaDifference {
        component: name(ours.or(theirs))?,
        field: None,
        ours: name(ours),
        theirs: name(theirs),
    })
}

impl ComponentSchema {
    fn first_difference(&self, theirs: &Self) -> Option<SchemaDifference> {
        first(&self.fields, &theirs.fields, |ours, theirs| {
            // By their bytes, as the hash has it: to that, 0 and -0 are not the same bound.
            if ours.map(bytes) == theirs.map(bytes) {
                return None;
            }
            let same_name = ours.zip(theirs).is_some_and(|(ours, theirs)| ours.name == theirs.name);
            let show = |field: Option<&FieldSchema>| {
                field.map(|field| if same_name { words(&InWords(field)) } else { words(&field.name) })
            };
            Some(SchemaDifference {
                component: words(&self.name),
                field: ours.or(theirs).map(|field| words(&field.name)),
                ours: show(ours),
                theirs: show(theirs),
            })
        })
    }
}

fn bytes(field: &FieldSchema) -> Option<Vec<u8>> {
    message::encode(field, usize::MAX).ok()
}

/// What a field is, for eyes.
struct InWords<'a>(&'a FieldSchema);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind)?;
        let Some((field, unit)) = &self.0.velocity_of else { return Ok(()) };
        let unit = if *unit == TimeUnit::Second { "second" } else { "tick" };
        write!(f, ", velocity of {field} per {unit}")
    }
}

/// As a text of bounded length.
fn words(value: &dyn fmt::Display) -> String {
    let mut words = Words { text: String::new(), left: MAX_WORDS };
    // It ends where it has no room.
    let _ = write!(words, "{value}");
    words.text
}

struct Words {
    text: String,
    left: usize,
}

impl fmt::Write for Words {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(match character {
                _ if self.left == 0 => '…',
                _ if character.is_control() => char::REPLACEMENT_CHARACTER,
                _ => character,
            });
        }
        Ok(())
    }
}

/// The first difference of two lists, place by place.
fn first<T>(
    ours: &[T],
    theirs: &[T],
    difference: impl Fn(Option<&T>, Option<&T>) -> Option<SchemaDifference>,
) -> Option<SchemaDifference> {
    (0..ours.len().max(theirs.len())).find_map(|place| difference(ours.get(place), theirs.get(place)))
}

impl fmt::Display for SchemaDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "component {}", self.component)?;
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        let show = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".into());
        write!(f, ": {} here, {} there", show(&self.ours), show(&self.theirs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldKind;
    use alloc::format;
    use alloc::string::ToString;

    fn schema(fields: &[FieldSchema]) -> Schema {
        Schema::new().with("Score", &["points"]).with_component(ComponentSchema::new("Ball", fields))
    }

    #[test]
    fn what_has_the_same_hash_has_no_difference_and_nothing_else() {
        let bound = |min: f64| {
            let kind = FieldKind::Range { axes: [(min, 1.0)].into(), step: 0.1 };
            schema(&[FieldSchema::new("charge", kind)])
        };
        let schemas = [bound(0.0), bound(-0.0), bound(f64::NAN), bound(-1.0)];
        for (one, ours) in schemas.iter().enumerate() {
            for (other, theirs) in schemas.iter().enumerate() {
                assert_eq!(ours.hash() == theirs.hash(), one == other);
                assert_eq!(ours.first_difference(theirs).is_none(), one == other);
            }
        }
    }

    #[test]
    fn a_peers_words_are_cut_and_draw_on_no_terminal() {
        let ours = schema(&[FieldSchema::new("charge", FieldKind::Flag)]);
        let hostile = FieldKind::Range { axes: (0..3_000).map(|n| (n.into(), 1e300)).collect(), step: 1.0 };
        let theirs = schema(&[FieldSchema::new("charge", hostile)]);
        let difference = ours.first_difference(&theirs).unwrap();
        let words = difference.theirs.unwrap();
        assert_eq!((words.chars().count(), words.chars().last()), (MAX_WORDS, Some('…')));
        let name = format!("\u{1b}[2J{}", "x".repeat(10_000));
        let theirs = Schema::new().with_component(ComponentSchema::new(name, []));
        let difference = ours.first_difference(&theirs).unwrap();
        assert!(difference.theirs.unwrap().starts_with("\u{fffd}[2Jxxx"));
    }

    fn range(name: &'static str, reach: f64) -> FieldSchema {
        FieldSchema::new(name, FieldKind::Range { axes: [(-reach, reach); 2].into(), step: 0.01 })
    }

    #[test]
    fn the_component_and_the_field_are_named_with_both_sides() {
        let ours = schema(&[range("position", 64.0), range("velocity", 8.0)]);
        let cases = [
            (
                schema(&[range("position", 64.0), range("velocity", 16.0)]),
                "component Ball, field velocity: range -8..8 in steps of 0.01 on 2 axes here, \
                 range -16..16 in steps of 0.01 on 2 axes there",
            ),
            (
                schema(&[
                    range("position", 64.0),
                    range("velocity", 8.0).velocity_of("position", TimeUnit::Tick),
                ]),
                "component Ball, field velocity: range -8..8 in steps of 0.01 on 2 axes here, \
                 range -8..8 in steps of 0.01 on 2 axes, velocity of position per tick there",
            ),
            (
                schema(&[range("place", 64.0), range("velocity", 8.0)]),
                "component Ball, field position: position here, place there",
            ),
            (
                schema(&[range("position", 64.0)]),
                "component Ball, field velocity: velocity here, nothing there",
            ),
            (Schema::new().with("Scores", &["points"]), "component Score: Score here, Scores there"),
            (Schema::new().with("Score", &["points"]), "component Ball: Ball here, nothing there"),
        ];
        for (theirs, expected) in cases {
            assert_eq!(
                ours.first_difference(&theirs).map(|difference| difference.to_string()),
                Some(expected.into())
            );
            assert_ne!(ours.hash(), theirs.hash());
            assert!(theirs.first_difference(&ours).is_some());
        }
        assert_eq!(ours.first_difference(&ours.clone()), None);
    }
}
