//! A simulated network: sockets with addresses, joined by pipes, under a clock that the test moves.

use super::{Conditions, Pipe, PipeStats};
use crate::backend::Inbox;
use crate::{DatagramSocket, TransportError};
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64_with_seed};

/// A simulated network. Clones are the same network.
///
/// Time stands still but for [`advance_to`](Self::advance_to), which delivers what has arrived by then. The same
/// seed and the same calls give the same run, to the byte; [`trace_hash`](Self::trace_hash) tells.
///
/// Datagrams go through a [`Pipe`] for each ordered pair of addresses, with chances of its own: what happens on one
/// link changes nothing on another. A datagram to an address where no socket is goes nowhere.
#[derive(Clone)]
pub struct Network(Arc<Mutex<State>>);

struct State {
    seed: u64,
    conditions: Conditions,
    links: BTreeMap<(SocketAddr, SocketAddr), Link>,
    taps: Vec<Option<TapQueue>>,
    ends: Ends,
}

/// All that is not on the way.
struct Ends {
    now: Duration,
    nodes: Vec<Node>,
    /// Where each node can be reached.
    addresses: BTreeMap<SocketAddr, usize>,
    trace: Xxh3Default,
}

struct Link {
    pipe: Pipe,
    /// Whether it keeps its conditions when those of the whole network change.
    own: bool,
}

struct Node {
    address: SocketAddr,
    inbox: Inbox,
}

