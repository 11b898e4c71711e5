//! A match as it is played in the window: the table, who sits at it, and what the court is told.

pub(crate) mod arena;
pub(crate) mod controls;
mod driver;
pub(crate) mod lobby;
pub(crate) mod online;
pub(crate) mod rules;
pub(crate) mod view;

use bevy::prelude::*;
use bevy_netcord::{HostOptions, NetCommands as _};
use pong_rules::{Bot, Skill};

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Bots, behind the menus.
    Attract,
    /// On this machine.
    Local,
    /// With others.
    Online,
}

/// Who moves a paddle.
#[derive(Clone, Debug)]
pub(crate) enum Seat {
    /// Whoever sits here, with any key, the mouse or a finger.
    Person,
    /// One of two who sit here: W and S, or the left half of the screen.
    LeftHand,
    /// The other of the two: the arrows, or the right half of the screen.
    RightHand,
    /// A bot on this machine.
    Bot(Bot),
    /// Somebody else, elsewhere.
    Remote,
}

/// Who plays, and what.
#[derive(Resource, Clone, Debug)]
pub(crate) struct Table {
    pub(crate) mode: Mode,
    pub(crate) seats: Vec<Seat>,
    pub(crate) seed: u64,
}

impl Table {
    pub(crate) fn attract(seed: u64) -> Self {
        let bot = |salt| Seat::Bot(Bot::new(seed + salt, Skill::Hard));
        Self { mode: Mode::Attract, seats: vec![bot(0), bot(1)], seed }
    }

    pub(crate) fn against_bot(seed: u64, skill: Skill) -> Self {
        Self { mode: Mode::Local, seats: vec![Seat::Person, Seat::Bot(Bot::new(seed, skill))], seed }
    }

    /// Bot against bot.
    pub(crate) fn demonstration(seed: u64, skill: Skill) -> Self {
        let bots = [seed, seed + 1].map(|seed| Seat::Bot(Bot::new(seed, skill)));
        Self { mode: Mode::Local, seats: bots.into(), seed }
    }

    pub(crate) fn two_players(seed: u64) -> Self {
        Self { mode: Mode::Local, seats: vec![Seat::LeftHand, Seat::RightHand], seed }
    }

    /// One person against three bots.
    pub(crate) fn four_walls(seed: u64, skill: Skill) -> Self {
        let bot = |salt| Seat::Bot(Bot::new(seed + salt, skill));
        Self { mode: Mode::Local, seats: vec![Seat::Person, bot(1), bot(2), bot(3)], seed }
    }

    /// The player whose side is shown at the bottom of a high window.
    pub(crate) fn own_player(&self) -> usize {
        let own = |seat: &Seat| match seat {
            Seat::Person | Seat::LeftHand => true,
            Seat::Bot(_) => self.mode == Mode::Online,
            _ => false,
        };
        self.seats.iter().position(own).unwrap_or_default()
    }

    /// What `player` is called on screen.
    pub(crate) fn name(&self, player: usize) -> &'static str {
        match self.seats.get(player) {
            Some(Seat::Person) => "YOU",
            Some(Seat::LeftHand) => "LEFT",
            Some(Seat::RightHand) => "RIGHT",
            Some(Seat::Bot(_)) => "BOT",
            Some(Seat::Remote) if self.seats.len() > 2 => {
                ["PLAYER 1", "PLAYER 2", "PLAYER 3", "PLAYER 4"][player % 4]
            }
            Some(Seat::Remote) => "RIVAL",
            None => "",
        }
    }
}

/// Whether a match stands still because somebody here wants it to.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halted(pub(crate) bool);

/// Plays ticks.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlaySystems;

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Halted>().add_plugins((
        controls::plugin,
        driver::plugin,
        lobby::plugin,
        online::plugin,
        rules::plugin,
        view::plugin,
    ));
}

/// Begins the match on this machine that `table` is laid for.
pub(crate) fn begin(table: Table, commands: &mut Commands) {
    commands.leave_match();
    commands.local_match_with(HostOptions::new().with_players(table.seats.len()).with_seed(table.seed));
    commands.insert_resource(table);
}
