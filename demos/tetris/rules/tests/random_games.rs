//! Ten thousand games, most of random keys: nothing is lost, nothing overlaps, and each is played again to the same
//! state. Random keys hardly clear lines, so in some of the games a bot plays that loses its mind at times.

use netcord_wire::{GameRng, StateHash};
use tetris_rules::{Bot, Config, Events, Handling, Input, Kind, Mode, Replay, Tetris};

const GAMES: u64 = 10_000;
/// Games end sooner, nearly all.
const MAX_TICKS: u32 = 3_000;

/// Who presses the keys, and for how long the same.
struct Player {
    rng: GameRng,
    bot: Option<Bot>,
    held: Input,
    ticks: u32,
}

impl Player {
    fn input(&mut self, game: &Tetris) -> Input {
        // Asked every tick, for it counts them; what it says is not always done.
        let careful = self.bot.as_mut().map(|bot| bot.input(game));
        if self.ticks == 0 {
            self.ticks = 1 + self.rng.below(10);
            let bits = self.rng.next_u64() as u8 & self.rng.next_u64() as u8 & 0x5f;
            self.held = match self.rng.below(6) {
                0 => Input::NONE,
                1 => Input::HARD_DROP,
                _ => Input::from_bits(bits).unwrap(),
            };
        }
        self.ticks -= 1;
        careful.filter(|_| game.ticks() / 64 % 8 != 7).unwrap_or(self.held)
    }
}

/// What is known of a game from its events alone.
#[derive(Default)]
struct Ledger {
    pieces: u32,
    lines: u32,
    points: u32,
    came: Vec<Kind>,
}

impl Ledger {
    fn enter(&mut self, before: &Tetris, after: &Tetris, events: &Events) {
        self.points += u32::from(events.soft_dropped) + 2 * u32::from(events.hard_dropped.unwrap_or(0));
        if let Some(locked) = events.locked {
            self.pieces += 1;
            self.lines += u32::from(locked.cleared.count());
            self.points += locked.points;
            assert!(before.board().fits(&locked.piece), "it locks where there is room");
            assert!(!before.board().fits(&locked.piece.moved(0, -1)), "and on something");
            assert!(locked.cleared.iter().is_sorted() && locked.cleared.count() <= 4);
        }
        if before.next() != after.next() {
            // Hold and lock may both take one, so find where the queue went on.
            let next = after.next();
            let taken = (1..=2).find(|&taken| before.next()[taken..] == next[..5 - taken]).unwrap();
            self.came.extend(&before.next()[..taken]);
        }
    }

    fn audit(&self, game: &Tetris) {
        assert_eq!(game.board().filled_cells(), 4 * self.pieces - 10 * self.lines, "no cell is lost");
        assert_eq!((game.pieces(), game.lines()), (self.pieces, self.lines));
        assert_eq!(game.score(), self.points, "the score is what the events tell");
        if let Some(piece) = game.piece() {
            assert!(game.board().fits(&piece), "no piece overlaps");
            let ghost = game.ghost().unwrap();
            assert!(ghost.y <= piece.y && (ghost.x, ghost.facing) == (piece.x, piece.facing));
            assert!(game.board().fits(&ghost) && !game.board().fits(&ghost.moved(0, -1)));
        } else {
            assert!(game.ending().is_some());
        }
        for bag in self.came.chunks_exact(7) {
            assert!(Kind::ALL.iter().all(|kind| bag.contains(kind)), "a bag has all seven: {bag:?}");
        }
    }
}

/// Plays one game; how many ticks, pieces and lines it has.
fn play(seed: u64) -> [u64; 3] {
    let mut rng = GameRng::new(seed);
    let handling = Handling {
        auto_shift_delay: rng.below(12) as u8,
        auto_repeat: rng.below(4) as u8,
        soft_drop: rng.below(30) as u8,
    };
    let mode = Mode::ALL[rng.below(4) as usize];
    let config = Config { mode, start_level: rng.below(17) as u8, handling };
    let bot = (seed.is_multiple_of(100)).then(|| Bot::new(Bot::FASTEST));
    let mut player = Player { rng, bot, held: Input::NONE, ticks: 0 };
    let mut replay = Replay::new(seed, config);
    let mut game = replay.start();
    let mut ledger = Ledger::default();
    ledger.came.extend(game.piece().map(|piece| piece.kind));
    while game.ending().is_none() && game.ticks() < MAX_TICKS {
        let input = player.input(&game);
        let before = game.clone();
        replay.record(input).unwrap();
        let events = game.step(input);
        assert!(game.score() >= before.score(), "seed {seed}: the score never falls");
        assert_eq!(game.ticks(), before.ticks() + 1);
        ledger.enter(&before, &game, &events);
        if events.locked.is_some() || game.ticks().is_multiple_of(16) {
            ledger.audit(&game);
        }
    }
    ledger.audit(&game);
    let again = Replay::from_bytes(&replay.to_bytes()).unwrap().play();
    assert_eq!(again, game, "seed {seed}");
    assert_eq!(StateHash::of(&again), StateHash::of(&game), "seed {seed}");
    [game.ticks().into(), game.pieces().into(), game.lines().into()]
}

#[test]
fn ten_thousand_random_games_lose_nothing_and_replay_to_the_same_state() {
    let threads = 4;
    let play_some = |thread| (thread..GAMES).step_by(threads).map(play);
    let sums: Vec<[u64; 3]> = std::thread::scope(|scope| {
        let games: Vec<_> = (0..threads as u64)
            .map(|thread| {
                scope.spawn(move || {
                    play_some(thread).fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
                })
            })
            .collect();
        games.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let [ticks, pieces, lines] = [0, 1, 2].map(|sum| sums.iter().map(|sums| sums[sum]).sum::<u64>());
    println!("{GAMES} games: {ticks} ticks, {pieces} pieces, {lines} lines");
    assert!(pieces > 15 * GAMES, "games are long enough to mean something: {pieces} pieces");
    assert!(lines > 2_000, "and clear lines: {lines}");
}
