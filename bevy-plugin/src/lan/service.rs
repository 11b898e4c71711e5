//! The ways to the local network: mDNS, whose sockets and threads are started beside the game's loop, and a simulated
//! network for tests. It knows no Bevy but for where the choice between them is kept.

use super::{Kind, LanFailure, LanGame, NotJoinable};
use crate::link::Backend;
use netcord::transport::lan::{self, Joining, LanError, LanEvent, LanGame as Advert, LanListing, ListingId};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What is started on a thread of its own: to try all sockets may take longer than a frame has.
pub(super) enum Starting<T> {
    Under(Option<JoinHandle<Result<T, LanError>>>),
    Done(T),
}

impl<T: Send + 'static> Starting<T> {
    fn new(start: impl FnOnce() -> Result<T, LanError> + Send + 'static) -> Result<Self, LanFailure> {
        let thread = thread::Builder::new().name("netcord-lan".into()).spawn(start);
        Ok(Self::Under(Some(thread.map_err(LanFailure::NoThread)?)))
    }

    /// What was started; `None` for now.
    fn get(&mut self) -> Result<Option<&mut T>, LanFailure> {
        if let Self::Under(thread) = self {
            let Some(thread) = thread.take_if(|thread| thread.is_finished()) else { return Ok(None) };
            let started = thread.join().map_err(|_| LanFailure::NoThread(io::Error::other("it panicked")))?;
            *self = Self::Done(started?);
        }
        match self {
            Self::Done(started) => Ok(Some(started)),
            Self::Under(_) => Ok(None),
        }
    }
}

/// Lists what is advertised.
pub(super) enum Browser {
    Mdns { browser: Starting<lan::Browser>, kind: Kind },
    Lab { lan: LabLan, kind: Kind },
}

impl Browser {
    pub(super) fn start(backend: &Backend, kind: Kind) -> Result<Self, LanFailure> {
        Ok(match backend {
            Backend::Udp => {
                let wanted = kind.clone();
                let browser = Starting::new(move || lan::Browser::start(wanted.game, &wanted.version))?;
                Self::Mdns { browser, kind }
            }
            Backend::Lab { lan, .. } => Self::Lab { lan: lan.clone(), kind },
        })
    }

    /// The list as it is now; `None` if nothing was heard since the last call.
    pub(super) fn listen(&mut self) -> Result<Option<Vec<LanGame>>, LanFailure> {
        match self {
            Self::Lab { lan, kind } => Ok(Some(lan.games(kind))),
            Self::Mdns { browser, kind } => {
                let Some(browser) = browser.get()? else { return Ok(None) };
                let mut heard = false;
                while let Some(event) = browser.next_event() {
                    if event == LanEvent::Stopped {
                        return Err(LanFailure::Stopped);
                    }
                    heard = true;
                }
                Ok(heard.then(|| browser.games().iter().map(|listing| LanGame::new(listing, kind)).collect()))
            }
        }
    }
}

impl LanGame {
    fn new(listing: &LanListing, kind: &Kind) -> Self {
        let (name, version) = (listing.name.clone(), listing.version.clone());
        let code = match &listing.joining {
            Joining::OtherVersion => {
                Err(NotJoinable::OtherVersion { theirs: version.clone(), ours: kind.version.clone() })
            }
            _ if listing.is_full() => Err(NotJoinable::Full),
            Joining::Open(code) => Ok(code.clone()),
            Joining::AskForCode => Err(NotJoinable::AskForCode),
        };
        let (players, max_players) = (listing.players, listing.max_players);
        Self { id: listing.id, name, version, players, max_players, code }
    }
}

/// Tells of one match, until it is dropped.
pub(super) enum Advertiser {
    Mdns { advertiser: Starting<lan::Advertiser>, has_failed: bool },
    Lab { lan: LabLan, id: u64 },
}

impl Advertiser {
    pub(super) fn start(backend: &Backend, advert: Advert) -> Result<Self, LanFailure> {
        Ok(match backend {
            Backend::Udp => Self::Mdns {
                advertiser: Starting::new(move || lan::Advertiser::start(&advert))?,
                has_failed: false,
            },
            Backend::Lab { lan, .. } => Self::Lab { lan: lan.clone(), id: lan.add(advert) },
        })
    }

