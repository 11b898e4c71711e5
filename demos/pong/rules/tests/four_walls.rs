//! What holds in every match between four walls, whatever the players press, and whoever comes and goes.

use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};
use pong_rules::four_walls::{
    FourWalls, HALF_SQUARE, LIVES, MAX_LIVES, PADDLE_TRAVEL, Phase, WALL_DISTANCE, Wall,
};
use pong_rules::{BALL_RADIUS, Bot, Event, Events, Input, REMATCH_TICKS, Skill};
use proptest::prelude::*;

type Inputs = [Option<Input>; 4];

const NOBODY: Inputs = [None; 4];
const IDLE: Option<Input> = Some(Input::NONE);

/// Inputs as people give them: keys held for some ticks, and now and then one player who comes or goes.
fn presses() -> impl Strategy<Value = Vec<Inputs>> {
    let key = (0..8u8).prop_map(|bits| Input::from_bits(bits).expect("three bits"));
    let held = (proptest::array::uniform4(key), 1..40usize, 0..24usize);
    (proptest::array::uniform4(any::<bool>()), proptest::collection::vec(held, 1..200)).prop_map(
        |(mut present, held)| {
            let mut presses = Vec::new();
            for (keys, ticks, toggled) in held {
                if let Some(present) = present.get_mut(toggled) {
                    *present = !*present;
                }
                let inputs = Wall::ALL.map(|wall| present[wall.index()].then_some(keys[wall.index()]));
                presses.extend(std::iter::repeat_n(inputs, ticks));
            }
            presses
        },
    )
}

/// The inputs of the same players, each a quarter turn further.
fn turned(inputs: Inputs) -> Inputs {
    let mut turned = NOBODY;
    for wall in Wall::ALL {
        // Up along the right wall is left along the top.
        turned[wall.next().index()] = inputs[wall.index()].map(|input| {
            let keep = if input.holds(Input::SERVE) { Input::SERVE } else { Input::NONE };
            match if wall.is_upright() { -input.direction() } else { input.direction() } {
                1 => keep | Input::UP,
                -1 => keep | Input::DOWN,
                _ => keep,
            }
        });
    }
    turned
}

fn players_in_play(game: &FourWalls) -> usize {
    Wall::ALL.into_iter().filter(|&wall| game.seat_at(wall).in_play).count()
}

fn misses(events: Events) -> usize {
    let misses = [Event::MissLeft, Event::MissRight, Event::MissTop, Event::MissBottom];
    misses.into_iter().filter(|&event| events.contains(event)).count()
}

