//! What the client, the service and the stores have in common. Nothing here knows a network, a file or a clock.

mod board;
mod id;
mod moderation;
mod player;
mod score;
mod ticket;
mod time;

pub use board::{Board, Entries, Order, RunLimits, Seasons, TicketPolicy, Unit};
pub use id::{BoardId, InvalidId, PlayerId, ScoreId, TicketId};
pub use moderation::{Act, AuditEntry};
pub use player::Player;
pub use score::{Claim, Listing, Position, Score, Timing};
pub use ticket::Ticket;
pub use time::UnixTime;
