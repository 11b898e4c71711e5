//! `#[quantize(..)]` as it stands above a field, read into what it asks for. It knows no types.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Expr, ExprRange, LitStr, RangeLimits, Result, Token, Type, parenthesized};

/// What the attributes of a field ask for.
pub(crate) enum Quantization {
    /// Nothing: the type says it itself.
    ByType,
    /// The field is not sent.
    Skip,
    /// A quantiser, as an expression of a constant.
    By { quantizer: TokenStream, velocity_of: Option<Velocity> },
}

/// The field that a velocity moves.
pub(crate) struct Velocity {
    pub(crate) field: LitStr,
    pub(crate) per_tick: bool,
}

/// All that the attributes of one field say.
#[derive(Default)]
struct Items {
    kind: Option<Kind>,
    ranges: Vec<(Expr, Expr)>,
    step: Option<Expr>,
    bits: Option<Expr>,
    max: Option<Expr>,
    velocity_of: Option<LitStr>,
    per: Option<LitStr>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Range,
    Angle,
    Unit,
    Rotation,
    Counter,
    Bytes,
    Skip,
}

const KINDS: [(&str, Kind); 7] = [
    ("range", Kind::Range),
    ("angle", Kind::Angle),
    ("unit", Kind::Unit),
    ("rotation", Kind::Rotation),
    ("counter", Kind::Counter),
    ("bytes", Kind::Bytes),
    ("skip", Kind::Skip),
];

impl Kind {
    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("?", |(name, _)| name)
    }
}

/// What the attributes of the field `name` ask for. `wire` is the path of `netcord-wire`.
pub(crate) fn quantization(
    name: &str,
    attributes: &[Attribute],
    of: &Type,
    wire: &TokenStream,
) -> Result<Quantization> {
    let mut items = Items::default();
    let mut place = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("quantize")) {
        place = Some(attribute);
        attribute.parse_nested_meta(|meta| items.parse(name, &meta))?;
    }
    let Some(attribute) = place else { return Ok(Quantization::ByType) };
    let wrong = |message: &str| Error::new_spanned(attribute, format!("field `{name}`: {message}"));
    items.quantization(of, wire, &wrong)
}

impl Items {
    fn parse(&mut self, field: &str, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let wrong = |message: &str| Err(meta.error(format!("field `{field}`: {message}")));
        let Some(ident) = meta.path.get_ident() else {
            return wrong("expected a word such as `range` or `step`");
        };
        let word = ident.to_string();
        if let Some(&(_, kind)) = KINDS.iter().find(|(name, _)| *name == word) {
            if let Some(other) = self.kind {
                return wrong(&format!("`{}` and `{word}` exclude each other", other.name()));
            }
            self.kind = Some(kind);
            return if kind == Kind::Range { self.parse_ranges(field, meta) } else { Ok(()) };
        }
        match word.as_str() {
            "step" => self.step = Some(meta.value()?.parse()?),
            "bits" => self.bits = Some(meta.value()?.parse()?),
            "max" => self.max = Some(meta.value()?.parse()?),
            "velocity_of" => self.velocity_of = Some(meta.value()?.parse()?),
            "per" => self.per = Some(meta.value()?.parse()?),
            _ => {
                return wrong(&format!(
                    "unknown `{word}`: there are `range`, `step`, `angle`, `unit`, `rotation`, `counter`, `bits`, `bytes`, \
                     `max`, `skip`, `velocity_of` and `per`"
                ));
            }
        }
        Ok(())
    }

    fn parse_ranges(&mut self, field: &str, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let wrong = || {
            meta.error(format!(
                "field `{field}`: a range is written with both bounds, such as `range(-8.0..=8.0)`"
            ))
        };
        if !meta.input.peek(syn::token::Paren) {
            return Err(wrong());
        }
        let content;
        parenthesized!(content in meta.input);
        for range in
            content.parse_terminated(|input| input.parse::<ExprRange>(), Token![,]).map_err(|_| wrong())?
        {
            match (range.start, range.limits, range.end) {
                (Some(start), RangeLimits::Closed(_), Some(end)) => self.ranges.push((*start, *end)),
                _ => return Err(wrong()),
            }
        }
        if self.ranges.is_empty() { Err(wrong()) } else { Ok(()) }
    }

