//! What strangers, eavesdroppers and holders of other invites can't do.

mod invite_world;

use invite_world::*;
use netcord_transport::invite::{InviteHostConfig, InviteJoiner, fuzzing};
use netcord_transport::{DisconnectReason, Endpoint, PeerId};
use netcord_wire::GameRng;
use std::time::Duration;

const HOST: &str = "192.0.2.10:7777";
const MALLORY: &str = "10.66.6.6:666";

/// The first request of a joiner.
fn request(mut joiner: InviteJoiner) -> Vec<u8> {
    joiner.update(Duration::ZERO, 0);
    joiner.next_transmit().map(|transmit| transmit.datagram.to_vec()).expect("a request")
}

fn from_mallory(bytes: Vec<u8>) -> Datagram {
    Datagram { from: address(MALLORY), to: address(HOST), bytes }
}

#[test]
fn damaged_and_replayed_datagrams_of_every_kind_have_no_effect() {
    for seed in 0..8 {
        let mut world = World::new(seed, &[HOST]);
        world.tampered = true;
        let codes = [world.invite(1), world.invite(2)];
        let joiners = codes.map(|code| world.join(&code));
        world.run_until(|world| joiners.iter().all(|&joiner| world.is_up(joiner)));
        world.run_seconds(1);
        world.joiners[0].online = false;
        world.run_seconds(5);
        world.joiners[0].online = true;
        world.run_until(|world| world.is_up(0) && world.is_up(1));
        world.talk(0);
        assert_eq!(world.host_connected().len(), 3, "seed {seed}");
    }
}

