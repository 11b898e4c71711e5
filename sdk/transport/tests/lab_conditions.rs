//! Conditions as text.

use netcord_transport::lab::{Chance, Conditions, ConditionsError, Late};
use proptest::prelude::*;
use std::num::NonZeroU32;
use std::time::Duration;

fn parse(text: &str) -> Result<Conditions, ConditionsError> {
    text.parse()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn every_word_sets_its_condition() {
    let text = "latency=100ms,jitter=20ms,tail=5%:200ms,loss=5%,burst=4,dup=1%,reorder=2%:50ms,corrupt=0.1%,\
                bandwidth=1mbit,queue=32kB,mtu=1200B";
    let expected = Conditions {
        latency: ms(100),
        jitter: ms(20),
        tail: Late { chance: Chance::percent(5), by: ms(200) },
        loss: Chance::percent(5),
        burst: NonZeroU32::new(4),
        duplicate: Chance::percent(1),
        reorder: Late { chance: Chance::percent(2), by: ms(50) },
        corrupt: Chance::per_million(1_000),
        bandwidth: Some(1_000_000),
        queue: 32_000,
        mtu: Some(1_200),
    };
    assert_eq!(parse(text), Ok(expected));
    assert_eq!(expected.to_string(), text.replace("1200B", "1.2kB"));
}

#[test]
fn the_short_forms_have_defaults() {
    let conditions = parse("burst, reorder=2%").unwrap();
    assert_eq!(conditions.burst, NonZeroU32::new(3));
    assert_eq!(conditions.reorder.by, ms(30));
}

#[test]
fn nothing_is_the_perfect_network() {
    for text in ["", " ", "perfect", "latency=0ms"] {
        assert_eq!(parse(text), Ok(Conditions::PERFECT), "{text:?}");
    }
    assert_eq!(Conditions::PERFECT.to_string(), "perfect");
}

#[test]
fn a_preset_comes_first_and_can_be_changed() {
    for preset in ["lan", "wifi", "4g", "satellite", "terrible"] {
        assert_ne!(parse(preset), Ok(Conditions::PERFECT));
        let changed = parse(&format!("{preset},loss=7%")).unwrap();
        assert_eq!(changed, Conditions { loss: Chance::percent(7), ..parse(preset).unwrap() });
    }
    let error = parse("loss=7%,wifi").expect_err("wifi would undo the loss");
    assert_eq!(error.to_string(), "the network \"wifi\" must be the first word; those that follow change it");
}

#[test]
fn an_unknown_word_is_named_with_what_is_allowed() {
    let error = parse("latency=1ms,lag=3ms").expect_err("there is no lag").to_string();
    assert!(
        error.starts_with("there is no network condition \"lag=3ms\"; there are latency=100ms"),
        "{error}"
    );
    assert!(error.ends_with("perfect, lan, wifi, 4g, satellite, terrible"), "{error}");
}

#[test]
fn a_bad_value_is_named_with_the_right_form() {
    for (word, form) in [
        ("latency", "latency=100ms (one way, at most 60s)"),
        ("latency=100", "latency=100ms (one way, at most 60s)"),
        ("latency=-1ms", "latency=100ms (one way, at most 60s)"),
        ("latency=+1ms", "latency=100ms (one way, at most 60s)"),
        ("latency=61s", "latency=100ms (one way, at most 60s)"),
        ("latency=0.1ns", "latency=100ms (one way, at most 60s)"),
        ("latency=.5s", "latency=100ms (one way, at most 60s)"),
        ("latency=99999999999999999999s", "latency=100ms (one way, at most 60s)"),
        ("latency=1.00000000000000000000001s", "latency=100ms (one way, at most 60s)"),
        ("loss=0.05", "loss=5% (0% to 100%)"),
        ("loss=101%", "loss=5% (0% to 100%)"),
        ("loss=5.5.5%", "loss=5% (0% to 100%)"),
        ("loss=ß%", "loss=5% (0% to 100%)"),
        ("burst=0", "burst or burst=4 (1 to 1000)"),
        ("burst=1001", "burst or burst=4 (1 to 1000)"),
        ("tail=5%", "tail=5%:200ms (at most 60s)"),
        ("bandwidth=999bit", "bandwidth=1mbit (1kbit to 100gbit)"),
        ("queue=9MB", "queue=64kB (at most 8MB)"),
    ] {
        let error = parse(word).expect_err(word).to_string();
        assert_eq!(error, format!("bad network condition {word:?}; write {form}"));
    }
}

#[test]
fn units_are_read_in_any_case_and_decimals_are_exact() {
    assert_eq!(parse("latency=1.5S,loss=0.0001%,queue=64KB").unwrap(), {
        let loss = Chance::per_million(1);
        Conditions { latency: ms(1_500), loss, queue: 64_000, ..Conditions::PERFECT }
    });
}

prop_compose! {
    fn late()(chance in 0..=1_000_000_u32, by in 0..=60_000_000_000_u64) -> Late {
        Late { chance: Chance::per_million(chance), by: Duration::from_nanos(by) }
    }
}

prop_compose! {
    fn conditions()(
        latency in 0..=60_000_000_000_u64,
        jitter in 0..=60_000_000_000_u64,
        (tail, reorder) in (late(), late()),
        loss in 0..=1_000_000_u32,
        burst in proptest::option::of(1..=1_000_u32),
        duplicate in 0..=1_000_000_u32,
        corrupt in 0..=1_000_000_u32,
        bandwidth in proptest::option::of(1_000..=100_000_000_000_u64),
        queue in 0..=8_000_000_usize,
        mtu in proptest::option::of(0..=64_000_usize),
    ) -> Conditions {
        Conditions {
            latency: Duration::from_nanos(latency),
            jitter: Duration::from_nanos(jitter),
            tail,
            loss: Chance::per_million(loss),
            burst: burst.and_then(NonZeroU32::new),
            duplicate: Chance::per_million(duplicate),
            reorder,
            corrupt: Chance::per_million(corrupt),
            bandwidth,
            queue,
            mtu,
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(conditions in conditions()) {
        prop_assert_eq!(parse(&conditions.to_string()), Ok(conditions));
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9=%:., ß]{0,40}") {
        let _ = parse(&text);
    }
}
