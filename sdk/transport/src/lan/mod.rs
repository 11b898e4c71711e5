//! Games on the local network, found by mDNS: an [`Advertiser`] at the host, a [`Browser`] at who looks for one.
//!
//! ```no_run
//! use netcord_transport::invite::protocol_id;
//! use netcord_transport::lan::{Advertiser, Browser, Joining, LanGame};
//!
//! # fn example(invite: netcord_transport::invite::InviteCode) -> Result<(), netcord_transport::lan::LanError> {
//! let mut game = LanGame::new(protocol_id("org.example.pong"), "Ann's game", env!("CARGO_PKG_VERSION"));
//! (game.players, game.max_players, game.invite) = (1, 2, Some(invite));
//! let advertiser = Advertiser::start(&game)?;
//!
//! // Elsewhere, in each frame:
//! let mut browser = Browser::start(protocol_id("org.example.pong"), env!("CARGO_PKG_VERSION"))?;
//! while browser.next_event().is_some() {}
//! for listing in browser.games() {
//!     let how = match &listing.joining {
//!         Joining::Open(code) => format!("join with {code}"),
//!         Joining::AskForCode => "ask the host for the code".into(),
//!         Joining::OtherVersion => format!("runs version {}", listing.version),
//!     };
//!     println!("{}, {} of {} players: {how}", listing.name, listing.players, listing.max_players);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! **An advert with an invite code opens the game to everyone on the network**, as far as the code does: whoever hears
//! it can join. Leave [`LanGame::invite`] empty where strangers share the network, and tell the code yourself.
//!
//! **Nothing that is heard is authentic.** Anyone on the network can advertise any name, copy another game's, hide
//! games by advertising more than [`MAX_LISTINGS`], or say that one is gone. What is listed is cleaned and short, so it
//! can be shown; who is behind it is known only after the [`invite`](crate::invite)'s handshake. A false advert's code
//! makes the joiner send a few small datagrams to the addresses that it names.
//!
//! This is the one place in the SDK that starts a thread of its own, so it is a cargo feature, `lan`, that one asks for
//! by name: the crate `mdns-sd` owns the thread and its sockets, one pair for each advertiser and browser. Nothing here
//! waits for it but [`Advertiser::stop`].
//!
//! Windows and macOS ask the user, the first time, whether the game may use the local network; iOS needs the
//! entitlement `com.apple.developer.networking.multicast`, and `NSLocalNetworkUsageDescription` in the plist.
//!
//! The adverts are in STANDARD.md, section 4.10.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod advert;
mod advertiser;
mod browser;
mod daemon;
#[doc(hidden)]
pub mod fuzzing;
mod listings;
#[cfg(test)]
mod tests;
mod text;

pub use advert::LanGame;
pub use advertiser::Advertiser;
pub use browser::Browser;
pub use daemon::LanError;
pub use listings::{Joining, LanEvent, LanListing, ListingId, MAX_LISTINGS};
pub use text::{MAX_NAME, MAX_VERSION};

/// The service type of all games.
const SERVICE: &str = "_netcord._udp.local.";
