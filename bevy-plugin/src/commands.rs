//! The commands that open and leave matches.

#[cfg(feature = "lan")]
use crate::lan;
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

    /// Lists the matches of this game on the local network in [`LanGames`](crate::LanGames), from now on. If that can't
    /// be done, [`LanGames::failure`](crate::LanGames::failure) says why; call it again to try again.
    #[cfg(feature = "lan")]
    fn browse_lan(&mut self);

    /// Ends [`browse_lan`](Self::browse_lan), and empties the list: when the player leaves the screen that shows it.
    #[cfg(feature = "lan")]
    fn stop_browsing_lan(&mut self);

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

    #[cfg(feature = "lan")]
    fn browse_lan(&mut self) {
        self.queue(|world: &mut World| with_plugin(world, lan::browse));
    }

    #[cfg(feature = "lan")]
    fn stop_browsing_lan(&mut self) {
        self.queue(|world: &mut World| with_plugin(world, lan::stop_browsing));
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
    with_plugin(world, |world| world.resource_mut::<Wishes>().0.push(wish));
}

fn with_plugin(world: &mut World, act: impl FnOnce(&mut World)) {
    if world.contains_resource::<Wishes>() {
        act(world);
    } else {
        tracing::error!(
            "a match was asked for, but there is no network: add `NetcordPlugins::p2p::<YourInput>(..)` to the app"
        );
    }
}
