//! A queue of bytes that stay in one piece: appended at the end, released from the front.

/// Bytes with absolute positions. What is appended together can be read together, which a ring can't offer;
/// releasing costs at most one copy of each byte.
#[derive(Debug, Default)]
pub(super) struct ByteLog {
    bytes: Vec<u8>,
    /// The position of `bytes[0]`.
    base: u64,
    /// How many bytes at the front are released.
    released: usize,
}

/// Released bytes that are not worth moving the rest for.
const SLACK: usize = 4_096;

impl ByteLog {
    /// Appends `bytes` and tells their position.
    pub(super) fn append(&mut self, bytes: &[u8]) -> u64 {
        let position = self.end();
        self.bytes.extend_from_slice(bytes);
        position
    }

    /// The position after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// How many bytes are not released.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.released
    }

    /// The `len` bytes from `position` on, which must have been appended and not released.
    pub(super) fn slice(&self, position: u64, len: usize) -> &[u8] {
        let start = (position - self.base) as usize;
        &self.bytes[start..start + len]
    }

    /// Gives up all bytes before `position`.
    pub(super) fn release(&mut self, position: u64) {
        self.released = (position - self.base) as usize;
        if self.released == self.bytes.len() {
            self.bytes.clear();
        } else if self.released > self.bytes.len() / 2 + SLACK {
            self.bytes.drain(..self.released);
        } else {
            return;
        }
        self.base = position;
        self.released = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_their_position_while_the_front_is_released() {
        let mut log = ByteLog::default();
        let mut positions = std::collections::VecDeque::new();
        for round in 0..10_000_u32 {
            positions.push_back((round, log.append(&[round as u8; 100])));
            if round >= 50 {
                let (old, position) = positions.pop_front().expect("fifty wait");
                assert_eq!(log.slice(position, 100), [old as u8; 100]);
                log.release(position + 100);
            }
        }
        assert_eq!(log.len(), 5_000);
        assert!(log.bytes.capacity() < 40_000, "released bytes are reused");
    }
}
