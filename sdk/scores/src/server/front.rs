//! The front: a thread with the gate and all connections, and the threads of the handler. It can be started and stopped.

use super::connection::House;
use super::figures::Figures;
use super::gate::Gate;
use super::handler::Handler;
use super::limits::Limits;
use super::place::Places;
use super::workers::Workers;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, LocalOptions, LocalRuntime};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

/// How many connections the system keeps for us until we accept them.
const BACKLOG: u32 = 1024;

/// Why a server can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrontError {
    /// Another program listens there. Stop it, or choose another port.
    #[error("another program listens at {0}: stop it, or choose another port")]
    InUse(SocketAddr),
    /// Programs may not listen there without being allowed to. Choose a port from 1024 on.
    #[error("this program may not listen at {0}: choose a port from 1024 on")]
    NotAllowed(SocketAddr),
    /// The machine has no such address. Choose one that it has.
    #[error("this machine has no address {0}")]
    NoSuchAddress(SocketAddr),
    /// The system refused something else.
    #[error("can't listen at {address}")]
    Failed {
        /// Where.
        address: SocketAddr,
        /// What went wrong.
        source: io::Error,
    },
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// How many connections had to be cut off, since they took longer than the server waits when it stops.
    pub cut: usize,
}

/// What a [`Front`] is made with.
#[derive(Debug)]
pub struct FrontOptions {
    /// Where to listen. Port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// How much it takes on.
    pub limits: Limits,
    /// Proxies that say in `X-Forwarded-For` who asks. Only those that nobody gets past: what others write there is passed
    /// over.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where it counts.
    pub figures: Arc<Figures>,
}

impl FrontOptions {
    /// The usual limits, no proxies.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, limits: Limits::default(), trusted_proxies: Vec::new(), figures: Arc::default() }
    }
}

/// An HTTP server before a handler. Dropping it stops it, as [`Front::stop`] does.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Stopped>>,
}

impl Front {
    /// Listens, and answers by this handler, until it is stopped.
    ///
    /// # Errors
    /// [`FrontError`], when it can't listen there.
    pub fn start(options: FrontOptions, handler: Arc<dyn Handler>) -> Result<Self, FrontError> {
        let FrontOptions { listen: address, limits, trusted_proxies, figures } = options;
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => FrontError::InUse(address),
            io::ErrorKind::PermissionDenied => FrontError::NotAllowed(address),
            io::ErrorKind::AddrNotAvailable => FrontError::NoSuchAddress(address),
            _ => FrontError::Failed { address, source },
        };
        let workers =
            |name, threads, queue, waiting| Workers::start(name, threads, queue, waiting).map_err(failed);
        let quick =
            workers("scores-quick", limits.quick_workers, limits.quick_queue, &figures.quick_waiting)?;
        let (threads, queue) = (limits.verification_workers, limits.verification_queue);
        let verification = workers("scores-verify", threads, queue, &figures.verification_waiting)?;
        let request_ids = getrandom::u64().map_err(|error| failed(io::Error::other(error.to_string())))?;
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = sync_channel(1);
        let run = move || match listen(address) {
            Ok((runtime, listener, bound)) => {
                // Whoever starts us waits for it.
                let _ = ready.send(Ok(bound));
                let house = House {
                    places: Places::new(&limits),
                    handler,
                    limits,
                    trusted_proxies,
                    figures,
                    quick,
                    verification,
                    stopping: Cell::new(false),
                    request_ids: Cell::new(request_ids),
                    slow: RefCell::default(),
                };
                serve(runtime, house, listener, stopped)
            }
            Err(error) => {
                let _ = ready.send(Err(error));
                Stopped { cut: 0 }
            }
        };
        let thread = Builder::new().name("scores-server".to_owned()).spawn(run).map_err(failed)?;
        let bound = started.recv().unwrap_or_else(|_| Err(io::Error::other("the server's thread ended")));
        Ok(Self { address: bound.map_err(failed)?, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nobody any more, finishes what is under way, and returns when all is done.
    pub fn stop(mut self) -> Stopped {
        self.end()
    }

    fn end(&mut self) -> Stopped {
        if let Some(stop) = self.stop.take() {
            // It is there until it is told.
            let _ = stop.send(());
        }
        let ended = self.thread.take().map(|thread| thread.join());
        ended.and_then(Result::ok).unwrap_or(Stopped { cut: 0 })
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves until it is told to stop.
fn serve(
    runtime: LocalRuntime,
    house: House,
    listener: TcpListener,
    stopped: oneshot::Receiver<()>,
) -> Stopped {
    let house = Rc::new(house);
    let stop_deadline = house.limits.stop_deadline;
    let gate = Gate::new(house.clone());
    let (cut, until) = runtime.block_on(async {
        let sweeping = gate.clone();
        spawn_local(async move { sweeping.sweep().await });
        tokio::select! {
            // Stopped, or forgotten.
            _ = stopped => {}
            () = gate.accept(&listener) => {}
        }
        drop(listener);
        let until = Instant::now() + stop_deadline;
        (gate.close(stop_deadline).await, until)
    });
    // With the runtime end all tasks, and with them who else has the house.
    drop((runtime, gate));
    if let Some(house) = Rc::into_inner(house) {
        house.quick.stop(until);
        house.verification.stop(until);
    }
    Stopped { cut }
}

/// A socket that listens, and what runs it. What a server left behind that ended a moment ago is no hindrance.
fn listen(address: SocketAddr) -> io::Result<(LocalRuntime, TcpListener, SocketAddr)> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build_local(LocalOptions::default())?;
    let inside = runtime.enter();
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows this would let two servers listen at once.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let bound = listener.local_addr()?;
    drop(inside);
    Ok((runtime, listener, bound))
}
