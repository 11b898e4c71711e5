//! What is heard, and when.

use super::play::view::{Happened, View};
use super::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::sound::{self, Sound, Speaker};
use demo_ui::synth::{Tone, Wave};
use pong_rules::Event;

/// A sound of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PongSound {
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
}

impl PongSound {
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
}

impl Sound for PongSound {
    const ALL: &'static [Self] = &[
        Self::Paddle,
        Self::Wall,
        Self::Serve,
        Self::Miss,
        Self::Won,
        Self::Rematch,
        Self::Seat,
        Self::Count,
    ];

    fn tones(self) -> Vec<Tone> {
        let tone = Tone::new;
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
        }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins(sound::plugin::<PongSound>)
        .add_systems(Update, (play, count).after(super::play::PlaySystems));
}

fn play(
    mut happened: MessageReader<Happened>,
    mut speaker: Speaker<PongSound>,
    table: Res<Table>,
    view: Res<View>,
) {
    for sound in happened.read().filter_map(|&Happened(event)| PongSound::of(event)) {
        // The match behind the menus is silent.
        if table.mode != Mode::Attract {
            // A fast ball sounds higher.
            let speed = if sound == PongSound::Paddle { 0.9 + 0.5 * view.now.pace } else { 1.0 };
            speaker.play(sound, speed);
        }
    }
}

fn count(view: Res<View>, table: Res<Table>, mut speaker: Speaker<PongSound>, mut last: Local<Option<u32>>) {
    let number = view.now.stage.countdown().filter(|_| table.mode != Mode::Attract);
    if number.is_some() && number != *last {
        speaker.play(PongSound::Count, 1.0);
    }
    *last = number;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_is_heard_and_does_not_clip() {
        sound::assert_heard::<PongSound>();
    }
}
