//! What the screens of all games have in common: the way from one to the next, and what stands at their head and foot.

use crate::focus::{Activated, Focusable, PointerOnly};
use crate::letters::Lettering;
use crate::motion::SlideIn;
use crate::palette::{Fill, Role, Theme};
use crate::scale::Viewport;
use crate::widgets::{Button, label, row};
use bevy::prelude::*;
use bevy::state::state::FreelyMutableState;

/// The name of a game, on its title. It floats a little.
#[derive(Component, Clone, Copy, Debug)]
struct GameName;

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(Update, (float, fit));
}

/// An observer that goes to `state`.
pub fn go_to<S: FreelyMutableState + Clone>(state: S) -> impl FnMut(On<Activated>, ResMut<NextState<S>>) {
    move |_, mut next| next.set(state.clone())
}

/// A screen's name, above its menu.
pub fn heading(text: &str) -> impl Bundle + use<> {
    (
        Node { margin: UiRect::bottom(Val::Px(22.0)), ..default() },
        SlideIn::new(Vec2::new(0.0, -40.0), 0.0),
        children![Lettering::new(text, 40.0).glowing(0.25)],
    )
}

/// What the keys do, at the foot of a menu.
pub fn hint(parts: &[&str]) -> impl Bundle + use<> {
    let parts: Vec<_> = parts.iter().map(|part| label((*part).to_owned(), 15.0, Role::Muted)).collect();
    (
        Node {
            width: Val::Percent(100.0),
            margin: UiRect::top(Val::Px(14.0)),
            row_gap: Val::Px(6.0),
            ..row(28.0)
        },
        Children::spawn(SpawnIter(parts.into_iter())),
    )
}

/// The name of a game, large, in parts of different colours, and a line below it.
pub fn game_name(parts: &[(&str, Role)], line: &str) -> impl Bundle + use<> {
    let parts: Vec<_> = parts
        .iter()
        .map(|&(text, role)| Lettering::new(text, NAME_HEIGHTS.0).glowing(0.8).colored(role))
        .collect();
    (
        Node {
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            margin: UiRect::bottom(Val::Px(34.0)),
            row_gap: Val::Px(34.0),
            ..default()
        },
        SlideIn::new(Vec2::new(0.0, -80.0), 0.0),
        children![
            (GameName, Node::default(), UiTransform::IDENTITY, Children::spawn(SpawnIter(parts.into_iter()))),
            label(line.to_owned(), 20.0, Role::Muted),
        ],
    )
}

/// How high the name of a game is, in a wide window and in a high one.
const NAME_HEIGHTS: (f32, f32) = (128.0, 78.0);

/// In a window that is turned, the name takes another size.
fn fit(
    viewport: Res<Viewport>,
    mut names: Query<(&mut Node, Ref<GameName>, &Children)>,
    mut letters: Query<&mut Lettering>,
) {
    let height = if viewport.portrait { NAME_HEIGHTS.1 } else { NAME_HEIGHTS.0 };
    for (mut node, name, children) in &mut names {
        if !viewport.is_changed() && !name.is_added() {
            continue;
        }
        node.column_gap = Val::Px(Lettering::spacing(height));
        for child in children {
            if let Ok(mut letters) = letters.get_mut(*child) {
                letters.height = height;
            }
        }
    }
}

fn float(time: Res<Time>, theme: Res<Theme>, mut names: Query<&mut UiTransform, With<GameName>>) {
    for mut name in &mut names {
        let height = if theme.reduced_motion { 0.0 } else { (time.elapsed_secs() * 1.4).sin() * 5.0 };
        name.translation = Val2::px(0.0, height);
    }
}

/// A small button that pauses: two bars. Observe [`Activated`] on it.
pub fn pause_button() -> impl Bundle {
    let bar = || {
        (
            Node {
                width: Val::Px(5.0),
                height: Val::Px(16.0),
                border_radius: BorderRadius::all(Val::Px(2.0)),
                ..default()
            },
            Fill(Role::Muted, 1.0),
        )
    };
    (
        Button,
        Focusable { layer: 0 },
        PointerOnly,
        Node {
            width: Val::Px(44.0),
            height: Val::Px(30.0),
            justify_content: JustifyContent::Center,
            align_items: AlignItems::Center,
            column_gap: Val::Px(6.0),
            border_radius: BorderRadius::all(Val::Px(10.0)),
            ..default()
        },
        BackgroundColor::DEFAULT,
        BorderColor::DEFAULT,
        UiTransform::IDENTITY,
        children![bar(), bar()],
    )
}
