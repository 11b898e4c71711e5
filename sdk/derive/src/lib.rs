//! `#[derive(Quantized)]`: how the fields of a component are quantised, said where they stand.
//!
//! Use it as `netcord_wire::Quantized`, or `netcord::Quantized`, which are the trait, too.
//!
//! ```
//! use netcord_wire::{Quantized, quantized::Blobs};
//!
//! #[derive(Quantized)]
//! struct Ball {
//!     #[quantize(range(-64.0..=64.0), step = 0.01)]
//!     position: [f32; 2],
//!     #[quantize(range(-8.0..=8.0), step = 0.02, velocity_of = "position")]
//!     velocity: [f32; 2],
//!     #[quantize(angle, bits = 10)]
//!     facing: f32,
//!     #[quantize(range(0..=100))]
//!     health: u8,
//!     phase: Phase,
//!     is_held: bool,
//!     #[quantize(skip)]
//!     trail: Vec<[f32; 2]>,
//! }
//!
//! #[derive(Quantized, Debug, PartialEq)]
//! enum Phase {
//!     Idle,
//!     Thrown,
//! }
//!
//! let ball = Ball {
//!     position: [1.003, -64.0],
//!     velocity: [0.5, 0.0],
//!     facing: 1.0,
//!     health: 80,
//!     phase: Phase::Thrown,
//!     is_held: false,
//!     trail: vec![],
//! };
//! let (mut columns, mut blobs) = ([0; 8], Blobs::new());
//! ball.to_columns(&mut columns, &mut blobs)?;
//! assert_eq!(columns, [6500, 0, 425, 400, 163, 80, 1, 0]);
//!
//! let back = Ball::from_columns(&columns, &blobs)?;
//! assert_eq!((back.position, back.phase), ([1.0, -64.0], Phase::Thrown));
//! # Ok::<(), netcord_wire::ColumnError>(())
//! ```
//!
//! | field | attribute |
//! |---|---|
//! | numbers between bounds | `#[quantize(range(-256.0..=256.0), step = 0.01)]`; a range for each axis where they differ: `range(-9.0..=9.0, 0.0..=3.0)` |
//! | numbers without bounds | `#[quantize(step = 0.001)]` |
//! | an angle in radians | `#[quantize(angle, bits = 10)]` |
//! | a vector of length 1, in the plane or in space | `#[quantize(unit, bits = 9)]` |
//! | a unit quaternion | `#[quantize(rotation, bits = 9)]` |
//! | an integer between bounds | `#[quantize(range(0..=100))]` |
//! | a counter that wraps | `#[quantize(counter, bits = 8)]` |
//! | `String`, `Vec<u8>` | `#[quantize(bytes, max = 64)]` |
//! | not sent; its `Default` on the other side | `#[quantize(skip)]` |
//! | the velocity of another field | `velocity_of = "position"` beside its range or step; it is per second, unless `per = "tick"` stands there, too; that of an angle, or of a vector of length 1 in the plane, is in radians |
//! | integers, `bool`, enums without fields, other `Quantized` values, arrays and tuples of these | none |
//!
//! Numbers are `f32`, `[f32; 2]` to `[f32; 4]`, or types that convert from and into such an array, such as the vectors of
//! `glam`; its quaternions come with the feature `glam` of `netcord-wire` and `netcord`. A type that has parameters needs them to be `Quantized`. In a crate that knows `netcord-wire`
//! by another name, `#[quantize(crate = that::name)]` stands above the type.

mod attribute;
mod expand;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

/// Implements `netcord_wire::Quantized`: see the [crate].
#[proc_macro_derive(Quantized, attributes(quantize))]
pub fn quantized(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::quantized(&input, quote!(::netcord_wire)).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// The same for crates that know the facade alone: `netcord::Quantized`.
#[proc_macro_derive(FacadeQuantized, attributes(quantize))]
pub fn facade_quantized(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::quantized(&input, quote!(::netcord::wire)).unwrap_or_else(|error| error.to_compile_error()).into()
}
