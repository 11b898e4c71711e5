//! What holds in every match, whatever the players press.

use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema, StateHash};
use pong_rules::{Ball, Event, HALF_WIDTH, Input, Paddle, Phase, Pong, REMATCH_TICKS, Side, WINNING_SCORE};
use proptest::prelude::*;

/// Inputs as people give them: keys held for some ticks.
fn presses() -> impl Strategy<Value = Vec<[Input; 2]>> {
    let key = (0..8u8).prop_map(|bits| Input::from_bits(bits).expect("three bits"));
    let held = (proptest::array::uniform2(key), 1..40usize);
    proptest::collection::vec(held, 1..200).prop_map(|held| {
        held.into_iter().flat_map(|(inputs, ticks)| std::iter::repeat_n(inputs, ticks)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn everything_stays_in_the_field_and_scores_only_grow(seed: u64, presses in presses()) {
        let mut pong = Pong::new(seed);
        for inputs in presses {
            let before = pong;
            let events = pong.step(inputs);
            prop_assert!(pong.ball().x.abs() <= HALF_WIDTH && pong.ball().y.abs() <= Ball::MAX_Y);
            for side in Side::BOTH {
                prop_assert!(pong.paddle(side).y.abs() <= Paddle::MAX_Y);
                let gained = pong.score(side).wrapping_sub(before.score(side));
                let point = if side == Side::Left { Event::PointLeft } else { Event::PointRight };
                prop_assert!(events.contains(Event::Rematch) || gained == u16::from(events.contains(point)));
            }
            prop_assert!(pong.longest_rally() >= pong.rally());
            prop_assert_eq!(events.contains(Event::Served), pong.phase() == Phase::Rally && before.phase() != Phase::Rally);
        }
    }

    #[test]
    fn the_rules_are_fair_to_both_sides(seed: u64, presses in presses()) {
        let mut pong = Pong::new(seed);
        let mut mirror = pong.mirrored();
        for [left, right] in presses {
            pong.step([left, right]);
            mirror.step([right, left]);
            prop_assert_eq!(mirror, pong.mirrored());
        }
    }

    #[test]
    fn a_state_survives_its_bytes(seed: u64, presses in presses()) {
        let mut pong = Pong::new(seed);
        for inputs in presses {
            pong.step(inputs);
        }
        let bytes = postcard::to_allocvec(&pong).expect("serializes");
        prop_assert!(bytes.len() < 64, "{} bytes", bytes.len());
        prop_assert_eq!(postcard::from_bytes::<Pong>(&bytes), Ok(pong));
    }

    #[test]
    fn no_bytes_make_a_state_that_breaks_the_rules(
        seed: u64,
        ticks in 0..400u32,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        presses in presses(),
    ) {
        let mut pong = Pong::new(seed);
        for _ in 0..ticks {
            pong.step([Input::NONE; 2]);
        }
        let mut bytes = postcard::to_allocvec(&pong).expect("serializes");
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        if let Ok(mut pong) = postcard::from_bytes::<Pong>(&bytes) {
            for inputs in presses {
                pong.step(inputs);
            }
        }
    }
}

#[test]
fn the_ball_is_served_to_who_conceded() {
    let mut pong = Pong::new(5);
    while !matches!(pong.phase(), Phase::Point { .. }) {
        pong.step([Input::UP, Input::DOWN]);
    }
    let Phase::Point { scorer, .. } = pong.phase() else { unreachable!() };
    while pong.phase() != Phase::Rally {
        pong.step([Input::NONE; 2]);
    }
    assert_eq!(pong.ball().velocity_x.signum(), scorer.opponent().sign());
}

/// Plays until `done`, the left paddle following the ball and the right one parked in a corner.
fn play_until(pong: &mut Pong, done: impl Fn(&Pong) -> bool) {
    while !done(pong) {
        let left = if pong.ball().y > pong.paddle(Side::Left).y { Input::UP } else { Input::DOWN };
        pong.step([left, Input::UP]);
    }
}

#[test]
fn eleven_points_win_and_both_must_hold_serve_for_a_rematch() {
    let mut pong = Pong::new(11);
    play_until(&mut pong, |pong| pong.winner().is_some());
    assert_eq!(pong.winner(), Some(Side::Left));
    assert_eq!(pong.score(Side::Left), WINNING_SCORE);
    let over = pong;
    for _ in 0..1_000 {
        pong.step([Input::SERVE, Input::NONE]);
    }
    assert_eq!(
        (pong.phase(), pong.score(Side::Left)),
        (over.phase(), WINNING_SCORE),
        "one alone can't start it"
    );
    for tick in 1..=REMATCH_TICKS {
        let events = pong.step([Input::SERVE; 2]);
        assert_eq!(events.contains(Event::Rematch), tick == REMATCH_TICKS);
    }
    assert_eq!((pong.score(Side::Left), pong.score(Side::Right), pong.winner()), (0, 0, None));
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
    let mut shown = Shown { schema: Pong::schema(), components: Vec::new(), missing: 0 };
    Pong::new(1).inspect(&mut shown);
    assert_eq!(shown.missing, 0);
    let components: Vec<_> = shown.components.iter().map(|(id, name)| (*id, name.as_str())).collect();
    assert_eq!(components, [(0, "Ball"), (1, "Paddle"), (2, "Paddle"), (3, "Match")]);
}

#[test]
fn every_tick_has_another_hash() {
    let mut pong = Pong::new(1);
    let mut last = StateHash::of(&pong);
    for _ in 0..1_000 {
        pong.step([Input::NONE; 2]);
        let hash = StateHash::of(&pong);
        assert_ne!(hash, last);
        last = hash;
    }
}
