//! What rollback does to components that come and go, to spawns and despawns, and to resources that come and go.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::{TestMatch, sync_test};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit {
    age: u32,
    names: Vec<String>,
}

#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Burning(u8);

/// Brings `Soot` with it, which is registered as well.
#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[require(Soot)]
struct Smoke;

#[derive(Component, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Soot(u32);

#[derive(Resource, Clone, Debug, Default, Serialize, Deserialize)]
struct Alarm(u32);

/// Not registered: what the game shows of a unit.
#[derive(Component)]
struct Sprite;

fn game(app: &mut App) {
    app.rollback::<Unit>()
        .rollback::<Burning>()
        .rollback::<Smoke>()
        .rollback::<Soot>()
        .rollback_resource::<Alarm>()
        .add_systems(NetStart, |mut commands: Commands| {
            for _ in 0..6 {
                commands.spawn((Rollback, Unit { age: 0, names: Vec::new() }));
            }
        })
        .add_systems(NetUpdate, (change, clean).chain())
        .add_observer(|unit: On<Add<Rollback>>, mut commands: Commands| {
            commands.entity(unit.entity).insert(Sprite);
        });
}

fn change(
    mut commands: Commands,
    mut units: Query<(Entity, &NetId, &mut Unit, Has<Burning>)>,
    inputs: Res<PlayerInputs<u8>>,
    alarm: Option<Res<Alarm>>,
) {
    let keys: u8 = inputs.iter().fold(0, |keys, (_, input)| keys ^ input);
    for (entity, id, mut unit, burns) in units.iter_mut().sort::<&NetId>() {
        unit.age += 1;
        match (u32::from(keys) + unit.age + id.entity().0) % 7 {
            0 if burns => {
                commands.entity(entity).remove::<Burning>();
            }
            1 => {
                commands.entity(entity).insert((Burning(keys), Smoke));
            }
            2 if id.entity().0 % 3 != 0 => commands.entity(entity).despawn(),
            3 => {
                let name = format!("after {} ticks", unit.age);
                unit.names.push(name);
            }
            4 if unit.age > 3 => {
                commands.spawn((Rollback, Unit { age: 0, names: vec!["child".into()] }, Burning(1)));
            }
            _ => {}
        }
    }
    match alarm {
        Some(_) if keys & 3 == 1 => commands.remove_resource::<Alarm>(),
        None if keys & 3 == 2 => commands.insert_resource(Alarm(keys.into())),
        _ => {}
    }
}

fn clean(
    mut commands: Commands,
    soot: Query<(Entity, &Soot), With<Smoke>>,
    units: Query<&NetId, With<Unit>>,
) {
    // The component that was required goes, the one that requires it stays.
    for (entity, _) in &soot {
        if units.get(entity).is_ok_and(|id| id.entity().0 % 2 == 0) {
            commands.entity(entity).remove::<Soot>();
        }
    }
    // A crowd would only slow the test down.
    let crowd = units.iter().sort::<&NetId>().map(|id| id.entity()).skip(30).collect::<Vec<_>>();
    commands.queue(move |world: &mut World| {
        for id in crowd {
            let entity = world.resource::<NetEntities>().get(id).expect("it is there");
            world.despawn(entity);
        }
    });
}

#[test]
fn every_structure_comes_back() {
    let mut rng = GameRng::new(11);
    if let Err(desync) = sync_test(2, 300, game, |_, _| rng.below(16) as u8) {
        panic!("{desync}");
    }
}

