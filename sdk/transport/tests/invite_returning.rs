//! A client that lost its connection comes back as itself, with new keys; one that left does not.

mod invite_world;

use invite_world::*;
use netcord_transport::invite::{InviteHostConfig, InviteJoinerConfig, RejoinTicket};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, PeerId};
use std::time::Duration;

const HOST: &str = "192.0.2.10:7777";

/// A joiner that is connected.
fn connected(seed: u64) -> (World, usize) {
    let mut world = World::new(seed, &[HOST]);
    let code = world.invite(9);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    world.run_seconds(1);
    (world, joiner)
}

fn disconnected(peer: PeerId, reason: DisconnectReason) -> Seen {
    Seen::Disconnected { peer, reason }
}

#[test]
fn a_lost_connection_comes_back_as_the_same_client_and_another_peer() {
    let (mut world, joiner) = connected(1);
    world.joiners[joiner].online = false;
    world.run_seconds(8);
    assert_eq!(
        world.joiners[joiner].seen.last(),
        Some(&disconnected(PeerId::new(0, 0), DisconnectReason::TimedOut))
    );
    let old = world.host_connected()[0].0;
    assert_eq!(world.host_seen.last(), Some(&disconnected(old, DisconnectReason::TimedOut)));

    world.joiners[joiner].online = true;
    world.run_until(|world| world.is_up(joiner));
    let at_host = world.host_connected();
    assert_eq!(at_host.len(), 2);
    assert_eq!((at_host[1].1, at_host[1].2), (ClientId(1), 9), "the same client, the same role");
    assert_ne!(at_host[0].0, at_host[1].0);
    assert_eq!(world.joiners[joiner].connected()[1], (PeerId::new(0, 1), ClientId(1), 9));
    world.talk(joiner);
    let stale = PeerId::new(0, 0);
    assert!(world.joiners[joiner].endpoint.send(stale, b"late").is_err());
    assert_eq!(world.joiners[joiner].endpoint.address(stale), None);
}

#[test]
fn it_comes_back_again_and_again_over_a_bad_network() {
    for seed in 0..20 {
        let (mut world, joiner) = connected(seed);
        world.weather = Weather { loss: 30, duplication: 20, reordering: 40 };
        for round in 1..=4 {
            world.joiners[joiner].online = false;
            world.run_seconds(5);
            world.joiners[joiner].online = true;
            world.run_until(|world| world.joiners[joiner].connected().len() > round);
            world.run_until(|world| world.is_up(joiner));
        }
        assert!(world.host_connected().iter().all(|(_, client, _)| *client == ClientId(1)));
        world.weather = Weather::default();
        world.run_until(|world| world.is_up(joiner));
        world.talk(joiner);
    }
}

#[test]
fn a_connection_that_the_host_still_holds_gives_way() {
    // The joiner's process was killed and comes back at once, from a ticket that it had stored.
    let (mut world, killed) = connected(2);
    let ticket = world.joiners[killed].endpoint.ticket().expect("connected");
    let stored = ticket.to_bytes();
    world.joiners[killed].online = false;
    let ticket = RejoinTicket::from_bytes(&stored).expect("it was stored whole");
    let joiner = world.rejoin(&ticket);
    let old = world.host_connected()[0].0;
    world.run_until(|world| world.is_up(joiner));
    let events: Vec<_> =
        world.host_seen.iter().filter(|seen| !matches!(seen, Seen::Payload { .. })).collect();
    let [_, Seen::Disconnected { peer, reason }, Seen::Connected { client, role, .. }] = events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((*peer, reason, *client, *role), (old, &DisconnectReason::TimedOut, ClientId(1), 9));
    world.talk(joiner);
}