fn lives(game: &FourWalls) -> [u8; 4] {
    Wall::ALL.map(|wall| game.seat_at(wall).lives)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn everything_stays_in_the_square_and_every_miss_costs_one_life(seed: u64, presses in presses()) {
        let mut game = FourWalls::new(seed);
        for inputs in presses {
            let before = game;
            let events = game.step(inputs);
            let ball = game.ball();
            prop_assert!(ball.x.abs() <= HALF_SQUARE && ball.y.abs() <= HALF_SQUARE);
            for wall in Wall::ALL {
                let seat = game.seat_at(wall);
                prop_assert!(game.paddle(wall).y.abs() <= PADDLE_TRAVEL);
                prop_assert_eq!(seat.taken, inputs[wall.index()].is_some());
                prop_assert!(!seat.in_play || seat.taken && (1..=MAX_LIVES).contains(&seat.lives));
                // Nothing passes a solid wall.
                let (x, y) = wall.point(0, WALL_DISTANCE - BALL_RADIUS);
                let past = if wall.is_upright() { ball.x * x.signum() > x.abs() } else { ball.y * y.signum() > y.abs() };
                prop_assert!(seat.in_play || !past || game.phase() != Phase::Rally);
            }
            prop_assert!(misses(events) <= 1);
            if misses(events) == 1 {
                let lost = lives(&before).into_iter().zip(lives(&game)).filter(|(before, after)| after < before).count();
                prop_assert_eq!(lost, 1);
            }
            if matches!(game.phase(), Phase::Serve { .. } | Phase::Rally | Phase::Miss { .. }) {
                prop_assert!(players_in_play(&game) >= 2);
            }
            if let Some(winner) = game.winner() {
                prop_assert!(game.seat_at(winner).lives > 0);
            }
            if let Phase::Serve { to, .. } = game.phase() {
                prop_assert!(game.seat_at(to).in_play);
                prop_assert_eq!((ball.x, ball.y), (0, 0));
            }
            prop_assert!(game.longest_rally() >= game.rally());
        }
    }

    #[test]
    fn the_rules_are_fair_to_all_walls(seed: u64, presses in presses()) {
        let mut game = FourWalls::new(seed);
        let mut quarter = game.turned();
        let mut in_match = false;
        for inputs in presses {
            let waiting = matches!(game.phase(), Phase::Waiting { .. });
            game.step(inputs);
            quarter.step(turned(inputs));
            if waiting {
                // Who is served to first is drawn without looking where the players are.
                quarter = game.turned();
                continue;
            }
            in_match = true;
            prop_assert_eq!(quarter, game.turned());
        }
        prop_assume!(in_match);
    }

    #[test]
    fn a_ball_comes_back_to_a_player_soon(seed: u64, presses in presses()) {
        let mut game = FourWalls::new(seed);
        let mut ticks = 0;
        for inputs in presses {
            let rally = game.rally();
            game.step(inputs);
            ticks = if game.phase() == Phase::Rally && game.rally() == rally { ticks + 1 } else { 0 };
            // To the far wall and back at the slowest, 51 degrees off the straight way.
            prop_assert!(ticks < 300, "nobody's ball: {game:?}");
        }
    }

    #[test]
    fn a_state_survives_its_bytes(seed: u64, presses in presses()) {
        let mut game = FourWalls::new(seed);
        for inputs in presses {
            game.step(inputs);
        }
        let bytes = postcard::to_allocvec(&game).expect("serializes");
        prop_assert!(bytes.len() < 96, "{} bytes", bytes.len());
        prop_assert_eq!(postcard::from_bytes::<FourWalls>(&bytes), Ok(game));
    }

    #[test]
    fn no_bytes_make_a_state_that_breaks_the_rules(
        seed: u64,
        ticks in 0..600u32,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        presses in presses(),
    ) {
        let mut game = FourWalls::new(seed);
        for _ in 0..ticks {
            game.step([IDLE; 4]);
        }
        let mut bytes = postcard::to_allocvec(&game).expect("serializes");
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        if let Ok(mut game) = postcard::from_bytes::<FourWalls>(&bytes) {
            let mut bots = Wall::ALL.map(|wall| Bot::new(seed ^ wall.index() as u64, Skill::Expert));
            for inputs in presses {
                for (bot, wall) in bots.iter_mut().zip(Wall::ALL) {
                    bot.input_at(&game, wall);
                }
                game.step(inputs);
            }
        }
    }
}

/// Plays until `done`, the players there pressing nothing.
fn play_until(game: &mut FourWalls, inputs: Inputs, done: impl Fn(&FourWalls) -> bool) {
    for _ in 0..60 * 600 {
        if done(game) {
            return;
        }
        game.step(inputs);
    }
    panic!("it never came to that: {game:?}");
}

#[test]
fn one_player_waits_for_another() {
    let mut game = FourWalls::new(1);
    for _ in 0..1_000 {
        game.step([None, IDLE, None, None]);
    }
    assert!(matches!(game.phase(), Phase::Waiting { .. }));
    play_until(&mut game, [None, IDLE, IDLE, None], |game| matches!(game.phase(), Phase::Serve { .. }));
    assert_eq!(lives(&game)[1..3], [MAX_LIVES; 2], "both face a solid wall");
}

