//! The rules come out the same on every platform and in every build: a change of these values is a change of
//! the game, and peers of before and after it can't play together.

use netcord_wire::StateHash;
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

#[test]
fn the_schema_has_the_known_hash() {
    assert_eq!(Pong::schema().hash(), 0xe83b_7db6_6744_3206);
}
