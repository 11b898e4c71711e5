//! Tickets: few, and the same ones again.

use crate::fixture::{Fixture, MODERATOR, id, refused};
use netcord_scores::api::{Code, Moderate};
use netcord_scores::model::Act;
use netcord_scores::testing::player_id;
use std::collections::BTreeSet;

#[test]
fn a_player_needs_a_name_first() {
    let Fixture { service, now, mut rng, .. } = Fixture::new();
    let error = service.tickets(player_id(1), &id("counter"), 1, now, &mut rng).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    assert!(error.detail.contains("name first"), "{error}");
}

#[test]
fn asking_again_gives_the_same_tickets() {
    let mut fixture = Fixture::new();
    let two = fixture.tickets(1, "counter", 2);
    assert_eq!(two.len(), 2);
    fixture.wait(60);
    assert_eq!(fixture.tickets(1, "counter", 2), two);
    assert_eq!(fixture.tickets(1, "counter", 0), two);
    let all = fixture.tickets(1, "counter", usize::MAX);
    assert_eq!(all.len(), 4, "no more than the board allows");
    assert_eq!(all[..2], two);
    let seeds: BTreeSet<_> = all.iter().map(|ticket| ticket.seed).collect();
    assert_eq!(seeds.len(), 4);
}

#[test]
fn asking_for_none_gives_none() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.tickets(1, "counter", 0), []);
}

#[test]
fn an_expired_ticket_is_replaced_and_not_redeemed() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    let ticket = fixture.tickets(1, "counter", 1).remove(0);
    fixture.now = ticket.expires;
    refused(fixture.submit(1, "counter", &run), Code::TicketExpired);
    let fresh = fixture.tickets(1, "counter", 1).remove(0);
    assert_ne!(fresh.id, ticket.id);
    assert_ne!(fresh.seed, ticket.seed);
}

#[test]
fn a_ticket_is_redeemed_until_the_last_moment() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    fixture.wait(7 * 24 * 60 * 60 - 1);
    fixture.submit(1, "counter", &run).unwrap();
}

#[test]
fn a_run_that_was_recorded_is_answered_even_after_its_ticket_expired() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    fixture.submit(1, "counter", &run).unwrap();
    fixture.wait(30 * 24 * 60 * 60);
    assert!(fixture.submit(1, "counter", &run).unwrap().repeated);
}

#[test]
fn a_banned_player_gets_no_ticket() {
    let mut fixture = Fixture::new();
    let player = fixture.join(1);
    let ban = Moderate { act: Act::Ban { player }, reason: "rude".to_owned() };
    fixture.service.moderate(MODERATOR, &ban, fixture.now).unwrap();
    let Fixture { service, now, rng } = &mut fixture;
    refused(service.tickets(player, &id("counter"), 1, *now, rng), Code::Banned);
}
