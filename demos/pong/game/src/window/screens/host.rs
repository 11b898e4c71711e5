//! Hosting: how many play, who is in, and the invite code for the next, large.

use super::Screen;
use crate::window::court;
use crate::window::play::lobby::Lobby;
use crate::window::play::online::{LanName, Online, Orders, host_options};
use bevy::clipboard::Clipboard;
use bevy::prelude::*;
use bevy_netcord::prelude::*;
use demo_ui::{
    Activated, Chosen, Fill, FocusFirst, Frame, Lettering, Role, SlideIn, Theme, Tint, Veil, Viewport,
    choice, column, go_to, heading, hint, label, menu_button, row, screen,
};

/// Where the code goes once it is there.
#[derive(Component, Clone, Copy, Debug)]
struct CodePlace;

/// Where the seats are shown.
#[derive(Component, Clone, Copy, Debug)]
struct SeatsPlace;

/// How the match is found on the local network.
#[derive(Component, Clone, Copy, Debug)]
struct LanNotice;

/// What is told below the code.
#[derive(Component, Clone, Copy, Debug)]
struct Notice;

/// One of the lights that show that something is waited for.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct WaitingLight(pub(super) usize);

/// How many may play.
const PLAYERS: [usize; 3] = [2, 3, 4];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Host), (open, enter).chain())
        .add_systems(OnExit(Screen::Host), close)
        .add_systems(
            Update,
            (show_seats, show_code, show_how_to_join, show_trouble)
                .run_if(in_state(Screen::Host))
                .after(crate::window::play::PlaySystems),
        )
        .add_systems(Update, pulse);
}

/// Opens a match for as many as the lobby is for.
fn open(
    orders: Res<Orders>,
    name: Res<LanName>,
    mut online: ResMut<Online>,
    mut lobby: ResMut<Lobby>,
    mut commands: Commands,
) {
    *online = Online::default();
    *lobby = Lobby::new(lobby.players);
    commands.leave_match();
    match host_options(&orders, lobby.players, &name, &mut commands) {
        Ok(options) => commands.host_match(options),
        Err(failure) => online.trouble = Some(failure.to_string()),
    }
}

/// Whoever leaves before anybody came doesn't wait any longer.
fn close(mut commands: Commands, current: Option<Res<Match>>) {
    if current.is_none() {
        commands.leave_match();
    }
}

fn enter(mut commands: Commands, lobby: Res<Lobby>) {
    let options = PLAYERS.map(|players| match players {
        2 => "2, face to face".to_owned(),
        more => format!("{more}, in a square"),
    });
    let at = PLAYERS.iter().position(|&players| players == lobby.players).unwrap_or_default();
    commands.spawn((screen(), DespawnOnExit(Screen::Host))).with_children(|root| {
        root.spawn(Veil(0.82));
        root.spawn(heading("HOST A MATCH"));
        root.spawn((SeatsPlace, Node { width: Val::Percent(100.0), ..row(10.0) }));
        root.spawn(Node { width: Val::Percent(100.0), min_height: Val::Px(24.0), ..row(0.0) }).with_child((
            Notice,
            label("", 18.0, Role::Muted),
            Node { max_width: Val::Px(760.0), ..default() },
        ));
        root.spawn(CodePlace).insert(Node {
            min_height: Val::Px(150.0),
            width: Val::Px(760.0),
            max_width: Val::Percent(100.0),
            margin: UiRect::bottom(Val::Px(8.0)),
            ..row(14.0)
        });
        root.spawn(column(420.0)).with_children(|menu| {
            menu.spawn((menu_button("Copy the code", 0), FocusFirst)).observe(copy);
            menu.spawn(choice("Players", options.to_vec(), at)).observe(choose_players);
            menu.spawn(menu_button("Cancel", 2)).observe(go_to(Screen::Play));
        });
        root.spawn(hint(&["the others choose Join, or run: pong join CODE"]));
        root.spawn((LanNotice, label("", 15.0, Role::Muted)));
    });
}

fn choose_players(chosen: On<Chosen>, mut lobby: ResMut<Lobby>, mut commands: Commands) {
    lobby.players = PLAYERS[chosen.at % PLAYERS.len()];
    commands.run_system_cached(open);
}

/// A frame around a seat, or a group of the code.
fn chip(role: Role) -> impl Bundle {
    (
        Node {
            padding: UiRect::axes(Val::Px(18.0), Val::Px(14.0)),
            column_gap: Val::Px(10.0),
            align_items: AlignItems::Center,
            border: UiRect::all(Val::Px(2.0)),
            border_radius: BorderRadius::all(Val::Px(14.0)),
            ..default()
        },
        Fill(Role::Surface, 1.0),
        Frame(role, 1.0),
    )
}

