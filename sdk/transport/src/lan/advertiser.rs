//! The host's side: it tells the network about one game until it is dropped.

use super::daemon::Scope;
use super::{LanError, LanGame, SERVICE};
use mdns_sd::{ServiceDaemon, ServiceInfo};
use rand_core::Rng as _;
use std::time::Duration;

/// Tells the local network about a game. Dropping it says goodbye, so that browsers forget the game at once; if the
/// process ends in the same moment, [`stop`](Self::stop) it instead.
pub struct Advertiser {
    daemon: ServiceDaemon,
    /// The name of our records, which no other advertiser has.
    instance: String,
    told: LanGame,
}

impl Advertiser {
    /// How long [`stop`](Self::stop) waits at most.
    const GOODBYE: Duration = Duration::from_secs(1);

    /// Starts a thread that advertises `game` on all networks that the machine is on.
    ///
    /// If the game has an invite code, everyone there can join with it; see the [module](super).
    ///
    /// # Errors
    /// The network can't be used that way; [`LanError`] says why.
    pub fn start(game: &LanGame) -> Result<Self, LanError> {
        Self::start_in(Scope::LAN, game)
    }

    pub(super) fn start_in(scope: Scope, game: &LanGame) -> Result<Self, LanError> {
        let id = crate::secure_rng().map_err(LanError::Entropy)?.next_u64();
        let advertiser = Self { daemon: scope.start()?, instance: format!("{id:016x}"), told: game.clone() };
        advertiser.tell()?;
        Ok(advertiser)
    }

    /// Tells what `game` is like now, if that is another than before.
    ///
    /// # Errors
    /// The thread has ended, or has too much to do. What was told before stays.
    pub fn update(&mut self, game: &LanGame) -> Result<(), LanError> {
        if *game == self.told {
            return Ok(());
        }
        let before = core::mem::replace(&mut self.told, game.clone());
        self.tell().inspect_err(|_| self.told = before)
    }

    /// Says goodbye, and waits until it is said: a second at most, seldom more than a moment. For the end of the
    /// process; in the game's loop, drop the advertiser.
    pub fn stop(self) {
        if let Ok(ended) = self.daemon.shutdown() {
            // If it takes longer, browsers find out by themselves, in a minute or two.
            let _ = ended.recv_timeout(Self::GOODBYE);
        }
    }

    fn tell(&self) -> Result<(), LanError> {
        let host = format!("netcord-{}.local.", self.instance);
        let port =
            self.told.invite.as_ref().and_then(|code| code.addresses().first()).map_or(0, |it| it.port());
        let txt = self.told.to_txt();
        let mut info =
            ServiceInfo::new(SERVICE, &self.instance, &host, "", port, txt.as_slice())?.enable_addr_auto();
        // 64 random bits are nobody else's.
        info.set_requires_probe(false);
        Ok(self.daemon.register(info)?)
    }
}

impl Drop for Advertiser {
    fn drop(&mut self) {
        // The thread says goodbye for all that it advertised, and ends. It has ended already after `stop`.
        let _ = self.daemon.shutdown();
    }
}

impl core::fmt::Debug for Advertiser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Advertiser")
            .field("instance", &self.instance)
            .field("told", &self.told)
            .finish_non_exhaustive()
    }
}
