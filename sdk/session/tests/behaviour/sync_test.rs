//! A sync test passes a deterministic game and names what is not.

use crate::support::Arena;
use netcord_session::{Runner, Simulation, Step, SyncTestConfig, SyncTestSession};
use netcord_wire::{FieldSink, GameRng, Inspect, NetEntity, Tick};

/// An arena with a fault.
#[derive(Clone)]
struct Faulty {
    arena: Arena,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The order of iteration, which the perturbation shuffles, decides who collects.
    Order,
    /// A field that is not encoded.
    Forgotten,
}

impl Simulation for Faulty {
    type Input = u8;

    fn advance(&mut self, step: &Step<u8>) {
        self.arena.advance(step);
        if self.fault == Fault::Order && step.tick == Tick(77) && step.perturbation % 2 == 1 {
            self.arena.players[0].score += 1;
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let mut arena = self.arena.clone();
        if self.fault == Fault::Forgotten {
            arena.coin[1] = 0;
        }
        bytes.push(self.fault as u8);
        arena.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&fault, arena) = bytes.split_first()?;
        let fault =
            [Fault::None, Fault::Order, Fault::Forgotten].into_iter().find(|known| *known as u8 == fault)?;
        Some(Self { arena: Arena::decode(arena)?, fault })
    }
}

impl Inspect for Faulty {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        self.arena.inspect(sink);
    }
}

fn test(fault: Fault) -> SyncTestSession<u8> {
    let config = SyncTestConfig { schema: Arena::schema(), seed: 5, ..SyncTestConfig::default() };
    let mut session = SyncTestSession::new(config).unwrap();
    let mut runner = Runner::new(Faulty { arena: Arena::new(3), fault });
    let mut rng = GameRng::new(8);
    for _ in 0..400 {
        session.advance(&[rng.below(16) as u8, rng.below(16) as u8]);
        runner.run(&mut session).unwrap();
    }
    assert_eq!(runner.state().arena.ticks, 400);
    session
}

#[test]
fn a_deterministic_game_passes() {
    assert_eq!(test(Fault::None).report(), None);
}

#[test]
fn what_depends_on_the_order_is_named() {
    let session = test(Fault::Order);
    let report = session.report().unwrap();
    assert_eq!(report.tick, Tick(78));
    let first = report.difference.as_ref().unwrap();
    assert_eq!((first.entity, &*first.component, &*first.field), (NetEntity(0), "Player", "score"));
    assert_eq!(first.theirs, first.ours.map(|score| score + 1));
    assert!(report.to_string().starts_with("the game is not deterministic"));
}

#[test]
fn a_field_that_is_forgotten_in_the_transfer_is_named() {
    let session = test(Fault::Forgotten);
    let report = session.report().unwrap();
    assert_eq!(report.difference.as_ref().map(|difference| &*difference.component), Some("Coin"), "{report}");
}
