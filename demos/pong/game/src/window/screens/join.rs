//! Joining: a match of the list, or an invite code, typed or pasted; what is mistyped is named.

use super::Screen;
use super::host::waiting_lights;
use super::lan_list::{Picked, lan_list};
use crate::window::play::online::{Online, Orders};
use bevy::clipboard::Clipboard;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy_netcord::netcord::transport::invite::InviteCode;
use bevy_netcord::prelude::*;
use demo_ui::{
    Activated, Fill, Focus, FocusFirst, Focusable, Highlight, Lettering, Role, TakesLetters, Theme, Tint,
    Veil, column, go_to, heading, hint, label, menu_button, row, screen,
};

/// The field for the code, and what was typed.
#[derive(Component, Clone, Debug, Default, PartialEq)]
struct CodeField(String);

impl CodeField {
    /// Replaces what was typed.
    fn put(&mut self, text: &str) {
        self.0 = text.chars().filter(char::is_ascii_alphanumeric).take(MAX_LETTERS).collect();
    }
}

/// What is told below the field.
#[derive(Component, Clone, Copy, Debug)]
struct Notice;

/// Shown while the host is called.
#[derive(Component, Clone, Copy, Debug)]
struct Calling;

/// Eight groups of four fit into a line.
const LETTER_HEIGHT: f32 = 19.0;
/// Room for the longest code.
const MAX_LETTERS: usize = 128;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Join), enter).add_systems(OnExit(Screen::Join), close).add_systems(
        Update,
        (begin, type_code, join_picked, show_code, show_notice, frame_field)
            .chain()
            .run_if(in_state(Screen::Join)),
    );
}

fn close(mut commands: Commands, current: Option<Res<Match>>) {
    if current.is_none() {
        commands.leave_match();
    }
}

fn enter(mut commands: Commands, mut online: ResMut<Online>) {
    *online = Online::default();
    commands.spawn((screen(), DespawnOnExit(Screen::Join))).with_children(|root| {
        root.spawn(Veil(0.82));
        root.spawn(heading("JOIN A MATCH"));
        root.spawn(lan_list());
        root.spawn(label("or type the host's code", 18.0, Role::Muted))
            .insert(Node { margin: UiRect::top(Val::Px(10.0)), ..default() });
        root.spawn((
            CodeField::default(),
            Focusable { layer: 0 },
            FocusFirst,
            TakesLetters,
            Fill(Role::Surface, 1.0),
            BorderColor::DEFAULT,
            Node {
                min_height: Val::Px(68.0),
                width: Val::Px(760.0),
                max_width: Val::Percent(100.0),
                padding: UiRect::all(Val::Px(12.0)),
                border: UiRect::all(Val::Px(2.0)),
                border_radius: BorderRadius::all(Val::Px(18.0)),
                ..row(6.0)
            },
        ))
        .observe(join_field);
        root.spawn(Node { min_height: Val::Px(48.0), width: Val::Percent(100.0), ..row(10.0) })
            .with_children(|line| {
                line.spawn((Notice, label("", 18.0, Role::Muted)))
                    .insert(Node { max_width: Val::Percent(100.0), ..default() });
                line.spawn((Calling, row(10.0), Visibility::Hidden)).with_children(waiting_lights);
            });
        root.spawn(Node { width: Val::Percent(100.0), ..row(12.0) }).with_children(|menu| {
            let mut place = |place: fn(&mut ChildSpawnerCommands)| {
                menu.spawn(column(140.0)).with_children(place);
            };
            place(|place| _ = place.spawn(menu_button("Paste", 1)).observe(paste));
            place(|place| _ = place.spawn(menu_button("Join", 2)).observe(join_field));
            place(|place| _ = place.spawn(menu_button("Back", 3)).observe(go_to(Screen::Play)));
        });
        root.spawn(hint(&["Ctrl+V pastes", "Enter joins", "Escape leads back"]));
    });
}

/// A code from the command line is taken at once.
fn begin(mut orders: ResMut<Orders>, mut fields: Query<&mut CodeField>, mut commands: Commands) {
    if orders.join.is_none() {
        return;
    }
    let (Some(code), Ok(mut field)) = (orders.join.take(), fields.single_mut()) else { return };
    field.put(&code);
    commands.join_match(code);
}

fn type_code(
    mut keys: MessageReader<KeyboardInput>,
    held: Res<ButtonInput<KeyCode>>,
    focus: Res<Focus>,
    state: Res<State<MatchState>>,
    mut clipboard: ResMut<Clipboard>,
    mut online: ResMut<Online>,
    mut fields: Query<(Entity, &mut CodeField)>,
) {
    let Ok((entity, mut field)) = fields.single_mut() else { return };
    let control = held.any_pressed([
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::SuperLeft,
        KeyCode::SuperRight,
    ]);
    for key in keys.read().filter(|key| key.state.is_pressed()) {
        if *state.get() != MatchState::Idle || focus.0 != Some(entity) {
            continue;
        }
        match &key.logical_key {
            Key::Character(letter) if control && letter.eq_ignore_ascii_case("v") => {
                take_from(&mut clipboard, &mut field);
            }
            Key::Character(letters) if !control => {
                field.0.extend(letters.chars().filter(char::is_ascii_alphanumeric));
                field.0.truncate(MAX_LETTERS);
            }
            Key::Backspace if control => field.0.clear(),
            Key::Backspace => drop(field.0.pop()),
            _ => continue,
        }
        online.trouble = None;
    }
}