#[test]
fn entities_that_come_back_keep_their_net_id_and_are_dressed_by_observers() {
    let conditions = "latency=50ms,loss=2%".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 4, game);
    game.run_until_playing();
    let mut rng = GameRng::new(5);
    let mut seen: [BTreeMap<NetEntity, Entity>; 2] = Default::default();
    let mut other_entities = 0;
    for _ in 0..100 {
        game.set_input(0, rng.below(16) as u8);
        game.set_input(1, rng.below(16) as u8);
        game.frames(3);
        for (player, seen) in seen.iter_mut().enumerate() {
            let world = game.world(player);
            let mut units = world.query_filtered::<(Entity, &NetId, Has<Sprite>), With<Rollback>>();
            let all: Vec<_> =
                units.iter(world).map(|(entity, id, dressed)| (id.entity(), entity, dressed)).collect();
            let entities = world.resource::<NetEntities>();
            assert_eq!(all.len(), entities.len(), "nothing is left over");
            for (id, entity, is_dressed) in all {
                assert_eq!(entities.get(id), Some(entity));
                assert!(is_dressed, "{id} has its sprite");
                let before = seen.insert(id, entity);
                other_entities += u32::from(before.is_some_and(|before| before != entity));
            }
        }
    }
    game.assert_equal();
    assert!(game.stats(0).rollbacks > 20, "{:?}", game.stats(0));
    assert!(other_entities > 0, "who came back is another entity of Bevy's");
}

/// Not registered, and not put back by an observer: how often its entity was told to glow.
#[derive(Component, Default)]
struct Glow(u32);

#[test]
fn what_is_not_registered_stays_as_it_is_and_is_gone_when_its_entity_was() {
    const LASTING: u32 = 0;
    fn glow(mut glows: Query<&mut Glow>) {
        glows.iter_mut().for_each(|mut glow| glow.0 += 1);
    }
    /// Dies for as long as the second player presses, which the first has to guess.
    fn live(
        mut commands: Commands,
        mut units: Query<(Entity, &NetId, &mut Unit)>,
        inputs: Res<PlayerInputs<u8>>,
    ) {
        let dies = inputs.get(PlayerIndex(1)) != 0;
        for (entity, id, mut unit) in &mut units {
            unit.age += 1;
            if dies && id.entity().0 != LASTING {
                commands.entity(entity).despawn();
            }
        }
        if dies {
            commands.spawn((Rollback, Unit { age: 0, names: Vec::new() }, Glow(0)));
        }
    }
    let mut game = TestMatch::<u8>::new(2, "latency=60ms".parse().expect("conditions"), 4, |app| {
        app.rollback::<Unit>()
            .add_systems(NetStart, |mut commands: Commands| {
                for _ in 0..2 {
                    commands.spawn((Rollback, Unit { age: 0, names: Vec::new() }, Glow(0)));
                }
            })
            .add_systems(NetUpdate, (glow, live).chain());
    });
    game.run_until_playing();
    let mut bare = 0;
    for frame in 0..200 {
        game.set_input(1, u8::from(frame % 20 == 0));
        game.frame();
        let world = game.world(0);
        bare += world.query_filtered::<(), (With<Unit>, Without<Glow>)>().iter(world).count();
    }
    let world = game.world(0);
    let lasting = world.resource::<NetEntities>().get(NetEntity(LASTING)).expect("it lives");
    let (age, glow) = (world.get::<Unit>(lasting).expect("alive").age, world.get::<Glow>(lasting));
    assert!(glow.expect("it stayed").0 > age, "it also counts the ticks that were taken back");
    assert!(bare > 0, "who came back came without");
    game.assert_equal();
}

#[test]
fn a_match_starts_from_the_resources_of_the_apps_start() {
    let mut app = App::new();
    app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("start")))
        .insert_resource(bevy_time::TimeUpdateStrategy::ManualDuration(core::time::Duration::from_millis(17)))
        .insert_resource(Alarm(7))
        .rollback_resource::<Alarm>()
        .add_systems(NetUpdate, |mut alarm: ResMut<Alarm>| alarm.0 += 1);
    for _ in 0..2 {
        app.world_mut().commands().local_match(1);
        (0..10).for_each(|_| app.update());
        let ticks = app.world().resource::<NetTime>().tick.0 + 1;
        assert!(ticks > 5);
        assert_eq!(app.world().resource::<Alarm>().0, 7 + ticks);
        app.world_mut().commands().leave_match();
        app.update();
        assert_eq!(app.world().resource::<Alarm>().0, 7);
    }
}
