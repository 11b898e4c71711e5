//! The rules come out the same on every platform and in every build: a change of these values is a change of the
//! game, so that older replays come out otherwise. Then [`Replay::VERSION`] has to change, too.

use netcord_wire::StateHash;
use tetris_rules::{Bot, Config, Limits, Mode, Replay, Tetris, run_headless};

#[test]
fn games_of_the_bot_end_in_the_known_hash() {
    let limits = Limits { ticks: 10_000, ..Limits::default() };
    let games = [(1, Mode::Marathon), (2, Mode::Sprint), (u64::MAX, Mode::Ultra)].map(|(seed, mode)| {
        let (game, _) =
            run_headless(seed, Config { start_level: 5, ..Config::new(mode) }, Bot::STEADY, limits);
        (game.lines(), game.score(), StateHash::of(&game))
    });
    assert_eq!(Replay::VERSION, 1);
    assert_eq!(
        games,
        [
            (151, 178_746, StateHash(0xd602_29de_f15b_c758)),
            (40, 8_710, StateHash(0x0632_5996_bcbf_9572)),
            (109, 23_494, StateHash(0x4443_0db0_2862_5d2c)),
        ]
    );
}

#[test]
fn the_schema_has_the_known_hash_and_names_all_that_is_shown() {
    assert_eq!(Tetris::schema().hash(), 0xcc05_59fa_6a19_fa7f);
}