#[test]
fn a_ticket_is_good_once() {
    let (mut world, killed) = connected(3);
    let ticket = world.joiners[killed].endpoint.ticket().expect("connected");
    world.joiners[killed].online = false;
    let first = world.rejoin(&ticket);
    world.run_until(|world| world.is_up(first));
    let second = world.rejoin(&ticket);
    world.run_seconds(2);
    assert_eq!(world.reasons(second), [DisconnectReason::InviteSpent]);
    assert!(world.is_up(first), "and whoever is connected stays so");
    let next = world.joiners[first].endpoint.ticket().expect("connected");
    assert_ne!(next, ticket);
    world.talk(first);
}

#[test]
fn there_is_no_ticket_before_the_host_has_answered() {
    let mut world = World::new(4, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    assert_eq!(world.joiners[joiner].endpoint.ticket(), None);
}

#[test]
fn a_joiner_that_no_answer_reached_is_not_locked_out() {
    // What the host grants does not spend the secret before the joiner shows that it has it.
    let (mut world, joiner) = connected(5);
    world.joiners[joiner].online = false;
    world.run_seconds(5);
    let ask: Vec<_> = world.wire.iter().rev().take_while(|sent| sent.bytes[0] == 0xf0).cloned().collect();
    assert!(!ask.is_empty());
    for request in ask {
        world.deliver(request);
    }
    world.run_seconds(5);
    world.joiners[joiner].online = true;
    world.run_until(|world| world.is_up(joiner));
    world.talk(joiner);
}

#[test]
fn a_joiner_whose_connection_the_host_alone_saw_is_not_locked_out() {
    // All that the host sends is lost from the moment on at which it takes the connection to stand.
    for rounds in 1..3 {
        let mut world = World::new(6, &[HOST]);
        let code = world.invite(0);
        let joiner = world.join(&code);
        for round in 1..=rounds {
            world.joiners[joiner].online = true;
            world.run_until(|world| world.host_connected().len() == round);
            world.joiners[joiner].online = false;
            assert!(!world.is_up(joiner));
            world.run_seconds(4);
        }
        world.joiners[joiner].online = true;
        world.run_until(|world| world.is_up(joiner) || !world.reasons(joiner).is_empty());
        if rounds == 1 {
            world.talk(joiner);
        } else {
            // A first connection is tried twice and then left to the player.
            assert_eq!(world.reasons(joiner), [DisconnectReason::NoAnswer]);
        }
    }
}

#[test]
fn it_gives_up_after_the_time_that_was_set() {
    let mut world = World::new(7, &[HOST]);
    let code = world.invite(0);
    let reconnect = Some(Duration::from_secs(20));
    let joiner = world.join_with(&code, InviteJoinerConfig { reconnect, ..joiner_config() });
    world.run_until(|world| world.is_up(joiner));
    world.joiners[joiner].online = false;
    world.run_until(|world| !world.is_up(joiner));
    let lost = world.now;
    world.run_until(|world| world.reasons(joiner).len() == 2);
    assert_eq!(world.now - lost, Duration::from_secs(20));
    assert_eq!(
        world.joiners[joiner].seen[1..],
        [
            disconnected(PeerId::new(0, 0), DisconnectReason::TimedOut),
            disconnected(PeerId::new(0, 1), DisconnectReason::NoAnswer)
        ]
    );
    let sent = world.wire.iter().filter(|sent| sent.to == address(HOST)).count();
    world.run_seconds(30);
    assert_eq!(world.wire.iter().filter(|sent| sent.to == address(HOST)).count(), sent, "it is silent");
}

#[test]
fn without_reconnect_a_lost_connection_stays_lost() {
    let mut world = World::new(8, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join_with(&code, InviteJoinerConfig { reconnect: None, ..joiner_config() });
    world.run_until(|world| world.is_up(joiner));
    world.joiners[joiner].online = false;
    world.run_seconds(8);
    world.joiners[joiner].online = true;
    world.run_seconds(8);
    assert_eq!(world.reasons(joiner), [DisconnectReason::TimedOut]);
    // But the game may bring it back.
    let ticket = world.joiners[joiner].endpoint.ticket().expect("it was connected");
    let again = world.rejoin(&ticket);
    world.run_until(|world| world.is_up(again));
}

#[test]
fn whom_the_host_sends_away_does_not_come_back() {
    let (mut world, joiner) = connected(9);
    let ticket = world.joiners[joiner].endpoint.ticket().expect("connected");
    let peer = world.host_connected()[0].0;
    world.host.disconnect(peer);
    world.run_seconds(10);
    assert_eq!(world.reasons(joiner), [DisconnectReason::Left(0)]);
    let again = world.rejoin(&ticket);
    world.run_seconds(2);
    assert_eq!(world.reasons(again), [DisconnectReason::InviteSpent]);
    assert_eq!(world.host_connected().len(), 1);
}

#[test]
fn who_left_on_purpose_may_come_back_for_a_while() {
    let config = InviteHostConfig { rejoin_lifetime: Duration::from_secs(60), ..host_config(&[HOST]) };
    let mut world = World::with_config(10, config);
    let codes = [world.invite(0), world.invite(0)];
    let joiners = codes.map(|code| world.join(&code));
    world.run_until(|world| joiners.iter().all(|&joiner| world.is_up(joiner)));
    let tickets = joiners.map(|joiner| world.joiners[joiner].endpoint.ticket().expect("connected"));
    for joiner in joiners {
        world.joiners[joiner].endpoint.disconnect(PeerId::new(0, 0));
    }
    world.run_seconds(30);
    assert!(joiners.iter().all(|&joiner| world.reasons(joiner).is_empty()), "it asked for it");
    let soon = world.rejoin(&tickets[0]);
    world.run_until(|world| world.is_up(soon));
    world.run_seconds(40);
    let late = world.rejoin(&tickets[1]);
    world.run_seconds(2);
    assert_eq!(world.reasons(late), [DisconnectReason::InviteSpent]);
    assert!(world.is_up(soon), "who is connected does not expire");
}

#[test]
fn no_more_clients_may_be_away_than_may_be_connected() {
    let config = InviteHostConfig { max_clients: 2, ..host_config(&[HOST]) };
    let mut world = World::with_config(11, config);
    let mut tickets = Vec::new();
    for _ in 0..3 {
        let code = world.invite(0);
        let joiner = world.join(&code);
        world.run_until(|world| world.is_up(joiner));
        tickets.push(world.joiners[joiner].endpoint.ticket().expect("connected"));
        world.joiners[joiner].endpoint.disconnect(PeerId::new(0, 0));
        world.run_seconds(1);
    }
    let first = world.rejoin(&tickets[0]);
    world.run_seconds(2);
    assert_eq!(world.reasons(first), [DisconnectReason::InviteSpent], "the first made room for the third");
    for ticket in &tickets[1..] {
        let joiner = world.rejoin(ticket);
        world.run_until(|world| world.is_up(joiner));
    }
}

#[test]
fn a_host_that_was_restarted_knows_nobody() {
    let (mut world, joiner) = connected(12);
    let mut restarted = World::new(13, &[HOST]);
    std::mem::swap(&mut world.host, &mut restarted.host);
    world.run_seconds(70);
    assert_eq!(world.reasons(joiner), [DisconnectReason::TimedOut, DisconnectReason::NoAnswer]);
}

#[test]
fn a_ticket_survives_as_bytes_and_nothing_else_is_one() {
    let (world, joiner) = connected(14);
    let ticket = world.joiners[joiner].endpoint.ticket().expect("connected");
    let bytes = ticket.to_bytes();
    assert_eq!(RejoinTicket::from_bytes(&bytes), Ok(ticket.clone()));
    assert_eq!(ticket.addresses(), [address(HOST)]);
    assert_eq!(format!("{ticket:?}"), format!("RejoinTicket {{ addresses: [{HOST}], .. }}"));
    for length in 0..bytes.len() {
        assert!(RejoinTicket::from_bytes(&bytes[..length]).is_err());
    }
    assert!(RejoinTicket::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    let newer = [&[2], &bytes[1..]].concat();
    assert!(RejoinTicket::from_bytes(&newer).is_err());
}
