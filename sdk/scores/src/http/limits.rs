//! How many requests are answered: token buckets, one for each address and each player, in bounded tables.
//! Nothing here knows HTTP.

use crate::model::{PlayerId, UnixTime};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many tokens it holds. A new one is full.
    pub burst: u32,
    /// How long it takes until there is one token more. Zero for no limit.
    pub every: Duration,
}

/// How many requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// For each address; of IPv6, for each /64. A whole party may sit behind one.
    pub address: Rate,
    /// What a request that only reads takes from the address's bucket.
    pub read: u32,
    /// What any other takes from it.
    pub write: u32,
    /// For each player, one token a signed request.
    pub player: Rate,
    /// How many times as long as it took to refuse a run no other run of that address is looked at. Keys cost nothing, so this
    /// is by address; 20 is a twentieth of a core for each.
    pub refused: u32,
    /// How many addresses, and how many players, are remembered. When there are more, the half that used least is forgotten.
    pub remembered: usize,
}

impl Default for RateLimits {
    /// From an address 100 reads or 10 writes a second, and 1,000 reads or 100 writes at once; from a player two a
    /// second, and 40 at once; 65,536 of each are remembered, in some megabytes.
    fn default() -> Self {
        Self {
            address: Rate { burst: 1_000, every: Duration::from_millis(10) },
            read: 1,
            write: 10,
            player: Rate { burst: 40, every: Duration::from_millis(500) },
            refused: 20,
            remembered: 1 << 16,
        }
    }
}

impl RateLimits {
    /// No limits: for benchmarks, and where something in front has its own.
    pub const fn none() -> Self {
        let rate = Rate { burst: 1, every: Duration::ZERO };
        Self { address: rate, read: 0, write: 0, player: rate, refused: 0, remembered: 1 }
    }
}

/// The buckets.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: RateLimits,
    addresses: Mutex<Buckets<IpAddr>>,
    players: Mutex<Buckets<PlayerId>>,
    /// Of which addresses no run is looked at, and until when.
    refused: Mutex<HashMap<IpAddr, UnixTime>>,
}

impl Limiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        let (addresses, players) = (Buckets::new(limits.remembered), Buckets::new(limits.remembered));
        let (addresses, players) = (Mutex::new(addresses), Mutex::new(players));
        Self { limits, addresses, players, refused: Mutex::default() }
    }

    /// Takes what a request costs from its address's bucket.
    ///
    /// # Errors
    /// How long to wait until there is enough.
    pub(super) fn address(&self, peer: IpAddr, writes: bool, now: UnixTime) -> Result<(), Duration> {
        let cost = if writes { self.limits.write } else { self.limits.read };
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.take(network(peer), cost, self.limits.address, now)
    }

    /// Takes a token from a player's bucket.
    ///
    /// # Errors
    /// How long to wait until there is one.
    pub(super) fn player(&self, player: PlayerId, now: UnixTime) -> Result<(), Duration> {
        let mut players = self.players.lock().unwrap_or_else(PoisonError::into_inner);
        players.take(player, 1, self.limits.player, now)
    }
}

impl Limiter {
    /// Looks whether a run of this address may be looked at.
    ///
    /// # Errors
    /// How long to wait until it may.
    pub(super) fn run(&self, peer: IpAddr, now: UnixTime) -> Result<(), Duration> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.get(&network(peer)).map(|until| until.since(now)) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(()),
        }
    }

    /// Notes that a run was refused, and how long that took.
    pub(super) fn refuse_run(&self, peer: IpAddr, took: Duration, now: UnixTime) {
        let pause = took * self.limits.refused;
        if pause.is_zero() {
            return;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= self.limits.remembered {
            refused.retain(|_, until| *until > now);
        }
        // When all of them have to wait, those who come now get away with it.
        if refused.len() < self.limits.remembered {
            let until = refused.entry(network(peer)).or_insert(now);
            // A clock that was put back makes nobody wait for that.
            *until = (*until).min(now.after(LONGEST_PAUSE)).max(now).after(pause);
        }
    }
}

/// How long an address waits at most, but for its last run.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// The address, or of IPv6 the /64: whoever has one address there has all of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address => address,
    }
}

/// Buckets of one rate. All there is to know of a bucket is when it will be full.
#[derive(Debug)]
struct Buckets<K> {
    full_at: HashMap<K, UnixTime>,
    capacity: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    fn new(capacity: usize) -> Self {
        Self { full_at: HashMap::new(), capacity: capacity.max(1) }
    }