    fn quantization(
        &self,
        of: &Type,
        wire: &TokenStream,
        wrong: &dyn Fn(&str) -> Error,
    ) -> Result<Quantization> {
        self.check_words(wrong)?;
        let bits = |example: &str| {
            let missing = || wrong(&format!("how many bits? Say it, such as `#[quantize({example})]`"));
            self.bits.as_ref().ok_or_else(missing)
        };
        let quantizer = match self.kind {
            None => match &self.step {
                Some(step) => quote!(#wire::StepQuantizer::new((#step) as f64)),
                None => {
                    return Err(wrong(
                        "it says nothing: give a range, a step, or a kind, such as `#[quantize(step = 0.01)]`",
                    ));
                }
            },
            Some(Kind::Skip) => return Ok(Quantization::Skip),
            Some(Kind::Range) => self.range(of, wire, wrong)?,
            Some(Kind::Angle) => {
                let bits = bits("angle, bits = 10")?;
                quote!(#wire::AngleQuantizer::new(#bits))
            }
            Some(Kind::Unit) => {
                let bits = bits("unit, bits = 9")?;
                quote!(#wire::quantized::UnitQuantizer::new(#bits))
            }
            Some(Kind::Rotation) => {
                let bits = bits("rotation, bits = 9")?;
                quote!(#wire::RotationQuantizer::new(#bits))
            }
            Some(Kind::Counter) => {
                let bits = bits("counter, bits = 8")?;
                quote!(#wire::CounterQuantizer::new(#bits))
            }
            Some(Kind::Bytes) => match &self.max {
                Some(max) => quote!(#wire::quantized::BytesLimit(#max)),
                None => {
                    return Err(wrong("how long may it get? Say it, such as `#[quantize(bytes, max = 64)]`"));
                }
            },
        };
        Ok(Quantization::By { quantizer, velocity_of: self.velocity(wrong)? })
    }

    /// Words that mean nothing beside the kind are mistakes.
    fn check_words(&self, wrong: &dyn Fn(&str) -> Error) -> Result<()> {
        let kind = self.kind;
        if kind.is_none() && self.step.is_none() {
            return Ok(());
        }
        let has_bits = matches!(kind, Some(Kind::Angle | Kind::Unit | Kind::Rotation | Kind::Counter));
        let has_step = matches!(kind, None | Some(Kind::Range));
        let name = kind.map_or("a step", Kind::name);
        let words = [
            ("bits", self.bits.is_some(), has_bits),
            ("step", self.step.is_some(), has_step),
            ("max", self.max.is_some(), kind == Some(Kind::Bytes)),
            ("velocity_of", self.velocity_of.is_some(), has_step),
            ("per", self.per.is_some(), self.velocity_of.is_some()),
        ];
        match words.into_iter().find(|(_, is_there, belongs)| *is_there && !belongs) {
            Some(("per", ..)) => Err(wrong("`per` belongs to `velocity_of`")),
            Some((word, ..)) => Err(wrong(&format!("`{word}` means nothing beside {name}"))),
            None => Ok(()),
        }
    }

    fn range(&self, of: &Type, wire: &TokenStream, wrong: &dyn Fn(&str) -> Error) -> Result<TokenStream> {
        if let Some(step) = &self.step {
            let bounds = self.ranges.iter().map(|(min, max)| quote!(((#min) as f64, (#max) as f64)));
            return Ok(quote!(#wire::quantized::Ranges::new([#(#bounds),*], (#step) as f64)));
        }
        match self.ranges.as_slice() {
            // Bounds that the type doesn't have are a mistake that the compiler finds.
            [(min, max)] if is_integer(of) => Ok(quote!(#wire::IntegerQuantizer::new(
                { let min: #of = #min; min as i64 },
                { let max: #of = #max; max as i64 }
            ))),
            _ => Err(wrong(
                "a range of anything but a plain integer needs a step, such as \
                 `#[quantize(range(-256.0..=256.0), step = 0.01)]`",
            )),
        }
    }

    fn velocity(&self, wrong: &dyn Fn(&str) -> Error) -> Result<Option<Velocity>> {
        let per_tick = match self.per.as_ref().map(LitStr::value).as_deref() {
            None | Some("second") => false,
            Some("tick") => true,
            Some(_) => return Err(wrong("`per` is \"second\" or \"tick\"")),
        };
        Ok(self.velocity_of.clone().map(|field| Velocity { field, per_tick }))
    }
}

/// The name of a type, without its path and its parameters.
pub(crate) fn type_name(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn is_integer(of: &Type) -> bool {
    ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"].contains(&type_name(of).as_str())
}
