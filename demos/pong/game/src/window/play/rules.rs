//! The match as netcord plays it: what is rolled back, what a tick is, and what is pressed for it.

use super::arena::Arena;
use super::controls::Controls;
use super::view::{Happened, View};
use super::{Halted, Mode, Seat, Table};
use crate::simulation::Keys;
use bevy::prelude::*;
use bevy_netcord::netcord::session::InputStatus;
use bevy_netcord::prelude::*;
use pong_rules::{Input, TICKS_PER_SECOND};

/// How netcord is set up for Pong.
pub(crate) fn config() -> NetConfig {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")]
            .map(|number| number.parse::<u64>().unwrap_or(0));
    NetConfig::new("netcord-pong")
        .with_version((major << 32) | (minor << 16) | patch)
        .with_tick_rate(TICKS_PER_SECOND as u16)
        // Bridges half a second without news.
        .with_prediction(30)
}

/// For how many ticks a bot rests before it asks for a rematch.
const BOTS_REST: u32 = 4 * TICKS_PER_SECOND;

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Rollbacks>()
        .rollback_resource::<Arena>()
        .add_systems(NetStart, deal)
        .add_systems(NetInput, press)
        .add_systems(NetUpdate, tick)
        .add_systems(Update, show.in_set(super::PlaySystems));
}

/// A match begins.
fn deal(current: Res<Match>, mut arena: ResMut<Arena>, mut view: ResMut<View>) {
    *arena = Arena::new(current.players, current.seed);
    *view = View::still(arena.picture());
}

/// What everybody at this machine presses in the next tick.
fn press(
    controls: Res<Controls>,
    arena: Res<Arena>,
    current: Res<Match>,
    mut table: ResMut<Table>,
    mut first: ResMut<LocalInput<Keys>>,
    mut others: ResMut<LocalInputs<Keys>>,
    mut over_for: Local<u32>,
) {
    let over = arena.is_over();
    *over_for = if over { *over_for + 1 } else { 0 };
    for (player, seat) in table.bypass_change_detection().seats.iter_mut().enumerate() {
        let input = match seat {
            // Who watches wants to read the result.
            Seat::Bot(_) if over && *over_for < BOTS_REST => Input::NONE,
            Seat::Bot(bot) => arena.bot_input(bot, player),
            Seat::Remote => continue,
            _ if over && controls.rematch => Input::SERVE,
            seat => controls.input(seat, &arena, player),
        };
        let own = if current.is_local {
            player == 0
        } else {
            current.local.is_some_and(|own| own.index() == player)
        };
        if own {
            first.0 = Keys(input);
        } else if current.is_local {
            others.set(PlayerIndex(player as u8), Keys(input));
        }
    }
}

fn tick(
    inputs: Res<PlayerInputs<Keys>>,
    time: Res<NetTime>,
    current: Res<Match>,
    halted: Res<Halted>,
    mut arena: ResMut<Arena>,
    mut view: ResMut<View>,
    mut happened: MessageWriter<Happened>,
) {
    // Nobody else is in a match on this machine, so it may stand still.
    if current.is_local && halted.0 {
        let now = view.now.clone();
        view.before = now;
        return;
    }
    let mut pressed = [None; 4];
    for (player, keys) in inputs.iter().take(4) {
        let there = inputs.status(player) != InputStatus::Disconnected;
        pressed[player.index()] = there.then_some(keys.0);
    }
    let before = arena.picture();
    let events = arena.step(pressed);
    view.tick(before, arena.picture());
    if !time.resimulating {
        for event in events.iter() {
            happened.write(Happened(event));
        }
    }
}

/// How often the match went back, as last seen.
#[derive(Resource, Clone, Copy, Debug, Default)]
struct Rollbacks(u64);

/// Where between the last two ticks the present is.
fn show(
    time: Res<Time<Real>>,
    session: NetSession<Keys>,
    table: Res<Table>,
    mut view: ResMut<View>,
    mut seen: ResMut<Rollbacks>,
    mut drawn: Local<Option<(Vec2, Vec2)>>,
) {
    if table.mode == Mode::Attract {
        *drawn = None;
        return;
    }
    view.between = session.between_ticks();
    view.settle(time.delta_secs());
    let rollbacks = session.stats().rollbacks;
    if rollbacks > seen.0
        && let Some((place, velocity)) = *drawn
    {
        view.corrected(place + velocity * time.delta_secs());
    }
    seen.0 = rollbacks;
    let velocity = (view.now.ball - view.before.ball) * TICKS_PER_SECOND as f32;
    *drawn = Some((view.ball(), velocity));
}
