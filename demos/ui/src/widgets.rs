//! What menus are made of: labels, buttons, choices; large enough for fingers.

use crate::focus::{Activated, Adjustable, Adjusted, Focusable, Highlight};
use crate::motion::SlideIn;
use crate::palette::{Fill, Frame, Role, Theme, Tint};
use crate::pointer::Pointer;
use bevy::prelude::*;
use bevy::ui::UiGlobalTransform;

/// A button, or a choice: what lights up under the focus.
#[derive(Component, Clone, Copy, Debug)]
#[require(Focusable)]
pub struct Button;

/// A text on a button: it changes colour with it.
#[derive(Component, Clone, Copy, Debug)]
struct OnButton;

/// One of several, chosen with left and right.
#[derive(Component, Clone, Debug)]
#[require(Adjustable)]
pub struct Choice {
    /// What there is.
    pub options: Vec<String>,
    /// Which of them.
    pub at: usize,
}

/// Somebody chose another option of a [`Choice`].
#[derive(EntityEvent, Clone, Copy, Debug)]
pub struct Chosen {
    /// The entity.
    pub entity: Entity,
    /// Which option.
    pub at: usize,
}

/// The text that shows a choice's value.
#[derive(Component, Clone, Copy, Debug)]
struct ChoiceValue;

/// How high a button is, in logical pixels.
const HEIGHT: f32 = 56.0;
/// How high a row of a table is.
const ROW_HEIGHT: f32 = 32.0;
/// How high a small button is.
const SMALL_HEIGHT: f32 = 44.0;

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(Update, (show_choices, light_up).after(crate::FocusSystems))
        .add_observer(click_choice)
        .add_observer(adjust_choice);
}

/// A text.
pub fn label(text: impl Into<String>, size: f32, role: Role) -> impl Bundle {
    (
        Text::new(text),
        TextFont::from_font_size(size),
        TextLayout { justify: Justify::Center, ..default() },
        Tint(role, 1.0),
    )
}

/// The root of a screen: fills the window, its children in a column in the middle.
pub fn screen() -> impl Bundle {
    screen_at(0)
}

/// The root of a screen that lies over a game, as a pause does.
pub fn overlay_screen() -> impl Bundle {
    screen_at(20)
}

fn screen_at(layer: i32) -> impl Bundle {
    (
        Node {
            position_type: PositionType::Absolute,
            width: Val::Percent(100.0),
            height: Val::Percent(100.0),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            row_gap: Val::Px(14.0),
            padding: UiRect::all(Val::Px(24.0)),
            ..default()
        },
        GlobalZIndex(layer),
    )
}

/// A column of fixed width, for a menu's buttons.
pub fn column(width: f32) -> Node {
    Node {
        flex_direction: FlexDirection::Column,
        align_items: AlignItems::Stretch,
        width: Val::Px(width),
        max_width: Val::Percent(100.0),
        row_gap: Val::Px(12.0),
        ..default()
    }
}

/// A row of things, centred, that goes on in the next line where it is too long.
pub fn row(gap: f32) -> Node {
    Node {
        flex_direction: FlexDirection::Row,
        flex_wrap: FlexWrap::Wrap,
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        column_gap: Val::Px(gap),
        row_gap: Val::Px(gap),
        ..default()
    }
}

/// A box with a frame and round corners.
pub fn panel() -> impl Bundle {
    (
        Node {
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            padding: UiRect::axes(Val::Px(36.0), Val::Px(28.0)),
            row_gap: Val::Px(16.0),
            border: UiRect::all(Val::Px(2.0)),
            border_radius: BorderRadius::all(Val::Px(18.0)),
            max_width: Val::Percent(100.0),
            ..default()
        },
        Fill(Role::Surface, 0.94),
        Frame(Role::Line, 1.0),
    )
}

fn pill(justify_content: JustifyContent) -> Node {
    Node {
        height: Val::Px(HEIGHT),
        flex_shrink: 0.0,
        padding: UiRect::horizontal(Val::Px(24.0)),
        border: UiRect::all(Val::Px(2.0)),
        border_radius: BorderRadius::all(Val::Px(HEIGHT / 2.0)),
        align_items: AlignItems::Center,
        justify_content,
        column_gap: Val::Px(16.0),
        ..default()
    }
}

/// A button with a text. Observe [`Activated`] on it.
pub fn button(text: impl Into<String>) -> impl Bundle {
    (
        Button,
        pill(JustifyContent::Center),
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        children![on_button(text, 20.0)],
    )
}

/// A button, the `index`th of its menu: it slides in after those above.
pub fn menu_button(text: impl Into<String>, index: usize) -> impl Bundle {
    (button(text), SlideIn::new(Vec2::new(-60.0, 0.0), 0.05 * index as f32))
}

/// A button in a list: a name, and what is told beside it. Observe [`Activated`] on it.
pub fn entry(name: impl Into<String>, detail: impl Into<String>) -> impl Bundle {
    (
        Button,
        pill(JustifyContent::SpaceBetween),
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        children![on_button(name, 19.0), on_button(detail, 16.0)],
    )
}

