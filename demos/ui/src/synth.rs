//! Sounds made of numbers: waves with an envelope, as samples and as a WAV file in memory.

use std::f32::consts::TAU;

/// Samples a second.
pub const SAMPLE_RATE: u32 = 44_100;

/// The shape of a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wave {
    /// Soft.
    Sine,
    /// Rounder than a square.
    Triangle,
    /// Reedy, as the first games were.
    Square,
    /// Hiss.
    Noise,
}

/// One sound: a wave that glides from one pitch to another while it fades.
#[derive(Clone, Copy, Debug)]
pub struct Tone {
    /// The shape of its wave.
    pub wave: Wave,
    /// Its pitch at the start and at the end, in Hz.
    pub pitch: (f32, f32),
    /// How long it lasts, in seconds.
    pub seconds: f32,
    /// How loud it is at its loudest: 0 to 1.
    pub volume: f32,
    /// When it begins, in seconds.
    pub delay: f32,
}

impl Tone {
    /// A tone from one pitch to another.
    pub fn new(wave: Wave, from: f32, to: f32, seconds: f32, volume: f32, delay: f32) -> Self {
        Self { wave, pitch: (from, to), seconds, volume, delay }
    }
}

/// Seconds in which a tone swells; without it, it would click.
const ATTACK: f32 = 0.004;

/// All `tones` together, as samples between -1 and 1.
pub fn mix(tones: &[Tone]) -> Vec<f32> {
    let end = tones.iter().map(|tone| tone.delay + tone.seconds).fold(0.0, f32::max);
    let mut samples = vec![0.0; (end * SAMPLE_RATE as f32) as usize];
    for tone in tones {
        add(&mut samples, tone);
    }
    samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
    samples
}

fn add(samples: &mut [f32], tone: &Tone) {
    let start = (tone.delay * SAMPLE_RATE as f32) as usize;
    let count = (tone.seconds * SAMPLE_RATE as f32) as usize;
    let (mut phase, mut noise) = (0.0_f32, 0x1234_5678_u32);
    for (index, sample) in samples.iter_mut().skip(start).take(count).enumerate() {
        let at = index as f32 / count as f32;
        phase = (phase + (tone.pitch.0 + (tone.pitch.1 - tone.pitch.0) * at) / SAMPLE_RATE as f32).fract();
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let wave = match tone.wave {
            Wave::Sine => (phase * TAU).sin(),
            Wave::Triangle => 1.0 - 4.0 * (phase - 0.5).abs(),
            Wave::Square => (phase * TAU).sin().signum() * 0.6,
            Wave::Noise => noise as f32 / u32::MAX as f32 * 2.0 - 1.0,
        };
        let swell = (index as f32 / (ATTACK * SAMPLE_RATE as f32)).min(1.0);
        *sample += wave * swell * (1.0 - at).powi(2) * tone.volume;
    }
}

/// `samples` as a WAV file: one channel, 16 bits.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&SAMPLE_RATE.to_le_bytes());
    file.extend_from_slice(&(SAMPLE_RATE * 2).to_le_bytes());
    file.extend_from_slice(&2_u16.to_le_bytes());
    file.extend_from_slice(&16_u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&bytes.to_le_bytes());
    for sample in samples {
        file.extend_from_slice(&((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONE: Tone =
        Tone { wave: Wave::Triangle, pitch: (440.0, 440.0), seconds: 0.5, volume: 0.8, delay: 0.1 };

    #[test]
    fn a_tone_begins_and_ends_in_silence_and_has_its_pitch() {
        let samples = mix(&[TONE]);
        assert_eq!(samples.len(), (0.6 * SAMPLE_RATE as f32) as usize);
        let start = (0.1 * SAMPLE_RATE as f32) as usize;
        assert!(samples[..start].iter().all(|&sample| sample == 0.0));
        assert!(samples.last().is_some_and(|sample| sample.abs() < 0.001));
        let rising = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!((218..=222).contains(&rising), "{rising} waves in half a second");
    }

    #[test]
    fn many_tones_at_once_stay_within_bounds() {
        let samples = mix(&[TONE; 20]);
        assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
    }

    #[test]
    fn a_wav_file_says_how_long_it_is() {
        let file = wav(&mix(&[TONE]));
        assert_eq!(&file[..4], b"RIFF");
        assert_eq!(u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize, file.len() - 8);
        assert_eq!(u32::from_le_bytes([file[40], file[41], file[42], file[43]]) as usize, file.len() - 44);
    }
}