#[test]
fn who_faces_the_one_who_is_out_has_a_life_more() {
    let mut game = FourWalls::new(8);
    loop {
        let before = lives(&game);
        if game.step([IDLE; 4]).contains(Event::Out) {
            let out = Wall::ALL
                .into_iter()
                .find(|wall| before[wall.index()] == 1 && lives(&game)[wall.index()] == 0);
            let facing = out.expect("one is out").opposite().index();
            assert_eq!(lives(&game)[facing], before[facing] + 1);
            return;
        }
    }
}

#[test]
fn who_has_no_life_left_is_out_and_the_last_one_left_wins() {
    let mut game = FourWalls::new(2);
    let mut out = 0;
    while game.winner().is_none() {
        let events = game.step([IDLE; 4]);
        out += usize::from(events.contains(Event::Out));
        assert_eq!(events.contains(Event::MatchWon), out == 3);
        assert_eq!(players_in_play(&game), 4 - out);
    }
    let winner = game.winner().expect("it is over");
    assert!(Wall::ALL.into_iter().all(|wall| (game.seat_at(wall).lives > 0) == (wall == winner)));
}

#[test]
fn all_must_hold_serve_for_a_rematch() {
    let mut game = FourWalls::new(11);
    play_until(&mut game, [IDLE, IDLE, IDLE, None], |game| game.winner().is_some());
    let ready = Some(Input::SERVE);
    for _ in 0..1_000 {
        game.step([ready, ready, IDLE, None]);
    }
    assert!(game.winner().is_some(), "two of three can't start it");
    for tick in 1..=REMATCH_TICKS {
        // A fourth came, and is in the next match.
        let events = game.step([ready; 4]);
        assert_eq!(events.contains(Event::Rematch), tick == REMATCH_TICKS);
    }
    play_until(&mut game, [ready; 4], |game| matches!(game.phase(), Phase::Serve { .. }));
    assert_eq!((lives(&game), players_in_play(&game)), ([LIVES; 4], 4));
}

#[test]
fn who_comes_late_has_no_more_lives_than_the_others_and_enters_before_the_next_serve() {
    let mut game = FourWalls::new(3);
    let three = [IDLE, IDLE, IDLE, None];
    let fewest = |game: &FourWalls| lives(game)[..3].iter().copied().min();
    play_until(&mut game, three, |game| fewest(game) == Some(2) && game.phase() == Phase::Rally);
    play_until(&mut game, [IDLE; 4], |game| {
        assert!(game.phase() != Phase::Rally || !game.seat_at(Wall::Bottom).in_play);
        game.phase() != Phase::Rally
    });
    let fewest = fewest(&game).expect("three players");
    game.step([IDLE; 4]);
    assert_eq!((game.seat_at(Wall::Bottom).in_play, game.seat_at(Wall::Bottom).lives), (true, fewest));
}

#[test]
fn leaving_and_coming_back_restores_no_life() {
    let mut game = FourWalls::new(4);
    play_until(&mut game, [IDLE; 4], |game| lives(game).contains(&0));
    let out = lives(&game).into_iter().position(|lives| lives == 0).expect("one is out");
    let mut without = [IDLE; 4];
    without[out] = None;
    game.step(without);
    for _ in 0..1_000 {
        game.step([IDLE; 4]);
        assert!(!game.seat_at(Wall::ALL[out]).in_play || game.ticks() < 10);
    }
}

#[test]
fn a_ball_in_play_is_served_again_when_a_player_leaves_and_the_last_one_wins() {
    let mut game = FourWalls::new(5);
    play_until(&mut game, [IDLE; 4], |game| game.phase() == Phase::Rally);
    let before = lives(&game);
    let events = game.step([IDLE, IDLE, None, IDLE]);
    assert!(events.contains(Event::Left));
    assert!(matches!(game.phase(), Phase::Serve { .. }));
    assert_eq!(lives(&game), before);
    let events = game.step([IDLE, None, None, None]);
    assert!(events.contains(Event::MatchWon));
    assert_eq!(game.winner(), Some(Wall::Left));
}

