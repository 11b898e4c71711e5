//! The match behind the menus: bots, no network, no consequences.

use super::arena::Arena;
use super::view::{Happened, View};
use super::{Mode, Seat, Table};
use bevy::prelude::*;
use pong_rules::TICKS_PER_SECOND;

/// Ticks that are made up for after a long frame; more are left out.
const MAX_CATCH_UP: u32 = 6;

/// The match behind the menus.
#[derive(Resource, Clone, Debug, Default)]
struct Attract {
    arena: Arena,
    seed: Option<u64>,
    /// The time that is not played yet, in seconds.
    pending: f32,
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Attract>()
        .insert_resource(Table::attract(1))
        .add_systems(Update, play.in_set(super::PlaySystems));
}

fn play(
    time: Res<Time<Real>>,
    mut attract: ResMut<Attract>,
    mut table: ResMut<Table>,
    mut view: ResMut<View>,
    mut happened: MessageWriter<Happened>,
) {
    if table.mode != Mode::Attract {
        attract.seed = None;
        return;
    }
    if attract.seed != Some(table.seed) {
        *attract = Attract {
            arena: Arena::new(table.seats.len(), table.seed),
            seed: Some(table.seed),
            pending: 0.0,
        };
        *view = View::still(attract.arena.picture());
    }
    let tick = 1.0 / TICKS_PER_SECOND as f32;
    attract.pending = (attract.pending + time.delta_secs()).min(tick * MAX_CATCH_UP as f32);
    while attract.pending >= tick {
        attract.pending -= tick;
        let mut inputs = [None; 4];
        for (player, seat) in table.bypass_change_detection().seats.iter_mut().enumerate().take(4) {
            if let Seat::Bot(bot) = seat {
                inputs[player] = Some(attract.arena.bot_input(bot, player));
            }
        }
        let before = attract.arena.picture();
        for event in attract.arena.step(inputs).iter() {
            happened.write(Happened(event));
        }
        view.tick(before, attract.arena.picture());
    }
    view.between = attract.pending / tick;
}
