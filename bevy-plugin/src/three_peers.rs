//! Three worlds on the rollback core: inputs come late and out of step, entities are born and die in ticks that are
//! replayed, one peer drops out in the middle, and every query goes by another order each time.

use crate::engine::carry_out;
use crate::prelude::*;
use crate::storage::Store;
use bevy_app::App;
use bevy_ecs::prelude::*;
use netcord::session::rollback::Rollback as Core;
use netcord::session::{Request, Session, SessionError};
use netcord::wire::{Inspect, StateHash};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Ship {
    player: u8,
    at: (i32, i32),
}

/// Follows the ship that fired it, by its net id.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Missile {
    target: NetEntity,
    at: (i32, i32),
    fuel: u8,
}

/// Comes and goes on a ship.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Shield(Vec<u8>);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Hits {
    by_player: [u32; 3],
    rng: Option<GameRng>,
}

fn start(mut commands: Commands, current: Res<Match>, mut hits: ResMut<Hits>) {
    hits.rng = Some(GameRng::new(current.seed));
    for player in 0..3 {
        commands.spawn((Rollback, Ship { player, at: (i32::from(player) * 100, 0) }));
    }
}

fn steer(
    mut commands: Commands,
    mut ships: Query<(Entity, &mut Ship, Option<&mut Shield>)>,
    inputs: Res<PlayerInputs<u8>>,
) {
    for (entity, mut ship, shield) in &mut ships {
        let keys = inputs.get(PlayerIndex(ship.player));
        if keys & 1 != 0 {
            ship.at.0 += 7;
        }
        if keys & 2 != 0 {
            ship.at.1 -= 3;
        }
        match shield {
            Some(mut shield) if keys & 8 != 0 => shield.0.push(keys),
            Some(_) => {
                commands.entity(entity).remove::<Shield>();
            }
            None if keys & 8 != 0 => {
                commands.entity(entity).insert(Shield(vec![keys]));
            }
            None => {}
        }
    }
}

fn fire(
    mut commands: Commands,
    ships: Query<(&NetId, &Ship)>,
    inputs: Res<PlayerInputs<u8>>,
    mut hits: ResMut<Hits>,
) {
    // Random numbers and ids go by an order that all share.
    for (_, ship) in ships.iter().sort::<&NetId>() {
        if inputs.get(PlayerIndex(ship.player)) & 4 == 0 {
            continue;
        }
        let others: Vec<_> =
            ships.iter().sort::<&NetId>().filter(|(_, other)| other.player != ship.player).collect();
        let rng = hits.rng.as_mut().expect("it is seeded at the start");
        let target = others[rng.below(others.len() as u32) as usize].0.entity();
        commands.spawn((Rollback, Missile { target, at: ship.at, fuel: 3 + rng.below(12) as u8 }));
    }
}

fn chase(
    mut commands: Commands,
    mut missiles: Query<(Entity, &mut Missile)>,
    ships: Query<&Ship>,
    entities: Res<NetEntities>,
    mut hits: ResMut<Hits>,
) {
    for (entity, mut missile) in &mut missiles {
        let Some(ship) = entities.get(missile.target).and_then(|ship| ships.get(ship).ok()) else { continue };
        missile.at.0 += (ship.at.0 - missile.at.0).signum() * 9;
        missile.at.1 += (ship.at.1 - missile.at.1).signum() * 9;
        missile.fuel -= 1;
        if missile.fuel == 0 {
            hits.by_player[usize::from(ship.player)] += missile.at.0.unsigned_abs() % 5;
            commands.entity(entity).despawn();
        }
    }
}

struct Peer {
    app: App,
    core: Core<u8>,
    requests: VecDeque<Request<u8>>,
    hashes: BTreeMap<u32, StateHash>,
}

impl Session for Peer {
    type Input = u8;

    fn next_request(&mut self) -> Option<Request<u8>> {
        self.requests.pop_front()
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        self.hashes.insert(tick.0, StateHash::of(state));
    }

    fn snapshot(&mut self, _: Tick, _: Vec<u8>) -> Result<(), SessionError> {
        unreachable!("nobody joins late")
    }
}

const WINDOW: u32 = 12;
const FRAMES: u32 = 150;

/// When the third peer's last input reaches each of the others, and when they agree that it left.
const DROP: u32 = 80;

fn new_peer(seed: u64) -> Peer {
    let mut app = App::new();
    app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("three")))
        .rollback::<Ship>()
        .rollback::<Missile>()
        .rollback::<Shield>()
        .rollback_resource::<Hits>()
        .add_systems(NetStart, start)
        .add_systems(NetUpdate, (steer, fire, chase).chain());
    crate::engine::begin_for_test::<u8>(app.world_mut(), seed, 3);
    Peer { app, core: Core::new(3, Tick(0), WINDOW), requests: VecDeque::new(), hashes: BTreeMap::new() }
}

