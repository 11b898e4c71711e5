//! What is told while a match is played: who plays where, the rally, and a way to pause for fingers.

use super::{Panel, Screen};
use crate::simulation::Keys;
use crate::window::court::role;
use crate::window::play::arena::Stage;
use crate::window::play::online::Online;
use crate::window::play::view::View;
use crate::window::play::{Seat, Table};
use bevy::prelude::*;
use bevy_netcord::NetSession;
use demo_ui::{Lettering, Role, Tint, Viewport, go_to, label, pause_button};
use std::time::Duration;

/// What is told below the court: the number of hits, who left.
#[derive(Component, Clone, Copy, Debug)]
struct Told;

/// A bar above or below the court, and what it was laid out for.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    portrait: bool,
    names: [&'static str; 2],
}

/// How long a match stands still before the player is told.
const SOON: Duration = Duration::from_millis(600);
/// A rally of fewer hits is not worth telling.
const WORTH_TELLING: u32 = 4;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnExit(Screen::Match), clear)
        .add_systems(Update, (lay, tell).chain().run_if(in_state(Screen::Match)));
}

fn clear(mut commands: Commands, bars: Query<Entity, With<Bar>>) {
    bars.iter().for_each(|bar| commands.entity(bar).despawn());
}

/// Lays the bars out, and again when the window is turned or others play.
fn lay(mut commands: Commands, table: Res<Table>, viewport: Res<Viewport>, bars: Query<(Entity, &Bar)>) {
    let [left, right] = [0, 1].map(|player| table.name(player));
    let wanted = Bar { portrait: viewport.portrait, names: [left, right] };
    if bars.iter().any(|(_, bar)| *bar == wanted) {
        return;
    }
    bars.iter().for_each(|(bar, _)| commands.entity(bar).despawn());
    let bar = |bottom: bool| Node {
        position_type: PositionType::Absolute,
        left: Val::Px(22.0),
        right: Val::Px(22.0),
        top: if bottom { Val::Auto } else { Val::Px(12.0) },
        bottom: if bottom { Val::Px(12.0) } else { Val::Auto },
        min_height: Val::Px(30.0),
        justify_content: JustifyContent::SpaceBetween,
        align_items: AlignItems::Center,
        ..default()
    };
    // In a square the names are on the ground: there is one at each wall.
    let name = |player: usize| {
        let text = if table.seats.len() > 2 { "" } else { table.name(player) };
        Lettering::new(text, 18.0).colored(role(player)).glowing(0.3)
    };
    let own = table.own_player().min(1);
    let (above, below) = if viewport.portrait { (1 - own, own) } else { (0, 1) };
    commands.spawn((bar(false), wanted)).with_children(|top| {
        top.spawn(name(above));
        top.spawn(pause_button()).observe(go_to(Panel::Pause));
        if !viewport.portrait {
            top.spawn(name(below));
        }
    });
    let [left_keys, right_keys] = match table.seats[..] {
        [Seat::LeftHand, Seat::RightHand] if !viewport.portrait => ["W S", "up down"],
        _ => [""; 2],
    };
    commands.spawn((bar(true), wanted)).with_children(|bottom| {
        if viewport.portrait {
            bottom.spawn(name(below));
        } else {
            bottom.spawn(label(left_keys, 15.0, Role::Muted));
        }
        bottom.spawn((Told, label("", 18.0, Role::Muted)));
        bottom.spawn(label(right_keys, 15.0, Role::Muted));
    });
}

fn tell(
    view: Res<View>,
    online: Res<Online>,
    session: NetSession<Keys>,
    mut texts: Query<(&mut Text, &mut Tint), With<Told>>,
) {
    let rally = view.now.rally;
    let (wanted, role) = match &online.news {
        _ if session.stalled_for() > SOON => ("nothing comes from the others".to_owned(), Role::Warning),
        Some((news, _)) => (news.to_lowercase(), Role::Bright),
        None if rally >= WORTH_TELLING && view.now.stage == Stage::Rally => {
            let role = if rally >= 3 * WORTH_TELLING { Role::Bright } else { Role::Muted };
            (format!("rally of {rally}"), role)
        }
        None => (String::new(), Role::Muted),
    };
    for (mut text, mut tint) in &mut texts {
        if text.0 != wanted {
            text.0.clone_from(&wanted);
            tint.0 = role;
        }
    }
}
