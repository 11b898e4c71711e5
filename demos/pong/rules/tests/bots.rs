//! How well the bots play, over seeds.

use pong_rules::{Bot, Event, Input, Pong, Side, Skill};

/// What came of a match between two bots.
struct Match {
    winner: Side,
    ticks: u32,
    longest_rally: u32,
    /// Hits and misses of the left bot.
    hits: u32,
    misses: u32,
    /// Ticks between two changes of the left bot's input, on average.
    ticks_per_change: u32,
}

fn play(seed: u64, skills: [Skill; 2]) -> Match {
    let mut pong = Pong::new(seed);
    let mut bots = [Bot::new(seed ^ 1, skills[0]), Bot::new(seed ^ 2, skills[1])];
    let (mut hits, mut misses, mut changes, mut last) = (0, 0, 1, Input::NONE);
    let winner = loop {
        let inputs = Side::BOTH.map(|side| bots[side.index()].input(&pong, side));
        changes += u32::from(inputs[0] != last);
        last = inputs[0];
        let events = pong.step(inputs);
        hits += u32::from(events.contains(Event::HitLeft));
        misses += u32::from(events.contains(Event::PointRight));
        if let Some(winner) = pong.winner() {
            break winner;
        }
        assert!(pong.ticks() < 60 * 60 * 30, "seed {seed}: a match of {skills:?} goes on for half an hour");
    };
    let (ticks, longest_rally) = (pong.ticks(), pong.longest_rally());
    Match { winner, ticks, longest_rally, hits, misses, ticks_per_change: ticks / changes }
}

/// Fifty matches of `left` against `right`.
fn fifty(left: Skill, right: Skill) -> Vec<Match> {
    (0..50).map(|seed| play(seed, [left, right])).collect()
}

fn wins(matches: &[Match]) -> usize {
    matches.iter().filter(|played| played.winner == Side::Left).count()
}

/// Balls returned of a hundred.
fn returned(matches: &[Match]) -> u32 {
    let hits: u32 = matches.iter().map(|played| played.hits).sum();
    let misses: u32 = matches.iter().map(|played| played.misses).sum();
    100 * hits / (hits + misses)
}

#[test]
fn an_expert_returns_almost_everything() {
    for opponent in [Skill::Easy, Skill::Medium, Skill::Hard] {
        let returned = returned(&fifty(Skill::Expert, opponent));
        assert!(returned >= 97, "{returned} of 100 against {opponent}");
    }
}

#[test]
fn an_easy_bot_misses_one_ball_in_three() {
    let returned = returned(&fifty(Skill::Easy, Skill::Expert));
    assert!((55..75).contains(&returned), "{returned} of 100");
}

#[test]
fn more_skill_wins() {
    for (better, worse) in
        [(Skill::Medium, Skill::Easy), (Skill::Hard, Skill::Medium), (Skill::Expert, Skill::Hard)]
    {
        let wins = wins(&fifty(better, worse));
        assert!(wins >= 45, "{better} wins {wins} of 50 against {worse}");
    }
    assert_eq!(wins(&fifty(Skill::Expert, Skill::Easy)), 50);
}

#[test]
fn equal_skill_is_an_open_match_that_ends() {
    for skill in Skill::ALL {
        let matches = fifty(skill, skill);
        let wins = wins(&matches);
        assert!((10..=40).contains(&wins), "the left {skill} wins {wins} of 50");
        assert!(matches.iter().any(|played| played.longest_rally >= 8), "rallies of {skill} are short");
    }
}

#[test]
fn bots_change_their_mind_as_rarely_as_people() {
    for skill in Skill::ALL {
        let rarest = fifty(skill, Skill::Hard).iter().map(|played| played.ticks_per_change).min();
        assert!(rarest >= Some(15), "{skill} presses or lets go every {rarest:?} ticks");
    }
}

#[test]
fn the_same_seed_plays_the_same_match() {
    let (one, other) = (play(3, [Skill::Hard; 2]), play(3, [Skill::Hard; 2]));
    assert_eq!((one.ticks, one.hits), (other.ticks, other.hits));
    assert_ne!(one.ticks, play(4, [Skill::Hard; 2]).ticks);
}