#[test]
fn all_that_was_ever_sent_can_be_sent_again_without_effect() {
    let mut world = World::new(1, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    for round in 1..=3 {
        world.joiners[joiner].online = true;
        world.run_until(|world| world.host_connected().len() == round && world.is_up(joiner));
        world.talk(joiner);
        world.run_seconds(1);
        let seen = (world.host_seen.clone(), world.joiners[joiner].seen.clone());
        for (at, mut datagram) in world.wire.clone().into_iter().enumerate() {
            // From where it came, and from elsewhere.
            if datagram.to == address(HOST) && at % 2 == 0 {
                datagram.from = address(MALLORY);
            }
            world.deliver(datagram);
            if at % 16 == 0 {
                world.run(STEP);
            }
        }
        assert_eq!(seen, (world.host_seen.clone(), world.joiners[joiner].seen.clone()), "round {round}");
        world.joiners[joiner].online = false;
        world.run_seconds(5);
    }
}

#[test]
fn an_answer_of_an_exchange_that_is_over_changes_nothing() {
    let mut world = World::new(2, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    let answers: Vec<_> = world.wire.iter().filter(|sent| sent.bytes[0] == 0xf1).cloned().collect();
    assert!(!answers.is_empty());
    world.joiners[joiner].online = false;
    world.run_until(|world| !world.is_up(joiner));
    for answer in answers {
        world.deliver(answer);
    }
    world.joiners[joiner].online = true;
    world.run_until(|world| world.is_up(joiner));
    world.talk(joiner);
}

#[test]
fn a_holder_of_one_invite_can_read_and_say_nothing_in_anothers_name() {
    let mut world = World::new(3, &[HOST]);
    let codes = [world.invite(1), world.invite(2)];
    let [alice, mallory] = codes.map(|code| world.join(&code));
    world.run_until(|world| world.is_up(alice) && world.is_up(mallory));
    let peers = world.host_connected();
    for text in [&b"for alice alone"[..], b"and this"] {
        let (peer, ..) = peers.iter().find(|(_, _, role)| *role == 1).expect("alice is connected");
        world.host.send(*peer, text).expect("connected");
        world.joiners[alice].endpoint.send(PeerId::new(0, 0), text).expect("connected");
        world.run_seconds(1);
    }
    let alices = [world.joiners[alice].address(true), world.joiners[mallory].address(true)];
    let to_alice: Vec<_> = world.wire.iter().filter(|sent| sent.to == alices[0]).cloned().collect();
    let from_alice: Vec<_> = world.wire.iter().filter(|sent| sent.from == alices[0]).cloned().collect();
    let seen = (world.host_seen.clone(), world.joiners[mallory].seen.clone());
    for datagram in to_alice {
        world.deliver(Datagram { to: alices[1], ..datagram });
    }
    for datagram in from_alice {
        world.deliver(Datagram { from: alices[1], ..datagram });
        world.run(STEP);
    }
    assert_eq!(seen, (world.host_seen.clone(), world.joiners[mallory].seen.clone()));
}

#[test]
fn a_flood_that_knows_one_hint_keeps_no_other_joiner_out() {
    let mut world = World::new(4, &[HOST]);
    let (code, overheard) = (world.invite(1), world.invite(2));
    let mut noise = request(InviteJoiner::new(&overheard, joiner_config(), rng(5)));
    noise[600] ^= 1;
    let joiner = world.join(&code);
    let began = world.now;
    while !world.is_up(joiner) {
        for _ in 0..100 {
            world.deliver(from_mallory(noise.clone()));
        }
        world.step();
    }
    assert!(world.now - began < Duration::from_millis(500));
    assert!(world.wire.iter().all(|sent| sent.to != address(MALLORY)));
}

#[test]
fn refusals_are_rationed() {
    let mut world = World::new(5, &[HOST]);
    let code = world.invite(0);
    world.host.revoke(&code);
    let mut refused = 0;
    for seed in 0..400 {
        let sent = world.wire.len();
        world.deliver(from_mallory(request(InviteJoiner::new(&code, joiner_config(), rng(seed)))));
        refused += world.wire.len() - sent;
        if seed % 40 == 0 {
            world.step();
        }
    }
    // A burst of 20, and one each 50 ms of the 100 that this took.
    assert!((20..=22).contains(&refused), "{refused}");
}

#[test]
fn forged_answers_do_not_keep_a_joiner_from_the_true_one() {
    let mut world = World::new(6, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    let mut random = GameRng::new(1);
    let began = world.now;
    while !world.is_up(joiner) {
        for _ in 0..50 {
            let mut bytes: Vec<u8> = (0..1_230).map(|_| random.next_u64() as u8).collect();
            bytes[0] = 0xf1;
            let to = world.joiners[joiner].address(true);
            world.deliver(Datagram { from: address(HOST), to, bytes });
        }
        world.step();
    }
    assert!(world.now - began < Duration::from_millis(500));
}

#[test]
fn random_datagrams_do_nothing_and_leave_nothing_behind() {
    let mut world = World::new(7, &[HOST]);
    let codes = [world.invite(0), world.invite(0)];
    let up = world.join(&codes[0]);
    world.run_until(|world| world.is_up(up));
    let asking = world.join(&codes[1]);
    world.joiners[asking].online = false;
    world.run_seconds(1);
    let samples: Vec<Vec<u8>> = world.wire.iter().map(|sent| sent.bytes.clone()).collect();
    let seen = (world.host_seen.clone(), world.joiners[up].seen.clone());
    let sent = world.wire.len();
    let mut random = GameRng::new(8);
    for round in 0..20_000 {
        let mut bytes = samples[random.below(samples.len() as u32) as usize].clone();
        for _ in 0..=random.below(3) {
            match random.below(4) {
                0 => bytes.truncate(random.below(bytes.len() as u32 + 1) as usize),
                1 => bytes.extend((0..random.below(200)).map(|_| random.next_u64() as u8)),
                2 => bytes = (0..random.below(1_300)).map(|_| random.next_u64() as u8).collect(),
                _ => bytes.iter_mut().skip(1).for_each(|byte| *byte ^= random.next_u64() as u8),
            }
        }
        bytes.push(random.next_u64() as u8);
        let targets = [address(HOST), world.joiners[up].address(true), world.joiners[asking].address(true)];
        let (from, to) = (address(MALLORY), targets[round % 3]);
        let used = allocation_counter::measure(|| {
            let mut bytes = bytes.clone();
            match round % 3 {
                0 => world.host.receive(from, &mut bytes).map(|_| ()),
                1 => world.joiners[up].endpoint.receive(address(HOST), &mut bytes).map(|_| ()),
                _ => world.joiners[asking].endpoint.receive(address(HOST), &mut bytes).map(|_| ()),
            };
        });
        assert_eq!(used.bytes_current, 0, "{bytes:02x?} leaves something behind");
        assert!(used.bytes_max < 16 << 10, "{} bytes for one datagram", used.bytes_max);
        world.deliver(Datagram { from, to, bytes });
        if round % 100 == 0 {
            world.host.update(world.now, 0);
        }
    }
    assert_eq!(seen, (world.host_seen.clone(), world.joiners[up].seen.clone()));
    assert_eq!(world.wire.len(), sent, "nothing was answered");
    world.joiners[asking].online = true;
    world.run_until(|world| world.is_up(asking));
}

#[test]
fn memory_is_bounded_by_open_invites_whatever_their_holders_do() {
    let config = InviteHostConfig { max_open_invites: 4, ..host_config(&[HOST]) };
    let mut world = World::with_config(9, config);
    let used = allocation_counter::measure(|| {
        for round in 0..60 {
            let codes: Vec<_> = std::iter::from_fn(|| world.host.invite(0).ok()).collect();
            for code in &codes {
                for seed in 0..24 {
                    let bytes = request(InviteJoiner::new(code, joiner_config(), rng(round * 100 + seed)));
                    world.deliver(from_mallory(bytes));
                }
                world.host.revoke(code);
            }
            world.run(STEP);
            world.wire = Vec::new();
        }
    });
    // Spent secrets are remembered, and the queue of answers keeps its buffer.
    assert!(used.bytes_current < 1 << 19, "{} bytes remain", used.bytes_current);
    world.run_seconds(700);
    assert_eq!(world.host.open_invites(), 0);
}

#[test]
fn a_joiner_takes_only_one_answer() {
    let mut world = World::new(10, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.weather = Weather { duplication: 100, ..Weather::default() };
    world.run_until(|world| world.is_up(joiner));
    world.run_seconds(2);
    assert_eq!(world.joiners[joiner].connected().len(), 1);
    assert_eq!(world.reasons(joiner), []);
}

#[test]
fn an_invite_of_another_host_is_spent_nowhere_else() {
    let (mut here, mut there) = (World::new(11, &[HOST]), World::new(12, &[HOST]));
    let code = there.invite(0);
    let joiner = there.join(&code);
    here.deliver(from_mallory(request(InviteJoiner::new(&code, joiner_config(), rng(1)))));
    assert!(here.wire.is_empty());
    there.run_until(|there| there.is_up(joiner));
    assert_eq!(there.reasons(joiner), Vec::<DisconnectReason>::new());
}

#[test]
fn decoders_take_any_bytes() {
    let mut world = World::new(13, &[HOST]);
    let code = world.invite(0);
    let joiner = world.join(&code);
    world.run_until(|world| world.is_up(joiner));
    let ticket = world.joiners[joiner].endpoint.ticket().expect("connected").to_bytes();
    let wire = &world.wire;
    let seeds: Vec<&[u8]> =
        wire.iter().take(4).map(|sent| &sent.bytes[..]).chain([&ticket[..], &[0; 1_173]]).collect();
    let mut random = GameRng::new(14);
    for round in 0..3_000 {
        let mut bytes = seeds[round % seeds.len()].to_vec();
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len() as u32) as usize;
            bytes[at] = random.next_u64() as u8;
        }
        if random.below(3) == 0 {
            bytes.truncate(random.below(bytes.len() as u32) as usize);
        }
        fuzzing::request(&bytes);
        fuzzing::answer(&bytes);
        fuzzing::answer_payload(&bytes);
        fuzzing::ticket(&bytes);
        let typed: String =
            code.to_string().chars().map(|c| if random.below(20) == 0 { '7' } else { c }).collect();
        fuzzing::code(&typed);
        fuzzing::code(&String::from_utf8_lossy(&bytes));
    }
}