    fn take(&mut self, key: K, cost: u32, rate: Rate, now: UnixTime) -> Result<(), Duration> {
        if rate.every.is_zero() || cost == 0 {
            return Ok(());
        }
        let holds = rate.every * rate.burst;
        if self.full_at.len() >= self.capacity && !self.full_at.contains_key(&key) {
            self.forget_half();
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        // No bucket is emptier than empty: after a clock went back, it would seem so.
        *full_at = now.after(holds).min(*full_at);
        let then = full_at.since(now) + rate.every * cost.min(rate.burst);
        match then.checked_sub(holds) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *full_at = now.after(then);
                Ok(())
            }
        }
    }

    /// Forgets the fuller half, in which least is lost.
    fn forget_half(&mut self) {
        let mut times: Vec<_> = self.full_at.values().copied().collect();
        let middle = times.len() / 2;
        let (_, &mut median, _) = times.select_nth_unstable(middle);
        self.full_at.retain(|_, full_at| *full_at > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const RATE: Rate = Rate { burst: 3, every: Duration::from_millis(100) };

    fn at(millis: u64) -> UnixTime {
        UnixTime::from_millis(1_000_000 + millis)
    }

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_one_token_after_the_other() {
        let mut buckets = Buckets::new(8);
        for _ in 0..3 {
            assert_eq!(buckets.take('a', 1, RATE, at(0)), Ok(()));
        }
        assert_eq!(buckets.take('a', 1, RATE, at(0)), Err(Duration::from_millis(100)));
        assert_eq!(buckets.take('b', 1, RATE, at(0)), Ok(()), "another's bucket");
        assert_eq!(buckets.take('a', 1, RATE, at(99)), Err(Duration::from_millis(1)));
        assert_eq!(buckets.take('a', 1, RATE, at(100)), Ok(()));
        assert_eq!(buckets.take('a', 2, RATE, at(250)), Err(Duration::from_millis(50)));
        assert_eq!(buckets.take('a', 2, RATE, at(300)), Ok(()));
    }

    #[test]
    fn an_address_pays_for_the_time_that_its_refused_runs_take() {
        let limiter = Limiter::new(RateLimits::default());
        let (forger, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        limiter.refuse_run(forger, Duration::from_millis(100), at(0));
        limiter.refuse_run(forger, Duration::from_millis(100), at(0));
        assert_eq!(limiter.run(forger, at(0)), Err(Duration::from_secs(4)));
        assert_eq!(limiter.run(forger, at(4_000)), Ok(()));
        assert_eq!(limiter.run(other, at(0)), Ok(()));
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out_for_longer_than_an_empty_bucket_does() {
        let mut buckets = Buckets::new(8);
        assert_eq!(buckets.take('a', 3, RATE, at(500_000)), Ok(()));
        assert_eq!(buckets.take('a', 1, RATE, at(0)), Err(Duration::from_millis(100)));
        assert_eq!(buckets.take('a', 3, RATE, at(300)), Ok(()));
    }

    #[test]
    fn a_full_table_forgets_those_who_used_least() {
        let mut buckets = Buckets::new(100);
        assert_eq!(buckets.take(0, 3, RATE, at(0)), Ok(()));
        for key in 1..10_000 {
            assert_eq!(buckets.take(key, 1, RATE, at(0)), Ok(()));
            assert!(buckets.full_at.len() <= 100);
        }
        assert!(buckets.take(0, 1, RATE, at(0)).is_err(), "the one who used most is remembered");
    }

    #[test]
    fn whoever_has_a_network_of_ipv6_has_one_bucket() {
        let limiter = Limiter::new(RateLimits { address: RATE, write: 3, ..RateLimits::default() });
        let address = |last| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        assert_eq!(limiter.address(address(1), true, at(0)), Ok(()));
        assert!(limiter.address(address(2), false, at(0)).is_err());
        let mapped = Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped();
        assert_eq!(limiter.address(mapped.into(), true, at(0)), Ok(()));
        assert!(limiter.address(Ipv4Addr::new(192, 0, 2, 1).into(), false, at(0)).is_err());
    }

    #[test]
    fn without_limits_nothing_is_remembered() {
        let limiter = Limiter::new(RateLimits::none());
        for _ in 0..1_000 {
            assert_eq!(limiter.address(Ipv4Addr::LOCALHOST.into(), true, at(0)), Ok(()));
            assert_eq!(limiter.player(PlayerId([1; 32]), at(0)), Ok(()));
        }
        assert!(limiter.addresses.lock().unwrap().full_at.is_empty());
    }
}
