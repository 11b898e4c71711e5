//! A third party that sees everything, can send anything from anybody's address, and can't stop anything.

use super::{ALICE, BOB, HOST, MALLORY};
use netcord::transport::lab::{Network, Observed, Tap};
use netcord::wire::GameRng;
use netcord_tests::fuzz::Mutator;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// Genuine datagrams that are kept for later.
const KEPT: usize = 2_000;

/// After so long, a datagram has arrived or is lost.
const ARRIVED: Duration = Duration::from_millis(300);

/// Floods whoever talks with copies of what they say.
pub struct Attacker {
    network: Network,
    tap: Tap,
    rng: GameRng,
    mutator: Mutator,
    /// What may still be under way.
    recent: VecDeque<Observed>,
    kept: Vec<Observed>,
    /// Whether copies overtake what they are copies of. Without, only what has arrived is copied.
    races: bool,
    /// Copies per genuine datagram.
    intensity: usize,
    pub observed: usize,
    pub injected: usize,
}

impl Attacker {
    /// One that sends `intensity` copies for each datagram that it sees.
    pub fn new(network: &Network, seed: u64, intensity: usize, races: bool) -> Self {
        Self {
            network: network.clone(),
            tap: network.tap(),
            rng: GameRng::new(seed),
            mutator: Mutator::new(seed),
            recent: VecDeque::new(),
            kept: Vec::new(),
            races,
            intensity,
            observed: 0,
            injected: 0,
        }
    }

    /// Takes in what was sent since the last time, and sends copies.
    pub fn strike(&mut self) {
        let seen: Vec<Observed> = self.tap.by_ref().collect();
        self.observed += seen.len();
        if self.races {
            for genuine in &seen {
                // Not each, or none would ever be lost.
                if self.below(2) == 0 {
                    self.inject(genuine.from, genuine.to, &genuine.datagram);
                }
                for _ in 0..self.intensity / 3 {
                    self.damage(genuine);
                }
            }
        }
        if !self.kept.is_empty() {
            for _ in 0..seen.len() * self.intensity {
                let place = self.below(self.kept.len());
                let genuine = self.kept[place].clone();
                self.copy(&genuine);
            }
        }
        self.recent.extend(seen);
        let old = self.network.now().saturating_sub(ARRIVED);
        while let Some(observed) = self.recent.pop_front_if(|observed| observed.at < old) {
            self.keep(observed);
        }
    }

    /// Keeps datagrams for later, of all ages; the first ones, with the handshakes, for good.
    fn keep(&mut self, observed: Observed) {
        if self.kept.len() < KEPT {
            self.kept.push(observed);
        } else {
            let place = KEPT / 4 + self.below(KEPT * 3 / 4);
            self.kept[place] = observed;
        }
    }

    /// A copy of something that has arrived: as it was, from or to somebody else, or damaged.
    fn copy(&mut self, genuine: &Observed) {
        match self.below(4) {
            0 => self.inject(genuine.from, genuine.to, &genuine.datagram),
            1 => {
                let from = self.somebody();
                self.inject(from, genuine.to, &genuine.datagram);
            }
            2 => {
                let (from, to) = (self.somebody(), self.somebody());
                self.inject(from, to, &genuine.datagram);
            }
            _ => self.damage(genuine),
        }
    }

    fn damage(&mut self, genuine: &Observed) {
        let mut datagram = genuine.datagram.clone();
        let at = self.below(datagram.len());
        match self.below(5) {
            0 => datagram.truncate(at),
            1 => datagram.extend_from_slice(&[0xff; 16][..1 + at % 16]),
            2 => datagram[at] ^= 1 << self.below(8),
            3 => datagram[0] ^= 1 << self.below(8),
            _ => {
                datagram = self.mutator.mutate(&datagram, &genuine.datagram);
                if datagram == genuine.datagram {
                    return; // an honest copy may not arrive before its time
                }
            }
        }
        let from = if self.below(4) == 0 { self.somebody() } else { genuine.from };
        self.inject(from, genuine.to, &datagram);
    }

    fn somebody(&mut self) -> SocketAddr {
        [HOST, ALICE, BOB, MALLORY][self.below(4)]
    }

    fn inject(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        self.injected += 1;
        self.network.inject(from, to, datagram);
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u32) as usize
    }
}
