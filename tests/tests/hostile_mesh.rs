//! A guest of a mesh who lies is believed about nobody but itself: the others play on, together and in step.
//!
//! Player 0 opens the match; who lies is named in each test. What it says is written by hand, from the standard, section
//! 7.5, and sent in its name besides what its session says.

use netcord::session::{InputDelay, Outcome, P2pConfig, PlayerIndex, ROLE_PLAYER, SessionEvent};
use netcord::transport::ChannelId;
use netcord_tests::room::Party;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

const CONTROL: ChannelId = ChannelId(0);
const INPUTS: ChannelId = ChannelId(1);
const SECOND: u32 = 60;

const INTRODUCTION: u8 = 9;
const PROMISE: u8 = 17;

fn config(players: u8) -> P2pConfig {
    P2pConfig {
        players,
        input_delay: InputDelay::Fixed(2),
        drop_after: Duration::from_secs(2),
        hand_over_after: Duration::from_secs(2),
        stall_timeout: Duration::from_secs(4),
        ..P2pConfig::default()
    }
}

/// A match of so many that runs.
fn party(players: u8) -> Party {
    let mut party = Party::complete(3, config(players));
    party.run(4 * SECOND);
    let all: Vec<_> = (0..players.into()).collect();
    party.assert_in_step(&all);
    for person in 0..all.len() {
        assert_eq!(party.person(person).players().len(), all.len());
    }
    party
}

/// These play on, together and in step, for another three seconds.
#[track_caller]
fn assert_play_on(party: &mut Party, numbers: &[usize]) {
    let confirmed = |party: &Party, number: usize| party.person(number).session.stats().confirmed_ticks;
    let before: Vec<_> = numbers.iter().map(|&number| confirmed(party, number)).collect();
    party.run(3 * SECOND);
    for (&number, before) in numbers.iter().zip(before) {
        assert!(!party.person(number).is_out(), "{number}: {:?}", party.person(number).events);
        let ticks = confirmed(party, number) - before;
        assert!(ticks > 120, "{number} confirmed {ticks} ticks");
        assert!(numbers.iter().all(|&other| party.person(number).players().contains(&(other as u8))));
    }
    party.assert_in_step(numbers);
}

fn lineage(term: u32, host: u8) -> [u8; 5] {
    let [a, b, c, d] = term.to_le_bytes();
    [a, b, c, d, host]
}

/// A tail without inputs that begins at a tick.
fn no_inputs(first: u32) -> Vec<u8> {
    [&first.to_le_bytes()[..], &[0, 0]].concat()
}

fn left(player: u8, tick: u32) -> Vec<u8> {
    [&[0, player][..], &tick.to_le_bytes(), &[1, 0, 0, 0, 0], &no_inputs(tick)].concat()
}

fn commit(lineage: [u8; 5], number: u32, changes: &[Vec<u8>]) -> Vec<u8> {
    [&[18][..], &lineage, &number.to_le_bytes(), &[changes.len() as u8], &changes.concat()].concat()
}

fn prepare(lineage: [u8; 5], number: u32, removed: u8) -> Vec<u8> {
    let removed = [&[1, removed][..], &0_u32.to_le_bytes()].concat();
    [&[16][..], &lineage, &number.to_le_bytes(), &[1, 0], &removed].concat()
}

/// A start for a player of five, at a tick, of a match of the last three.
fn start(player: u8, tick: u32, lineage: [u8; 5]) -> Vec<u8> {
    let rules = [&[2][..], &[0; 8], &[player, 60, 0, 12, 2], &tick.to_le_bytes(), &[0; 8]].concat();
    let tail = [&(tick - 1).to_le_bytes()[..], &[1, 0, 0]].concat();
    let tails = [&[5][..], &tail.repeat(5)].concat();
    let group = [&[0b11100][..], &lineage, &[0; 4]].concat();
    [rules, tails, group, vec![0; 2], vec![0; 26 * 8]].concat()
}

