//! What the macro writes needs no `std`, and nothing of its prelude: here is none.

#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use netcord_wire::quantized::Blobs;
use netcord_wire::{ColumnError, ComponentSchema, Quantized};

/// A field of each attribute.
#[derive(Quantized)]
struct All<T> {
    #[quantize(range(-1.0..=1.0), step = 0.5)]
    position: [f32; 2],
    #[quantize(step = 0.5, velocity_of = "position")]
    velocity: [f32; 2],
    #[quantize(angle, bits = 4)]
    facing: f32,
    #[quantize(unit, bits = 4)]
    aim: [f32; 3],
    #[quantize(rotation, bits = 4)]
    orientation: [f32; 4],
    #[quantize(range(0..=9))]
    health: u8,
    #[quantize(counter, bits = 4)]
    shots: u32,
    #[quantize(bytes, max = 4)]
    name: String,
    #[quantize(bytes, max = 4)]
    badge: Vec<u8>,
    #[quantize(skip)]
    trail: Vec<f32>,
    kind: Kind,
    inner: (bool, T),
}

#[derive(Quantized, Clone, Copy, PartialEq)]
enum Kind {
    One,
    Two,
}

#[test]
fn values_go_into_columns_and_come_back_without_std() {
    let value = All {
        position: [0.5, -1.0],
        velocity: [1.5, 0.0],
        facing: 0.0,
        aim: [0.0, 0.0, 1.0],
        orientation: [0.0, 0.0, 0.0, 1.0],
        health: 7,
        shots: 3,
        name: String::from("Ada"),
        badge: Vec::new(),
        trail: Vec::new(),
        kind: Kind::Two,
        inner: (true, 9_u8),
    };
    let mut columns = [0; 16];
    let mut blobs = Blobs::new();
    assert_eq!(ComponentSchema::of::<All<u8>>("All").columns(), columns.len());
    value.to_columns(&mut columns, &mut blobs).unwrap();
    let back: Result<All<u8>, ColumnError> = All::from_columns(&columns, &blobs);
    let back = back.unwrap();
    assert_eq!((back.position, back.velocity, back.health, back.shots), ([0.5, -1.0], [1.5, 0.0], 7, 3));
    assert!(back.name == "Ada" && back.badge.is_empty() && back.trail.is_empty());
    assert!(back.kind == Kind::Two && back.kind != Kind::One && back.inner == (true, 9));
    assert!(back.facing == 0.0 && back.aim[2] > 0.9 && back.orientation[3] > 0.9);
}
