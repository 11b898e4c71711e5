//! The pause.

use super::{Panel, Screen};
use crate::window::play::lobby::Lobby;
use crate::window::play::{Halted, Mode, Table};
use bevy::clipboard::Clipboard;
use bevy::prelude::*;
use bevy_netcord::Match;
use demo_ui::{
    Activated, FocusFirst, Focusable, Role, Veil, column, go_to, heading, label, menu_button, overlay_screen,
};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Panel::Pause), enter).add_systems(Update, halt);
}

/// A match on this machine stands still while a panel lies over it; one with others can't.
fn halt(panel: Res<State<Panel>>, table: Res<Table>, mut halted: ResMut<Halted>) {
    let stands = matches!(panel.get(), Panel::Pause | Panel::Settings) && table.mode == Mode::Local;
    halted.set_if_neq(Halted(stands));
}

fn enter(mut commands: Commands, table: Res<Table>, lobby: Res<Lobby>, current: Option<Res<Match>>) {
    let hosts = current.is_some_and(|current| current.is_host && !current.is_local);
    let code = lobby.code().filter(|_| hosts);
    let online = table.mode == Mode::Online;
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Pause))).with_children(|root| {
        root.spawn(Veil(0.72));
        root.spawn(heading(if online { "MENU" } else { "PAUSE" }));
        if online {
            root.spawn(label("the match goes on", 18.0, Role::Muted));
        }
        if let Some(code) = code {
            root.spawn(label(format!("a seat is free, for who has this code:\n{code}"), 18.0, Role::Ink));
        }
        root.spawn(column(360.0)).with_children(|menu| {
            let focusable = Focusable { layer: 1 };
            menu.spawn((menu_button("Go on", 0), focusable, FocusFirst)).observe(go_to(Panel::None));
            if code.is_some() {
                menu.spawn((menu_button("Copy the code", 1), focusable)).observe(copy);
            }
            menu.spawn((menu_button("Settings", 2), focusable)).observe(go_to(Panel::Settings));
            menu.spawn((menu_button("Leave the match", 3), focusable)).observe(go_to(Screen::Title));
        });
    });
}

fn copy(_: On<Activated>, lobby: Res<Lobby>, mut clipboard: ResMut<Clipboard>) {
    if let Some(code) = lobby.code()
        && let Err(error) = clipboard.set_text(code)
    {
        warn!("the code can't be copied: {error:?}");
    }
}
