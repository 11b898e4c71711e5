//! Whatever the network does, both peers confirm the same states.

use crate::support::{Conditions, Table};
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn probe() {
    let mut table =
        Table::new(1, Conditions { latency: ms(100), jitter: ms(20), burst: 5, ..Conditions::default() });
    table.run_seconds(20);
    eprintln!("{:?} {:#?} {:#?}", table.host.events, table.host.stats(), table.guest.stats());
    eprintln!("{} {}", table.assert_equal(), table.net.messages());
}