fn show_seats(lobby: Res<Lobby>, mut commands: Commands, places: Query<(Entity, Ref<SeatsPlace>)>) {
    for (place, new) in &places {
        if !lobby.is_changed() && !new.is_added() {
            continue;
        }
        commands.entity(place).despawn_children().with_children(|seats| {
            for player in 0..lobby.players {
                let is_in = lobby.is_in(player);
                let color = if is_in { court::role(player) } else { Role::Line };
                seats.spawn(chip(color)).with_children(|seat| {
                    let text = match player {
                        0 => "YOU".to_owned(),
                        _ => format!("PLAYER {}", player + 1),
                    };
                    let color = if is_in { color } else { Role::Muted };
                    seat.spawn(Lettering::new(text, 16.0).colored(color));
                    if !is_in {
                        waiting_lights(seat);
                    }
                });
            }
        });
    }
}

/// Lights that show that something is waited for.
pub(super) fn waiting_lights(parent: &mut ChildSpawnerCommands) {
    for index in 0..3 {
        parent.spawn((
            WaitingLight(index),
            Node {
                width: Val::Px(10.0),
                height: Val::Px(10.0),
                border_radius: BorderRadius::MAX,
                ..default()
            },
            BackgroundColor::DEFAULT,
        ));
    }
}

fn pulse(time: Res<Time>, theme: Res<Theme>, mut lights: Query<(&WaitingLight, &mut BackgroundColor)>) {
    for (light, mut ground) in &mut lights {
        let wave = 0.5 + 0.5 * (time.elapsed_secs() * 4.0 - light.0 as f32 * 0.9).sin();
        ground.0 = theme.faded(Role::Accent(0), 0.2 + 0.8 * wave);
    }
}

fn show_code(
    lobby: Res<Lobby>,
    viewport: Res<Viewport>,
    mut clipboard: ResMut<Clipboard>,
    mut commands: Commands,
    places: Query<(Entity, Ref<CodePlace>)>,
    mut notices: Query<(&mut Text, &mut Tint), With<Notice>>,
    mut shown: Local<Option<String>>,
) {
    let (Ok((place, new)), Ok((mut notice, mut tint))) = (places.single(), notices.single_mut()) else {
        return;
    };
    let code = lobby.code().map(str::to_owned);
    if code == *shown && !new.is_added() {
        return;
    }
    shown.clone_from(&code);
    commands.entity(place).despawn_children();
    tint.0 = Role::Muted;
    let Some(code) = code else {
        notice.0 = if lobby.is_full() { "every seat is taken: here we go" } else { "" }.into();
        return;
    };
    let next = if lobby.players > 2 { "the next player" } else { "the other player" };
    notice.0 = match clipboard.set_text(code.as_str()) {
        Ok(()) => format!("give {next} this code (copied)"),
        Err(_) => format!("give {next} this code"),
    };
    let height = if viewport.portrait { 26.0 } else { 34.0 };
    commands.entity(place).with_children(|place| {
        for (index, group) in code.split('-').enumerate() {
            let slide = SlideIn::new(Vec2::new(0.0, 30.0), 0.04 * index as f32);
            place.spawn((chip(Role::Line), slide)).with_children(|chip| {
                chip.spawn(Lettering::new(group, height).colored(Role::Bright));
            });
        }
    });
}

fn copy(
    _: On<Activated>,
    lobby: Res<Lobby>,
    mut clipboard: ResMut<Clipboard>,
    mut notices: Query<&mut Text, With<Notice>>,
) {
    let (Some(code), Ok(mut notice)) = (lobby.code(), notices.single_mut()) else { return };
    notice.0 = match clipboard.set_text(code) {
        Ok(()) => "copied".into(),
        Err(_) => "the clipboard can't be reached: read the code out instead".into(),
    };
}

fn show_how_to_join(
    online: Res<Online>,
    orders: Res<Orders>,
    name: Res<LanName>,
    mut notices: Query<&mut Text, With<LanNotice>>,
) {
    let is_private = orders.host.as_ref().is_some_and(|host| host.private);
    let text = match online.unlisted || online.trouble.is_some() || is_private {
        true => "on this network it is not listed".to_owned(),
        false => format!("on this network it is listed as {}", name.0),
    };
    for mut notice in &mut notices {
        if notice.0 != text {
            notice.0.clone_from(&text);
        }
    }
}

fn show_trouble(online: Res<Online>, mut notices: Query<(&mut Text, &mut Tint), With<Notice>>) {
    let (Some(trouble), Ok((mut notice, mut tint))) = (&online.trouble, notices.single_mut()) else { return };
    if notice.0 != *trouble {
        notice.0.clone_from(trouble);
        tint.0 = Role::Warning;
    }
}