/// Player 3 changes all that its session says to anyone in messages of this kind.
fn rewrite(
    party: &Party,
    kind: u8,
    mut change: impl FnMut(&mut Vec<u8>) -> bool + 'static,
) -> Rc<RefCell<u32>> {
    let count = Rc::new(RefCell::new(0));
    let counted = count.clone();
    party.room.tamper(move |from, _, channel, message| {
        if from != 3 || channel != CONTROL || message.first() != Some(&kind) {
            return true;
        }
        *counted.borrow_mut() += 1;
        change(message)
    });
    count
}

#[test]
fn who_claims_to_host_while_the_host_is_there_is_refused() {
    for lie in [
        prepare(lineage(1, 3), 1, 0),
        prepare(lineage(0, 0), 1, 1),
        commit(lineage(1, 3), 1, &[left(0, 100)]),
        commit(lineage(0, 0), 1, &[left(1, 100)]),
    ] {
        let mut party = party(4);
        for other in 0..3 {
            assert!(party.room.say(3, other, CONTROL, &lie));
        }
        assert_play_on(&mut party, &[0, 1, 2]);
        assert_eq!(party.person(1).session.host_player(), PlayerIndex(0));
    }
}

#[test]
fn who_speaks_as_the_host_is_cut_off() {
    let start = [&[2][..], &[0; 60]].concat();
    let seated = vec![7, 1, 4];
    let absent = vec![15, 0b0010];
    let introduce = vec![8, 0x40 | 2 << 3 | 1];
    let meet = vec![10, 0x40 | 2 << 3 | 1, 3, 0];
    for lie in [start, seated, absent, introduce, meet] {
        let mut party = party(4);
        for other in 0..3 {
            assert!(party.room.say(3, other, CONTROL, &lie));
        }
        assert_play_on(&mut party, &[0, 1, 2]);
        assert!(!party.person(1).players().contains(&3), "{lie:?}");
        assert!(
            !party.person(1).saw(|event| matches!(event, SessionEvent::Paused { player: PlayerIndex(1) }))
        );
    }
}

#[test]
fn a_verdict_that_is_not_the_hosts_ends_nothing() {
    let mut party = party(4);
    for other in 0..3 {
        assert!(party.room.say(3, other, CONTROL, &[4, 1, 1, 0, 0, 0, 0]));
    }
    assert_play_on(&mut party, &[0, 1, 2, 3]);
}

#[test]
fn who_sends_inputs_in_anothers_name_is_cut_off() {
    let mut party = party(4);
    let tick = party.person(0).session.stats().current_tick.0;
    // Forwarded inputs of player 1.
    let lie = [&[14, 1][..], &(tick - 5).to_le_bytes(), &[2, 0, 0x80 + 20, 0xee]].concat();
    for other in 0..3 {
        assert!(party.room.say(3, other, CONTROL, &lie));
    }
    assert_play_on(&mut party, &[0, 1, 2]);
    assert!(!party.person(0).players().contains(&3));
}

#[test]
fn who_lets_others_in_as_somebody_else_takes_nobodys_place() {
    // As the host of the one who comes, as a client's host, and as another guest.
    for role in [0x40 | 3 << 3, 0x40 | 2 << 3, ROLE_PLAYER, 1, 0x40 | 3 << 3 | 2, 0xff] {
        let mut party = Party::new(3, config(4));
        party.room.let_in_as(1, role);
        for _ in 1..4 {
            party.join(0, ROLE_PLAYER);
        }
        party.run(12 * SECOND);
        assert_play_on(&mut party, &[0, 1, 2, 3]);
        for honest in [2, 3] {
            let session = &party.person(honest).session;
            assert_eq!(session.host_player(), PlayerIndex(0), "{role:#x}");
            assert_eq!(session.opponent(), session.peer_of(PlayerIndex(0)));
        }
    }
}

