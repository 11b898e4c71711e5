//! The rules come out the same on every platform and in every build: a change of these values is a change of
//! the game, and peers of before and after it can't play together.

use netcord_wire::StateHash;
use pong_rules::four_walls::{FourWalls, Wall};
use pong_rules::{Bot, Event, Pong, Side, Skill};

/// The hash after 10,000 ticks, and how many matches were finished.
fn ten_thousand_ticks(seed: u64, skills: [Skill; 2]) -> (StateHash, u32) {
    let mut pong = Pong::new(seed);
    let mut bots = [Bot::new(seed ^ 1, skills[0]), Bot::new(seed ^ 2, skills[1])];
    let mut rematches = 0;
    for _ in 0..10_000 {
        let inputs = Side::BOTH.map(|side| bots[side.index()].input(&pong, side));
        rematches += u32::from(pong.step(inputs).contains(Event::Rematch));
    }
    (StateHash::of(&pong), rematches)
}

#[test]
fn ten_thousand_ticks_end_in_the_known_hash() {
    let cases = [
        (1, [Skill::Easy, Skill::Expert]),
        (2, [Skill::Medium, Skill::Hard]),
        (u64::MAX, [Skill::Expert, Skill::Expert]),
    ];
    assert_eq!(
        cases.map(|(seed, skills)| ten_thousand_ticks(seed, skills)),
        [
            (StateHash(0x8f8c_ff39_1bc9_e435), 1),
            (StateHash(0x27eb_908a_f0a1_f5d1), 0),
            (StateHash(0x2d2d_4ab9_2d24_5562), 0),
        ]
    );
}

/// The hash after 10,000 ticks, in which players come and go.
fn ten_thousand_ticks_between_four_walls(seed: u64, skill: Skill) -> StateHash {
    let mut game = FourWalls::new(seed);
    let mut bots = Wall::ALL.map(|wall| Bot::new(seed ^ (1 << wall.index()), skill));
    for tick in 0..10_000 {
        let there = |wall: Wall| tick / 1_500 % 7 != wall.index();
        let inputs = Wall::ALL.map(|wall| {
            let input = bots[wall.index()].input_at(&game, wall);
            there(wall).then_some(input)
        });
        game.step(inputs);
    }
    StateHash::of(&game)
}

#[test]
fn ten_thousand_ticks_between_four_walls_end_in_the_known_hash() {
    assert_eq!(
        [(1, Skill::Easy), (2, Skill::Hard), (u64::MAX, Skill::Expert)]
            .map(|(seed, skill)| ten_thousand_ticks_between_four_walls(seed, skill)),
        [
            StateHash(0x55cf_b8f9_6b1d_7319),
            StateHash(0x3c82_a35b_f6ed_c6ab),
            StateHash(0x6013_0e84_3402_f964),
        ]
    );
}

#[test]
fn the_schemas_have_the_known_hashes() {
    assert_eq!(Pong::schema().hash(), 0x604b_8415_7a77_d9c9);
    assert_eq!(FourWalls::schema().hash(), 0xf758_9e8c_e04d_bcbf);
}
