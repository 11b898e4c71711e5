//! What is heard, and when.

use super::play::{Happened, Purpose, Round};
use super::screens::Panel;
use bevy::prelude::*;
use demo_ui::sound::{self, Sound, Speaker};
use demo_ui::synth::{Tone, Wave};
use tetris_rules::{Ending, Events};

/// A sound of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TetrisSound {
    Shift,
    Turn,
    Hold,
    Lock,
    HardDrop,
    Clear,
    Tetris,
    Spin,
    LevelUp,
    Lost,
    Won,
    /// Three, two, one.
    Count,
}

impl TetrisSound {
    /// What is heard of a tick, and how fast it is played.
    fn of(events: &Events) -> Option<(Self, f32)> {
        let once = |sound| Some((sound, 1.0));
        match events.over {
            Some(Ending::Complete) => return once(Self::Won),
            Some(Ending::BlockOut | Ending::LockOut) => return once(Self::Lost),
            None => {}
        }
        if events.level_up.is_some() {
            return once(Self::LevelUp);
        }
        if let Some(locked) = &events.locked {
            let placement = &locked.placement;
            // A combo climbs.
            let pitch = 1.0 + 0.06 * placement.combo.min(12) as f32;
            return match (placement.spin, placement.lines) {
                (_, 4) => once(Self::Tetris),
                (Some(_), _) => once(Self::Spin),
                (None, 1..) => Some((Self::Clear, pitch)),
                _ if events.hard_dropped.is_some() => once(Self::HardDrop),
                _ => once(Self::Lock),
            };
        }
        match events {
            Events { held: true, .. } => once(Self::Hold),
            Events { turned: Some(_), .. } => once(Self::Turn),
            Events { shifted, .. } if *shifted != 0 => once(Self::Shift),
            _ => None,
        }
    }
}

impl Sound for TetrisSound {
    const ALL: &'static [Self] = &[
        Self::Shift,
        Self::Turn,
        Self::Hold,
        Self::Lock,
        Self::HardDrop,
        Self::Clear,
        Self::Tetris,
        Self::Spin,
        Self::LevelUp,
        Self::Lost,
        Self::Won,
        Self::Count,
    ];

    fn tones(self) -> Vec<Tone> {
        let tone = Tone::new;
        let rising = |pitches: &[f32], seconds: f32, step: f32| {
            let tones = pitches.iter().enumerate();
            tones
                .map(|(place, &pitch)| tone(Wave::Triangle, pitch, pitch, seconds, 0.38, step * place as f32))
                .collect()
        };
        match self {
            Self::Shift => vec![tone(Wave::Square, 210.0, 190.0, 0.035, 0.22, 0.0)],
            Self::Turn => vec![tone(Wave::Triangle, 380.0, 470.0, 0.06, 0.35, 0.0)],
            Self::Hold => vec![tone(Wave::Sine, 520.0, 390.0, 0.12, 0.4, 0.0)],
            Self::Lock => vec![tone(Wave::Triangle, 150.0, 110.0, 0.09, 0.5, 0.0)],
            Self::HardDrop => vec![
                tone(Wave::Noise, 700.0, 300.0, 0.07, 0.25, 0.0),
                tone(Wave::Triangle, 130.0, 70.0, 0.14, 0.6, 0.0),
            ],
            Self::Clear => rising(&[523.0, 659.0], 0.2, 0.06),
            Self::Tetris => rising(&[523.0, 659.0, 784.0, 1047.0, 1319.0], 0.35, 0.07),
            Self::Spin => vec![
                tone(Wave::Sine, 300.0, 900.0, 0.22, 0.35, 0.0),
                tone(Wave::Triangle, 880.0, 880.0, 0.25, 0.3, 0.1),
            ],
            Self::LevelUp => rising(&[392.0, 523.0, 659.0], 0.28, 0.09),
            Self::Lost => vec![
                tone(Wave::Square, 330.0, 60.0, 0.9, 0.32, 0.0),
                tone(Wave::Noise, 400.0, 200.0, 0.5, 0.2, 0.0),
            ],
            Self::Won => rising(&[523.0, 659.0, 784.0, 1047.0], 0.5, 0.13),
            Self::Count => vec![tone(Wave::Sine, 440.0, 440.0, 0.14, 0.45, 0.0)],
        }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins(sound::plugin::<TetrisSound>).add_systems(Update, (play, count));
}

fn play(mut happened: MessageReader<Happened>, round: Res<Round>, mut speaker: Speaker<TetrisSound>) {
    for (sound, speed) in happened.read().filter_map(|Happened(events)| TetrisSound::of(events)) {
        // The game behind the menus is silent.
        if round.purpose() != Purpose::Backdrop {
            speaker.play(sound, speed);
        }
    }
}

fn count(
    round: Res<Round>,
    panel: Res<State<Panel>>,
    mut speaker: Speaker<TetrisSound>,
    mut last: Local<Option<u32>>,
) {
    let number = round.countdown().filter(|_| *panel.get() == Panel::None);
    if number.is_some() && number != *last {
        speaker.play(TetrisSound::Count, 1.0);
    }
    *last = number;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_is_heard_and_does_not_clip() {
        sound::assert_heard::<TetrisSound>();
    }
}
