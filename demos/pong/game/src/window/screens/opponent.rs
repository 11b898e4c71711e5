//! How good the bot is, and how many of them.

use super::Screen;
use crate::window::play::{Table, begin};
use bevy::prelude::*;
use demo_ui::{
    Activated, Choice, FocusFirst, Veil, choice, column, go_to, heading, hint, menu_button, screen,
};
use pong_rules::Skill;

/// The choice of a skill.
#[derive(Component, Clone, Copy, Debug)]
struct SkillChoice;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Opponent), enter);
}

fn enter(mut commands: Commands) {
    let skills = Skill::ALL.iter().map(|skill| skill.name().to_owned()).collect();
    commands.spawn((screen(), DespawnOnExit(Screen::Opponent))).with_children(|root| {
        root.spawn(Veil(0.78));
        root.spawn(heading("THE BOT"));
        root.spawn(column(420.0)).with_children(|menu| {
            menu.spawn((choice("Skill", skills, 1), SkillChoice));
            menu.spawn((menu_button("Duel", 1), FocusFirst)).observe(duel);
            menu.spawn(menu_button("Four walls, three bots", 2)).observe(four_walls);
            menu.spawn(menu_button("Back", 3)).observe(go_to(Screen::Play));
        });
        root.spawn(hint(&["left and right change what is between < and >"]));
    });
}

fn chosen(choices: &Query<&Choice, With<SkillChoice>>) -> Skill {
    choices.single().map_or(Skill::default(), |choice| Skill::ALL[choice.at % Skill::ALL.len()])
}

fn duel(
    _: On<Activated>,
    time: Res<Time<Real>>,
    choices: Query<&Choice, With<SkillChoice>>,
    mut commands: Commands,
) {
    begin(Table::against_bot(time.elapsed().as_micros() as u64, chosen(&choices)), &mut commands);
}

fn four_walls(
    _: On<Activated>,
    time: Res<Time<Real>>,
    choices: Query<&Choice, With<SkillChoice>>,
    mut commands: Commands,
) {
    begin(Table::four_walls(time.elapsed().as_micros() as u64, chosen(&choices)), &mut commands);
}
