//! The commands that open and leave matches.

use crate::options::{HostOptions, JoinOptions};
use bevy_ecs::prelude::*;
use netcord::session::InputDelay;

/// Opens and leaves matches, from any system, at any time. What comes of it is told by
/// [`MatchEvent`](crate::MatchEvent) and [`MatchState`](crate::MatchState).
pub trait NetCommands {
    /// Hosts a match: [`MatchEvent::InviteReady`](crate::MatchEvent::InviteReady) tells the code for each seat.
    fn host_match(&mut self, options: HostOptions);

    /// Joins a match by its invite code; spectators join in the same way, by theirs.
    fn join_match(&mut self, options: impl Into<JoinOptions>);

    /// Plays on this machine alone, 1 to 8 players: the same schedules, and nothing is ever replayed.
    fn local_match(&mut self, players: usize);

    /// As [`local_match`](Self::local_match), with the [`seed`](crate::Match::seed) and
    /// [`setup`](crate::Match::setup) that these options name.
    fn local_match_with(&mut self, options: HostOptions);

    /// Changes how long a player's own input waits before it takes effect: of the match that runs, and of all that
    /// follow. What is out of range is taken for the nearest that isn't.
    fn set_input_delay(&mut self, delay: InputDelay);

    /// Leaves the match, or stops waiting for one. The entities of the match are despawned.
    fn leave_match(&mut self);
}

impl NetCommands for Commands<'_, '_> {
    fn host_match(&mut self, options: HostOptions) {
        self.queue(move |world: &mut World| ask(world, Wish::Host(options)));
    }

    fn join_match(&mut self, options: impl Into<JoinOptions>) {
        let options = options.into();
        self.queue(move |world: &mut World| ask(world, Wish::Join(options)));
    }

    fn local_match(&mut self, players: usize) {
        self.local_match_with(HostOptions::new().with_players(players));
    }

    fn local_match_with(&mut self, options: HostOptions) {
        self.queue(move |world: &mut World| ask(world, Wish::Local(options)));
    }

    fn set_input_delay(&mut self, delay: InputDelay) {
        self.queue(move |world: &mut World| ask(world, Wish::InputDelay(delay)));
    }

    fn leave_match(&mut self) {
        self.queue(|world: &mut World| ask(world, Wish::Leave));
    }
}

/// What the game wants of the engine.
#[derive(Debug)]
pub(crate) enum Wish {
    Host(HostOptions),
    Join(JoinOptions),
    Local(HostOptions),
    InputDelay(InputDelay),
    Leave,
}

/// Wishes until the next frame.
#[derive(Resource, Default)]
pub(crate) struct Wishes(pub(crate) Vec<Wish>);

fn ask(world: &mut World, wish: Wish) {
    match world.get_resource_mut::<Wishes>() {
        Some(mut wishes) => wishes.0.push(wish),
        None => tracing::error!(
            "a match was asked for, but there is no network: add `NetcordPlugins::p2p::<YourInput>(..)` to the app"
        ),
    }
}
