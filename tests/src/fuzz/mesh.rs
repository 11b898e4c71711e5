//! The target of matches of three: what one of them can do to the others, who play on as they are.

use super::script::{Script, write_chunk};
use crate::room::Party;
use netcord::session::{P2pConfig, ROLE_PLAYER};
use netcord::transport::ChannelId;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

/// Who lies; the script says whether it is the host or a guest.
const LIARS: [usize; 2] = [0, 2];
/// A generous bound: what a frame may make all sessions say.
const MAX_SENT: u64 = 1_000;
/// The most frames of one script.
const MAX_FRAMES: u32 = 600;

/// A host and two guests, of whom one (the first byte chooses) says what the script says besides what its session does.
/// Whatever a guest says, the match of two others does not end.
pub(super) fn mesh(script: &[u8]) {
    let mut script = Script(script);
    let Some(first) = script.next() else { return };
    let liar = LIARS[usize::from(first % 2)];
    let mut party = Party::complete(2, config());
    if first & 2 == 0 {
        party.run(120);
    }
    let (mut frames, mut absent) = (0, false);
    while let Some(step) = script.next() {
        let to = (liar + 1 + usize::from(step >> 2 & 1)) % 3;
        match step % 4 {
            0 => {
                for _ in 0..(1 + u32::from(step >> 2)).min(MAX_FRAMES - frames) {
                    let before = party.room.messages();
                    party.run(1);
                    let sent = party.room.messages() - before;
                    assert!(sent <= MAX_SENT, "a flood of {sent} messages");
                    frames += 1;
                }
            }
            1 => drop(party.room.say(liar, to, ChannelId(0), script.chunk())),
            2 => drop(party.room.say(liar, to, ChannelId(1), script.chunk())),
            _ => match step >> 3 {
                // One of the honest goes, so that there is something to agree on, and another comes.
                0 if liar != 0 && !absent => {
                    absent = true;
                    party.leave(1);
                }
                1 if absent && party.people.len() == 3 => drop(party.join(0, ROLE_PLAYER)),
                _ => party.room.break_link(liar, to),
            },
        }
    }
    // With one gone and the liar sent away, nobody is left to play with.
    if liar != 0 && !absent {
        for honest in [0, 1] {
            assert!(!party.person(honest).is_out(), "{honest}: {:?}", party.person(honest).events);
        }
    }
}

fn config() -> P2pConfig {
    P2pConfig {
        players: 3,
        session_id: 5,
        desync_interval: 2,
        drop_after: Duration::from_millis(500),
        hand_over_after: Duration::from_millis(500),
        // No script is that long: the last who stays goes on waiting.
        forfeit_after: Duration::from_secs(3_600),
        ..P2pConfig::default()
    }
}

/// What honest peers say in such a match, each as a script in which it is said twice.
pub(super) fn matches() -> Vec<Vec<u8>> {
    [(0, false), (0, true), (1, false), (1, true)].map(|(liar, goes)| play(liar, goes)).into()
}

fn play(liar: u8, goes: bool) -> Vec<u8> {
    let mut party = Party::complete(2, config());
    let script = Rc::new(RefCell::new(vec![liar]));
    let overhears = script.clone();
    let from_liar = LIARS[usize::from(liar)];
    party.room.tamper(move |from, to, channel, message| {
        if from == from_liar && (channel == ChannelId(0) || message.len() % 4 == 0) {
            let way = u8::from(to != (from + 1) % 3) << 2;
            let mut script = overhears.borrow_mut();
            script.push(way | (1 + channel.0));
            write_chunk(&mut script, message);
        }
        true
    });
    for frame in 0..240 {
        party.run(1);
        if frame % 8 == 0 {
            script.borrow_mut().push(7 << 2);
        }
        match (goes, frame) {
            (true, 130) => {
                script.borrow_mut().push(3);
                party.leave(1);
            }
            (true, 180) => {
                script.borrow_mut().push(3 | 1 << 3);
                party.join(0, ROLE_PLAYER);
            }
            _ => {}
        }
    }
    script.take()
}

/// The control messages of these matches, each kind a few times.
pub(super) fn messages() -> Vec<Vec<u8>> {
    let mut kinds = BTreeMap::<u8, BTreeSet<Vec<u8>>>::new();
    for conversation in matches() {
        let mut script = Script(&conversation[1..]);
        while let Some(step) = script.next() {
            if matches!(step % 4, 1 | 2) {
                let message = script.chunk();
                if step % 4 == 1 {
                    kinds.entry(message[0]).or_default().insert(message.to_vec());
                }
            }
        }
    }
    kinds.into_values().flat_map(|messages| messages.into_iter().take(3)).collect()
}
