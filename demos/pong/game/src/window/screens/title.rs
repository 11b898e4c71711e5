//! The title, over a match between bots.

use super::{Screen, hint, to_screen};
use crate::window::closing::Quit;
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{
    Activated, FocusFirst, Lettering, Role, SlideIn, Veil, Viewport, column, label, menu_button, screen,
};

/// The name of the game. It floats a little.
#[derive(Component, Clone, Copy, Debug)]
struct Name;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Title), (attract, enter))
        .add_systems(OnEnter(Screen::Play), attract)
        .add_systems(Update, (float, fit).run_if(in_state(Screen::Title)));
}

/// Bots take the table when nobody else has it.
fn attract(mut table: ResMut<Table>, time: Res<Time<Real>>) {
    if table.mode != Mode::Attract {
        *table = Table::attract(time.elapsed().as_millis() as u64);
    }
}

fn enter(mut commands: Commands, viewport: Res<Viewport>) {
    commands.spawn((screen(), DespawnOnExit(Screen::Title))).with_children(|root| {
        root.spawn(Veil(0.62));
        root.spawn((
            Node { margin: UiRect::bottom(Val::Px(10.0)), ..default() },
            SlideIn::new(Vec2::new(0.0, -80.0), 0.0),
        ))
        .with_children(|name| {
            name.spawn((Name, Node::default(), UiTransform::IDENTITY)).with_children(|name| {
                name.spawn(
                    Lettering::new("PONG", name_height(*viewport)).glowing(0.8).colored(Role::Accent(0)),
                );
            });
        });
        root.spawn((
            Node { margin: UiRect::bottom(Val::Px(34.0)), ..default() },
            label("two paddles, any distance", 20.0, Role::Muted),
        ));
        root.spawn(column(360.0)).with_children(|menu| {
            menu.spawn((menu_button("Play", 1), FocusFirst)).observe(to_screen(Screen::Play));
            menu.spawn(menu_button("Settings", 2)).observe(to_screen(Screen::Settings));
            menu.spawn(menu_button("Quit", 3)).observe(|_: On<Activated>, mut quit: MessageWriter<Quit>| {
                quit.write(Quit);
            });
        });
        root.spawn(hint(&["arrows or W S to choose", "Enter to take", "or click, or touch"]));
    });
}

fn name_height(viewport: Viewport) -> f32 {
    if viewport.portrait { 78.0 } else { 128.0 }
}

/// In a window that is turned, the name takes another size.
fn fit(viewport: Res<Viewport>, names: Query<&Children, With<Name>>, mut letters: Query<&mut Lettering>) {
    for name in names.iter().filter(|_| viewport.is_changed()) {
        for child in name {
            if let Ok(mut letters) = letters.get_mut(*child) {
                letters.height = name_height(*viewport);
            }
        }
    }
}

fn float(time: Res<Time>, theme: Res<demo_ui::Theme>, mut names: Query<&mut UiTransform, With<Name>>) {
    for mut name in &mut names {
        let height = if theme.reduced_motion { 0.0 } else { (time.elapsed_secs() * 1.4).sin() * 5.0 };
        name.translation = Val2::px(0.0, height);
    }
}