impl Network {
    /// A perfect network without sockets, at time zero.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            seed,
            conditions: Conditions::PERFECT,
            links: BTreeMap::new(),
            taps: Vec::new(),
            ends: Ends {
                now: Duration::ZERO,
                nodes: Vec::new(),
                addresses: BTreeMap::new(),
                trace: Xxh3Default::new(),
            },
        })))
    }

    /// A new socket at `address`, any IPv4 or IPv6 address. It frees the address when it is dropped.
    ///
    /// # Errors
    /// [`TransportError::Bind`]: another socket of this network has the address.
    pub fn socket(&self, address: SocketAddr) -> Result<LabSocket, TransportError> {
        let ends = &mut self.lock().ends;
        if ends.addresses.contains_key(&address) {
            return Err(TransportError::Bind { address, source: io::ErrorKind::AddrInUse.into() });
        }
        let node = ends.nodes.len();
        ends.nodes.push(Node { address, inbox: Inbox::default() });
        ends.addresses.insert(address, node);
        Ok(LabSocket { network: self.clone(), node, local: address })
    }

    /// The simulated time.
    pub fn now(&self) -> Duration {
        self.lock().ends.now
    }

    /// When the next datagram arrives, if one is under way.
    pub fn next_time(&self) -> Option<Duration> {
        self.lock().next_arrival().map(|(at, _)| at)
    }

    /// Moves the time to `now` and delivers all that arrives by then, in the order of arrival. What is sent at
    /// `now` over a link without delay arrives with the next call. Time does not go back: an earlier `now` is taken
    /// for the present.
    pub fn advance_to(&self, now: Duration) {
        let mut state = self.lock();
        let now = now.max(state.ends.now);
        while let Some((at, link)) = state.next_arrival().filter(|(at, _)| *at <= now) {
            state.ends.now = at;
            state.arrive(link);
        }
        state.ends.now = now;
    }

    /// Sets the conditions of all links but those that [`set_link`](Self::set_link) has set.
    pub fn set_conditions(&self, conditions: Conditions) {
        let mut state = self.lock();
        state.conditions = conditions;
        for link in state.links.values_mut().filter(|link| !link.own) {
            link.pipe.set_conditions(conditions);
        }
    }

    /// Sets the conditions of one direction of one link.
    pub fn set_link(&self, from: SocketAddr, to: SocketAddr, conditions: Conditions) {
        let mut state = self.lock();
        let link = state.link(from, to);
        link.own = true;
        link.pipe.set_conditions(conditions);
    }

    /// Cuts every link between one of `these` and one of `those`, both ways. What is under way still arrives.
    pub fn partition(&self, these: &[SocketAddr], those: &[SocketAddr]) {
        let mut state = self.lock();
        for &this in these {
            for &that in those {
                state.link(this, that).pipe.set_cut(true);
                state.link(that, this).pipe.set_cut(true);
            }
        }
    }

    /// Mends all that [`partition`](Self::partition) has cut.
    pub fn heal(&self) {
        for link in self.lock().links.values_mut() {
            link.pipe.set_cut(false);
        }
    }

    /// Moves the socket at `old` to `new`, as when a router forgets a mapping or a phone leaves the Wi-Fi: from now
    /// on it sends from `new`, and what goes to `old`, even if it is under way, goes nowhere. Its links keep their
    /// conditions. The socket is not told; its `local_addr` stays, as behind a router.
    ///
    /// # Panics
    /// When no socket is at `old`, or one is at `new`.
    pub fn rebind(&self, old: SocketAddr, new: SocketAddr) {
        let mut state = self.lock();
        let ends = &mut state.ends;
        assert!(!ends.addresses.contains_key(&new), "the address {new} is taken");
        let node = ends.addresses.remove(&old).expect("a socket is at the old address");
        ends.addresses.insert(new, node);
        ends.nodes[node].address = new;

        let renamed = |address| if address == old { new } else { address };
        let moved: Vec<_> = state
            .links
            .iter()
            .filter(|((from, to), _)| *from == old || *to == old)
            .map(|((from, to), link)| {
                (renamed(*from), renamed(*to), link.own, *link.pipe.conditions(), link.pipe.is_cut())
            })
            .collect();
        for (from, to, own, conditions, cut) in moved {
            let link = state.link(from, to);
            link.own = own;
            link.pipe.set_conditions(conditions);
            link.pipe.set_cut(cut);
        }
    }

    /// Shows all datagrams from now on to a third party, as they are sent.
    pub fn tap(&self) -> Tap {
        let mut state = self.lock();
        state.taps.push(Some(TapQueue::default()));
        let index = state.taps.len() - 1;
        drop(state);
        Tap { network: self.clone(), index }
    }

    /// Delivers a datagram of a third party at once, whatever the link's conditions. `from` may be anybody's address.
    pub fn inject(&self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        self.lock().ends.deliver(from, to, datagram);
    }

    /// What happened so far on one direction of one link.
    pub fn stats(&self, from: SocketAddr, to: SocketAddr) -> PipeStats {
        self.lock().links.get(&(from, to)).map(|link| link.pipe.stats()).unwrap_or_default()
    }

    /// A hash of all datagrams that were sent and delivered so far: when, from whom, to whom, and every byte. It is
    /// equal when two runs were equal, and (but for one chance in 2^64) only then.
    pub fn trace_hash(&self) -> u64 {
        self.lock().ends.trace.digest()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl core::fmt::Debug for Network {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let state = self.lock();
        f.debug_struct("Network")
            .field("seed", &state.seed)
            .field("now", &state.ends.now)
            .finish_non_exhaustive()
    }
}

impl State {
    fn send(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        self.ends.record(b's', from, to, datagram);
        let now = self.ends.now;
        for tap in self.taps.iter_mut().flatten() {
            tap.push(Observed { at: now, from, to, datagram: datagram.to_vec() });
        }
        if self.ends.addresses.contains_key(&to) {
            self.link(from, to).pipe.push(now, datagram);
        }
    }

    /// The pipe of one direction between two addresses, made when it is first used.
    fn link(&mut self, from: SocketAddr, to: SocketAddr) -> &mut Link {
        let (seed, conditions) = (self.seed, self.conditions);
        self.links.entry((from, to)).or_insert_with(|| {
            let mut ends = [0; 36];
            ends[..18].copy_from_slice(&address_bytes(from));
            ends[18..].copy_from_slice(&address_bytes(to));
            Link { pipe: Pipe::new(conditions, xxh3_64_with_seed(&ends, seed)), own: false }
        })
    }

