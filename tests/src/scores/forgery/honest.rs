//! Honest runs: games of all modes, of players who differ in skill, from a seed.

use netcord::wire::GameRng;
use tetris_rules::{Bot, Config, Handling, Input, Mode, Replay, Tetris};

/// Who presses the keys.
enum Hands {
    /// Presses anything, for some ticks each.
    Random { held: Input, ticks: u32 },
    /// Plays well for so many pieces, and then lets them drop where they come.
    Bot { bot: Bot, pieces: u32 },
}

/// A whole game. Few are long: most end within a minute, as the field is full.
pub(super) fn play(mode: Mode, seed: u64, rng: &mut GameRng) -> Replay {
    let handling = Handling {
        auto_shift_delay: 6 + rng.below(8) as u8,
        auto_repeat: rng.below(4) as u8,
        soft_drop: 10 + rng.below(20) as u8,
    };
    let bot = |pieces| Hands::Bot { bot: Bot::new(Bot::FASTEST), pieces };
    let hands = match (mode, rng.below(100)) {
        // A sprint that is not completed comes to nothing.
        (Mode::Sprint, _) => bot(u32::MAX),
        (Mode::Marathon | Mode::Ultra, 0) => bot(u32::MAX),
        (Mode::Endless, 0) => bot(500),
        (_, 1..=20) => bot(5 + rng.below(40)),
        _ => Hands::Random { held: Input::NONE, ticks: 0 },
    };
    play_on(Replay::new(seed, Config { handling, ..Config::new(mode) }), hands, rng)
}

/// A game of so many pieces, and however many it takes until the field is full.
pub(super) fn play_well(mode: Mode, seed: u64, pieces: u32, rng: &mut GameRng) -> Replay {
    let hands = Hands::Bot { bot: Bot::new(Bot::STEADY), pieces };
    play_on(Replay::new(seed, Config::new(mode)), hands, rng)
}

fn play_on(mut replay: Replay, mut hands: Hands, rng: &mut GameRng) -> Replay {
    let mut game = replay.start();
    while game.ending().is_none() {
        let input = hands.input(&game, rng);
        replay.record(input).expect("the game is short enough");
        game.step(input);
    }
    replay
}

impl Hands {
    fn input(&mut self, game: &Tetris, rng: &mut GameRng) -> Input {
        match self {
            Self::Bot { bot, pieces } if game.pieces() < *pieces => bot.input(game),
            Self::Bot { .. } => [Input::NONE, Input::HARD_DROP][game.ticks() as usize % 2],
            Self::Random { held, ticks } => {
                if *ticks == 0 {
                    *ticks = 1 + rng.below(10);
                    let bits = rng.below(1 << 7) as u8 & rng.below(1 << 7) as u8;
                    *held = [Input::NONE, Input::HARD_DROP]
                        .get(rng.below(6) as usize)
                        .copied()
                        .unwrap_or_else(|| Input::from_bits(bits).expect("seven bits"));
                }
                *ticks -= 1;
                *held
            }
        }
    }
}
