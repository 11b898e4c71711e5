//! The name for a highscore: typed, or put together from letters on the screen.

use super::result::Unnamed;
use super::scores::Shown;
use super::{Panel, Screen};
use crate::highscores::{Highscores, NAME_LETTERS, name};
use crate::window::kept::Settings;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{
    Activated, Fill, FocusFirst, Focusable, Frame, Lettering, Role, TakesLetters, Veil, heading, hint,
    overlay_screen, row, small_button,
};

/// The name so far.
#[derive(Resource, Clone, Debug, Default)]
struct Typed(String);

/// Where it is shown.
#[derive(Component, Clone, Copy, Debug)]
struct Field;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// How wide the button of a letter is.
const WIDTH: f32 = 44.0;
const GAP: f32 = 6.0;
/// How many letters are in a row.
const IN_A_ROW: f32 = 9.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Typed>()
        .add_systems(OnEnter(Panel::Name), enter)
        .add_systems(Update, (type_letters, show).chain().run_if(in_state(Panel::Name)));
}

fn enter(mut commands: Commands, settings: Res<Persist<Settings>>, mut typed: ResMut<Typed>) {
    typed.0.clone_from(&settings.name);
    let focusable = (Focusable { layer: 1 }, TakesLetters);
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Name))).with_children(|root| {
        root.spawn(Veil(0.84));
        root.spawn(heading("YOUR NAME"));
        root.spawn((
            Field,
            Node {
                height: Val::Px(68.0),
                width: Val::Px(IN_A_ROW * (WIDTH + GAP)),
                max_width: Val::Percent(100.0),
                margin: UiRect::bottom(Val::Px(10.0)),
                border: UiRect::all(Val::Px(2.0)),
                border_radius: BorderRadius::all(Val::Px(18.0)),
                ..row(6.0)
            },
            Fill(Role::Surface, 1.0),
            Frame(Role::Accent(0), 1.0),
        ));
        root.spawn(Node {
            width: Val::Px(IN_A_ROW * (WIDTH + GAP)),
            max_width: Val::Percent(100.0),
            ..row(GAP)
        })
        .with_children(|grid| {
            for letter in LETTERS.chars() {
                grid.spawn((small_button(letter, WIDTH), focusable)).observe(
                    move |_: On<Activated>, mut typed: ResMut<Typed>| {
                        typed.0 = name(&format!("{}{letter}", typed.0))
                    },
                );
            }
            grid.spawn((small_button("space", 92.0), focusable)).observe(
                |_: On<Activated>, mut typed: ResMut<Typed>| typed.0 = name(&format!("{} ", typed.0)),
            );
            grid.spawn((small_button("delete", 92.0), focusable))
                .observe(|_: On<Activated>, mut typed: ResMut<Typed>| _ = typed.0.pop());
            grid.spawn((small_button("done", 140.0), focusable, FocusFirst)).observe(done);
        });
        root.spawn(hint(&["type it", "or choose letters", "Enter on done ends"]));
    });
}

fn type_letters(mut keys: MessageReader<KeyboardInput>, mut typed: ResMut<Typed>) {
    for key in keys.read().filter(|key| key.state.is_pressed()) {
        match &key.logical_key {
            Key::Character(letters) => typed.0 = name(&format!("{}{letters}", typed.0)),
            Key::Space => typed.0 = name(&format!("{} ", typed.0)),
            Key::Backspace => _ = typed.0.pop(),
            _ => {}
        }
    }
}

fn show(typed: Res<Typed>, fields: Query<(Entity, Ref<Field>)>, mut commands: Commands) {
    for (field, new) in &fields {
        if !typed.is_changed() && !new.is_added() {
            continue;
        }
        let left = "-".repeat(NAME_LETTERS.saturating_sub(typed.0.len()).min(1));
        commands.entity(field).despawn_children().with_children(|field| {
            field.spawn(Lettering::new(typed.0.as_str(), 28.0).colored(Role::Bright).glowing(0.3));
            field.spawn(Lettering::new(left, 28.0).colored(Role::Muted));
        });
    }
}

fn done(
    _: On<Activated>,
    typed: Res<Typed>,
    mut unnamed: ResMut<Unnamed>,
    mut scores: ResMut<Persist<Highscores>>,
    mut settings: ResMut<Persist<Settings>>,
    mut shown: ResMut<Shown>,
    mut next: ResMut<NextState<Screen>>,
    mut panel: ResMut<NextState<Panel>>,
) {
    settings.name = typed.0.trim().to_owned();
    let Some(entry) = unnamed.0.take() else {
        // It was asked for in the settings.
        panel.set(Panel::None);
        return;
    };
    shown.row = scores.enter(shown.mode, entry.named(&settings.name));
    next.set(Screen::Scores);
}
