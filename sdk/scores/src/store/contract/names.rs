//! Players and their names.

use super::fixture::{Fixture, at, player, refusal};
use super::{Maker, promises};
use crate::model::{Act, Player};

promises![
    a_player_is_kept_as_put,
    a_player_who_is_not_there_is_none,
    a_name_belongs_to_one_player,
    a_name_that_was_given_up_is_free,
    renaming_changes_nothing_but_the_name,
    a_refused_name_changes_nothing,
    players_are_found_by_how_their_names_begin,
    banned_players_are_not_found_by_name,
];

fn a_player_is_kept_as_put(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    let player = player(1);
    store.put_player(&player).unwrap();
    store.put_player(&player).unwrap();
    assert_eq!(store.player(&player.id).unwrap(), Some(player));
}

fn a_player_who_is_not_there_is_none(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    store.put_player(&player(1)).unwrap();
    assert_eq!(store.player(&player(2).id).unwrap(), None);
}

fn a_name_belongs_to_one_player(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    store.put_player(&player(1)).unwrap();
    let thief = Player { name: "PLAYER 001".to_owned(), name_key: player(1).name_key, ..player(2) };
    assert_eq!(refusal(store.put_player(&thief)), "NameTaken");
    assert_eq!(store.player(&thief.id).unwrap(), None);
}

fn a_name_that_was_given_up_is_free(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    store.put_player(&player(1)).unwrap();
    store.put_player(&Player { id: player(1).id, ..player(3) }).unwrap();
    store.put_player(&Player { id: player(2).id, ..player(1) }).unwrap();
    assert_eq!(store.player(&player(2).id).unwrap().unwrap().name, player(1).name);
    assert_eq!(store.players_named("", 9).unwrap().len(), 2);
}

fn renaming_changes_nothing_but_the_name(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    fixture.record(1, super::fixture::BEST, 1, 10);
    let store = fixture.store;
    let before = store.player(&player(1).id).unwrap().unwrap();
    let renamed = Player { id: before.id, joined: at(77), busy_until: at(78), banned: true, ..player(2) };
    store.put_player(&renamed).unwrap();
    let expected = Player { name: renamed.name, name_key: renamed.name_key, ..before };
    assert_eq!(store.player(&player(1).id).unwrap(), Some(expected));
}

fn a_refused_name_changes_nothing(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    store.put_player(&player(1)).unwrap();
    store.put_player(&player(2)).unwrap();
    assert_eq!(refusal(store.put_player(&Player { id: player(2).id, ..player(1) })), "NameTaken");
    assert_eq!(store.player(&player(2).id).unwrap(), Some(player(2)));
    assert_eq!(store.players_named("player", 9).unwrap(), [player(1), player(2)]);
}

fn players_are_found_by_how_their_names_begin(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    let names = ["zoe", "ann", "anna", "änne", "an", "bo", "anz"];
    for (number, name) in (1..).zip(names) {
        let name_key = name.to_owned();
        store.put_player(&Player { name: name.to_uppercase(), name_key, ..player(number) }).unwrap();
    }
    let found = |prefix, limit| -> Vec<String> {
        store.players_named(prefix, limit).unwrap().into_iter().map(|player| player.name_key).collect()
    };
    assert_eq!(found("an", 9), ["an", "ann", "anna", "anz"]);
    assert_eq!(found("an", 2), ["an", "ann"]);
    assert_eq!(found("anna", 9), ["anna"]);
    assert_eq!(found("ä", 9), ["änne"]);
    assert_eq!(found("", 9), ["an", "ann", "anna", "anz", "bo", "zoe", "änne"]);
    assert_eq!(found("annab", 9), [""; 0]);
    assert_eq!(found("zz", 9), [""; 0]);
    assert_eq!(found("\u{10ffff}", 9), [""; 0]);
    assert_eq!(found("a", 0), [""; 0]);
}

fn banned_players_are_not_found_by_name(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    (1..=3).for_each(|number| store.put_player(&player(number)).unwrap());
    store.moderate(&player(9).id, Act::Ban { player: player(1).id }, "", at(0)).unwrap();
    let found = store.players_named("player", 2).unwrap();
    assert_eq!(found, [player(2), player(3)]);
}
