//! A small deterministic game: players push themselves around and collect coins.

use netcord_session::{PlayerIndex, Simulation, Step};
use netcord_wire::{ComponentId, FieldSink, GameRng, Inspect, NetEntity, Schema};

#[derive(Clone, Debug, PartialEq)]
pub struct Arena {
    pub players: [Player; 2],
    pub coin: [i64; 2],
    pub rng: GameRng,
    pub ticks: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Player {
    pub position: [i64; 2],
    pub velocity: [i64; 2],
    pub score: i64,
}

/// The perturbation that flips a bit: a planted desync.
pub const COSMIC_RAY: u64 = 0xC05_41C;

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const UP: u8 = 4;
const DOWN: u8 = 8;

impl Arena {
    pub fn new(seed: u64) -> Self {
        Self {
            players: [Player::default(), Player { position: [1_000, 0], ..Player::default() }],
            coin: [500, 500],
            rng: GameRng::new(seed),
            ticks: 0,
        }
    }

    pub fn schema() -> Schema {
        Schema::new()
            .with("Player", &["x", "y", "vx", "vy", "score"])
            .with("Coin", &["x", "y"])
            .with("World", &["rng", "ticks"])
    }
}

impl Simulation for Arena {
    type Input = u8;

    fn advance(&mut self, step: &Step<u8>) {
        for (index, player) in self.players.iter_mut().enumerate() {
            let input = step.inputs[PlayerIndex(index as u8)];
            let axis = |less: u8, more: u8| i64::from(input & more != 0) - i64::from(input & less != 0);
            for (place, push) in [(0, axis(LEFT, RIGHT)), (1, axis(UP, DOWN))] {
                player.velocity[place] = (player.velocity[place] + push * 4) * 15 / 16;
                player.position[place] =
                    (player.position[place] + player.velocity[place]).clamp(-2_000, 2_000);
            }
            let near = |place: usize| (player.position[place] - self.coin[place]).abs() < 200;
            if near(0) && near(1) {
                player.score += 1;
                self.coin = [0, 1].map(|_| i64::from(self.rng.below(2_000)) - 1_000);
            }
        }
        self.ticks += 1;
        if step.perturbation == COSMIC_RAY {
            self.players[1].velocity[0] ^= 1;
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fields = self
            .players
            .iter()
            .flat_map(|player| player.position.into_iter().chain(player.velocity).chain([player.score]));
        for field in fields.chain(self.coin) {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.extend_from_slice(&self.rng.state().to_le_bytes());
        bytes.extend_from_slice(&self.ticks.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes.chunks_exact(8).map(|word| i64::from_le_bytes(word.try_into().unwrap()));
        let mut next = || words.next();
        let mut arena = Self::new(0);
        for player in &mut arena.players {
            for field in player.position.iter_mut().chain(&mut player.velocity) {
                *field = next()?;
            }
            player.score = next()?;
        }
        for field in &mut arena.coin {
            *field = next()?;
        }
        arena.rng = GameRng::new(next()? as u64);
        arena.ticks = next()? as u64;
        (bytes.len() == 14 * 8).then_some(arena)
    }
}

impl Inspect for Arena {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for (index, player) in self.players.iter().enumerate() {
            sink.component(NetEntity(index as u32), ComponentId(0));
            player.position.iter().chain(&player.velocity).for_each(|&field| sink.field(field));
            sink.field(player.score);
        }
        sink.component(NetEntity(2), ComponentId(1));
        self.coin.iter().for_each(|&field| sink.field(field));
        sink.component(NetEntity(3), ComponentId(2));
        sink.field(self.rng.state() as i64);
        sink.field(self.ticks as i64);
    }
}
