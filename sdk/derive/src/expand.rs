//! The implementation that is written for a type.

use crate::attribute::{Quantization, quantization, type_name};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Data, DataEnum, DeriveInput, Error, Field, Fields, Index, Member, Path, Result, Type, parse_quote,
    spanned::Spanned,
};

/// The three methods of the trait.
struct Body {
    describe: TokenStream,
    quantize: TokenStream,
    dequantize: TokenStream,
}

/// Implements `Quantized`. `wire` is the path of `netcord-wire`, if the type doesn't name another.
pub(crate) fn quantized(input: &DeriveInput, wire: TokenStream) -> Result<TokenStream> {
    let wire = named_crate(input)?.unwrap_or(wire);
    let body = match &input.data {
        Data::Struct(data) => of_struct(&data.fields, &wire)?,
        Data::Enum(data) => of_enum(input, data, &wire)?,
        Data::Union(_) => {
            return Err(Error::new_spanned(&input.ident, "a union doesn't say what it holds: use a struct"));
        }
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#wire::Quantized));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let (name, Body { describe, quantize, dequantize }) = (&input.ident, body);
    Ok(quote! {
        #[automatically_derived]
        #[allow(clippy::all, unused_parens)]
        impl #parameters #wire::Quantized for #name #arguments #conditions {
            fn describe(fields: &mut #wire::quantized::Fields) {
                #describe
            }

            fn quantize(&self, out: &mut #wire::quantized::ColumnWriter<'_>) {
                #quantize
            }

            fn dequantize(
                from: &mut #wire::quantized::ColumnReader<'_>,
            ) -> ::core::result::Result<Self, #wire::ColumnError> {
                #dequantize
            }
        }
    })
}

/// What `#[quantize(crate = ..)]` above the type says.
fn named_crate(input: &DeriveInput) -> Result<Option<TokenStream>> {
    let mut named = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("quantize")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("above a type there is only `crate`; the others stand above fields"));
            }
            let path = meta.value()?.call(Path::parse_mod_style)?;
            named = Some(quote!(#path));
            Ok(())
        })?;
    }
    Ok(named)
}

fn of_struct(fields: &Fields, wire: &TokenStream) -> Result<Body> {
    let names: Vec<String> = fields.iter().enumerate().map(|(place, field)| name_of(place, field)).collect();
    let mut body = Body { describe: quote!(), quantize: quote!(), dequantize: quote!() };
    let mut errors: Option<Error> = None;
    for (place, (field, name)) in fields.iter().zip(&names).enumerate() {
        let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(place)), Member::Named);
        match of_field(field, name, &names, &member, wire) {
            Ok(part) => {
                body.describe.extend(part.describe);
                body.quantize.extend(part.quantize);
                body.dequantize.extend(part.dequantize);
            }
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    if let Some(errors) = errors {
        return Err(errors);
    }
    // Tuple and unit structs can be written with braces, too.
    let dequantize = body.dequantize;
    body.dequantize = quote!(::core::result::Result::Ok(Self { #dequantize }));
    Ok(body)
}

fn of_field(
    field: &Field,
    name: &str,
    names: &[String],
    member: &Member,
    wire: &TokenStream,
) -> Result<Body> {
    let of = &field.ty;
    match quantization(name, &field.attrs, of, wire)? {
        Quantization::Skip => Ok(Body {
            describe: quote!(),
            quantize: quote!(),
            dequantize: quote!(#member: ::core::default::Default::default(),),
        }),
        Quantization::ByType => {
            if let Some(message) = missing(of) {
                return Err(Error::new_spanned(of, format!("field `{name}`: {message}")));
            }
            Ok(Body {
                describe: quote!(fields.nested::<#of>(#name);),
                quantize: quote!(<#of as #wire::Quantized>::quantize(&self.#member, out);),
                dequantize: quote!(#member: <#of as #wire::Quantized>::dequantize(from)?,),
            })
        }
        Quantization::By { quantizer, velocity_of } => {
            let velocity = match velocity_of {
                None => quote!(),
                Some(velocity) => {
                    let moved = velocity.field.value();
                    if moved == name || !names.contains(&moved) {
                        let message = format!(
                            "field `{name}`: it is the velocity of `{moved}`, which is no other field of this struct; there are \
                             {}",
                            names.join(", ")
                        );
                        return Err(Error::new(velocity.field.span(), message));
                    }
                    let unit = format_ident!("{}", if velocity.per_tick { "Tick" } else { "Second" });
                    quote!(fields.velocity_of(#moved, #wire::TimeUnit::#unit);)
                }
            };
            Ok(Body {
                describe: quote!(fields.field::<#of, _>(#name, &const { #quantizer }); #velocity),
                quantize: quote!(out.field::<#of, _>(&const { #quantizer }, &self.#member);),
                dequantize: quote!(#member: from.field::<#of, _>(&const { #quantizer })?,),
            })
        }
    }
}

fn of_enum(input: &DeriveInput, data: &DataEnum, wire: &TokenStream) -> Result<Body> {
    if let Some(variant) = data.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        let message = format!(
            "variant `{}` has fields, and columns are always the same: put the fields into a struct, beside an enum that \
             has none",
            variant.ident
        );
        return Err(Error::new(variant.span(), message));
    }
    if data.variants.is_empty() {
        return Err(Error::new_spanned(&input.ident, "an enum without variants has no values to send"));
    }
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let names = variants.iter().map(|variant| variant.to_string());
    let places: Vec<i32> = (0..).take(variants.len()).collect();
    Ok(Body {
        describe: quote!(fields.leaf(#wire::FieldKind::variants(&[#(#names),*]));),
        quantize: quote!(out.push(match self { #(Self::#variants => #places),* });),
        dequantize: quote! {
            match from.take()? {
                #(#places => ::core::result::Result::Ok(Self::#variants),)*
                other => ::core::result::Result::Err(from.out_of_range(other)),
            }
        },
    })
}

fn name_of(place: usize, field: &Field) -> String {
    match &field.ident {
        Some(ident) => ident.to_string().trim_start_matches("r#").into(),
        None => place.to_string(),
    }
}

/// What a field without an attribute lacks, if its type is known to say nothing itself.
fn missing(of: &Type) -> Option<&'static str> {
    let name = match of {
        Type::Array(array) => type_name(&array.elem),
        _ => type_name(of),
    };
    Some(match name.as_str() {
        "f32" | "Vec2" | "Vec3" | "Vec3A" | "Vec4" => {
            "how exact is it to be? Say it, such as `#[quantize(range(-256.0..=256.0), step = 0.01)]`, or \
             `#[quantize(step = 0.01)]` for numbers without bounds"
        }
        "Quat" => "how exact is it to be? Say it, such as `#[quantize(rotation, bits = 9)]`",
        "f64" => "numbers with a fraction are quantised from `f32`; make it one, or `#[quantize(skip)]` it",
        "usize" | "isize" => "its size is not the same everywhere: use `u32` or `u64`, or `i32` or `i64`",
        "String" | "Vec" => {
            "how long may it get? Say it, such as `#[quantize(bytes, max = 64)]`, or `#[quantize(skip)]` it"
        }
        _ => return None,
    })
}
