//! Two squares on rails: `squares` hosts and prints an invite code, `squares CODE` joins.
use bevy::prelude::*;
use bevy_netcord::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
#[require(Sprite = Sprite::from_color(Color::WHITE, Vec2::splat(100.0)))]
struct Square(PlayerIndex, i32);

fn main() {
    App::new()
        .add_plugins((DefaultPlugins, NetcordPlugins::p2p::<i8>(NetConfig::new("squares"))))
        .rollback::<Square>()
        .add_systems(Startup, open)
        .add_systems(NetStart, spawn)
        .add_systems(NetInput, read_keys)
        .add_systems(NetUpdate, slide)
        .add_systems(Update, (draw, tell))
        .run();
}

fn open(mut commands: Commands) {
    commands.spawn(Camera2d);
    match std::env::args().nth(1) {
        Some(code) => commands.join_match(code),
        None => commands.host_match(HostOptions::new()),
    }
}

fn spawn(mut commands: Commands) {
    commands.spawn_batch([0, 1].map(|player| (Rollback, Square(PlayerIndex(player), 0))));
}

fn read_keys(keys: Res<ButtonInput<KeyCode>>, mut input: ResMut<LocalInput<i8>>) {
    **input = i8::from(keys.pressed(KeyCode::ArrowRight)) - i8::from(keys.pressed(KeyCode::ArrowLeft));
}

fn slide(mut squares: Query<&mut Square>, inputs: Res<PlayerInputs<i8>>) {
    for mut square in &mut squares {
        square.1 = (square.1 + 5 * i32::from(inputs[square.0])).clamp(-500, 500);
    }
}

fn draw(mut squares: Query<(&Square, &mut Transform)>) {
    for (Square(player, x), mut transform) in &mut squares {
        transform.translation = Vec3::new(*x as f32, 120.0 - 240.0 * f32::from(player.0), 0.0);
    }
}

fn tell(mut events: MessageReader<MatchEvent>) {
    events.read().for_each(|event| println!("{event}"));
}
