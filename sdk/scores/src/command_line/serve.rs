//! `serve`: a server in the foreground, until it is told to stop.

use super::Failure;
use crate::model::PlayerId;
use crate::server::{GameBoards, Server, ServerConfig, StorePlace};
use serde::Serialize;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use tokio::runtime;
use tracing_subscriber::EnvFilter;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where to listen; port 0 is one that the system chooses
    #[arg(long, default_value = "127.0.0.1:7780")]
    listen: SocketAddr,
    /// The file that scores are kept in
    #[arg(long, value_name = "FILE", default_value = "scores.redb")]
    store: PathBuf,
    /// Keep scores in memory: they are gone when the server stops
    #[arg(long, conflicts_with = "store")]
    memory: bool,
    /// What the service is called
    #[arg(long)]
    name: Option<String>,
    /// Who may hide scores and ban players: what `key` prints. May be given several times
    #[arg(long, value_name = "PLAYER")]
    moderator: Vec<PlayerId>,
    /// A host that clients know it by, with the port unless it is 80 or 443: what is signed for others is refused. May be
    /// given several times
    #[arg(long, value_name = "HOST")]
    authority: Vec<String>,
    /// The address of a proxy whose X-Forwarded-For says who asks. May be given several times
    #[arg(long, value_name = "ADDRESS")]
    trusted_proxy: Vec<IpAddr>,
    /// Print where it listens as JSON
    #[arg(long)]
    json: bool,
    /// Write logs as JSON lines
    #[arg(long)]
    json_logs: bool,
}

/// What is printed once it listens.
#[derive(Serialize)]
struct Ready {
    listening: String,
}

pub(super) fn run(options: Options, mut game: GameBoards) -> Result<(), Failure> {
    start_logs(options.json_logs);
    game.name = options.name.unwrap_or(game.name);
    let store = if options.memory { StorePlace::Memory } else { StorePlace::File(options.store) };
    let config = ServerConfig {
        listen: options.listen,
        moderators: options.moderator,
        authorities: options.authority,
        trusted_proxies: options.trusted_proxy,
        ..ServerConfig::new(game, store)
    };
    if !config.moderators.is_empty() && config.authorities.is_empty() && !config.listen.ip().is_loopback() {
        tracing::warn!(
            "without --authority, another service can hand on here what a moderator signed for it"
        );
    }
    // Before the server: a signal that comes meanwhile isn't lost.
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let told = runtime.block_on(async { told_to_stop() })?;
    let server = Server::start(config)?;
    let listening = format!("http://{}", server.local_addr());
    if options.json {
        println!("{}", serde_json::to_string(&Ready { listening })?);
    } else {
        println!("listening on {listening}");
    }
    io::stdout().flush()?;
    runtime.block_on(told);
    tracing::info!("stopping");
    let stopped = server.stop();
    tracing::info!(cut = stopped.cut, "stopped");
    Ok(())
}

/// A future that is done when the program is asked to end.
#[cfg(unix)]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// A future that is done when the program is asked to end.
#[cfg(windows)]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};
    let (mut interrupt, mut close, mut shutdown) = (ctrl_c()?, ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}

/// Logs go to the error output. `RUST_LOG` chooses other ones.
fn start_logs(json: bool) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,netcord_scores::server=debug"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // Who calls from a program that has its own logs keeps them.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}
