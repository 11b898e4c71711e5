//! The figures of the connection at F3, in the game's colours, and where they hide neither paddles nor points.

use super::play::Table;
use super::screens::{Panel, Screen};
use bevy::prelude::*;
use bevy_netcord::overlay::{NetOverlay, OverlayColors};
use demo_ui::{Role, Theme, Viewport};

/// How high its text is at least, in logical pixels, however small the menus are.
const LEAST_FONT: f32 = 11.0;
const FONT: f32 = 14.0;

pub(crate) fn plugin(app: &mut App, visible: bool) {
    app.add_plugins(NetOverlay { visible, ..default() }).add_systems(Update, dress);
}

fn dress(
    theme: Res<Theme>,
    viewport: Res<Viewport>,
    scale: Res<UiScale>,
    table: Res<Table>,
    (screen, panel): (Res<State<Screen>>, Res<State<Panel>>),
    mut overlay: ResMut<NetOverlay>,
) {
    let plays = *screen.get() == Screen::Match && *panel.get() == Panel::None;
    let (horizontal, vertical) = match (table.seats.len() > 2, viewport.portrait) {
        // Menus are in the middle.
        _ if !plays => (JustifyContent::FlexStart, AlignItems::FlexStart),
        // Between the paddles, wherever they are.
        (false, true) => (JustifyContent::Center, AlignItems::Center),
        (false, false) => (JustifyContent::Center, AlignItems::FlexEnd),
        // Beside the square, or below it.
        (true, _) => (JustifyContent::FlexStart, AlignItems::FlexEnd),
    };
    let dressed = NetOverlay {
        horizontal,
        vertical,
        margin: UiRect { bottom: Val::Px(52.0), ..UiRect::all(Val::Px(14.0)) },
        font_size: FONT.max(LEAST_FONT / scale.0),
        colors: OverlayColors {
            ground: theme.faded(Role::Backdrop, 0.8),
            frame: theme.color(Role::Line),
            text: theme.color(Role::Ink),
            good: theme.color(Role::Accent(0)),
            fair: theme.color(Role::Accent(2)),
            bad: theme.color(Role::Warning),
        },
        ..overlay.clone()
    };
    overlay.set_if_neq(dressed);
}
