//! Shows any serde value as a list of integer fields, and names them: what is hashed can always be named.
//!
//! It knows no entities, no components and no network.

mod serializer;

pub(crate) use serializer::visit;

use serde::ser::Serialize;

/// Looks at the fields of a value, and at where in it they are.
pub(crate) trait FieldVisitor {
    /// The next field.
    fn field(&mut self, value: i64, kind: FieldKind);
    /// What follows is in the field or variant of that name.
    fn enter(&mut self, _name: &'static str) {}
    /// What follows is in the element of that number.
    fn enter_element(&mut self, _index: usize) {}
    /// What was entered last ends.
    fn leave(&mut self) {}
}

/// What the integer of a field stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldKind {
    #[default]
    Integer,
    /// An unsigned one of 64 bits.
    Unsigned,
    Bool,
    F32,
    F64,
    Char,
    /// Eight bytes of a text.
    Text,
}

impl FieldKind {
    /// The value as it stood in the game.
    pub(crate) fn show(self, value: i64) -> String {
        match self {
            Self::Integer => value.to_string(),
            Self::Unsigned => (value as u64).to_string(),
            Self::Bool => (value != 0).to_string(),
            Self::F32 => format!("{:?}", f32::from_bits(value as u32)),
            Self::F64 => format!("{:?}", f64::from_bits(value as u64)),
            Self::Char => u32::try_from(value)
                .ok()
                .and_then(char::from_u32)
                .map_or(value.to_string(), |c| format!("{c:?}")),
            Self::Text => {
                format!("{:?}", String::from_utf8_lossy(&value.to_le_bytes()).trim_end_matches('\0'))
            }
        }
    }
}

/// The name and kind of field number `index` of `value`, as `velocity.x` or `items[3]`.
pub(crate) fn name<T: Serialize>(value: &T, index: usize) -> Option<(String, FieldKind)> {
    let mut namer = Namer { path: Vec::new(), left: index, found: None };
    visit(value, &mut namer).ok()?;
    namer.found
}

struct Namer {
    path: Vec<Step>,
    left: usize,
    found: Option<(String, FieldKind)>,
}

enum Step {
    Name(&'static str),
    Element(usize),
}

impl FieldVisitor for Namer {
    fn field(&mut self, _: i64, kind: FieldKind) {
        if self.found.is_some() {
            return;
        }
        if self.left > 0 {
            self.left -= 1;
            return;
        }
        let mut name = String::new();
        for step in &self.path {
            match step {
                Step::Name(step) if name.is_empty() => name.push_str(step),
                Step::Name(step) => name.extend([".", step]),
                Step::Element(index) => name.push_str(&format!("[{index}]")),
            }
        }
        // Of a tuple struct with one field, or a bare integer.
        if name.is_empty() {
            name.push('0');
        }
        self.found = Some((name, kind));
    }

    fn enter(&mut self, name: &'static str) {
        self.path.push(Step::Name(name));
    }

    fn enter_element(&mut self, index: usize) {
        self.path.push(Step::Element(index));
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Ship {
        at: Point,
        fuel: f32,
        cargo: Vec<u8>,
        order: Order,
        name: &'static str,
        target: Option<u32>,
        wings: (bool, bool),
        seal: Seal,
    }

    #[derive(Serialize)]
    struct Point(i32, i32);

    #[derive(Serialize)]
    struct Seal(u64);

    #[derive(Serialize)]
    enum Order {
        Wait,
        Fly { to: Point },
        Trade(u8, u8),
    }

    fn ship(order: Order) -> Ship {
        Ship {
            at: Point(3, -4),
            fuel: 0.5,
            cargo: vec![7, 8],
            order,
            name: "Nostromo 2",
            target: Some(9),
            wings: (true, false),
            seal: Seal(u64::MAX),
        }
    }

    #[derive(Default)]
    struct All(Vec<(i64, FieldKind)>);

    impl FieldVisitor for All {
        fn field(&mut self, value: i64, kind: FieldKind) {
            self.0.push((value, kind));
        }
    }

    fn shown(value: &impl Serialize) -> Vec<(String, String)> {
        let mut all = All::default();
        visit(value, &mut all).expect("it serializes");
        let names = (0..).map_while(|index| name(value, index));
        let shown: Vec<_> =
            names.zip(&all.0).map(|((name, kind), (value, _))| (name, kind.show(*value))).collect();
        assert_eq!(shown.len(), all.0.len(), "every field has a name");
        shown
    }

    #[test]
    fn every_field_has_the_name_that_rust_gives_it() {
        let expected = [
            ("at.0", "3"),
            ("at.1", "-4"),
            ("fuel", "0.5"),
            ("cargo", "2"),
            ("cargo[0]", "7"),
            ("cargo[1]", "8"),
            ("order", "1"),
            ("order.Fly.to.0", "1"),
            ("order.Fly.to.1", "2"),
            ("name", "10"),
            ("name", "\"Nostromo\""),
            ("name", "\" 2\""),
            ("target", "1"),
            ("target", "9"),
            ("wings[0]", "true"),
            ("wings[1]", "false"),
            ("seal", "18446744073709551615"),
        ];
        let shown = shown(&ship(Order::Fly { to: Point(1, 2) }));
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn variants_without_fields_and_bare_integers_have_names_too() {
        assert!(shown(&ship(Order::Wait)).contains(&("order".into(), "0".into())));
        assert!(shown(&ship(Order::Trade(5, 6))).contains(&("order.Trade[1]".into(), "6".into())));
        assert_eq!(shown(&7_u8), [("0".to_owned(), "7".to_owned())]);
    }
}
