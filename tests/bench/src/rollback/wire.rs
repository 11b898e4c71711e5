//! The wire that both sides play over: it holds each datagram back and counts it.

use netcord::transport::DatagramSocket;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

/// One way.
const DELAY: Duration = Duration::from_millis(25);

/// The time of the benchmark's frame.
#[derive(Clone)]
pub(crate) struct Clock(Rc<Cell<Duration>>);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Cell::new(Duration::ZERO)))
    }

    pub(crate) fn set(&self, now: Duration) {
        self.0.set(now);
    }

    pub(crate) fn now(&self) -> Duration {
        self.0.get()
    }
}

/// What has been sent, without UDP and IP.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

#[derive(Default)]
struct Way {
    under_way: VecDeque<(Duration, Vec<u8>)>,
    sent: Traffic,
}

/// One end of a wire.
pub(crate) struct End {
    clock: Clock,
    out: Rc<RefCell<Way>>,
    into: Rc<RefCell<Way>>,
    address: SocketAddr,
    other: SocketAddr,
}

/// A wire's two ends.
pub(crate) fn wire(clock: &Clock) -> [End; 2] {
    let [to_second, to_first] = [(), ()].map(|()| Rc::new(RefCell::new(Way::default())));
    let [first, second] = [1, 2].map(|host| SocketAddr::from((Ipv4Addr::new(10, 0, 0, host), 4_000)));
    let end = |out: &Rc<_>, into: &Rc<_>, address, other| End {
        clock: clock.clone(),
        out: Rc::clone(out),
        into: Rc::clone(into),
        address,
        other,
    };
    [end(&to_second, &to_first, first, second), end(&to_first, &to_second, second, first)]
}

impl End {
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) const fn other(&self) -> SocketAddr {
        self.other
    }

    /// What both ends have sent, to be read while they are lent out.
    pub(crate) fn counter(&self) -> impl Fn() -> Traffic + 'static {
        let (out, into) = (Rc::clone(&self.out), Rc::clone(&self.into));
        move || {
            let (out, into) = (out.borrow().sent, into.borrow().sent);
            Traffic { packets: out.packets + into.packets, bytes: out.bytes + into.bytes }
        }
    }

    pub(crate) fn put(&self, datagram: Vec<u8>) {
        let mut way = self.out.borrow_mut();
        way.sent.packets += 1;
        way.sent.bytes += datagram.len() as u64;
        way.under_way.push_back((self.clock.now() + DELAY, datagram));
    }

    pub(crate) fn take(&self) -> Option<Vec<u8>> {
        let under_way = &mut self.into.borrow_mut().under_way;
        under_way.pop_front_if(|(at, _)| *at <= self.clock.now()).map(|(_, datagram)| datagram)
    }
}

impl DatagramSocket for End {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        Ok(self.take().map(|datagram| {
            buffer[..datagram.len()].copy_from_slice(&datagram);
            (datagram.len(), self.other)
        }))
    }

    fn send(&mut self, _: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        self.put(datagram.to_vec());
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
