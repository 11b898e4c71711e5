//! Replays: they come to the same state, and bytes that are none are refused.

use netcord_wire::{CodecError, GameRng, StateHash};
use tetris_rules::{
    Bot, Config, Handling, Input, InvalidInput, Limits, Mode, Replay, ReplayError, run_headless,
};

/// A sprint of the bot.
fn sprint() -> Replay {
    let config = Config {
        start_level: 3,
        handling: Handling { auto_repeat: 1, ..Handling::default() },
        mode: Mode::Sprint,
    };
    run_headless(11, config, Bot::STEADY, Limits::default()).1
}

#[test]
fn a_replay_goes_through_bytes_and_comes_to_the_same_state() {
    for mode in Mode::ALL {
        let limits = Limits { lines: 60, ..Limits::default() };
        let (game, replay) = run_headless(5, Config::new(mode), Bot::STEADY, limits);
        let bytes = replay.to_bytes();
        let again = Replay::from_bytes(&bytes).unwrap();
        assert_eq!(again, replay);
        assert_eq!(again.play(), game, "{mode:?}");
        assert_eq!(StateHash::of(&again.play()), StateHash::of(&game));
        assert_eq!(again.ticks(), game.ticks());
        assert!(
            bytes.len() < 20 * game.pieces() as usize,
            "{} bytes for {} pieces",
            bytes.len(),
            game.pieces()
        );
    }
}

#[test]
fn a_replay_is_watched_tick_by_tick() {
    let replay = sprint();
    let mut playback = replay.clone().watch();
    let mut inputs = Vec::new();
    while let Some(input) = playback.next_input() {
        inputs.push(input);
        assert!(playback.step().is_some());
    }
    assert_eq!(playback.step(), None);
    assert_eq!(inputs, replay.inputs().collect::<Vec<_>>());
    assert_eq!(playback.game(), &replay.play());
}

#[test]
fn a_replay_is_saved_as_its_bytes() {
    let replay = sprint();
    let saved = postcard::to_allocvec(&replay).unwrap();
    assert_eq!(postcard::from_bytes::<Replay>(&saved).unwrap(), replay);
    let mut damaged = replay.to_bytes();
    damaged[0] = 9;
    let damaged = postcard::to_allocvec(&damaged).unwrap();
    assert!(postcard::from_bytes::<Replay>(&damaged).is_err());
}

/// A replay without inputs, and these bytes after it.
fn with(runs: &[u8]) -> Result<Replay, ReplayError> {
    Replay::from_bytes(&[&Replay::new(1, Config::default()).to_bytes(), runs].concat())
}

#[test]
fn bytes_that_are_no_replay_are_refused_for_what_they_are() {
    assert_eq!(Replay::from_bytes(&[]), Err(ReplayError::Malformed(CodecError::UnexpectedEnd)));
    assert_eq!(Replay::from_bytes(&[2, 0, 0]), Err(ReplayError::UnknownVersion(2)));
    let header = Replay::new(1, Config::default()).to_bytes();
    for length in 1..header.len() {
        let cut = Replay::from_bytes(&header[..length]);
        assert_eq!(cut, Err(ReplayError::Malformed(CodecError::UnexpectedEnd)), "{length} bytes");
    }
    let mut unknown = header.clone();
    unknown[1] = 4;
    assert_eq!(Replay::from_bytes(&unknown), Err(ReplayError::UnknownMode(4)));
    assert_eq!(with(&[128, 1]), Err(ReplayError::InvalidInput(InvalidInput(128))));
    assert_eq!(with(&[1]), Err(ReplayError::Malformed(CodecError::UnexpectedEnd)));
    for two_spellings in [&[1, 0][..], &[1, 3, 1, 4], &[1, 0x83, 0]] {
        assert_eq!(with(two_spellings), Err(ReplayError::Malformed(CodecError::NotCanonical)));
    }
    let too_long = vec![1; Replay::MAX_BYTES + 1];
    let limit = CodecError::TooLong { limit: Replay::MAX_BYTES };
    assert_eq!(Replay::from_bytes(&too_long), Err(ReplayError::Malformed(limit)));
    // Twelve hours are 0x9e_3400 ticks: the last that is taken, one more, and more than any number of ticks.
    assert_eq!(with(&[1, 0x80, 0xe8, 0xf8, 4]), Err(ReplayError::TooLong));
    assert_eq!(with(&[1, 0xff, 0xff, 0xff, 0xff, 0x7f]), Err(ReplayError::TooLong));
}

#[test]
fn every_cut_and_every_flipped_bit_is_refused_or_is_another_replay() {
    let replay = sprint();
    let bytes = replay.to_bytes();
    for length in 0..bytes.len() {
        assert_ne!(Replay::from_bytes(&bytes[..length]).as_ref(), Ok(&replay));
    }
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Replay::from_bytes(&flipped) {
            assert_eq!(other.to_bytes(), flipped, "bit {bit}: a replay has one spelling");
        }
    }
}

#[test]
fn recording_stops_at_the_caps_and_keeps_what_there_is() {
    let mut replay = Replay::new(1, Config::default());
    for run in 0..Replay::MAX_RUNS {
        replay.record(if run % 2 == 0 { Input::LEFT } else { Input::NONE }).unwrap();
    }
    assert_eq!(replay.record(Input::LEFT), Err(ReplayError::TooLong));
    assert_eq!(replay.record(Input::NONE), Ok(()), "the same keys as before need no room");
    for _ in replay.ticks()..Replay::MAX_TICKS {
        replay.record(Input::NONE).unwrap();
    }
    assert_eq!(replay.record(Input::NONE), Err(ReplayError::TooLong));
    assert_eq!(Replay::from_bytes(&replay.to_bytes()), Ok(replay));
}

#[test]
fn random_bytes_never_panic() {
    let mut rng = GameRng::new(3);
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..rng.below(60)).map(|_| rng.next_u64() as u8).collect();
        if let Some(version) = bytes.first_mut() {
            *version = Replay::VERSION;
        }
        if let Ok(replay) = Replay::from_bytes(&bytes) {
            assert_eq!(replay.to_bytes(), bytes);
        }
    }
}
