//! Hosting: the invite code, large, and the wait for who has it.

use super::{Screen, heading, hint, to_screen};
use crate::window::play::online::{Online, Orders, host_options};
use bevy::clipboard::Clipboard;
use bevy::prelude::*;
use bevy_netcord::prelude::*;
use demo_ui::{
    Activated, Fill, FocusFirst, Frame, Lettering, Role, SlideIn, Theme, Tint, Veil, Viewport, column, label,
    menu_button, row, screen,
};

/// Where the code goes once it is there.
#[derive(Component, Clone, Copy, Debug)]
struct CodePlace;

/// What is told below the code.
#[derive(Component, Clone, Copy, Debug)]
struct Notice;

/// One of the lights that show that something is waited for.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct WaitingLight(pub(super) usize);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Host), (open, enter))
        .add_systems(OnExit(Screen::Host), close)
        .add_systems(Update, (show_code, show_trouble).run_if(in_state(Screen::Host)))
        .add_systems(Update, pulse);
}

fn open(orders: Res<Orders>, mut online: ResMut<Online>, mut commands: Commands) {
    *online = Online::default();
    match host_options(&orders, &mut commands) {
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

fn enter(mut commands: Commands) {
    commands.spawn((screen(), DespawnOnExit(Screen::Host))).with_children(|root| {
        root.spawn(Veil(0.82));
        root.spawn(heading("HOST A MATCH"));
        root.spawn(label("give this code to the other player", 20.0, Role::Muted));
        root.spawn((CodePlace, row(14.0))).insert(Node {
            min_height: Val::Px(150.0),
            max_width: Val::Px(760.0),
            margin: UiRect::vertical(Val::Px(10.0)),
            ..row(14.0)
        });
        root.spawn(row(10.0)).with_children(|lights| {
            lights.spawn(label("waiting for the other player", 18.0, Role::Ink));
            waiting_lights(lights);
        });
        root.spawn((Notice, label("", 16.0, Role::Muted)))
            .insert(Node { max_width: Val::Px(700.0), ..default() });
        root.spawn(column(360.0))
            .insert(Node { margin: UiRect::top(Val::Px(12.0)), ..column(360.0) })
            .with_children(|menu| {
                menu.spawn((menu_button("Copy the code", 1), FocusFirst)).observe(copy);
                menu.spawn(menu_button("Cancel", 2)).observe(to_screen(Screen::Play));
            });
        root.spawn(hint("the other one chooses Join, or runs: pong join CODE"));
    });
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
    online: Res<Online>,
    viewport: Res<Viewport>,
    mut clipboard: ResMut<Clipboard>,
    mut commands: Commands,
    places: Query<Entity, With<CodePlace>>,
    mut notices: Query<&mut Text, With<Notice>>,
    mut shown: Local<Option<String>>,
) {
    if online.invite == *shown
        && !(online.invite.is_some() && places.iter().any(|place| commands.get_entity(place).is_err()))
    {
        return;
    }
    shown.clone_from(&online.invite);
    let (Some(code), Ok(place)) = (&online.invite, places.single()) else { return };
    commands.entity(place).despawn_children();
    let height = if viewport.portrait { 26.0 } else { 34.0 };
    for (index, group) in code.split('-').enumerate() {
        commands.entity(place).with_children(|place| {
            place
                .spawn((
                    Node {
                        padding: UiRect::axes(Val::Px(18.0), Val::Px(16.0)),
                        border: UiRect::all(Val::Px(2.0)),
                        border_radius: BorderRadius::all(Val::Px(14.0)),
                        ..default()
                    },
                    Fill(Role::Surface, 1.0),
                    Frame(Role::Line, 1.0),
                    SlideIn::new(Vec2::new(0.0, 30.0), 0.04 * index as f32),
                ))
                .with_children(|chip| {
                    chip.spawn(Lettering::new(group, height).colored(Role::Bright));
                });
        });
    }
    if let Ok(mut notice) = notices.single_mut() {
        notice.0 = match clipboard.set_text(code.as_str()) {
            Ok(()) => "the code is in the clipboard".into(),
            Err(_) => String::new(),
        };
    }
}

fn copy(
    _: On<Activated>,
    online: Res<Online>,
    mut clipboard: ResMut<Clipboard>,
    mut notices: Query<&mut Text, With<Notice>>,
) {
    let (Some(code), Ok(mut notice)) = (&online.invite, notices.single_mut()) else { return };
    notice.0 = match clipboard.set_text(code.as_str()) {
        Ok(()) => "copied".into(),
        Err(_) => "the clipboard can't be reached: read the code out instead".into(),
    };
}

fn show_trouble(online: Res<Online>, mut notices: Query<(&mut Text, &mut Tint), With<Notice>>) {
    let (Some(trouble), Ok((mut notice, mut tint))) = (&online.trouble, notices.single_mut()) else { return };
    if notice.0 != *trouble {
        notice.0.clone_from(trouble);
        tint.0 = Role::Warning;
    }
}
