//! Messages over lossy datagrams: four kinds of channel, fragments, acks, receipts, budgets.

mod config;

pub use config::{ChannelConfig, ChannelId, ChannelKind, ChannelsConfig};
