//! Plays what needs no network: the match behind the menus.

use super::arena::Arena;
use super::controls::Controls;
use super::view::{Happened, View};
use super::{Halted, Mode, Seat, Table};
use bevy::prelude::*;
use pong_rules::{Input, TICKS_PER_SECOND};

/// Ticks that are made up for after a long frame; more are left out.
const MAX_CATCH_UP: u32 = 6;

/// The time that is not played yet, in seconds.
#[derive(Resource, Clone, Copy, Debug, Default)]
struct Pending(f32);

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Arena>()
        .init_resource::<Pending>()
        .insert_resource(Table::attract(1))
        .add_systems(Update, (deal, play).chain().in_set(PlaySystems));
}

/// Plays ticks.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlaySystems;

/// A new table gets a new match.
fn deal(table: Res<Table>, mut arena: ResMut<Arena>, mut view: ResMut<View>, mut known: Local<Option<(Mode, u64, usize)>>) {
    let wanted = (table.mode, table.seed, table.seats.len());
    if *known != Some(wanted) {
        *known = Some(wanted);
        *arena = Arena::new(table.seats.len(), table.seed);
        *view = View::still(arena.picture());
    }
}

fn play(
    time: Res<Time<Real>>,
    controls: Res<Controls>,
    halted: Res<Halted>,
    mut pending: ResMut<Pending>,
    mut table: ResMut<Table>,
    mut arena: ResMut<Arena>,
    mut view: ResMut<View>,
    mut happened: MessageWriter<Happened>,
) {
    if halted.0 || table.mode == Mode::Online {
        return;
    }
    let tick = 1.0 / TICKS_PER_SECOND as f32;
    pending.0 = (pending.0 + time.delta_secs()).min(tick * MAX_CATCH_UP as f32);
    while pending.0 >= tick {
        pending.0 -= tick;
        let mut inputs = [None; 4];
        for (player, seat) in table.bypass_change_detection().seats.iter_mut().enumerate().take(4) {
            inputs[player] = match seat {
                Seat::Bot(bot) => Some(arena.bot_input(bot, player)),
                Seat::Remote | Seat::Empty => None,
                seat => Some(controls.input(seat, &arena, player)),
            };
        }
        // Bots ask for a rematch at once; a person should see who won.
        if arena.is_over() && table.mode == Mode::Local {
            let asked = controls.rematch;
            inputs.iter_mut().flatten().for_each(|input| *input = if asked { Input::SERVE } else { Input::NONE });
        }
        for event in arena.step(inputs).iter() {
            happened.write(Happened(event));
        }
        view.push(arena.picture());
    }
    view.between = pending.0 / tick;
}