#[test]
fn when_all_leave_the_next_ones_begin_anew() {
    let mut game = FourWalls::new(6);
    play_until(&mut game, [IDLE; 4], |game| lives(game).contains(&3));
    game.step(NOBODY);
    assert!(matches!(game.phase(), Phase::Waiting { .. }));
    game.step([IDLE; 4]);
    assert_eq!((lives(&game), players_in_play(&game)), ([LIVES; 4], 4));
}

/// What came of a match between bots.
struct BotMatch {
    winner: Wall,
    longest_rally: u32,
    seconds: u32,
}

fn bots_play(seed: u64, skills: [Option<Skill>; 4]) -> BotMatch {
    let mut game = FourWalls::new(seed);
    let mut bots =
        Wall::ALL.map(|wall| skills[wall.index()].map(|skill| Bot::new(seed ^ (1 << wall.index()), skill)));
    let winner = loop {
        let inputs = Wall::ALL.map(|wall| bots[wall.index()].as_mut().map(|bot| bot.input_at(&game, wall)));
        game.step(inputs);
        if let Some(winner) = game.winner() {
            break winner;
        }
        assert!(game.ticks() < 60 * 60 * 30, "seed {seed}: a match of {skills:?} goes on for half an hour");
    };
    BotMatch { winner, longest_rally: game.longest_rally(), seconds: game.ticks() / 60 }
}

fn wins(played: &[BotMatch], wall: Wall) -> usize {
    played.iter().filter(|played| played.winner == wall).count()
}

#[test]
fn more_skill_wins_between_four_walls_too() {
    for (better, worse) in [(Skill::Medium, Skill::Easy), (Skill::Expert, Skill::Medium)] {
        for wall in Wall::ALL {
            let mut skills = [Some(worse); 4];
            skills[wall.index()] = Some(better);
            let played: Vec<_> = (0..40).map(|seed| bots_play(seed, skills)).collect();
            let wins = wins(&played, wall);
            assert!(wins >= 20, "{better} wins {wins} of 40 against three {worse} at {wall:?}");
        }
    }
}

#[test]
fn bots_of_equal_skill_play_an_open_match_that_ends() {
    for skill in Skill::ALL {
        for walls in [&Wall::ALL[..], &[Wall::Left, Wall::Right], &[Wall::Left, Wall::Top]] {
            let skills = Wall::ALL.map(|wall| walls.contains(&wall).then_some(skill));
            let played: Vec<_> = (0..30).map(|seed| bots_play(seed, skills)).collect();
            for &wall in walls {
                let wins = wins(&played, wall);
                assert!(wins * walls.len() * 6 >= 30, "{skill} at {wall:?} of {walls:?} wins {wins} of 30");
            }
            assert!(played.iter().any(|played| played.longest_rally >= 8), "rallies of {skill} are short");
            let seconds = played.iter().map(|played| played.seconds).sum::<u32>() / 30;
            assert!((40..400).contains(&seconds), "a match of {skill} at {walls:?} lasts {seconds} s");
        }
    }
}

/// Checks what is shown against the schema.
struct Shown {
    schema: Schema,
    components: Vec<(u32, String)>,
    missing: usize,
}

impl FieldSink for Shown {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        assert_eq!(self.missing, 0, "a component ended early");
        let component = self.schema.component(component).expect("a known component");
        self.missing = component.fields.len();
        self.components.push((entity.0, component.name.to_string()));
    }

    fn field(&mut self, _: i64) {
        self.missing -= 1;
    }
}

#[test]
fn every_field_that_is_shown_has_a_name() {
    let mut shown = Shown { schema: FourWalls::schema(), components: Vec::new(), missing: 0 };
    FourWalls::new(1).inspect(&mut shown);
    assert_eq!(shown.missing, 0);
    let components: Vec<_> = shown.components.iter().map(|(id, name)| (*id, name.as_str())).collect();
    assert_eq!(components[..3], [(0, "Ball"), (1, "Paddle"), (1, "Seat")]);
    assert_eq!(components[8..], [(4, "Seat"), (5, "Match")]);
}
