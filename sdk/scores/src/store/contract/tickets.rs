//! Tickets: topped up, not multiplied.

use super::fixture::{ALL, BEST, Fixture, at, player, refusal, run_with};
use super::{Maker, promises};
use crate::model::Ticket;
use std::slice::from_ref;

promises![
    a_ticket_is_kept_as_issued,
    tickets_are_topped_up,
    open_tickets_come_oldest_first,
    each_board_and_player_has_its_own_tickets,
    a_redeemed_ticket_makes_room,
    an_expired_ticket_makes_room,
    nobody_gets_a_ticket_before_they_are_known,
];

fn a_ticket_is_kept_as_issued(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let player = fixture.join(1);
    let ticket = Ticket { seed: u64::MAX, ..fixture.fresh_ticket(player, BEST) };
    let unknown = fixture.fresh_ticket(player, BEST);
    let issued = fixture.store.issue_tickets(from_ref(&ticket), 1, at(0)).unwrap();
    assert_eq!(issued, from_ref(&ticket));
    assert_eq!(fixture.store.ticket(&ticket.id).unwrap(), Some((ticket, None)));
    assert_eq!(fixture.store.ticket(&unknown.id).unwrap(), None);
}

fn tickets_are_topped_up(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let player = fixture.join(1);
    let fresh: Vec<_> = (0..8).map(|_| fixture.fresh_ticket(player, BEST)).collect();
    let issue = |fresh: &[Ticket], at_most| fixture.store.issue_tickets(fresh, at_most, at(1)).unwrap();
    assert_eq!(issue(&fresh[..1], 0), []);
    let two = issue(&fresh[..3], 2);
    assert_eq!(two.len(), 2);
    assert!(two.iter().all(|ticket| fresh[..2].contains(ticket)), "the first of the fresh ones: {two:?}");
    assert_eq!(issue(&fresh[3..5], 2), two, "asking again gives the same ones");
    assert_eq!(issue(&fresh[3..5], 1), two, "asking for fewer takes none away");
    let three = issue(&fresh[5..8], 3);
    assert_eq!(three.len(), 3);
    assert!(two.iter().all(|ticket| three.contains(ticket)) && three.contains(&fresh[5]), "{three:?}");
    for ticket in [&fresh[2], &fresh[3], &fresh[6]] {
        assert_eq!(fixture.store.ticket(&ticket.id).unwrap(), None, "one that was not issued");
    }
}

fn open_tickets_come_oldest_first(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let player = fixture.join(1);
    let mut tickets: Vec<_> = [30, 10, 10, 20, 10]
        .into_iter()
        .map(|millis| Ticket { issued: at(millis), ..fixture.fresh_ticket(player, BEST) })
        .collect();
    let issued =
        tickets.iter().map(|ticket| fixture.store.issue_tickets(from_ref(ticket), 9, at(40)).unwrap());
    let open = issued.last().unwrap();
    tickets.sort_by_key(|ticket| (ticket.issued, ticket.id));
    assert_eq!(open, tickets);
}

fn each_board_and_player_has_its_own_tickets(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let (one, two) = (fixture.join(1), fixture.join(2));
    for (player, board) in [(one, BEST), (one, ALL), (two, BEST), (two, ALL)] {
        let ticket = fixture.fresh_ticket(player, board);
        let open = fixture.store.issue_tickets(from_ref(&ticket), 1, at(0)).unwrap();
        assert_eq!(open, [ticket]);
    }
}

fn a_redeemed_ticket_makes_room(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let of = fixture.join(1);
    let fresh: Vec<_> = (0..3).map(|_| fixture.fresh_ticket(of, BEST)).collect();
    fixture.store.issue_tickets(&fresh[..2], 2, at(0)).unwrap();
    let score = fixture.store.record(&run_with(&fresh[0], 1, 10, player(1).busy_until)).unwrap();
    let open = fixture.store.issue_tickets(&fresh[2..], 2, at(0)).unwrap();
    assert_eq!(open.len(), 2);
    assert!(fresh[1..].iter().all(|ticket| open.contains(ticket)), "{open:?}");
    let redeemed = fixture.store.ticket(&fresh[0].id).unwrap();
    assert_eq!(redeemed, Some((fresh[0].clone(), Some(score.id))));
}

fn an_expired_ticket_makes_room(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let player = fixture.join(1);
    let old = Ticket { expires: at(100), ..fixture.fresh_ticket(player, BEST) };
    let fresh = fixture.fresh_ticket(player, BEST);
    let issue = |ticket: &Ticket, now| fixture.store.issue_tickets(from_ref(ticket), 1, at(now)).unwrap();
    assert_eq!(issue(&old, 0), from_ref(&old));
    assert_eq!(issue(&fresh, 99), from_ref(&old));
    assert_eq!(issue(&fresh, 100), from_ref(&fresh));
}

fn nobody_gets_a_ticket_before_they_are_known(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let ticket = fixture.fresh_ticket(player(1).id, BEST);
    let issued = fixture.store.issue_tickets(from_ref(&ticket), 1, at(0));
    assert!(refusal(issued).starts_with("Missing"));
    assert_eq!(fixture.store.ticket(&ticket.id).unwrap(), None);
}
