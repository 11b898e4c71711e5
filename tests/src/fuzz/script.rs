//! Fuzz inputs as scripts: steps of a byte or two, and chunks of bytes with their length before them.

/// Reads a script. Whatever the bytes, there is something to read until they end.
pub(super) struct Script<'a>(pub(super) &'a [u8]);

impl<'a> Script<'a> {
    /// The next byte; `None` at the end.
    pub(super) fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// The next byte; 0 at the end.
    pub(super) fn byte(&mut self) -> u8 {
        self.next().unwrap_or_default()
    }

    /// The next two bytes, little-endian; what is missing is 0.
    pub(super) fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// The next chunk; as much as there is of it.
    pub(super) fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(self.number()).min(self.0.len());
        let (chunk, rest) = self.0.split_at(length);
        self.0 = rest;
        chunk
    }
}

/// Appends a chunk to a script.
pub(super) fn write_chunk(script: &mut Vec<u8>, chunk: &[u8]) {
    let length = u16::try_from(chunk.len()).expect("chunks of seeds are short");
    script.extend_from_slice(&length.to_le_bytes());
    script.extend_from_slice(chunk);
}