/// A button in a table: a text for each column, with how much of the width the column has. Observe [`Activated`] on it.
pub fn table_row(columns: Vec<(String, f32)>) -> impl Bundle {
    let columns = columns.into_iter().map(|(text, percent)| {
        let node = Node { width: Val::Percent(percent), ..default() };
        (on_button(text, 17.0), node)
    });
    let columns: Vec<_> = columns.collect();
    (
        Button,
        Node {
            height: Val::Px(ROW_HEIGHT),
            flex_shrink: 0.0,
            padding: UiRect::horizontal(Val::Px(18.0)),
            border: UiRect::all(Val::Px(1.0)),
            border_radius: BorderRadius::all(Val::Px(ROW_HEIGHT / 2.0)),
            align_items: AlignItems::Center,
            ..default()
        },
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        Children::spawn(SpawnIter(columns.into_iter())),
    )
}

/// A small button: a letter, a word. Observe [`Activated`] on it.
pub fn small_button(text: impl Into<String>, width: f32) -> impl Bundle {
    (
        Button,
        Node {
            width: Val::Px(width),
            height: Val::Px(SMALL_HEIGHT),
            flex_shrink: 0.0,
            border: UiRect::all(Val::Px(2.0)),
            border_radius: BorderRadius::all(Val::Px(12.0)),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            ..default()
        },
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        children![on_button(text, 19.0)],
    )
}

/// An [`entry`] that can't be taken.
pub fn quiet_entry(name: impl Into<String>, detail: impl Into<String>) -> impl Bundle {
    (
        pill(JustifyContent::SpaceBetween),
        Fill(Role::Surface, 0.5),
        Frame(Role::Line, 0.5),
        children![label(name, 19.0, Role::Muted), label(detail, 16.0, Role::Muted)],
    )
}

fn on_button(text: impl Into<String>, size: f32) -> impl Bundle {
    (OnButton, Text::new(text), TextFont::from_font_size(size), TextLayout::no_wrap())
}

/// A choice between `options`, of which `at` is chosen. Observe [`Chosen`] on it.
pub fn choice(name: impl Into<String>, options: Vec<String>, at: usize) -> impl Bundle {
    (
        Button,
        Choice { options, at },
        pill(JustifyContent::SpaceBetween),
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        children![on_button(name, 19.0), (on_button("", 19.0), ChoiceValue)],
    )
}

/// A choice between off and on. Observe [`Chosen`] on it: 1 is on.
pub fn toggle(name: impl Into<String>, on: bool) -> impl Bundle {
    choice(name, ["off", "on"].map(str::to_owned).into(), usize::from(on))
}

fn show_choices(
    choices: Query<(&Choice, &Children), Changed<Choice>>,
    mut values: Query<&mut Text, With<ChoiceValue>>,
) {
    for (choice, children) in &choices {
        let shown = choice.options.get(choice.at).map_or("", String::as_str);
        for child in children {
            if let Ok(mut value) = values.get_mut(*child) {
                value.0 = format!("<  {shown}  >");
            }
        }
    }
}

/// A click on a choice: on its left half it goes back, else on. Enter goes on, too.
fn click_choice(
    activated: On<Activated>,
    pointer: Res<Pointer>,
    choices: Query<(&ComputedNode, &UiGlobalTransform, &Children), With<Choice>>,
    values: Query<(&ComputedNode, &UiGlobalTransform), With<ChoiceValue>>,
    mut commands: Commands,
) {
    let Ok((.., children)) = choices.get(activated.entity) else { return };
    let value = children.iter().find_map(|child| values.get(child).ok());
    let left = pointer.released
        && pointer
            .position
            .zip(value)
            .is_some_and(|(position, (_, transform))| position.x < transform.translation.x);
    commands.trigger(Adjusted { entity: activated.entity, by: if left { -1 } else { 1 } });
}

fn adjust_choice(adjusted: On<Adjusted>, mut choices: Query<&mut Choice>, mut commands: Commands) {
    let Ok(mut choice) = choices.get_mut(adjusted.entity) else { return };
    let count = choice.options.len().max(1) as i32;
    choice.at = (choice.at as i32 + adjusted.by).rem_euclid(count) as usize;
    commands.trigger(Chosen { entity: adjusted.entity, at: choice.at });
}

type Lit<'a> =
    (Ref<'a, Highlight>, &'a mut BackgroundColor, &'a mut BorderColor, &'a mut UiTransform, &'a Children);

fn light_up(
    theme: Res<Theme>,
    mut buttons: Query<Lit, With<Button>>,
    mut texts: Query<&mut TextColor, With<OnButton>>,
) {
    for (highlight, mut ground, mut border, mut transform, children) in &mut buttons {
        let new = children.iter().any(|child| texts.get(child).is_ok_and(|text| text.0 == Color::WHITE));
        if !highlight.is_changed() && !theme.is_changed() && !new {
            continue;
        }
        let lit = crate::motion::ease::in_out(highlight.0);
        ground.0 = theme.faded(Role::Surface, 0.9).mix(&theme.color(Role::Accent(0)), lit);
        *border = BorderColor::all(theme.color(Role::Line).mix(&theme.color(Role::Accent(0)), lit));
        transform.scale = Vec2::splat(1.0 + if theme.reduced_motion { 0.0 } else { 0.03 * lit });
        for child in children {
            if let Ok(mut text) = texts.get_mut(*child) {
                text.0 = theme.color(Role::Ink).mix(&theme.color(Role::Backdrop), lit);
            }
        }
    }
}
