//! The scene in bevy_ggrs, in a sync test.

use crate::scene::{self, DEPTH, ENTITIES};
use bevy::MinimalPlugins;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy_ggrs::{LocalInputs, prelude::*};
use std::time::Duration;

/// A little more than a tick, so that each frame has one.
const FRAME: Duration = Duration::from_nanos(16_666_667);

#[derive(Component, Clone, Copy)]
struct Position(scene::Position);

#[derive(Component, Clone, Copy)]
struct Velocity(scene::Velocity);

#[derive(Component, Clone, Copy)]
struct Health(scene::Health);

/// What the player does from now on.
#[derive(Resource)]
struct Thrust(u8);

type Config = GgrsConfig<u8>;

/// The scene in a sync test, which goes back in every frame.
pub struct Ggrs {
    app: App,
}

impl Ggrs {
    pub fn new() -> Self {
        let session = SessionBuilder::<Config>::new()
            .with_num_players(1)
            .and_then(|session| session.add_player(PlayerType::Local, 0))
            .map(|session| {
                session.with_max_prediction_window(DEPTH as usize + 1).with_check_distance(DEPTH as usize)
            })
            .and_then(SessionBuilder::start_synctest_session)
            .expect("a sync test of one player");
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, GgrsPlugin::<Config>::default()))
            .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
            .rollback_component_with_copy::<Position>()
            .rollback_component_with_copy::<Velocity>()
            .rollback_component_with_copy::<Health>()
            .insert_resource(Thrust(0))
            .add_systems(ReadInputs, read_inputs)
            .add_systems(GgrsSchedule, (travel, wear).chain());
        for number in 0..ENTITIES {
            let (position, velocity, health) = scene::thing(number);
            app.world_mut().spawn((Rollback, Position(position), Velocity(velocity), Health(health)));
        }
        // The first frame has no time before it, and so no tick.
        app.update();
        app.insert_resource(Session::SyncTest(session));
        Self { app }
    }

    /// A frame: back by [`DEPTH`] ticks, up to the tick it came from, and one further.
    pub fn frame(&mut self, thrust: u8) {
        self.app.world_mut().insert_resource(Thrust(thrust));
        self.app.update();
    }

    /// The sum of all positions and healths: the same for all who simulate the same.
    pub fn checksum(&mut self) -> i64 {
        let world = self.app.world_mut();
        let mut things = world.query::<(&Position, &Health)>();
        things.iter(world).map(|(position, health)| scene::digest(position.0, health.0)).sum()
    }
}

fn read_inputs(mut commands: Commands, thrust: Res<Thrust>) {
    commands.insert_resource(LocalInputs::<Config>([(0, thrust.0)].into_iter().collect()));
}

fn travel(mut things: Query<(&mut Position, &mut Velocity)>, inputs: Res<PlayerInputs<Config>>) {
    let (thrust, _) = inputs[0];
    for (mut position, mut velocity) in &mut things {
        scene::travel(&mut position.0, &mut velocity.0, thrust.into());
    }
}

fn wear(mut things: Query<(&Position, &mut Health)>) {
    for (position, mut health) in &mut things {
        scene::wear(position.0, &mut health.0);
    }
}
