//! Sounds, particles and the like: told once, however often the tick is replayed in which they happen.

use crate::hooks::Hooks;
use crate::schedule::NetTime;
use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use netcord::wire::Tick;
use std::collections::VecDeque;

/// Something to be heard or seen, as systems outside of the simulation read it: `MessageReader<Effect<Sound>>`.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum Effect<E: Send + Sync + 'static> {
    /// It happened.
    Play {
        /// When.
        tick: Tick,
        /// The key that it was given.
        key: u32,
        /// What.
        effect: E,
    },
    /// It did not happen after all: the tick was replayed with other inputs. Most games let a sound that has begun ring
    /// out; a goal that was none should be taken back.
    Cancelled {
        /// When it would have been.
        tick: Tick,
        /// The key that it was given.
        key: u32,
        /// What.
        effect: E,
    },
}

/// Plays effects in [`NetUpdate`](crate::NetUpdate).
///
/// An effect is known by its tick and a key, which is the game's: what makes it different from the others of its kind in
/// the same tick, such as the [`NetId`](crate::NetId) of who fires. When a replay plays the same effect again, nothing is
/// told; when it does not, the effect is [cancelled](Effect::Cancelled).
///
/// ```
/// # use bevy_ecs::prelude::*;
/// # use bevy_netcord::prelude::*;
/// # #[derive(Component)] struct Ball { x: i32 }
/// #[derive(Clone)]
/// enum Sound { Bounce }
///
/// fn bounce(balls: Query<(&Ball, &NetId)>, mut sounds: EffectWriter<Sound>) {
///     for (ball, id) in &balls {
///         if ball.x == 0 {
///             sounds.play(id.entity().0, Sound::Bounce);
///         }
///     }
/// }
///
/// fn hear(mut sounds: MessageReader<Effect<Sound>>) {
///     for sound in sounds.read() {
///         if let Effect::Play { effect: Sound::Bounce, .. } = sound {
///             // ... start the sound
///         }
///     }
/// }
/// # let mut app = bevy_app::App::new();
/// # app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("doc")));
/// app.add_effect::<Sound>()
///     .add_systems(NetUpdate, bounce)
///     .add_systems(bevy_app::Update, hear);
/// ```
#[derive(SystemParam)]
pub struct EffectWriter<'w, E: Clone + Send + Sync + 'static> {
    log: ResMut<'w, EffectLog<E>>,
    time: Res<'w, NetTime>,
}

impl<E: Clone + Send + Sync + 'static> EffectWriter<'_, E> {
    /// Plays it at once, though a replay may take it back.
    pub fn play(&mut self, key: u32, effect: E) {
        self.log.play(self.time.tick, key, effect, false);
    }

    /// Plays it once the tick is final: later, by as much as the network takes, but never taken back.
    pub fn play_confirmed(&mut self, key: u32, effect: E) {
        self.log.play(self.time.tick, key, effect, true);
    }
}

/// The effects of ticks that are not final.
#[derive(Resource)]
pub struct EffectLog<E: Clone + Send + Sync + 'static> {
    entries: VecDeque<Entry<E>>,
    /// What is to be told.
    news: Vec<Effect<E>>,
}

struct Entry<E> {
    tick: Tick,
    key: u32,
    effect: E,
    /// Whether it is told only when the tick is final.
    waits: bool,
    /// Whether the newest run of the tick played it.
    is_played: bool,
}

impl<E: Clone + Send + Sync + 'static> Default for EffectLog<E> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), news: Vec::new() }
    }
}

impl<E: Clone + Send + Sync + 'static> EffectLog<E> {
    fn play(&mut self, tick: Tick, key: u32, effect: E, waits: bool) {
        let known = |entry: &&mut Entry<E>| (entry.tick, entry.key, entry.waits) == (tick, key, waits);
        if let Some(entry) = self.entries.iter_mut().rev().find(known) {
            entry.is_played = true;
            entry.effect = effect;
            return;
        }
        if !waits {
            self.news.push(Effect::Play { tick, key, effect: effect.clone() });
        }
        self.entries.push_back(Entry { tick, key, effect, waits, is_played: true });
    }
}

/// Adds effects of type `E` to the app.
pub(crate) fn register<E: Clone + Send + Sync + 'static>(app: &mut App) {
    app.init_resource::<EffectLog<E>>().add_message::<Effect<E>>();
    // The order of effects within a tick is nobody's business.
    app.allow_ambiguous_resource::<EffectLog<E>>();
    let mut hooks = app.world_mut().get_resource_or_init::<Hooks>();
    hooks.begin.push(begin::<E>);
    hooks.before_tick.push(before_tick::<E>);
    hooks.after_tick.push(after_tick::<E>);
    hooks.confirmed.push(confirmed::<E>);
}

fn begin<E: Clone + Send + Sync + 'static>(world: &mut World) {
    world.resource_mut::<EffectLog<E>>().entries.clear();
}

fn before_tick<E: Clone + Send + Sync + 'static>(world: &mut World, tick: Tick) {
    for entry in &mut world.resource_mut::<EffectLog<E>>().entries {
        entry.is_played &= entry.tick != tick;
    }
}

fn after_tick<E: Clone + Send + Sync + 'static>(world: &mut World, tick: Tick) {
    let log = &mut *world.resource_mut::<EffectLog<E>>();
    let EffectLog { entries, news } = log;
    entries.retain(|entry| {
        let stays = entry.is_played || entry.tick != tick;
        if !stays && !entry.waits {
            news.push(Effect::Cancelled { tick, key: entry.key, effect: entry.effect.clone() });
        }
        stays
    });
    tell::<E>(world);
}

fn confirmed<E: Clone + Send + Sync + 'static>(world: &mut World, tick: Tick) {
    let log = &mut *world.resource_mut::<EffectLog<E>>();
    let EffectLog { entries, news } = log;
    entries.retain(|entry| {
        let is_final = entry.tick.is_before(tick);
        if is_final && entry.waits {
            news.push(Effect::Play { tick: entry.tick, key: entry.key, effect: entry.effect.clone() });
        }
        !is_final
    });
    tell::<E>(world);
}

fn tell<E: Clone + Send + Sync + 'static>(world: &mut World) {
    let mut news = core::mem::take(&mut world.resource_mut::<EffectLog<E>>().news);
    if !news.is_empty() {
        world.write_message_batch(news.drain(..));
    }
    world.resource_mut::<EffectLog<E>>().news = news;
}
