//! The scene in the plugin, driven by a session that asks for what a peer's late input does.

use crate::session::FixedDepth;
use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing;
use netcord_plugin_bench_peer::scene::{self, ENTITIES};
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Position(scene::Position);

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Velocity(scene::Velocity);

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Health(scene::Health);

/// The scene in an app.
pub(crate) struct Ours {
    app: App,
    session: FixedDepth,
}

impl Ours {
    pub(crate) fn new(session: FixedDepth) -> Self {
        let mut app = App::new();
        app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("bench")))
            .rollback::<Position>()
            .rollback::<Velocity>()
            .rollback::<Health>()
            .add_systems(NetStart, spawn)
            .add_systems(NetUpdate, (travel, wear).chain());
        app.finish();
        app.cleanup();
        app.world_mut().commands().local_match(1);
        app.update();
        Self { app, session }
    }

    /// A frame: back by [`DEPTH`](netcord_plugin_bench_peer::scene::DEPTH) ticks, up to the tick it came from, and one further.
    pub(crate) fn frame(&mut self, thrust: u8) {
        self.session.frame(thrust);
        testing::carry_out(&mut self.app, &mut self.session)
            .expect("every state is kept for as long as it is needed");
    }

    /// The sum of all things: the same for all who simulate the same.
    pub(crate) fn checksum(&mut self) -> i64 {
        let world = self.app.world_mut();
        let mut things = world.query::<(&Position, &Health)>();
        things.iter(world).map(|(position, health)| scene::digest(position.0, health.0)).sum()
    }
}

fn spawn(mut commands: Commands<'_, '_>) {
    for number in 0..ENTITIES {
        let (position, velocity, health) = scene::thing(number);
        commands.spawn((Rollback, Position(position), Velocity(velocity), Health(health)));
    }
}

fn travel(mut things: Query<'_, '_, (&mut Position, &mut Velocity)>, inputs: Res<'_, PlayerInputs<u8>>) {
    let thrust = inputs.get(PlayerIndex(0));
    for (mut position, mut velocity) in &mut things {
        scene::travel(&mut position.0, &mut velocity.0, thrust.into());
    }
}

fn wear(mut things: Query<'_, '_, (&Position, &mut Health)>) {
    for (position, mut health) in &mut things {
        scene::wear(position.0, &mut health.0);
    }
}
