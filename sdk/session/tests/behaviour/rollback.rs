//! The rollback core alone: what it asks for, and what it refuses.

use crate::support::Arena;
use netcord_session::rollback::{InputError, MAX_PREDICTION, Rollback};
use netcord_session::{InputStatus, Inputs, PlayerIndex, Request, Simulation, StateRing, Step};
use netcord_wire::{GameRng, StateHash, Tick};
use std::collections::{BTreeMap, VecDeque};

const A: PlayerIndex = PlayerIndex(0);
const B: PlayerIndex = PlayerIndex(1);

/// Executes requests as a game would, and remembers the final states' hashes.
struct Game {
    state: Arena,
    ring: StateRing<Arena>,
    confirmed: BTreeMap<u32, StateHash>,
}

impl Game {
    fn new() -> Self {
        Self { state: Arena::new(1), ring: StateRing::new(MAX_PREDICTION), confirmed: BTreeMap::new() }
    }

    fn execute(&mut self, requests: &mut VecDeque<Request<u8>>) {
        for request in requests.drain(..) {
            match request {
                Request::Save { tick } => self.ring.save(tick, &self.state),
                Request::Load { tick } => self.state = self.ring.get(tick).unwrap().clone(),
                Request::Advance(step) => self.state.advance(&step),
                Request::Confirm { tick } => {
                    self.confirmed.insert(tick.0, StateHash::of(self.ring.get(tick).unwrap()));
                }
                request => panic!("{request:?}"),
            }
        }
    }
}

fn step(tick: Tick, inputs: [(u8, InputStatus); 2], resimulating: bool) -> Request<u8> {
    let mut all = Inputs::new();
    inputs.into_iter().for_each(|(input, status)| all.push(input, status));
    Request::Advance(Step { tick, inputs: all, resimulating, perturbation: 0 })
}

#[test]
fn a_wrong_guess_goes_back_to_the_tick_and_simulates_again() {
    use InputStatus::{Confirmed, Predicted};
    let mut rollback = Rollback::<u8>::new(2, Tick(0), 8);
    let mut requests = VecDeque::new();
    for tick in 0..3 {
        rollback.add_input(A, Tick(tick), 1).unwrap();
        assert!(rollback.advance(&mut requests));
    }
    requests.clear();
    rollback.add_input(A, Tick(3), 1).unwrap();
    rollback.add_input(B, Tick(0), 0).unwrap();
    rollback.add_input(B, Tick(1), 9).unwrap();
    assert!(rollback.advance(&mut requests));
    let (mine, known, guessed) = ((1, Confirmed), (9, Confirmed), (9, Predicted));
    assert_eq!(
        requests,
        [
            Request::Load { tick: Tick(1) },
            step(Tick(1), [mine, known], true),
            Request::Save { tick: Tick(2) },
            step(Tick(2), [mine, guessed], true),
            Request::Save { tick: Tick(3) },
            step(Tick(3), [mine, guessed], false),
            Request::Confirm { tick: Tick(1) },
            Request::Confirm { tick: Tick(2) },
        ]
    );
    assert_eq!((rollback.stats().rollbacks, rollback.stats().resimulated_ticks), (1, 2));
}

#[test]
fn a_right_guess_costs_nothing() {
    let mut rollback = Rollback::<u8>::new(2, Tick(0), 8);
    let mut requests = VecDeque::new();
    for tick in 0..40 {
        rollback.add_input(A, Tick(tick), 3).unwrap();
        if tick >= 4 {
            rollback.add_input(B, Tick(tick - 4), 0).unwrap();
        }
        assert!(rollback.advance(&mut requests));
    }
    assert_eq!(rollback.stats().rollbacks, 0);
    assert!(!requests.iter().any(|request| matches!(request, Request::Load { .. })));
}

