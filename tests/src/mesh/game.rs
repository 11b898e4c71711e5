//! A game for up to eight that forgets nothing: each input of each player changes the state for good.

use netcord::session::{InputStatus, PlayerIndex, Simulation, Step};
use netcord::wire::{ComponentId, FieldSink, GameRng, Inspect, NetEntity, Schema};

/// Eight walkers on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    walkers: [Walker; 8],
    rng: GameRng,
    ticks: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Walker {
    place: i64,
    /// A number that all inputs went into.
    trail: i64,
    /// Ticks in which the player took part.
    present: i64,
}

impl Walk {
    /// The game at its start.
    pub fn new(seed: u64) -> Self {
        Self { walkers: [Walker::default(); 8], rng: GameRng::new(seed), ticks: 0 }
    }

    /// The names of its fields.
    pub fn schema() -> Schema {
        Schema::new().with("Walker", &["place", "trail", "present"]).with("World", &["rng", "ticks"])
    }
}

impl Simulation for Walk {
    type Input = u8;

    fn advance(&mut self, step: &Step<u8>) {
        for (index, status) in step.inputs.statuses().iter().enumerate() {
            let Some(walker) = self.walkers.get_mut(index) else { continue };
            let input = step.inputs[PlayerIndex(index as u8)];
            walker.place += i64::from(input % 3) - 1;
            walker.trail = walker.trail.wrapping_mul(31).wrapping_add(input.into());
            walker.present += i64::from(*status != InputStatus::Disconnected);
        }
        if let Some(walker) = self.walkers.get_mut(self.rng.below(8) as usize) {
            walker.place += 1;
        }
        self.ticks += 1;
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let words = self.walkers.iter().flat_map(|walker| [walker.place, walker.trail, walker.present]);
        for word in words.chain([self.rng.state() as i64, self.ticks as i64]) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (words, []) = bytes.as_chunks::<8>() else { return None };
        let mut words = words.iter().map(|word| i64::from_le_bytes(*word));
        let mut walk = Self::new(0);
        for walker in &mut walk.walkers {
            *walker = Walker { place: words.next()?, trail: words.next()?, present: words.next()? };
        }
        walk.rng = GameRng::new(words.next()? as u64);
        walk.ticks = words.next()? as u64;
        words.next().is_none().then_some(walk)
    }
}

impl Inspect for Walk {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for (index, walker) in self.walkers.iter().enumerate() {
            sink.component(NetEntity(index as u32), ComponentId(0));
            [walker.place, walker.trail, walker.present].into_iter().for_each(|field| sink.field(field));
        }
        sink.component(NetEntity(8), ComponentId(1));
        sink.field(self.rng.state() as i64);
        sink.field(self.ticks as i64);
    }
}
