//! The confirmed inputs of all players, for spectators: kept by the host to send, by a spectator to play.

use netcord_wire::Tick;

/// A ring of inputs by tick; each entry is the bytes of all players' inputs in a row.
#[derive(Debug)]
pub(super) struct InputLog {
    bytes: Vec<u8>,
    width: usize,
    capacity: u32,
    /// The oldest tick that is there.
    first: Tick,
    /// The tick that comes next.
    next: Tick,
}

impl InputLog {
    /// A log of at least `capacity` ticks that starts with the inputs of the tick before `start`.
    pub(super) fn new(capacity: u32, start: Tick, before: &[u8]) -> Self {
        let width = before.len();
        // A power of two, so that slots go on in order where the tick wraps.
        let capacity = (capacity + 1).next_power_of_two();
        let mut log = Self {
            bytes: vec![0; capacity as usize * width],
            width,
            capacity,
            first: start - 1,
            next: start - 1,
        };
        log.push(before);
        log
    }

    pub(super) fn next(&self) -> Tick {
        self.next
    }

    /// Appends the inputs of the next tick; the oldest go when the log is full.
    pub(super) fn push(&mut self, inputs: &[u8]) {
        let slot = self.slot(self.next);
        if let Some(entry) = self.bytes.chunks_exact_mut(self.width).nth(slot) {
            entry.copy_from_slice(inputs);
        }
        self.next = self.next.next();
        self.first = self.first.latest(self.next - self.capacity);
    }

    pub(super) fn get(&self, tick: Tick) -> Option<&[u8]> {
        let there = !tick.is_before(self.first) && tick.is_before(self.next);
        there.then(|| self.bytes.chunks_exact(self.width).nth(self.slot(tick)))?
    }

    /// Whether the next push would drop the inputs of `tick`.
    pub(super) fn is_full_from(&self, tick: Tick) -> bool {
        self.next.since(tick) >= self.capacity as i32
    }

    fn slot(&self, tick: Tick) -> usize {
        (tick.0 % self.capacity) as usize
    }
}