#[test]
fn who_votes_twice_has_voted_once() {
    let mut party = party(4);
    party.leave(1);
    // The host learns of it after three frames, and asks; promises are here after nine.
    for _ in 0..20 {
        party.run(1);
        for attempt in 0..4 {
            let barrier = 60_u32.to_le_bytes();
            let ballot = [&lineage(0, 0)[..], &1_u32.to_le_bytes(), &[attempt]].concat();
            let again = [&[PROMISE][..], &ballot, &barrier, &[0, 0, 0, 0], &[0], &[0]].concat();
            party.room.say(3, 0, CONTROL, &again);
        }
    }
    assert_play_on(&mut party, &[0, 2, 3]);
    let end = |number| {
        party.person(number).events.iter().find_map(|event| match event {
            SessionEvent::PlayerLeft { player: PlayerIndex(1), tick, .. } => Some(*tick),
            _ => None,
        })
    };
    assert!(end(0).is_some() && end(0) == end(2) && end(0) == end(3));
}

#[test]
fn an_invented_last_change_removes_nobody() {
    let mut party = party(4);
    let lies = rewrite(&party, PROMISE, |promise| {
        // It knows a change more than the host: player 2 was removed.
        promise.truncate(11);
        let ballot = promise[1..].to_vec();
        assert_eq!(ballot.len(), 10);
        let last = commit(lineage(0, 0), 1, &[left(2, 100)]);
        promise.extend([&300_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &[0, 1], &last[1..]].concat());
        true
    });
    party.leave(1);
    assert_play_on(&mut party, &[0, 2]);
    assert_eq!(*lies.borrow(), 1, "the lie was told");
    assert!(!party.person(0).players().contains(&3));
}

#[test]
fn a_promise_from_the_far_future_keeps_no_newcomer_out() {
    let mut party = Party::new(3, P2pConfig { min_players: Some(4), ..config(5) });
    for _ in 1..4 {
        party.join(0, ROLE_PLAYER);
    }
    party.run(4 * SECOND);
    let lies = rewrite(&party, PROMISE, |promise| {
        promise.splice(11..15, 700_u32.to_le_bytes());
        true
    });
    party.join(0, ROLE_PLAYER);
    party.run(8 * SECOND);
    assert_play_on(&mut party, &[0, 1, 2, 4]);
    assert!(*lies.borrow() >= 1, "the lie was told");
}

#[test]
fn who_withholds_its_promise_holds_nobody_up_for_long() {
    let mut party = party(4);
    let lies = rewrite(&party, PROMISE, |_| false);
    party.leave(1);
    party.run(8 * SECOND);
    assert!(*lies.borrow() >= 1, "the promise was asked for");
    assert_play_on(&mut party, &[0, 2]);
}

#[test]
fn who_knows_nothing_of_a_leavers_inputs_takes_none_from_the_others() {
    let mut party = party(4);
    let lies = Rc::new(RefCell::new(0));
    let told = lies.clone();
    party.room.tamper(move |from, to, channel, message| {
        if from == 3 && channel == CONTROL && message.first() == Some(&PROMISE) {
            // It says that it lacks the inputs of player 1 from long ago on.
            message.truncate(19);
            message.extend([&[1, 1][..], &no_inputs(3), &[0]].concat());
            *told.borrow_mut() += 1;
        }
        // And player 2 does lack the last of them.
        (from, to, channel) != (1, 2, INPUTS)
    });
    party.run(10);
    party.leave(1);
    assert_play_on(&mut party, &[0, 2]);
    assert_eq!(*lies.borrow(), 1, "the lie was told");
}

#[test]
fn who_starves_one_of_its_inputs_does_not_get_it_dropped() {
    let mut party = party(4);
    party.room.tamper(|from, to, channel, _| (from, to, channel) != (3, 2, INPUTS));
    party.run(20 * SECOND);
    assert_play_on(&mut party, &[0, 1, 2, 3]);
    assert!(!party.person(0).saw(|event| matches!(event, SessionEvent::PlayerLeft { .. })));
}

