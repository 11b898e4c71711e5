//! How a match ended, and whether another follows.

use super::{Panel, Screen};
use crate::window::court::role;
use crate::window::play::arena::Stage;
use crate::window::play::controls::Controls;
use crate::window::play::view::View;
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{
    Activated, Fireworks, FocusFirst, Focusable, Lettering, Role, SlideIn, Tint, column, go_to, label,
    menu_button, overlay_screen, panel,
};

/// What is told about the rematch.
#[derive(Component, Clone, Copy, Debug)]
struct RematchNote;

/// How long the court has the stage before the result lies over it, in seconds.
const AFTER: f32 = 1.2;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, watch.run_if(in_state(Screen::Match)))
        .add_systems(OnEnter(Panel::Result), enter)
        .add_systems(Update, show_wish.run_if(in_state(Panel::Result)))
        .add_systems(OnExit(Panel::Result), leave)
        .add_systems(OnExit(Screen::Match), leave);
}

fn watch(
    time: Res<Time>,
    view: Res<View>,
    shown: Res<State<Panel>>,
    mut since: Local<f32>,
    mut next: ResMut<NextState<Panel>>,
    mut fireworks: ResMut<Fireworks>,
) {
    match view.now.stage {
        Stage::Over { winner, .. } => {
            *since += time.delta_secs();
            fireworks.celebrate(role(winner), view.now.half_size);
            if *since > AFTER && *shown.get() == Panel::None {
                next.set(Panel::Result);
            }
        }
        _ => {
            *since = 0.0;
            if *shown.get() == Panel::Result {
                next.set(Panel::None);
            }
        }
    }
}

fn enter(mut commands: Commands, view: Res<View>, table: Res<Table>) {
    let Stage::Over { winner, .. } = view.now.stage else { return };
    let title = match table.name(winner) {
        "YOU" => "YOU WIN".to_owned(),
        other => format!("{other} WINS"),
    };
    let height = if title.len() > 10 { 34.0 } else { 46.0 };
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Result))).with_children(|root| {
        root.spawn((panel(), SlideIn::new(Vec2::new(0.0, 60.0), 0.0))).with_children(|card| {
            card.spawn((
                Lettering::new(title, height).colored(role(winner)).glowing(0.6),
                Node { margin: UiRect::bottom(Val::Px(10.0)), ..default() },
            ));
            if table.seats.len() <= 2 {
                let tally = |player: usize| view.now.tallies[player].unwrap_or_default();
                card.spawn(Lettering::new(format!("{} : {}", tally(0), tally(1)), 34.0));
            } else {
                card.spawn(label("the last one standing", 20.0, Role::Muted));
            }
            card.spawn(column(320.0)).with_children(|menu| {
                let focusable = Focusable { layer: 1 };
                menu.spawn((menu_button("Rematch", 2), focusable, FocusFirst))
                    .observe(|_: On<Activated>, mut controls: ResMut<Controls>| controls.rematch = true);
                menu.spawn((menu_button("Leave", 3), focusable)).observe(go_to(Screen::Title));
            });
            if table.mode == Mode::Online {
                let both = if table.seats.len() > 2 { "all" } else { "both" };
                let text = format!("a rematch begins when {both} ask for it");
                card.spawn((RematchNote, label(text, 16.0, Role::Muted)));
            }
        });
    });
}

fn show_wish(controls: Res<Controls>, mut notes: Query<(&mut Text, &mut Tint), With<RematchNote>>) {
    for (mut text, mut tint) in notes.iter_mut().filter(|_| controls.rematch) {
        if tint.0 == Role::Muted {
            (text.0, tint.0) = ("you asked for a rematch: the others have not yet".into(), Role::Bright);
        }
    }
}

fn leave(mut controls: ResMut<Controls>, mut fireworks: ResMut<Fireworks>) {
    controls.rematch = false;
    *fireworks = Fireworks::default();
}
