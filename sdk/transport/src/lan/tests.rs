//! A real advertiser and real browsers, on this machine's loopback.

use super::daemon::Scope;
use super::{Advertiser, Browser, Joining, LanEvent, LanGame};
use crate::invite::InviteCode;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

const GAME: u64 = 0x0123_4567_89ab_cdef;
/// What mDNS does in a second or two, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether multicast on loopback arrives here.
fn multicast() -> io::Result<()> {
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let receiver = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    receiver.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    receiver.set_read_timeout(Some(Duration::from_secs(2)))?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket2::SockRef::from(&sender).set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
    sender.send_to(b"netcord", (group, receiver.local_addr()?.port()))?;
    receiver.recv(&mut [0; 16]).map(|_| ())
}

/// A port of mDNS that only this test speaks on.
fn scope() -> Scope {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("the system has a port");
    Scope { port: socket.local_addr().expect("it is bound").port(), loopback_only: true }
}

/// The next change of the browser's list: waits for the thread's news, as long as it may take.
fn next_event(browser: &mut Browser) -> LanEvent {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(event) = browser.next_event() {
            return event;
        }
        let events = browser.events.clone().expect("the thread lives");
        let left = deadline.saturating_duration_since(Instant::now());
        let news = events.recv_timeout(left).expect("the thread has news in time");
        if let Some(event) = browser.heard(&news) {
            return event;
        }
    }
}

#[test]
fn a_game_on_the_network_is_found_updated_and_gone() {
    if let Err(why) = multicast() {
        // Past the capture of the test's output: `cargo xtask test` lists it, too.
        let _ = writeln!(io::stderr(), "NOT RUN: {}: no multicast on loopback: {why}", module_path!());
        return;
    }
    let scope = scope();
    let mut browser = Browser::start_in(scope, GAME, "1.0").expect("multicast works");
    let mut newer = Browser::start_in(scope, GAME, "2.0").expect("multicast works");
    let code = InviteCode::new(&["192.168.1.20:7777".parse().unwrap()], *b"ten bytes!").unwrap();
    let mut game = LanGame { invite: Some(code.clone()), ..LanGame::new(GAME, "Ann's game", "1.0") };
    let other = Advertiser::start_in(scope, &LanGame::new(!GAME, "Tetris", "1.0")).expect("multicast works");
    let mut advertiser = Advertiser::start_in(scope, &game).expect("multicast works");

    let LanEvent::Found(id) = next_event(&mut browser) else { panic!("nothing else happened") };
    let [listing] = browser.games() else { panic!("one game of this kind is there") };
    assert_eq!(
        (listing.id, listing.name.as_str(), &listing.joining),
        (id, "Ann's game", &Joining::Open(code))
    );
    assert!(!listing.is_full());
    assert!(matches!(next_event(&mut newer), LanEvent::Found(_)));
    assert_eq!(
        (&newer.games()[0].joining, newer.games()[0].version.as_str()),
        (&Joining::OtherVersion, "1.0")
    );

    (game.players, game.invite) = (2, None);
    advertiser.update(&game).expect("the thread lives");
    assert_eq!(next_event(&mut browser), LanEvent::Updated(id));
    assert!(browser.games()[0].is_full());
    assert_eq!(browser.games()[0].joining, Joining::AskForCode);

    drop(advertiser);
    assert_eq!(next_event(&mut browser), LanEvent::Gone(id));
    assert!(browser.games().is_empty());
    other.stop();
}
