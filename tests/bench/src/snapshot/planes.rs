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
        let (frame, base) = (frame.as_chunks::<FIELDS>().0, base.as_chunks::<FIELDS>().0);
        for (field, planes) in self.planes.chunks_exact_mut(2 * BODIES).enumerate() {
            let (low, high) = planes.split_at_mut(BODIES);
            for (((now, before), low), high) in frame.iter().zip(base).zip(low).zip(high) {
                let delta = now[field] - before[field];
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
        let (restored, base) = (self.restored.as_chunks_mut::<FIELDS>().0, base.as_chunks::<FIELDS>().0);
        for (field, planes) in self.planes.chunks_exact(2 * BODIES).enumerate() {
            let (low, high) = planes.split_at(BODIES);
            for (((value, base), &low), &high) in restored.iter_mut().zip(base).zip(low).zip(high) {
                let folded = i32::from(low) | i32::from(high) << 8;
                value[field] = base[field] + (folded >> 1 ^ -(folded & 1));
            }
        }
        &self.restored
    }
}
