//! What is heard: each sound is made of numbers once, at the start, and played as loud as the settings say.

use super::play::view::{Happened, View};
use super::play::{Mode, Table};
use super::settings::Settings;
use bevy::audio::Volume;
use bevy::prelude::*;
use demo_ui::FocusSound;
use demo_ui::synth::{Tone, Wave, mix, wav};
use pong_rules::Event;

/// A sound of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Paddle,
    Wall,
    Serve,
    Miss,
    Won,
    Rematch,
    /// A player comes into play, or goes.
    Seat,
    /// Three, two, one.
    Count,
    Focus,
    Activate,
}

impl Sound {
    const ALL: [Self; 10] = [
        Self::Paddle,
        Self::Wall,
        Self::Serve,
        Self::Miss,
        Self::Won,
        Self::Rematch,
        Self::Seat,
        Self::Count,
        Self::Focus,
        Self::Activate,
    ];

    fn of(event: Event) -> Option<Self> {
        Some(match event {
            Event::HitLeft | Event::HitRight | Event::HitTop | Event::HitBottom => Self::Paddle,
            Event::Wall => Self::Wall,
            Event::Served => Self::Serve,
            Event::PointLeft | Event::PointRight => Self::Miss,
            Event::MissLeft | Event::MissRight | Event::MissTop | Event::MissBottom => Self::Miss,
            Event::MatchWon => Self::Won,
            Event::Rematch => Self::Rematch,
            Event::Joined | Event::Left => Self::Seat,
            // It is a miss, too.
            Event::Out => return None,
        })
    }

    fn tones(self) -> Vec<Tone> {
        let tone =
            |wave, from, to, seconds, volume, delay| Tone { wave, pitch: (from, to), seconds, volume, delay };
        match self {
            Self::Paddle => vec![
                tone(Wave::Triangle, 520.0, 430.0, 0.11, 0.7, 0.0),
                tone(Wave::Noise, 900.0, 900.0, 0.03, 0.18, 0.0),
            ],
            Self::Wall => vec![tone(Wave::Triangle, 260.0, 230.0, 0.08, 0.5, 0.0)],
            Self::Serve => vec![tone(Wave::Sine, 330.0, 660.0, 0.18, 0.4, 0.0)],
            Self::Miss => vec![
                tone(Wave::Square, 220.0, 70.0, 0.5, 0.35, 0.0),
                tone(Wave::Noise, 500.0, 500.0, 0.35, 0.25, 0.0),
            ],
            Self::Won => [523.0, 659.0, 784.0, 1047.0]
                .into_iter()
                .zip(0_u8..)
                .map(|(pitch, place)| tone(Wave::Triangle, pitch, pitch, 0.5, 0.4, 0.13 * f32::from(place)))
                .collect(),
            Self::Rematch => vec![
                tone(Wave::Triangle, 392.0, 392.0, 0.2, 0.4, 0.0),
                tone(Wave::Triangle, 523.0, 523.0, 0.3, 0.4, 0.12),
            ],
            Self::Seat => vec![tone(Wave::Sine, 440.0, 587.0, 0.25, 0.35, 0.0)],
            Self::Count => vec![tone(Wave::Sine, 440.0, 440.0, 0.14, 0.45, 0.0)],
            Self::Focus => vec![tone(Wave::Sine, 620.0, 620.0, 0.04, 0.2, 0.0)],
            Self::Activate => vec![tone(Wave::Triangle, 620.0, 830.0, 0.09, 0.35, 0.0)],
        }
    }
}

/// The sounds, in the order of [`Sound::ALL`].
#[derive(Resource)]
struct Sounds(Vec<Handle<AudioSource>>);

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(Startup, make).add_systems(Update, (play, count, click).after(super::play::PlaySystems));
}

fn make(mut sources: ResMut<Assets<AudioSource>>, mut commands: Commands) {
    let source = |sound: Sound| AudioSource { bytes: wav(&mix(&sound.tones())).into() };
    let handles = Sound::ALL.map(|sound| sources.add(source(sound)));
    commands.insert_resource(Sounds(handles.into()));
}

/// How loud `tenths` of the volume are. The ear takes in proportions, so the steps are finer where it is quiet.
fn loudness(tenths: u8) -> f32 {
    (f32::from(tenths) / 10.0).powi(2)
}

impl Sounds {
    /// Plays it; 1 is its own speed, and pitch.
    fn play(&self, sound: Sound, speed: f32, settings: &Settings, commands: &mut Commands) {
        let handle = Sound::ALL.iter().position(|&other| other == sound).and_then(|index| self.0.get(index));
        let Some(handle) = handle.filter(|_| settings.volume > 0) else { return };
        let playback = PlaybackSettings::DESPAWN
            .with_volume(Volume::Linear(loudness(settings.volume)))
            .with_speed(speed);
        commands.spawn((AudioPlayer::new(handle.clone()), playback));
    }
}

fn play(
    mut happened: MessageReader<Happened>,
    sounds: Res<Sounds>,
    table: Res<Table>,
    view: Res<View>,
    settings: Res<Settings>,
    mut commands: Commands,
) {
    for sound in happened.read().filter_map(|&Happened(event)| Sound::of(event)) {
        // The match behind the menus is silent.
        if table.mode != Mode::Attract {
            // A fast ball sounds higher.
            let speed = if sound == Sound::Paddle { 0.9 + 0.5 * view.now.pace } else { 1.0 };
            sounds.play(sound, speed, &settings, &mut commands);
        }
    }
}

fn count(
    view: Res<View>,
    table: Res<Table>,
    sounds: Res<Sounds>,
    settings: Res<Settings>,
    mut last: Local<Option<u32>>,
    mut commands: Commands,
) {
    let number = view.now.stage.countdown().filter(|_| table.mode != Mode::Attract);
    if number.is_some() && number != *last {
        sounds.play(Sound::Count, 1.0, &settings, &mut commands);
    }
    *last = number;
}

fn click(
    mut clicks: MessageReader<FocusSound>,
    sounds: Res<Sounds>,
    settings: Res<Settings>,
    mut commands: Commands,
) {
    for click in clicks.read() {
        let sound = match click {
            FocusSound::Moved => Sound::Focus,
            FocusSound::Activated => Sound::Activate,
        };
        sounds.play(sound, 1.0, &settings, &mut commands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_is_heard_and_does_not_clip() {
        for sound in Sound::ALL {
            let loudest = mix(&sound.tones()).into_iter().map(f32::abs).fold(0.0, f32::max);
            assert!((0.1..1.0).contains(&loudest), "{sound:?}: {loudest}");
        }
    }

    #[test]
    fn the_volume_goes_from_silence_to_full() {
        assert_eq!((loudness(0), loudness(10)), (0.0, 1.0));
        assert!((0..10).all(|tenths| loudness(tenths) < loudness(tenths + 1)));
    }
}