fn run(peer: &mut Peer, rng: &mut GameRng) {
    let mut store = peer.app.world_mut().remove_resource::<Store>().expect("the plugin's");
    while let Some(mut request) = peer.next_request() {
        if let Request::Advance(step) = &mut request {
            step.perturbation = rng.next_u64() | 1;
        }
        let mut app = core::mem::replace(&mut peer.app, App::empty());
        carry_out(peer, request, app.world_mut(), &mut store).expect("what is asked for is there");
        peer.app = app;
    }
    peer.app.world_mut().insert_resource(store);
}

/// Returns the hashes of the survivors, how often they went back, and what they counted.
fn play(seed: u64) -> (Vec<BTreeMap<u32, StateHash>>, u64, usize) {
    let mut rng = GameRng::new(seed);
    let mut peers: Vec<Peer> = (0..3).map(|_| new_peer(seed)).collect();
    // What each player does, and how much of it each peer has heard.
    let mut script: Vec<Vec<u8>> = vec![Vec::new(); 3];
    let last_of_third = DROP - rng.below(WINDOW);
    let told_at = [DROP + rng.below(6), DROP + rng.below(6)];
    let mut born = 0;
    for frame in 0..FRAMES {
        for player in 0..3_u8 {
            let gone = player == 2 && frame >= DROP;
            let tick = peers[usize::from(player)].core.current();
            if !gone && tick.0 as usize == script[usize::from(player)].len() {
                let held = script[usize::from(player)].last().copied().unwrap_or(0);
                let keys = if rng.below(3) == 0 { rng.below(16) as u8 } else { held };
                script[usize::from(player)].push(keys);
            }
        }
        for (at, peer) in peers.iter_mut().enumerate() {
            if at == 2 && frame >= DROP {
                continue;
            }
            for (player, inputs) in script.iter().enumerate() {
                let index = PlayerIndex(player as u8);
                // Own inputs at once; those of the others late, and in bursts.
                let heard = peer.core.next_input(index).0 as usize;
                let mut end = inputs.len();
                if at != player {
                    end = end.saturating_sub(rng.below(9) as usize);
                }
                if player == 2 && at != 2 {
                    end = end.min(last_of_third as usize);
                    if frame >= told_at[at] {
                        // What either has heard, both have by now; from then on it plays no more.
                        end = inputs.len().min(last_of_third as usize);
                    }
                }
                for (tick, &input) in inputs.iter().enumerate().take(end).skip(heard) {
                    peer.core.add_input(index, Tick(tick as u32), input).expect("in order");
                }
            }
            if at != 2 && frame == told_at[at] {
                peer.core.remove_player(PlayerIndex(2), peer.core.next_input(PlayerIndex(2)));
            }
            let mut requests = core::mem::take(&mut peer.requests);
            peer.core.advance(&mut requests);
            peer.requests = requests;
            run(peer, &mut rng);
            born = born.max(peer.app.world().resource::<NetEntities>().len());
        }
    }
    let rollbacks = peers.iter().map(|peer| peer.core.stats().rollbacks).sum();
    // What the third did last, the others never heard of.
    peers[2].hashes.retain(|tick, _| *tick <= last_of_third);
    (peers.into_iter().map(|peer| peer.hashes).collect(), rollbacks, born)
}

fn check(seed: u64) {
    let (hashes, rollbacks, most) = play(seed);
    let last =
        hashes[0].keys().last().copied().unwrap_or(0).min(hashes[1].keys().last().copied().unwrap_or(0));
    assert!(last > DROP + 20, "the survivors went on, to tick {last}");
    assert!(rollbacks > 50 && most > 5, "{rollbacks} rollbacks, {most} entities at most");
    for tick in 0..=last {
        let all: Vec<_> = hashes.iter().filter_map(|hashes| hashes.get(&tick)).collect();
        assert!(
            all.len() >= 2 && all.iter().all(|hash| *hash == all[0]),
            "seed {seed}: tick {tick} differs: {all:?}"
        );
    }
    assert!(hashes[2].keys().last().is_some_and(|last| *last > 30), "the third played before it dropped");
}

#[test]
fn three_peers_agree_on_every_tick_though_one_drops_out_and_order_changes() {
    check(1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn three_peers_agree_whatever_comes_when(seed in any::<u64>()) {
        check(seed);
    }
}
