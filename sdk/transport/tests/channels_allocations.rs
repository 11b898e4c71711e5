//! A game in steady state costs no allocation: not for a message, not for a datagram, not for a loss.

use netcord_transport::channels::{Connection, ConnectionEvent};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use std::sync::Arc;
use std::time::Duration;

/// Two ends that send ten reliable and ten unreliable messages of 64 bytes a tick each, 50 ms apart; every
/// thirteenth datagram is lost.
struct Game {
    ends: [Connection; 2],
    tick: u64,
    /// Datagrams by the tick of their arrival, in one buffer each, and where each ends.
    flying: [[(Vec<u8>, Vec<usize>); 4]; 2],
    sent: u64,
    received: u64,
    scratch: Vec<u8>,
}

impl Game {
    fn new() -> Self {
        let channels = [
            ChannelConfig::unreliable().with_receipts(),
            ChannelConfig::reliable_ordered().with_receipts().with_repetition(2),
        ];
        let config = Arc::new(ChannelsConfig::new(channels));
        let end = || Connection::new(config.clone(), PeerId::new(0, 0)).expect("a valid configuration");
        let buffer = || (Vec::with_capacity(10_000), Vec::with_capacity(16));
        let flying = [(); 2].map(|()| [(); 4].map(|()| buffer()));
        let scratch = Vec::with_capacity(1_200);
        Self { ends: [end(), end()], tick: 0, flying, sent: 0, received: 0, scratch }
    }

    fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            let now = Duration::from_nanos(self.tick * 1_000_000_000 / 60);
            for end in 0..2 {
                let (bytes, cuts) = &mut self.flying[1 - end][(self.tick % 4) as usize];
                let mut start = 0;
                for cut in cuts.drain(..) {
                    self.ends[end].receive(&bytes[start..cut], now).expect("well-formed");
                    start = cut;
                }
                bytes.clear();
                while let Some(event) = self.ends[end].next_event() {
                    self.received += u64::from(matches!(event, ConnectionEvent::Message { .. }));
                }
                for message in 0..20 {
                    self.ends[end].send(ChannelId(message % 2), &[7; 64]).expect("room");
                }
                let (bytes, cuts) = &mut self.flying[end][((self.tick + 3) % 4) as usize];
                while self.ends[end].next_datagram(now, &mut self.scratch) {
                    self.sent += 1;
                    if !self.sent.is_multiple_of(13) {
                        bytes.extend_from_slice(&self.scratch);
                        cuts.push(bytes.len());
                    }
                    self.scratch.clear();
                }
            }
            self.tick += 1;
        }
    }
}

#[test]
fn nothing_is_allocated_in_steady_state_even_under_loss() {
    let mut game = Game::new();
    game.run(1_200);
    let before = game.received;
    let info = allocation_counter::measure(|| game.run(1_200));
    assert!(game.received - before > 45_000, "{} messages", game.received - before);
    assert_eq!(info.count_total, 0, "{info:?}");
}
