//! A single bit that differs on one peer is named on both: tick, entity, component and field.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Body {
    place: (i32, i32),
    speed: Speed,
    spin: f32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Speed {
    x: i16,
    y: i64,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Cargo {
    crates: Vec<u8>,
    owner: Option<u32>,
}

#[derive(Component, Clone, Serialize, Deserialize)]
enum Mood {
    Calm,
    Angry { at: u16, for_ticks: u64 },
}

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Weather {
    wind: [u8; 3],
}

/// The bit that one peer flips, at the end of a tick.
#[derive(Resource, Clone, Copy, Debug)]
struct Flip {
    tick: Tick,
    entity: u32,
    field: usize,
    bit: u32,
}

const ENTITIES: u32 = 12;

/// What can be flipped, by the name that must be reported.
const FIELDS: [(&str, &str); 10] = [
    ("Body", "place[0]"),
    ("Body", "place[1]"),
    ("Body", "speed.x"),
    ("Body", "speed.y"),
    ("Body", "spin"),
    ("Cargo", "crates[2]"),
    ("Cargo", "owner"),
    ("Mood", "Angry.at"),
    ("Mood", "Angry.for_ticks"),
    ("Weather", "wind[1]"),
];

fn game(app: &mut App) {
    app.rollback::<Body>()
        .rollback::<Cargo>()
        .rollback::<Mood>()
        .rollback_resource::<Weather>()
        .add_systems(NetStart, |mut commands: Commands| {
            for number in 0..ENTITIES as i32 {
                let body = Body { place: (number, -number), speed: Speed { x: 1, y: 2 }, spin: 0.25 };
                let cargo = Cargo { crates: vec![1, 2, 3], owner: Some(7) };
                let mood = if number % 2 == 0 { Mood::Calm } else { Mood::Angry { at: 3, for_ticks: 4 } };
                commands.spawn((Rollback, body, cargo, mood));
            }
        })
        .add_systems(NetUpdate, (go, flip.run_if(resource_exists::<Flip>)).chain());
}

fn go(mut bodies: Query<(&mut Body, &mut Cargo)>, inputs: Res<PlayerInputs<u8>>) {
    let keys = inputs.iter().fold(0, |keys, (_, input)| keys * 3 + i32::from(input));
    for (mut body, mut cargo) in &mut bodies {
        body.place.0 += i32::from(body.speed.x) + keys;
        body.spin *= 1.000_1;
        cargo.crates.rotate_left(1);
    }
}

fn flip(
    mut bodies: Query<(&NetId, &mut Body, &mut Cargo, &mut Mood)>,
    mut weather: ResMut<Weather>,
    flip: Res<Flip>,
    time: Res<NetTime>,
) {
    let Flip { tick, entity, field, bit } = *flip;
    if time.tick != tick {
        return;
    }
    let (_, mut body, mut cargo, mut mood) =
        bodies.iter_mut().find(|(id, ..)| id.entity().0 == entity).expect("it is there");
    match (field, &mut *mood) {
        (0, _) => body.place.0 ^= 1 << bit,
        (1, _) => body.place.1 ^= 1 << bit,
        (2, _) => body.speed.x ^= 1 << (bit % 16),
        (3, _) => body.speed.y ^= 1 << (2 * bit),
        (4, _) => body.spin = f32::from_bits(body.spin.to_bits() ^ 1 << (bit % 23)),
        (5, _) => cargo.crates[2] ^= 1 << (bit % 8),
        (6, _) => cargo.owner = cargo.owner.map(|owner| owner ^ 1 << bit),
        (7, Mood::Angry { at, .. }) => *at ^= 1 << (bit % 16),
        (8, Mood::Angry { for_ticks, .. }) => *for_ticks ^= 1 << (2 * bit),
        _ => weather.wind[1] ^= 1 << (bit % 8),
    }
}

#[test]
fn every_flipped_bit_is_named_on_both_peers() {
    let mut rng = GameRng::new(2026);
    for seed in 0..100 {
        let mut game =
            TestMatch::<u8>::new(2, "latency=30ms,loss=1%".parse().expect("conditions"), seed, game);
        game.run_until_playing();
        let field = rng.below(FIELDS.len() as u32) as usize;
        let mut entity = rng.below(ENTITIES);
        if matches!(field, 7 | 8) {
            // Only the odd ones are angry.
            entity |= 1;
        }
        let tick = game.stats(0).current_tick + 3 + rng.below(40);
        let flip = Flip { tick, entity, field, bit: rng.below(31) };
        let culprit = rng.below(2) as usize;
        game.world(culprit).insert_resource(flip);
        for _ in 0..120 {
            game.set_input(0, rng.below(3) as u8);
            game.set_input(1, rng.below(3) as u8);
            game.frame();
            if (0..2).all(|player| !game.desyncs(player).is_empty()) {
                break;
            }
        }
        let (component, name) = FIELDS[field];
        let mut values = Vec::new();
        for player in 0..2 {
            let [desync] = game.desyncs(player) else {
                panic!("seed {seed}: player {player} saw {:?} of {flip:?}", game.desyncs(player))
            };
            // A flip in one tick is in the state before the next.
            assert_eq!((desync.tick, desync.exact), (tick.next(), true), "seed {seed}: {desync}");
            let difference = desync.difference.as_ref().expect("the field is known");
            let expected = (component != "Weather").then_some(NetEntity(entity));
            assert_eq!(
                (difference.entity, &*difference.component, &*difference.field),
                (expected, component, name),
                "seed {seed}: {desync}"
            );
            assert_ne!(difference.ours, difference.theirs, "seed {seed}: {desync}");
            values.push([difference.ours.clone(), difference.theirs.clone()]);
        }
        values[1].reverse();
        assert_eq!(values[0], values[1], "both tell the same values");
    }
}
