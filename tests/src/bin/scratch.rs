//! scratch
use netcord::transport::invite::*;
use netcord::transport::lab::*;
use netcord::transport::*;
use rand_core::SeedableRng as _;
use std::time::Duration;
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);
fn main() {
    let words = "latency=26ms,jitter=0ms,tail=0%:100ms,loss=30%,burst=4,dup=8%,reorder=7%:16ms";
    let mut bad = 0;
    for seed in 0..3000u64 {
        let network = Network::new(seed);
        network.set_conditions(words.parse().unwrap());
        let a = "10.0.0.1:4000".parse().unwrap();
        let b = "10.0.0.2:4000".parse().unwrap();
        let mut tap = network.tap();
        let hs = network.socket(a).unwrap();
        let js = network.socket(b).unwrap();
        let ch = ChannelsConfig::new([ChannelConfig::unreliable()]);
        let cfg =
            InviteHostConfig { timeout_seconds: 60, ..InviteHostConfig::new(protocol_id("x"), vec![a]) };
        let mut host = SecureTransport::new(
            InviteHost::new(cfg, SecureRng::seed_from_u64(seed)).unwrap(),
            hs,
            ch.clone(),
            Manifest::new(),
            0,
        )
        .unwrap();
        host.receive(Duration::ZERO).unwrap();
        let code = host.endpoint_mut().invite(0).unwrap();
        let cfg = InviteJoinerConfig {
            request_timeout: Duration::from_secs(60),
            reconnect: None,
            ..InviteJoinerConfig::new(protocol_id("x"))
        };
        let mut joiner = SecureTransport::new(
            InviteJoiner::new(&code, cfg, SecureRng::seed_from_u64(!seed)),
            js,
            ch,
            Manifest::new(),
            0,
        )
        .unwrap();
        let mut now = Duration::ZERO;
        let mut ups = 0;
        let mut log = Vec::new();
        let mut failed = false;
        for _ in 0..60 * 60 {
            now += FRAME;
            network.advance_to(now);
            host.receive(now).unwrap();
            joiner.receive(now).unwrap();
            while let Some(e) = host.next_event() {
                log.push(format!("{now:?} host {e:?}").chars().take(90).collect::<String>());
                match e {
                    Event::Connected { .. } => ups += 1,
                    _ => failed = true,
                }
            }
            while let Some(e) = joiner.next_event() {
                log.push(format!("{now:?} joiner {e:?}").chars().take(90).collect::<String>());
                match e {
                    Event::Connected { .. } => ups += 1,
                    _ => failed = true,
                }
            }
            host.flush(now).unwrap();
            joiner.flush(now).unwrap();
            if failed || ups == 2 {
                break;
            }
        }
        if ups < 2 {
            bad += 1;
            println!("seed {seed} {log:#?}");
            if bad == 1 {
                for o in tap.by_ref() {
                    println!(
                        "{:?} {} {} kind {}",
                        o.at,
                        if o.from == a { "host->" } else { "<-joiner" },
                        o.datagram.len(),
                        o.datagram[0]
                    );
                }
            }
            println!("{:?} {:?}", network.stats(a, b), network.stats(b, a));
        }
    }
    println!("bad {bad}");
}
