//! The bytes of pieces that arrived before their turn.

/// Pieces of up to [`FRAGMENT`](super::FRAGMENT) bytes, in chunks from one pool: no allocation in steady
/// state, and what a piece takes is its length rounded up.
#[derive(Debug)]
pub(super) struct HeldPieces {
    chunks: Vec<Chunk>,
    /// The first free chunk.
    free: u32,
}

/// A piece that is held. To be given back with [`HeldPieces::take`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    first: u32,
    length: u16,
}

#[derive(Debug)]
struct Chunk {
    /// The next chunk of the same piece, or the next free one.
    next: u32,
    bytes: [u8; CHUNK - 4],
}

/// Bytes that a chunk takes.
pub(super) const CHUNK: usize = 128;
/// The end of a chain of chunks.
const NONE: u32 = u32::MAX;

impl Default for HeldPieces {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: NONE }
    }
}

impl HeldPieces {
    /// Keeps a copy of `bytes`.
    pub(super) fn store(&mut self, bytes: &[u8]) -> Held {
        let mut first = NONE;
        // From the last chunk to the first, so that each knows the next.
        for part in bytes.chunks(CHUNK - 4).rev() {
            if self.free == NONE {
                self.free = self.chunks.len() as u32;
                self.chunks.push(Chunk { next: NONE, bytes: [0; CHUNK - 4] });
            }
            let place = self.free;
            let chunk = &mut self.chunks[place as usize];
            self.free = chunk.next;
            chunk.next = first;
            chunk.bytes[..part.len()].copy_from_slice(part);
            first = place;
        }
        Held { first, length: bytes.len() as u16 }
    }

    /// Shows the parts of a piece to `visit`, in their order, and gives its chunks back.
    pub(super) fn take(&mut self, held: Held, mut visit: impl FnMut(&[u8])) {
        let (mut place, mut left) = (held.first, held.length());
        while left > 0 {
            let chunk = &mut self.chunks[place as usize];
            let part = left.min(chunk.bytes.len());
            visit(&chunk.bytes[..part]);
            left -= part;
            let next = chunk.next;
            chunk.next = self.free;
            self.free = place;
            place = next;
        }
    }
}

impl Held {
    /// Bytes in the piece.
    pub(super) const fn length(self) -> usize {
        self.length as usize
    }
}