    /// The next arrival and its link. The first link in the order of addresses goes first where times are equal.
    fn next_arrival(&self) -> Option<(Duration, (SocketAddr, SocketAddr))> {
        self.links.iter().filter_map(|(ends, link)| Some((link.pipe.next_time()?, *ends))).min()
    }

    fn arrive(&mut self, (from, to): (SocketAddr, SocketAddr)) {
        if let Some(link) = self.links.get_mut(&(from, to))
            && let Some(datagram) = link.pipe.pop(self.ends.now)
        {
            self.ends.deliver(from, to, datagram);
        }
    }
}

impl Ends {
    fn deliver(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        self.record(b'd', from, to, datagram);
        if let Some(&node) = self.addresses.get(&to) {
            self.nodes[node].inbox.push(from, datagram);
        }
    }

    fn record(&mut self, event: u8, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        self.trace.update(&[event]);
        self.trace.update(&self.now.as_nanos().to_le_bytes());
        self.trace.update(&address_bytes(from));
        self.trace.update(&address_bytes(to));
        self.trace.update(&(datagram.len() as u64).to_le_bytes());
        self.trace.update(datagram);
    }
}

/// One end on a [`Network`].
#[derive(Debug)]
pub struct LabSocket {
    network: Network,
    node: usize,
    local: SocketAddr,
}

impl LabSocket {
    /// The network that the socket is on.
    pub const fn network(&self) -> &Network {
        &self.network
    }
}

impl DatagramSocket for LabSocket {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        Ok(self.network.lock().ends.nodes[self.node].inbox.pop(buffer))
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        let mut state = self.network.lock();
        let from = state.ends.nodes[self.node].address;
        state.send(from, to, datagram);
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

impl Drop for LabSocket {
    fn drop(&mut self) {
        let Ends { nodes, addresses, .. } = &mut self.network.lock().ends;
        nodes[self.node].inbox = Inbox::default();
        addresses.remove(&nodes[self.node].address);
    }
}

/// A third party that sees every datagram as it is sent: an iterator over those that it has not given out yet, of
/// which it holds the newest 16 MiB, or 16,384.
#[derive(Debug)]
pub struct Tap {
    network: Network,
    index: usize,
}

/// A datagram that a [`Tap`] saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// When it was sent.
    pub at: Duration,
    /// The sender.
    pub from: SocketAddr,
    /// The receiver it was meant for.
    pub to: SocketAddr,
    /// What was sent.
    pub datagram: Vec<u8>,
}

impl Iterator for Tap {
    type Item = Observed;

    fn next(&mut self) -> Option<Observed> {
        self.network.lock().taps[self.index].as_mut()?.pop()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.network.lock().taps[self.index] = None;
    }
}

#[derive(Default)]
struct TapQueue {
    seen: VecDeque<Observed>,
    bytes: usize,
}

impl TapQueue {
    fn push(&mut self, observed: Observed) {
        self.bytes += observed.datagram.len();
        self.seen.push_back(observed);
        while self.bytes > Pipe::MAX_BYTES || self.seen.len() > Pipe::MAX_DATAGRAMS {
            self.pop();
        }
    }

    fn pop(&mut self) -> Option<Observed> {
        let observed = self.seen.pop_front()?;
        self.bytes -= observed.datagram.len();
        Some(observed)
    }
}

/// An address in one form, whatever its family.
fn address_bytes(address: SocketAddr) -> [u8; 18] {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    let mut bytes = [0; 18];
    bytes[..16].copy_from_slice(&ip.octets());
    bytes[16..].copy_from_slice(&address.port().to_le_bytes());
    bytes
}
