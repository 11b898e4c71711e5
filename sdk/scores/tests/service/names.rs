//! Players take names.

use crate::fixture::{Fixture, MODERATOR, refused};
use netcord_scores::api::{Code, Moderate};
use netcord_scores::model::Act;
use netcord_scores::testing::player_id;

#[test]
fn a_player_takes_a_name_and_another_one() {
    let Fixture { service, now, .. } = Fixture::new();
    let ann = player_id(1);
    refused(service.player(&ann), Code::NotFound);
    assert_eq!(service.put_player(ann, "  Ann ", now).unwrap().name, "Ann");
    assert_eq!(service.put_player(ann, "  Ann ", now).unwrap().name, "Ann");
    assert_eq!(service.put_player(ann, "Hannah", now).unwrap().name, "Hannah");
    assert_eq!(service.player(&ann).unwrap().name, "Hannah");
    assert_eq!(service.put_player(player_id(2), "Ann", now).unwrap().name, "Ann");
}

#[test]
fn a_name_that_looks_like_another_is_taken() {
    let Fixture { service, now, .. } = Fixture::new();
    service.put_player(player_id(1), "Ian", now).unwrap();
    for name in ["Ian", "IAN", " ian", "lan", "1an"] {
        refused(service.put_player(player_id(2), name, now), Code::NameTaken);
    }
    assert_eq!(service.put_player(player_id(1), "IAN", now).unwrap().name, "IAN", "but not from oneself");
}

#[test]
fn a_bad_name_is_refused_in_words() {
    let Fixture { service, now, .. } = Fixture::new();
    for (name, word) in
        [("", "letter"), (" \u{202e}x", "characters"), ("xxxxxxxxxxxxxxxxxxxxx", "at most 20")]
    {
        let error = service.put_player(player_id(1), name, now).unwrap_err();
        assert_eq!(error.code, Code::BadName);
        assert!(error.detail.contains(word), "{name:?}: {error}");
    }
}

#[test]
fn players_are_found_by_how_their_names_begin() {
    let Fixture { service, now, .. } = Fixture::new();
    for (number, name) in (1..).zip(["Mike", "mia", "Rob", "Éva", "MINA"]) {
        service.put_player(player_id(number), name, now).unwrap();
    }
    let found = |prefix: &str, limit: usize| -> Vec<String> {
        service.players(prefix, limit).unwrap().players.into_iter().map(|player| player.name).collect()
    };
    assert_eq!(found("mi", 9), ["mia", "Mike", "MINA"]);
    assert_eq!(found("MI", 2), ["mia", "Mike"]);
    assert_eq!(found("e", 9), ["Éva"]);
    assert_eq!(found("", 9).len(), 5);
    assert_eq!(found("", 0).len(), 1, "a limit of nothing is one");
    for nobody in ["x", "\0", "\u{202e}", &"m".repeat(100_000)] {
        assert!(found(nobody, usize::MAX).is_empty(), "{nobody:.9}");
    }
}

#[test]
fn a_banned_player_keeps_the_name_and_is_not_found_by_it() {
    let fixture = Fixture::new();
    let player = fixture.join(1);
    let ban = Moderate { act: Act::Ban { player }, reason: "rude".to_owned() };
    fixture.service.moderate(MODERATOR, &ban, fixture.now).unwrap();
    refused(fixture.service.put_player(player, "Better", fixture.now), Code::Banned);
    assert!(fixture.service.players("player", 9).unwrap().players.is_empty());
    assert_eq!(fixture.service.player(&player).unwrap().name, "Player 1");
}