#[test]
fn who_tells_two_others_different_inputs_gets_neither_taken_for_a_liar() {
    let mut party = party(4);
    let tick = party.person(2).session.stats().current_tick.0;
    // The host passes on to player 2 what player 3 told the host, which is not what it told player 2.
    let story = [&[14, 3][..], &(tick - 20).to_le_bytes(), &[2, 0, 0x80 + 9, 0xee]].concat();
    assert!(party.room.say(0, 2, CONTROL, &story));
    assert_play_on(&mut party, &[0, 1, 2, 3]);
}

#[test]
fn after_two_hand_overs_no_fellow_player_is_taken_for_an_older_host() {
    let mut party = party(5);
    party.leave(0);
    party.run(3 * SECOND);
    party.leave(1);
    party.run(3 * SECOND);
    party.assert_in_step(&[2, 3, 4]);
    assert_eq!(party.person(4).session.host_term(), 2);
    // Player 3 says that it hosts an older lineage, as the first word on a new link, and starts its own match.
    let lie = [&[12][..], &lineage(1, 3), &[0; 8]].concat();
    let tick = party.person(2).session.stats().current_tick.0;
    for other in [2_u8, 4] {
        party.room.break_link(other.into(), 3);
        for _ in 0..20 {
            party.room.say(3, other.into(), CONTROL, &lie);
            party.room.say(3, other.into(), CONTROL, &start(other, tick, lineage(1, 3)));
            party.run(1);
        }
    }
    party.run(4 * SECOND);
    for honest in [2, 4] {
        assert_eq!(party.person(honest).session.host_player(), PlayerIndex(2));
        let told = |event: &&SessionEvent| matches!(event, SessionEvent::Started { .. });
        assert_eq!(party.person(honest).events.iter().filter(told).count(), 1);
    }
    assert_play_on(&mut party, &[2, 4]);
}

#[test]
fn a_term_that_nobody_can_have_reached_leaves_room_for_the_next_host() {
    let mut party = party(5);
    for other in 0..4 {
        party.room.say(4, other, CONTROL, &[&[19][..], &lineage(u32::MAX, 4)].concat());
        party.room.say(4, other, CONTROL, &prepare(lineage(u32::MAX, 4), 1, 0));
    }
    party.run(SECOND);
    party.leave(0);
    party.run(4 * SECOND);
    party.leave(1);
    party.run(4 * SECOND);
    assert_play_on(&mut party, &[2, 3]);
    assert!(party.person(3).session.host_term() < 100);
}

#[test]
fn an_introduction_that_cannot_be_taken_up_is_not_the_hosts_fault() {
    let mut party = Party::new(3, config(4));
    // Player 1 makes introductions in the name of the one who is to come.
    party.room.tamper(|from, _, channel, message| {
        if from == 1 && channel == CONTROL && message.first() == Some(&INTRODUCTION) {
            message[2] = message[1] >> 3 & 7;
        }
        true
    });
    for _ in 1..4 {
        party.join(0, ROLE_PLAYER);
    }
    party.run(12 * SECOND);
    assert_play_on(&mut party, &[0, 2, 3]);
}

#[test]
fn a_host_that_lies_ends_the_match_of_its_guests_and_panics_none() {
    for (lie, is_out) in [
        (commit(lineage(0, 0), 1, &[left(1, 100)]), true),
        (commit(lineage(0, 0), 1, &[left(0, 100)]), true),
        (commit(lineage(0, 0), 1, &[left(9, 100)]), true),
        (commit(lineage(0, 0), 1, &[[&[1, 7][..], &9_u32.to_le_bytes()].concat()]), true),
        (commit(lineage(7, 6), 1, &[]), false),
        ([&[14, 2][..], &5_u32.to_le_bytes(), &[2, 0, 0x80 + 20, 0xee]].concat(), false),
    ] {
        let mut party = party(4);
        assert!(party.room.say(0, 1, CONTROL, &lie));
        party.run(2 * SECOND);
        let outcome = |event: &SessionEvent| {
            matches!(event, SessionEvent::Ended(Outcome::Broken { player: PlayerIndex(0), .. }))
        };
        assert_eq!(party.person(1).saw(outcome), is_out, "{lie:?}: {:?}", party.person(1).events);
    }
}
