//! The general-purpose way to send deltas: byte planes of them through zstd -1.

use super::cubes::{BODIES, FIELDS};
use zstd::bulk::{Compressor, Decompressor};

const VALUES: usize = BODIES * FIELDS;

/// Codes frames as deltas to others, with contexts and memory that are kept.
pub(crate) struct Planes {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    planes: Vec<u8>,
    out: Vec<u8>,
    restored: Vec<i32>,
}

impl Planes {
    pub(crate) fn new() -> Self {
        Self {
            compressor: Compressor::new(1).expect("a level that zstd has"),
            decompressor: Decompressor::new().expect("memory"),
            planes: vec![0; 2 * VALUES],
            out: vec![0; 4 * VALUES],
            restored: vec![0; VALUES],
        }
    }

    /// The deltas, zig-zag, a plane for each field's low bytes and one for its high bytes.
    pub(crate) fn split(&mut self, frame: &[i32], base: &[i32]) {
        for field in 0..FIELDS {
            let (low, high) = self.planes[2 * field * BODIES..][..2 * BODIES].split_at_mut(BODIES);
            let deltas =
                frame.iter().skip(field).step_by(FIELDS).zip(base.iter().skip(field).step_by(FIELDS));
            for (((now, before), low), high) in deltas.zip(low).zip(high) {
                let delta = now - before;
                let folded = (delta << 1 ^ delta >> 31) as u16;
                (*low, *high) = (folded as u8, (folded >> 8) as u8);
            }
        }
    }

    /// Compresses what was split, and back; returns the bytes.
    pub(crate) fn compress_and_back(&mut self) -> usize {
        let length = self.compressor.compress_to_buffer(&self.planes, &mut self.out).expect("room");
        let restored = self.decompressor.decompress_to_buffer(&self.out[..length], &mut self.planes);
        assert_eq!(restored.expect("what zstd wrote"), self.planes.len());
        length
    }

    /// Puts the deltas back onto the base.
    pub(crate) fn join(&mut self, base: &[i32]) -> &[i32] {
        for field in 0..FIELDS {
            let (low, high) = self.planes[2 * field * BODIES..][..2 * BODIES].split_at(BODIES);
            let values = self.restored.iter_mut().skip(field).step_by(FIELDS);
            let bases = base.iter().skip(field).step_by(FIELDS);
            for (((value, base), &low), &high) in values.zip(bases).zip(low).zip(high) {
                let folded = i32::from(low) | i32::from(high) << 8;
                *value = base + (folded >> 1 ^ -(folded & 1));
            }
        }
        &self.restored
    }
}