    /// Tells what the match is like now. What can't be told at once is told by the next call, in the next frame.
    pub(super) fn tell(&mut self, advert: &Advert) -> Result<(), LanFailure> {
        match self {
            Self::Lab { lan, id } => lan.with(|adverts| adverts.insert(*id, advert.clone())),
            Self::Mdns { advertiser, has_failed } => {
                let Some(advertiser) = advertiser.get()? else { return Ok(()) };
                let told = advertiser.update(advert);
                // It may have been busy.
                if core::mem::replace(has_failed, told.is_err()) {
                    told?;
                }
                None
            }
        };
        Ok(())
    }

    /// Says goodbye, and waits until it is said: a second at most.
    pub(super) fn stop(mut self) {
        if let Self::Mdns { advertiser, .. } = &mut self
            && let Starting::Done(advertiser) = core::mem::replace(advertiser, Starting::Under(None))
        {
            advertiser.stop();
        }
    }
}

impl Drop for Advertiser {
    fn drop(&mut self) {
        if let Self::Lab { lan, id } = self {
            lan.with(|adverts| adverts.remove(id));
        }
    }
}

/// The simulated network: what is said is heard by all at once.
#[derive(Clone, Default)]
pub(crate) struct LabLan(Arc<Mutex<BTreeMap<u64, Advert>>>);

impl LabLan {
    fn with<R>(&self, change: impl FnOnce(&mut BTreeMap<u64, Advert>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, advert: Advert) -> u64 {
        self.with(|adverts| {
            let id = adverts.last_key_value().map_or(0, |(id, _)| id + 1);
            adverts.insert(id, advert);
            id
        })
    }

    fn games(&self, kind: &Kind) -> Vec<LanGame> {
        let listing = |(&id, advert): (&u64, &Advert)| LanListing {
            id: ListingId(id),
            name: advert.name.clone(),
            version: advert.version.clone(),
            players: advert.players,
            max_players: advert.max_players,
            joining: match &advert.invite {
                _ if advert.version != kind.version => Joining::OtherVersion,
                Some(code) => Joining::Open(code.clone()),
                None => Joining::AskForCode,
            },
        };
        self.with(|adverts| {
            let ours = adverts.iter().filter(|(_, advert)| advert.game == kind.game);
            ours.map(|heard| LanGame::new(&listing(heard), kind)).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netcord::transport::invite::InviteCode;

    /// Asks until there is an answer, as the game's loop does.
    fn outcome(mut starting: Starting<u8>) -> Result<u8, LanFailure> {
        loop {
            if let Some(started) = starting.get()? {
                return Ok(*started);
            }
            thread::yield_now();
        }
    }

    #[test]
    fn what_comes_of_a_start_is_told_once_it_is_known() {
        assert!(matches!(outcome(Starting::new(|| Ok(7)).expect("a thread")), Ok(7)));
        let failure = outcome(Starting::new(|| Err(LanError::NoNetwork)).expect("a thread"));
        let text = failure.expect_err("it failed").to_string();
        assert!(text.ends_with("connect it to a network and try again, or use the invite code"), "{text}");
        let panicked = outcome(Starting::new(|| panic!("of the system's making")).expect("a thread"));
        assert!(matches!(panicked, Err(LanFailure::NoThread(_))), "{panicked:?}");
    }

    #[test]
    fn a_listing_is_joined_by_its_code_or_says_why_it_can_not_be() {
        let kind = Kind { game: 7, version: "2".into() };
        let listing = LanListing {
            id: ListingId(3),
            name: "Ann".into(),
            version: "2".into(),
            players: 1,
            max_players: 2,
            joining: Joining::AskForCode,
        };
        let code = |listing: &LanListing| LanGame::new(listing, &kind).code();
        assert_eq!(code(&listing), Err(NotJoinable::AskForCode));
        let full = LanListing { players: 2, ..listing.clone() };
        assert_eq!(code(&full), Err(NotJoinable::Full));
        let newer = LanListing { version: "3".into(), joining: Joining::OtherVersion, ..listing.clone() };
        assert_eq!(
            code(&newer).expect_err("another version").to_string(),
            "runs version 3 of the game, this is version 2: update the older one"
        );
        let invite =
            InviteCode::new(&["192.168.1.20:7777".parse().expect("an address")], [7; 10]).expect("an invite");
        let open = LanListing { joining: Joining::Open(invite.clone()), ..listing };
        assert_eq!(code(&open), Ok(invite.to_string()));
    }
}
