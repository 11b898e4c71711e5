//! The decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

use super::datagram::{Body, Datagram};
use super::{ChannelConfig, ChannelsConfig, MAX_DATAGRAM};

/// A datagram that came out of the secure link: what is read keeps to what the format promises.
pub fn datagram(bytes: &[u8]) {
    let config = ChannelsConfig::new([
        ChannelConfig::unreliable(),
        ChannelConfig::unreliable_sequenced(),
        ChannelConfig::reliable_unordered().with_max_message(500),
        ChannelConfig::reliable_ordered(),
    ]);
    let Ok(datagram) = Datagram::parse(bytes, &config) else { return };
    if let Some(ack) = datagram.ack {
        let mut below = u64::MAX;
        for (low, high) in ack.ranges(1 << 20).map_while(Result::ok) {
            assert!(low <= high && high < below, "ack ranges fall and are apart");
            below = low.saturating_sub(1);
        }
    }
    for block in datagram.blocks.map_while(Result::ok) {
        let limit = config.channel(block.channel).map_or(0, |channel| channel.max_message);
        match block.body {
            Body::Messages(messages) => {
                let lengths: Vec<usize> = messages.lengths().collect();
                assert_eq!(lengths.len(), usize::from(messages.count), "each message has a length");
                assert_eq!(lengths.iter().sum::<usize>(), messages.bytes.len(), "the lengths add up");
                assert!(lengths.iter().all(|&length| length <= limit), "no message is over its limit");
            }
            Body::Fragment(fragment) => {
                assert!(fragment.index < fragment.count() && fragment.total as usize <= limit);
                assert!((1..=MAX_DATAGRAM).contains(&fragment.bytes.len()), "a fragment has bytes");
            }
        }
    }
}
