//! What `Changed` sees after a rollback, outside of the simulation.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::{TestMatch, sync_test};
use serde::{Deserialize, Serialize};

/// Changes in every tick.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Clock(u32);

/// Follows what the other player presses, which is guessed and then corrected.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Lamp(u8);

/// Never changes.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Wall(u8);

/// What a renderer that looks at changes only would show.
#[derive(Resource, Default)]
struct Shown {
    lamp: u8,
    walls: u32,
}

fn spawn(mut commands: Commands) {
    commands.spawn((Rollback, Clock(0), Lamp(0), Wall(0)));
}

fn run(mut clocks: Query<&mut Clock>, mut lamps: Query<&mut Lamp>, inputs: Res<PlayerInputs<u8>>) {
    clocks.iter_mut().for_each(|mut clock| clock.0 += 1);
    let keys = inputs.get(PlayerIndex(1));
    lamps.iter_mut().filter(|lamp| lamp.0 != keys).for_each(|mut lamp| lamp.0 = keys);
}

fn show(lamps: Query<&Lamp, Changed<Lamp>>, walls: Query<&Wall, Changed<Wall>>, mut shown: ResMut<Shown>) {
    lamps.iter().for_each(|lamp| shown.lamp = lamp.0);
    shown.walls += walls.iter().count() as u32;
}

#[test]
fn changed_tells_all_that_a_rollback_changed_and_nothing_that_it_left() {
    let conditions = "latency=60ms".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 1, |app| {
        app.rollback::<Clock>()
            .rollback::<Lamp>()
            .rollback::<Wall>()
            .init_resource::<Shown>()
            .add_systems(NetStart, spawn)
            .add_systems(NetUpdate, run)
            .add_systems(Update, show);
    });
    game.run_until_playing();
    game.frames(5);
    let walls = game.world(0).resource::<Shown>().walls;
    let mut rng = GameRng::new(8);
    for _ in 0..200 {
        game.set_input(1, rng.below(3) as u8);
        game.frames(1 + rng.below(4) as usize);
        let world = game.world(0);
        let lamp = world.query::<&Lamp>().single(world).expect("one lamp").0;
        assert_eq!(world.resource::<Shown>().lamp, lamp, "the renderer missed a change");
    }
    assert!(game.stats(0).rollbacks > 50);
    assert_eq!(
        game.world(0).resource::<Shown>().walls,
        walls,
        "what nobody writes is not changed by going back"
    );
    game.assert_equal();
}

#[test]
fn rules_that_ask_what_changed_are_found() {
    #[derive(Component, Clone, Serialize, Deserialize)]
    struct Wear(u32);
    fn wear(mut lamps: Query<&mut Wear, Changed<Lamp>>) {
        lamps.iter_mut().for_each(|mut wear| wear.0 += 1);
    }
    let mut rng = GameRng::new(3);
    let result = sync_test(
        2,
        100,
        |app| {
            app.rollback::<Clock>()
                .rollback::<Lamp>()
                .rollback::<Wear>()
                .add_systems(NetStart, |mut commands: Commands| {
                    commands.spawn((Rollback, Clock(0), Lamp(0), Wear(0)));
                })
                .add_systems(NetUpdate, (run, wear).chain());
        },
        |_, _| rng.below(2) as u8,
    );
    let text = result.expect_err("it differs").to_string();
    assert!(text.contains("Wear"), "{text}");
}
