//! Adds all of it to an app.

use crate::commands::Wishes;
use crate::diagnostics::{self, NetDiagnostics};
use crate::effects;
use crate::engine::{self, Engine};
use crate::event::{MatchEvent, MatchState};
use crate::hooks::Hooks;
use crate::identity::NetEntities;
use crate::link::Backend;
use crate::messages::{self, Channel, NetMessages};
use crate::options::NetConfig;
use crate::schedule::{
    LocalInput, LocalInputs, NetFrame, NetInput, NetStart, NetTime, NetUpdate, PlayerInputs, in_match,
};
use crate::storage::{ComponentColumn, ResourceColumn, Store};
use bevy_app::{App, MainScheduleOrder, Plugin, PreUpdate};
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, Schedule, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use bevy_state::app::{AppExtStates as _, StatesPlugin};
use bevy_time::TimePlugin;
use core::any::type_name;
use core::marker::PhantomData;
use netcord::session::PlayerInput;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The plugins of netcord, by topology.
pub struct NetcordPlugins;

impl NetcordPlugins {
    /// Peer to peer, with rollback: every player simulates the whole game from the inputs `I` of all.
    ///
    /// Add it after Bevy's `DefaultPlugins` or `MinimalPlugins`.
    pub fn p2p<I: PlayerInput + Send + Sync>(config: NetConfig) -> P2pPlugin<I> {
        P2pPlugin { config, input: PhantomData }
    }
}

/// See [`NetcordPlugins::p2p`].
pub struct P2pPlugin<I> {
    config: NetConfig,
    input: PhantomData<fn(I)>,
}

/// That there is a plugin, and for which inputs.
#[derive(Resource)]
struct Installed {
    input: &'static str,
}

impl<I: PlayerInput + Send + Sync> Plugin for P2pPlugin<I> {
    fn build(&self, app: &mut App) {
        let input = type_name::<I>();
        if let Some(installed) = app.world().get_resource::<Installed>() {
            panic!(
                "NetcordPlugins::p2p was added twice, for the inputs `{}` and `{input}`: an app has one kind of \
                 input; make it an enum, or a struct with both",
                installed.input
            );
        }
        app.insert_resource(Installed { input });
        if !app.is_plugin_added::<TimePlugin>() {
            app.add_plugins(TimePlugin);
        }
        if !app.is_plugin_added::<StatesPlugin>() {
            app.add_plugins(StatesPlugin);
        }
        app.init_state::<MatchState>()
            .add_message::<MatchEvent>()
            .init_resource::<Store>()
            .init_resource::<NetEntities>()
            .init_resource::<Wishes>()
            .init_resource::<Hooks>()
            .init_resource::<NetMessages>()
            .add_plugins(NetDiagnostics)
            .init_resource::<Backend>()
            .init_resource::<NetTime>()
            .init_resource::<PlayerInputs<I>>()
            .init_resource::<LocalInput<I>>()
            .init_resource::<LocalInputs<I>>()
            .insert_resource(Engine::<I>::new(self.config.clone()));
        #[cfg(feature = "lan")]
        crate::lan::build(app, &self.config);
        add_schedule(app, NetStart, LogLevel::Warn);
        add_schedule(app, NetInput, LogLevel::Ignore);
        add_schedule(app, NetUpdate, LogLevel::Warn);
        add_schedule(app, NetFrame, LogLevel::Ignore);
        app.add_systems(NetFrame, (engine::frame::<I>, diagnostics::measure.run_if(in_match)).chain());
        app.world_mut().resource_mut::<MainScheduleOrder>().insert_after(PreUpdate, NetFrame);
    }

    fn is_unique(&self) -> bool {
        // The one that is there is told by its input, which says more.
        false
    }
}

/// Adds a schedule that runs its systems on one thread, in one order.
fn add_schedule(app: &mut App, label: impl ScheduleLabel, ambiguity_detection: LogLevel) {
    // Systems may have been added to it before the plugin was.
    app.init_schedule(label.intern());
    app.edit_schedule(label.intern(), |schedule: &mut Schedule| {
        schedule.set_executor(SingleThreadedExecutor::new());
        schedule.set_build_settings(ScheduleBuildSettings { ambiguity_detection, ..Default::default() });
    });
}

/// What a game registers with netcord. The order of the calls must be the same in all copies of the game.
pub trait NetApp {
    /// Makes a component of the match's entities part of what is saved, gone back to, compared and transferred.
    ///
    /// # Panics
    /// When it is registered already, or a match has begun.
    fn rollback<T>(&mut self) -> &mut Self
    where
        T: Component<Mutability = Mutable> + Clone + Serialize + DeserializeOwned;

    /// As [`rollback`](Self::rollback), for a resource. Its value at the start of the app, the default if it is not
    /// inserted by then, is what every match starts from.
    ///
    /// # Panics
    /// When it is registered already, or a match has begun.
    fn rollback_resource<R>(&mut self) -> &mut Self
    where
        R: Resource<Mutability = Mutable> + FromWorld + Clone + Serialize + DeserializeOwned;

    /// Adds a Bevy message that systems of [`NetUpdate`] send each other: it lives for the rest of the tick in which it is
    /// written, so a replay neither sees it twice nor misses it. Readers come after the writers in the order of systems.
    fn rollback_message<M: Message>(&mut self) -> &mut Self;

    /// Adds a type of [`Effect`](crate::Effect): what is heard and seen once, however often its tick is replayed.
    fn add_effect<E: Clone + Send + Sync + 'static>(&mut self) -> &mut Self;

    /// Adds a type of message between peers, beside the simulation; see [`ToPeers`](crate::ToPeers) and
    /// [`FromPeer`](crate::FromPeer).
    ///
    /// # Panics
    /// When it was added before.
    fn add_net_message<M: Message + Serialize + DeserializeOwned>(&mut self, channel: Channel) -> &mut Self;
}

impl NetApp for App {
    fn rollback<T>(&mut self) -> &mut Self
    where
        T: Component<Mutability = Mutable> + Clone + Serialize + DeserializeOwned,
    {
        self.init_resource::<Store>();
        self.world_mut().resource_mut::<Store>().register(Box::new(ComponentColumn::<T>::new()));
        self
    }

    fn rollback_resource<R>(&mut self) -> &mut Self
    where
        R: Resource<Mutability = Mutable> + FromWorld + Clone + Serialize + DeserializeOwned,
    {
        self.init_resource::<Store>().init_resource::<R>();
        self.world_mut().resource_mut::<Store>().register(Box::new(ResourceColumn::<R>::new()));
        self
    }

    fn rollback_message<M: Message>(&mut self) -> &mut Self {
        // Not by `add_message`, with which Bevy would drop them by frames.
        self.init_resource::<Messages<M>>();
        self.world_mut().get_resource_or_init::<Hooks>().before_tick.push(|world, _| {
            world.resource_mut::<Messages<M>>().clear();
        });
        self
    }

    fn add_effect<E: Clone + Send + Sync + 'static>(&mut self) -> &mut Self {
        effects::register::<E>(self);
        self
    }

    fn add_net_message<M: Message + Serialize + DeserializeOwned>(&mut self, channel: Channel) -> &mut Self {
        messages::register::<M>(self, channel);
        self
    }
}
