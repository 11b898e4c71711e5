//! What rollback costs: 1,000 entities with three components, eight ticks back in every frame.
//!
//!     cargo run --release -p bevy_netcord --example cost

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::NetStats;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use core::time::Duration;
use netcord::session::InputDelay;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Position {
    x: i32,
    y: i32,
    z: i32,
}

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Velocity {
    x: i32,
    y: i32,
    z: i32,
}

#[derive(Component, Clone, Copy, Serialize, Deserialize)]
struct Health(u32);

fn game(app: &mut App) {
    app.rollback::<Position>()
        .rollback::<Velocity>()
        .rollback::<Health>()
        .add_systems(NetStart, |mut commands: Commands| {
            for number in 0..1_000 {
                let position = Position { x: number, y: -number, z: 0 };
                commands.spawn((Rollback, position, Velocity { x: 1, y: 2, z: 3 }, Health(100)));
            }
        })
        .add_systems(NetUpdate, move_all);
}

fn move_all(mut all: Query<(&mut Position, &mut Velocity)>, inputs: Res<PlayerInputs<u8>>) {
    let keys = inputs.iter().map(|(_, input)| i32::from(input)).sum::<i32>();
    for (mut position, mut velocity) in &mut all {
        velocity.x += keys - 1;
        position.x += velocity.x;
        position.y += velocity.y;
        position.z += velocity.z;
    }
}

fn main() {
    let config = NetConfig::new("cost").with_input_delay(InputDelay::Fixed(0));
    let conditions = "latency=125ms".parse().expect("conditions");
    let mut game = TestMatch::<u8>::with_config(2, conditions, 1, config, game);
    game.run_until_playing();
    let (mut total, mut frames, mut again, mut ticks) = ([Duration::ZERO; 4], 0_u32, 0_u32, 0_u32);
    for frame in 0..1_200_u32 {
        game.set_input(0, (frame % 3) as u8);
        game.set_input(1, (frame % 2) as u8);
        let before = game.stats(0).current_tick;
        game.frame();
        let new = game.stats(0).current_tick.since(before).unsigned_abs();
        let stats = game.world(0).resource::<NetStats>();
        if frame < 200 {
            continue;
        }
        for (sum, part) in total.iter_mut().zip([stats.save, stats.load, stats.simulate, stats.confirm]) {
            *sum += part;
        }
        frames += 1;
        again += stats.resimulated;
        ticks += stats.resimulated + new;
    }
    game.assert_equal();
    let [save, load, simulate, confirm] = total.map(|sum| sum.as_secs_f64() * 1e6);
    println!("{:.1} ticks again a frame, {frames} frames", f64::from(again) / f64::from(frames));
    println!("save      {:7.2} us a tick", save / f64::from(ticks));
    println!("load      {:7.2} us a rollback", load / f64::from(frames));
    println!("simulate  {:7.2} us a tick", simulate / f64::from(ticks));
    println!("hash      {:7.2} us a final tick", confirm / f64::from(frames));
    println!("a resimulated tick: {:.2} us", (save + load + simulate) / f64::from(ticks));
}