#[test]
fn inputs_that_come_late_and_in_lumps_give_the_states_of_inputs_that_come_at_once() {
    for seed in 0..50 {
        let mut rng = GameRng::new(seed);
        let inputs: Vec<[u8; 2]> = (0..300).map(|_| [rng.below(16) as u8, rng.below(3) as u8]).collect();
        let mut straight = Game::new();
        let mut expected = BTreeMap::new();
        for (tick, inputs) in (0..).zip(&inputs) {
            expected.insert(tick, StateHash::of(&straight.state));
            let known = inputs.map(|input| (input, InputStatus::Confirmed));
            straight.execute(&mut VecDeque::from([step(Tick(tick), known, false)]));
        }

        expected.insert(300, StateHash::of(&straight.state));

        let mut game = Game::new();
        let mut rollback = Rollback::new(2, Tick(0), 10);
        let mut requests = VecDeque::new();
        let mut arrived = 0;
        let mut given = 0;
        for _ in 0..600 {
            let due = (rng.below(4) * rng.below(4)).min(300 - arrived);
            for _ in 0..due {
                if rollback.add_input(B, Tick(arrived), inputs[arrived as usize][1]).is_ok() {
                    arrived += 1;
                }
            }
            if given < 300 && rollback.can_advance() {
                rollback.add_input(A, Tick(given), inputs[given as usize][0]).unwrap();
                given += 1;
            }
            rollback.advance(&mut requests);
            game.execute(&mut requests);
        }
        assert!(game.confirmed.len() > 250, "seed {seed}: {}", game.confirmed.len());
        for (tick, hash) in &game.confirmed {
            assert_eq!(expected.get(tick), Some(hash), "seed {seed}, tick {tick}");
        }
    }
}

#[test]
fn the_window_stops_the_ticks_and_one_input_lets_one_go_on() {
    let mut rollback = Rollback::<u8>::new(2, Tick(u32::MAX - 3), 5);
    let mut requests = VecDeque::new();
    let mut ran = 0;
    for tick in Tick(u32::MAX - 3).until(Tick(20)) {
        rollback.add_input(A, tick, 0).unwrap();
        ran += u32::from(rollback.advance(&mut requests));
    }
    assert_eq!(ran, 5);
    rollback.add_input(B, Tick(u32::MAX - 3), 0).unwrap();
    assert!(rollback.advance(&mut requests));
    assert!(!rollback.advance(&mut requests));
}

#[test]
fn contradictions_gaps_and_far_futures_are_refused() {
    let mut rollback = Rollback::<u8>::new(2, Tick(100), 8);
    rollback.add_input(B, Tick(100), 5).unwrap();
    rollback.add_input(B, Tick(100), 5).unwrap();
    let tick = Tick(100);
    assert_eq!(rollback.add_input(B, tick, 6), Err(InputError::Conflict { player: B, tick }));
    let tick = Tick(102);
    assert_eq!(rollback.add_input(B, tick, 6), Err(InputError::Gap { player: B, tick }));
    let mut last = Ok(());
    for tick in Tick(101).until(Tick(400)) {
        last = rollback.add_input(B, tick, 0);
        if last.is_err() {
            break;
        }
    }
    assert!(matches!(last, Err(InputError::TooFarAhead { player: B, tick }) if tick.is_before(Tick(228))));
    let player = PlayerIndex(2);
    assert_eq!(rollback.add_input(player, Tick(0), 0), Err(InputError::UnknownPlayer { player }));
}

#[test]
fn one_who_left_does_nothing_from_then_on_and_nobody_waits() {
    let mut rollback = Rollback::<u8>::new(3, Tick(0), 4);
    let mut requests = VecDeque::new();
    let gone = PlayerIndex(2);
    for tick in 0..20 {
        for player in [A, B] {
            rollback.add_input(player, Tick(tick), 1).unwrap();
        }
        if tick < 3 {
            rollback.add_input(gone, Tick(tick), 7).unwrap();
        }
        if tick == 5 {
            rollback.remove_player(gone, Tick(3));
        }
        assert!(rollback.advance(&mut requests));
    }
    let mut told = BTreeMap::new();
    for request in requests {
        if let Request::Advance(step) = request {
            told.insert(step.tick.0, (step.inputs[gone], step.inputs.statuses()[2]));
        }
    }
    assert_eq!(told[&2], (7, InputStatus::Confirmed));
    assert!((3..20).all(|tick| told[&tick] == (0, InputStatus::Disconnected)));
    assert_eq!(rollback.confirmed(), Tick(20));
}
