//! The schedules of a match, and what their systems are told.

use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;
use core::ops::{Deref, DerefMut, Index};
use netcord::session::{InputStatus, Inputs, MAX_PLAYERS, PlayerIndex, PlayerInput};
use netcord::wire::Tick;

/// Runs once at the start of every match, on every peer: spawn the match's entities here.
///
/// [`Match`] says which match it is. What differs between the peers, such as a camera, is spawned here as well, without
/// [`Rollback`](crate::Rollback).
#[derive(ScheduleLabel, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetStart;

/// Runs before each new tick: set [`LocalInput`] here from keys and sticks. It does not run in replays.
#[derive(ScheduleLabel, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetInput;

/// The rules of the game: runs once a tick, and again when a tick is replayed with other inputs.
///
/// Its systems may depend on [`PlayerInputs`], [`NetTime`], [`Match`] and what is registered for rollback, and on
/// nothing else. They run on one thread; give an order to those that touch the same data.
#[derive(ScheduleLabel, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetUpdate;

/// The plugin's own part of the frame, after `PreUpdate`.
#[derive(ScheduleLabel, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct NetFrame;

/// Which match it is; there from before [`NetStart`] until the match is left. The same on all peers but for `local` and
/// `is_host`.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Where the rules' random numbers start: for a [`GameRng`](netcord::wire::GameRng) in a rollback resource.
    pub seed: u64,
    /// What the host gave to [`HostOptions::setup`](crate::HostOptions::setup): a map, the rules of the house.
    pub setup: Vec<u8>,
    /// How many players there are.
    pub players: usize,
    /// Who we are; `None` for a spectator. In a local match, the first player.
    pub local: Option<PlayerIndex>,
    /// Whether we host. True in a local match.
    pub is_host: bool,
    /// Whether all players are on this machine.
    pub is_local: bool,
}

/// Where the simulation is; for systems in [`NetUpdate`].
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetTime {
    /// The tick that is simulated; outside of [`NetUpdate`], the last one that was.
    pub tick: Tick,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Whether the tick was simulated before, with other inputs.
    pub resimulating: bool,
}

impl Default for NetTime {
    fn default() -> Self {
        Self { tick: Tick(0), tick_rate: 60, resimulating: false }
    }
}

/// What all players do in the tick that is simulated.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct PlayerInputs<I: PlayerInput + Send + Sync>(pub(crate) Inputs<I>);

impl<I: PlayerInput + Send + Sync> PlayerInputs<I> {
    /// The player's input; the default when there is no such player.
    pub fn get(&self, player: PlayerIndex) -> I {
        self.0.values().get(player.index()).copied().unwrap_or_default()
    }

    /// How sure the player's input is; disconnected when there is no such player.
    pub fn status(&self, player: PlayerIndex) -> InputStatus {
        self.0.statuses().get(player.index()).copied().unwrap_or(InputStatus::Disconnected)
    }

    /// All players with their inputs.
    pub fn iter(&self) -> impl Iterator<Item = (PlayerIndex, I)> + '_ {
        (0..).map(PlayerIndex).zip(self.0.values().iter().copied())
    }
}

impl<I: PlayerInput + Send + Sync> Index<PlayerIndex> for PlayerInputs<I> {
    type Output = I;

    /// The player's input; panics when there is no such player.
    fn index(&self, player: PlayerIndex) -> &I {
        &self.0[player]
    }
}

/// The input of the player at this machine, for the next tick; set it in [`NetInput`]. It keeps its value until it is
/// set again.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct LocalInput<I: PlayerInput + Send + Sync>(pub I);

impl<I: PlayerInput + Send + Sync> Deref for LocalInput<I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.0
    }
}

impl<I: PlayerInput + Send + Sync> DerefMut for LocalInput<I> {
    fn deref_mut(&mut self) -> &mut I {
        &mut self.0
    }
}

/// The inputs of the other players of a local match: friends at the same keyboard, bots. The first player's is
/// [`LocalInput`].
#[derive(Resource, Clone, Copy, Debug)]
pub struct LocalInputs<I: PlayerInput + Send + Sync>([I; MAX_PLAYERS]);

impl<I: PlayerInput + Send + Sync> LocalInputs<I> {
    /// Sets a player's input; that of the first player, or of one that there is not, is not used.
    pub fn set(&mut self, player: PlayerIndex, input: I) {
        if let Some(slot) = self.0.get_mut(player.index()) {
            *slot = input;
        }
    }

    pub(crate) fn get(&self, player: PlayerIndex) -> I {
        self.0.get(player.index()).copied().unwrap_or_default()
    }
}

impl<I: PlayerInput + Send + Sync> Default for LocalInputs<I> {
    fn default() -> Self {
        Self([I::default(); MAX_PLAYERS])
    }
}

/// A run condition: this tick was simulated before. For systems in [`NetUpdate`] whose work is not part of the state.
pub fn is_resimulating(time: Res<'_, NetTime>) -> bool {
    time.resimulating
}

/// A run condition: there is a match, running, paused or over.
pub fn in_match(current: Option<Res<'_, Match>>) -> bool {
    current.is_some()
}

/// A run condition: we host the match.
pub fn is_host(current: Option<Res<'_, Match>>) -> bool {
    current.is_some_and(|current| current.is_host)
}
