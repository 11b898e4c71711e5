//! Who has a code gets in, once, over bad networks, by either address family, whatever the clocks say.

mod invite_world;

use invite_world::*;
use netcord_transport::invite::{
    InviteError, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, PeerId, TransportError};
use std::time::Duration;

const V4: &str = "192.0.2.10:7777";
const V6: &str = "[2001:db8:1::10]:7777";

#[test]
fn a_code_leads_to_a_connection_that_carries_the_games_role() {
    let mut world = World::new(1, &[V4]);
    let code = world.invite(7);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    let [(_, client, role)] = world.host_connected()[..] else { panic!("one client") };
    assert_eq!((client, role), (ClientId(1), 7));
    assert_eq!(world.joiners[joiner].connected(), [(PeerId::new(0, 0), client, 7)]);
    assert_eq!(world.host.open_invites(), 0);
    world.talk(joiner);
}

#[test]
fn ipv6_alone_works() {
    let mut world = World::new(2, &[V6]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    world.talk(joiner);
}

#[test]
fn of_several_addresses_one_that_is_reached_suffices() {
    for reachable in 0..4 {
        let advertised = ["198.51.100.1:1", "198.51.100.2:2", V4, V6];
        let mut world = World::new(3, &advertised);
        world.reachable = vec![address(advertised[reachable])];
        let code = world.invite(0);
        let joiner = world.join(&code);
        let began = world.now;
        world.run_until(|world| world.is_up(joiner));
        assert!(
            world.now - began < Duration::from_millis(700),
            "address {reachable} takes as long as it must"
        );
        assert_eq!(
            world.joiners[joiner].endpoint.address(PeerId::new(0, 0)),
            Some(address(advertised[reachable]))
        );
        world.talk(joiner);
    }
}

#[test]
fn a_host_that_answers_from_another_address_is_taken_at_its_word() {
    // A router that forwards to a host on the joiner's own network: the answer comes straight from the host.
    let mut world = World::new(4, &["203.0.113.1:9"]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.reachable = vec![address("10.0.0.2:7777"), address("203.0.113.1:9")];
    world.run_until(|world| world.is_up(joiner));
    assert_eq!(world.joiners[joiner].endpoint.address(PeerId::new(0, 0)), Some(address("10.0.0.2:7777")));
    world.talk(joiner);
}

#[test]
fn loss_duplication_and_reordering_delay_but_do_not_hinder() {
    for seed in 0..60 {
        let mut world = World::new(seed, &[V4, V6]);
        world.weather = Weather { loss: 30, duplication: 20, reordering: 40 };
        let codes = [world.invite(1), world.invite(2)];
        let joiners = codes.map(|code| world.join(&code));
        world.run_until(|world| joiners.iter().all(|&joiner| world.is_up(joiner)));
        world.run_seconds(1);
        for joiner in joiners {
            assert!(world.is_up(joiner), "seed {seed}: {:?}", world.joiners[joiner].seen);
        }
        let mut roles: Vec<u8> = world.host_connected().iter().map(|(_, _, role)| *role).collect();
        roles.sort_unstable();
        assert_eq!(roles, [1, 2], "seed {seed}: each joiner connects once");
    }
}

#[test]
fn clocks_that_are_hours_apart_do_not_matter() {
    for unix in [0, 1_700_000_000 - 36_000, 1_700_000_000 + 36_000, u64::MAX] {
        let mut world = World::new(5, &[V4]);
        let code = world.invite(0);
        let joiner = world.join(&code);
        world.joiners[joiner].unix = unix;
        world.run_until(|world| world.is_up(joiner));
    }
}

#[test]
fn an_invite_lets_one_in_and_tells_the_next_that_it_is_spent() {
    let mut world = World::new(6, &[V4]);
    let code = world.invite(0);
    let first = world.join(&code);
    world.run_until(|world| world.is_up(first));
    let second = world.join(&code);
    world.run_seconds(1);
    assert_eq!(world.reasons(second), [DisconnectReason::InviteSpent]);
    assert_eq!(world.host_connected().len(), 1);
    world.talk(first);
}

#[test]
fn a_host_knows_which_invites_are_open_and_who_came_by_them() {
    let mut world = World::new(21, &[V4]);
    let codes = [world.invite(0), world.invite(0), world.invite(1)];
    let open = |world: &World| codes.each_ref().map(|code| world.host.is_open(code));
    assert_eq!((open(&world), world.host.connected(0)), ([true; 3], 0));
    let joiner = world.join(&codes[0]);
    world.run_until(|world| world.is_up(joiner));
    assert_eq!(open(&world), [false, true, true]);
    assert_eq!((world.host.connected(0), world.host.connected(1)), (1, 0));
    world.joiners[joiner].online = false;
    world.run_seconds(30);
    assert_eq!((open(&world), world.host.connected(0)), ([false, true, true], 0), "it may come back");
}

#[test]
fn of_two_that_use_a_code_at_once_one_gets_in_and_the_other_learns_why_not() {
    for seed in 0..20 {
        let mut world = World::new(seed, &[V4]);
        world.weather = Weather { loss: 20, duplication: 20, reordering: 50 };
        let code = world.invite(0);
        let joiners = [world.join(&code), world.join(&code)];
        let is_over = |world: &World, joiner: usize| {
            !world.joiners[joiner].connected().is_empty() || !world.reasons(joiner).is_empty()
        };
        world.run_until(|world| joiners.iter().all(|&joiner| is_over(world, joiner)));
        world.weather = Weather::default();
        let up = joiners.iter().filter(|&&joiner| world.is_up(joiner)).count();
        assert_eq!((up, world.host_connected().len()), (1, 1), "seed {seed}");
        let refused = joiners.into_iter().find(|&joiner| !world.is_up(joiner)).expect("one is out");
        assert_eq!(world.reasons(refused), [DisconnectReason::InviteSpent], "seed {seed}");
    }
}

#[test]
fn an_expired_invite_is_spent_and_later_unknown() {
    let config = host_config(&[V4]);
    let mut world =
        World::with_config(7, InviteHostConfig { invite_lifetime: Duration::from_secs(60), ..config });
    let code = world.invite(0);
    world.run_seconds(62);
    let late = world.join(&code);
    world.run_seconds(1);
    assert_eq!(world.reasons(late), [DisconnectReason::InviteSpent]);
    assert_eq!(world.host.open_invites(), 0);
    world.run_seconds(700);
    let later = world.join(&code);
    world.run_seconds(11);
    assert_eq!(world.reasons(later), [DisconnectReason::NoAnswer]);
}

#[test]
fn an_invite_made_before_the_first_update_lives_as_long_as_any() {
    let mut world = World::new(8, &[V4]);
    let code = world.invite(0);
    world.run_seconds(29 * 60);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
}

#[test]
fn a_revoked_invite_is_spent() {
    let mut world = World::new(9, &[V4]);
    let code = world.invite(0);
    assert!(world.host.revoke(&code));
    assert!(!world.host.revoke(&code));
    let joiner = world.join(&code);
    world.run_seconds(1);
    assert_eq!(world.reasons(joiner), [DisconnectReason::InviteSpent]);
}

#[test]
fn an_invite_that_is_revoked_during_the_handshake_lets_nobody_in() {
    let mut world = World::new(10, &[V4]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    // The answer is on its way, and so is the challenge in the second case.
    for steps in [4, 8] {
        world.run(STEP * steps);
        assert_eq!(world.host.revoke(&code), steps == 4);
    }
    world.run_seconds(8);
    assert_eq!(world.reasons(joiner), [DisconnectReason::InviteSpent]);
    assert!(world.host_connected().is_empty());
}

#[test]
fn a_used_invite_can_not_be_revoked() {
    let mut world = World::new(11, &[V4]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    assert!(!world.host.revoke(&code));
    world.talk(joiner);
}

#[test]
fn an_unknown_code_gets_silence_and_ends_in_no_answer() {
    let mut other = World::new(12, &[V4]);
    let foreign = other.invite(0);
    let mut world = World::new(13, &[V4]);
    world.invite(0);
    let joiner = world.join(&foreign);
    world.run(Duration::from_millis(10_020));
    assert_eq!(world.reasons(joiner), [DisconnectReason::NoAnswer]);
    assert!(world.wire.iter().all(|datagram| datagram.from != address(V4)), "the host said nothing");
    let sent = world.wire.len();
    world.run_seconds(20);
    assert_eq!(world.wire.len(), sent, "a joiner that gave up is silent");
}

#[test]
fn another_game_gets_silence() {
    let mut world = World::new(14, &[V4]);
    let code = world.invite(0);
    let joiner = world.join_with(&code, InviteJoinerConfig::new(protocol_id("org.example.tetris")));
    world.run_seconds(11);
    assert_eq!(world.reasons(joiner), [DisconnectReason::NoAnswer]);
    assert!(world.wire.iter().all(|datagram| datagram.from != address(V4)));
    assert_eq!(world.host.open_invites(), 1);
}

#[test]
fn a_full_host_says_so_and_the_invite_stays_good() {
    let config = InviteHostConfig { max_clients: 1, ..host_config(&[V4]) };
    let mut world = World::with_config(15, config);
    let (first, second) = (world.invite(0), world.invite(0));
    let first = world.join(&first);
    world.run_until(|world| world.is_up(first));
    let refused = world.join(&second);
    world.run_seconds(1);
    assert_eq!(world.reasons(refused), [DisconnectReason::Denied]);
    let peer = world.host_connected()[0].0;
    world.host.disconnect(peer);
    let retry = world.join(&second);
    world.run_until(|world| world.is_up(retry));
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_a_new_one_a_new_answer() {
    let mut world = World::new(16, &[V4]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.joiners[joiner].online = false;
    world.run_seconds(3);
    let requests: Vec<_> = world.wire.iter().map(|datagram| datagram.bytes.clone()).collect();
    assert!(requests.len() > 3 && requests.iter().all(|request| *request == requests[0]));
    let mut answers = |bytes: &[u8]| {
        let sent = world.wire.len();
        let (from, to) = (address("10.9.9.9:9"), address(V4));
        world.deliver(Datagram { from, to, bytes: bytes.to_vec() });
        world.wire.split_off(sent)
    };
    let first = answers(&requests[0]);
    assert_eq!(first.len(), 1);
    assert_eq!(answers(&requests[0]), first);

    let mut second_try = InviteJoiner::new(&code, joiner_config(), rng(99));
    second_try.update(Duration::ZERO, 0);
    let second = second_try.next_transmit().map(|transmit| transmit.datagram.to_vec()).expect("a request");
    let answered = answers(&second);
    assert_eq!(answered.len(), 1);
    assert_ne!(answered[0].bytes, first[0].bytes);
    assert_eq!(answers(&requests[0]), first, "the first stands as long as nobody is connected");
}

#[test]
fn a_secret_starts_a_limited_number_of_exchanges() {
    let mut world = World::new(18, &[V4]);
    let code = world.invite(0);
    let mut answered = 0;
    for seed in 0..40 {
        let mut joiner = InviteJoiner::new(&code, joiner_config(), rng(seed));
        joiner.update(Duration::ZERO, 0);
        let bytes = joiner.next_transmit().map(|transmit| transmit.datagram.to_vec()).expect("a request");
        let sent = world.wire.len();
        world.deliver(Datagram { from: address("10.9.9.9:9"), to: address(V4), bytes });
        answered += world.wire.len() - sent;
        world.run(Duration::from_millis(100));
    }
    assert_eq!(answered, 16);
}

#[test]
fn open_invites_are_limited() {
    let config = InviteHostConfig { max_open_invites: 2, ..host_config(&[V4]) };
    let mut world = World::with_config(19, config);
    let code = world.invite(0);
    world.invite(0);
    assert_eq!(world.host.invite(0), Err(InviteError::TooManyOpen { open: 2 }));
    world.host.revoke(&code);
    assert!(world.host.invite(0).is_ok());
}

#[test]
fn a_host_that_nobody_can_reach_is_refused() {
    for addresses in [&[][..], &["0.0.0.0:7777"], &["192.0.2.1:0"], &["[fe80::1]:7777"]] {
        let refused = InviteHost::new(host_config(addresses), rng(1)).err();
        assert!(matches!(refused, Some(TransportError::Config(_))), "{addresses:?}");
    }
}

#[test]
fn a_joiner_that_gives_up_is_silent_from_then_on() {
    let mut world = World::new(20, &[V4]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.run(STEP * 2);
    world.joiners[joiner].endpoint.disconnect(PeerId::new(0, 0));
    world.run_seconds(1);
    let sent = world.wire.len();
    world.run_seconds(20);
    assert_eq!(world.wire.len(), sent);
    assert!(world.joiners[joiner].seen.is_empty(), "no event follows");
}

#[test]
fn the_same_seeds_give_the_same_bytes() {
    let run = |seed| {
        let mut world = World::new(seed, &[V4, V6]);
        world.weather = Weather { loss: 20, duplication: 10, reordering: 30 };
        let codes = [world.invite(1), world.invite(2)];
        for code in &codes {
            world.join(code);
        }
        world.run_seconds(3);
        world.joiners[0].online = false;
        world.run_seconds(5);
        world.joiners[0].online = true;
        world.run_seconds(5);
        assert!(world.is_up(0) && world.is_up(1));
        (codes.map(|code| code.to_string()), world.wire)
    };
    let (first, again, other) = (run(21), run(21), run(22));
    assert!(first == again, "ciphertext included");
    assert!(first != other);
}