fn take_from(clipboard: &mut Clipboard, field: &mut CodeField) {
    if let Some(Ok(text)) = clipboard.fetch_text().poll_result() {
        field.put(&text);
    }
}

fn paste(
    _: On<Activated>,
    mut clipboard: ResMut<Clipboard>,
    mut online: ResMut<Online>,
    mut fields: Query<&mut CodeField>,
) {
    if let Ok(mut field) = fields.single_mut() {
        online.trouble = None;
        take_from(&mut clipboard, &mut field);
    }
}

fn join_field(
    _: On<Activated>,
    state: Res<State<MatchState>>,
    fields: Query<&CodeField>,
    mut online: ResMut<Online>,
    mut commands: Commands,
) {
    let Ok(field) = fields.single() else { return };
    match field.0.parse::<InviteCode>() {
        _ if *state.get() == MatchState::Connecting => {}
        Ok(_) => join(&field.0, &mut online, &mut commands),
        Err(error) => online.trouble = Some(error.to_string()),
    }
}

/// A match of the list: its code is typed for the player.
fn join_picked(
    mut picked: MessageReader<Picked>,
    state: Res<State<MatchState>>,
    mut fields: Query<&mut CodeField>,
    mut online: ResMut<Online>,
    mut commands: Commands,
) {
    for Picked(code) in picked.read().filter(|_| *state.get() != MatchState::Connecting) {
        fields.iter_mut().for_each(|mut field| field.put(code));
        join(code, &mut online, &mut commands);
    }
}

fn join(code: &str, online: &mut Online, commands: &mut Commands) {
    *online = Online::default();
    commands.leave_match();
    commands.join_match(code);
}

/// The letters in groups of four, as the host has them on screen.
fn show_code(mut commands: Commands, fields: Query<(Entity, &CodeField), Changed<CodeField>>) {
    for (entity, field) in &fields {
        commands.entity(entity).despawn_children();
        let letters: Vec<char> = field.0.to_ascii_uppercase().chars().collect();
        commands.entity(entity).with_children(|place| {
            for group in letters.chunks(4) {
                let text = group.iter().collect::<String>();
                place
                    .spawn(Node { padding: UiRect::all(Val::Px(8.0)), ..default() })
                    .with_child(Lettering::new(text, LETTER_HEIGHT).colored(Role::Bright));
            }
            if letters.len().is_multiple_of(4) && field.0.parse::<InviteCode>().is_err() {
                place.spawn(label("_", LETTER_HEIGHT, Role::Muted));
            }
        });
    }
}

fn show_notice(
    online: Res<Online>,
    state: Res<State<MatchState>>,
    connections: Query<&Connection>,
    fields: Query<&CodeField>,
    mut notices: Query<(&mut Text, &mut Tint), With<Notice>>,
    mut calling: Query<&mut Visibility, With<Calling>>,
) {
    let (Ok(field), Ok((mut notice, mut tint))) = (fields.single(), notices.single_mut()) else { return };
    let is_calling = *state.get() == MatchState::Connecting && online.trouble.is_none();
    for mut visibility in &mut calling {
        visibility.set_if_neq(if is_calling { Visibility::Inherited } else { Visibility::Hidden });
    }
    let (text, role) = match (&online.trouble, field.0.parse::<InviteCode>()) {
        (Some(trouble), _) => (trouble.clone(), Role::Warning),
        (None, _) if is_calling && !connections.is_empty() => {
            ("you are in; the match begins when all are".to_owned(), Role::Accent(0))
        }
        (None, Ok(code)) => {
            let host =
                code.addresses().first().map_or(String::new(), |address| format!(" the host at {address}"));
            (
                format!("{}{host}", if is_calling { "calling" } else { "the code is right: Enter calls" }),
                Role::Accent(0),
            )
        }
        // What is still typed is not wrong yet.
        (None, Err(_)) if field.0.len() < 32 => (String::new(), Role::Muted),
        (None, Err(error)) => (error.to_string(), Role::Warning),
    };
    if notice.0 != text || tint.0 != role {
        (notice.0, tint.0) = (text, role);
    }
}

/// The field's frame shows whether it has the focus.
fn frame_field(theme: Res<Theme>, mut fields: Query<(&Highlight, &mut BorderColor), With<CodeField>>) {
    for (highlight, mut border) in &mut fields {
        *border = BorderColor::all(theme.color(Role::Line).mix(&theme.color(Role::Accent(0)), highlight.0));
    }
}
