//! Plays sounds: each is made of numbers once, at the start, and played as loud as the preferences say.

use crate::focus::FocusSound;
use crate::preferences::Preferences;
use crate::synth::{Tone, Wave, mix, wav};
use bevy::audio::Volume;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use std::marker::PhantomData;

/// The sounds of a game.
pub trait Sound: Copy + PartialEq + Send + Sync + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// What it is made of.
    fn tones(self) -> Vec<Tone>;
}

/// Plays a game's sounds.
#[derive(SystemParam)]
pub struct Speaker<'w, 's, S: Sound> {
    sounds: Res<'w, Sounds<S>>,
    preferences: Res<'w, Preferences>,
    commands: Commands<'w, 's>,
}

/// The sounds, in the order of [`Sound::ALL`].
#[derive(Resource)]
struct Sounds<S: Sound>(Vec<Handle<AudioSource>>, PhantomData<S>);

/// More sounds than ever begin at once.
const MOST_WAITING: usize = 32;

/// Makes the sounds of a game.
pub fn plugin<S: Sound>(app: &mut App) {
    app.add_systems(Startup, make::<S>);
}

/// The sounds of menus, and what all sounds need.
pub(crate) fn menus(app: &mut App) {
    app.add_plugins(plugin::<MenuSound>)
        .add_systems(Update, click.after(crate::FocusSystems))
        .add_systems(PostUpdate, give_up);
}

fn make<S: Sound>(mut sources: ResMut<Assets<AudioSource>>, mut commands: Commands) {
    let source = |sound: &S| AudioSource { bytes: wav(&mix(&sound.tones())).into() };
    let handles = S::ALL.iter().map(|sound| sources.add(source(sound))).collect();
    commands.insert_resource(Sounds::<S>(handles, PhantomData));
}

/// Where nothing can be heard, for want of a device, what waits to be played is dropped.
fn give_up(waiting: Query<Entity, (With<AudioPlayer>, Without<AudioSink>)>, mut commands: Commands) {
    if waiting.iter().count() > MOST_WAITING {
        waiting.iter().for_each(|entity| commands.entity(entity).despawn());
    }
}

/// How loud `tenths` of the volume are. The ear takes in proportions, so the steps are finer where it is quiet.
fn loudness(tenths: u8) -> f32 {
    (f32::from(tenths.min(10)) / 10.0).powi(2)
}

impl<S: Sound> Speaker<'_, '_, S> {
    /// Plays it; 1 is its own speed, and pitch.
    pub fn play(&mut self, sound: S, speed: f32) {
        let place = S::ALL.iter().position(|&other| other == sound);
        let handle = place.and_then(|index| self.sounds.0.get(index));
        let Some(handle) = handle.filter(|_| self.preferences.volume > 0) else { return };
        let playback = PlaybackSettings::DESPAWN
            .with_volume(Volume::Linear(loudness(self.preferences.volume)))
            .with_speed(speed);
        self.commands.spawn((AudioPlayer::new(handle.clone()), playback));
    }
}

/// The sounds of menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MenuSound {
    Focus,
    Activate,
}

impl Sound for MenuSound {
    const ALL: &'static [Self] = &[Self::Focus, Self::Activate];

    fn tones(self) -> Vec<Tone> {
        vec![match self {
            Self::Focus => Tone::new(Wave::Sine, 620.0, 620.0, 0.04, 0.2, 0.0),
            Self::Activate => Tone::new(Wave::Triangle, 620.0, 830.0, 0.09, 0.35, 0.0),
        }]
    }
}

fn click(mut clicks: MessageReader<FocusSound>, mut speaker: Speaker<MenuSound>) {
    for click in clicks.read() {
        let sound = match click {
            FocusSound::Moved => MenuSound::Focus,
            FocusSound::Activated => MenuSound::Activate,
        };
        speaker.play(sound, 1.0);
    }
}

/// Panics unless each of a game's sounds is heard and none clips. For tests.
pub fn assert_heard<S: Sound + std::fmt::Debug>() {
    for sound in S::ALL {
        let loudest = mix(&sound.tones()).into_iter().map(f32::abs).fold(0.0, f32::max);
        assert!((0.1..1.0).contains(&loudest), "{sound:?}: {loudest}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_of_the_menus_is_heard_and_does_not_clip() {
        assert_heard::<MenuSound>();
    }

    #[test]
    fn the_volume_goes_from_silence_to_full() {
        assert_eq!((loudness(0), loudness(10)), (0.0, 1.0));
        assert!((0..10).all(|tenths| loudness(tenths) < loudness(tenths + 1)));
    }
}
