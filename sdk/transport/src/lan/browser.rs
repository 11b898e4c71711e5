//! The player's side: it lists the games that are heard of.

use super::advert::Advert;
use super::daemon::Scope;
use super::listings::Listings;
use super::{LanError, LanEvent, LanListing, SERVICE};
use mdns_sd::{Receiver, ServiceDaemon, ServiceEvent, TryRecvError};

/// Listens for games on the local network. Ask it for events in each frame; it never waits.
pub struct Browser {
    daemon: ServiceDaemon,
    pub(super) events: Option<Receiver<ServiceEvent>>,
    listings: Listings,
}

impl Browser {
    /// The most news of the network that one call looks at.
    const AT_ONCE: usize = 64;

    /// Starts a thread that listens for games with this [id](crate::invite::protocol_id) on all networks that the
    /// machine is on. Those of another `version` are listed, but can't be joined.
    ///
    /// # Errors
    /// The network can't be used that way; [`LanError`] says why.
    pub fn start(game: u64, version: &str) -> Result<Self, LanError> {
        Self::start_in(Scope::LAN, game, version)
    }

    pub(super) fn start_in(scope: Scope, game: u64, version: &str) -> Result<Self, LanError> {
        let daemon = scope.start()?;
        let events = Some(daemon.browse(SERVICE)?);
        Ok(Self { daemon, events, listings: Listings::new(game, version) })
    }

    /// The games that are there, as of the last event that was taken, in the order in which they came.
    pub fn games(&self) -> &[LanListing] {
        self.listings.as_slice()
    }

    /// What changed next in the list, if anything did. Take events until there is none, in each frame.
    pub fn next_event(&mut self) -> Option<LanEvent> {
        for _ in 0..Self::AT_ONCE {
            let event = match self.events.as_ref()?.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => return self.listen_again(),
            };
            if let Some(event) = self.heard(&event) {
                return Some(event);
            }
        }
        None
    }

    /// The thread drops those who don't keep up, say, after the game was suspended.
    fn listen_again(&mut self) -> Option<LanEvent> {
        self.events =
            self.daemon.browse(SERVICE).inspect_err(|error| tracing::warn!(%error, "mDNS ended")).ok();
        self.events.is_none().then_some(LanEvent::Stopped)
    }

    pub(super) fn heard(&mut self, event: &ServiceEvent) -> Option<LanEvent> {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                let txt = &service.txt_properties;
                let advert = Advert::from_txt(|key| txt.get(key).and_then(|property| property.val()));
                self.listings.heard(&service.fullname.to_lowercase(), advert)
            }
            ServiceEvent::ServiceRemoved(_, fullname) => self.listings.gone(&fullname.to_lowercase()),
            _ => None,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

impl core::fmt::Debug for Browser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Browser").field("listings", &self.listings).finish_non_exhaustive()
    }
}
