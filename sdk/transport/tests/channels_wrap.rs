//! Packet numbers and message ids are sent in 16 bits, and wrap.

mod channels_pipe;

use channels_pipe::{Lab, Path, messages};
use netcord_transport::{ChannelConfig, ChannelId};

#[test]
fn messages_arrive_past_the_wrap_of_ids_and_packet_numbers() {
    let channels =
        [ChannelConfig::reliable_ordered(), ChannelConfig::reliable_unordered(), ChannelConfig::unreliable()];
    let mut lab = Lab::new(channels, Path { duplicates: 5, ..Path::lossy(5) }, 1);
    let (mut next, mut unordered, mut unreliable) = (0_u32, 0_u64, 0_u32);
    let ticks = 70_000_u32;
    for tick in 0..ticks + 200 {
        if tick < ticks {
            lab.ends[0].send(ChannelId(0), &tick.to_le_bytes()).expect("room");
            lab.ends[0].send(ChannelId(1), &tick.to_le_bytes()).expect("room");
            lab.ends[0].send(ChannelId(2), &[]).expect("room");
        }
        lab.deliver();
        while let Some(event) = lab.ends[1].next_event() {
            use netcord_transport::channels::ConnectionEvent::Message;
            let Message { channel, payload } = event else { panic!("no receipts are wanted") };
            let number = || u32::from_le_bytes(payload.try_into().expect("four bytes"));
            match channel.0 {
                0 => {
                    assert_eq!(number(), next);
                    next += 1;
                }
                1 => unordered += u64::from(number()),
                _ => unreliable += 1,
            }
        }
        lab.flush();
    }
    assert_eq!(next, ticks);
    assert_eq!(unordered, u64::from(ticks) * u64::from(ticks - 1) / 2, "each once");
    assert!(lab.datagrams[0] > 1 << 16);
    assert!((0.94..0.96).contains(&(f64::from(unreliable) / f64::from(ticks))), "{unreliable} of {ticks}");
}

#[test]
fn fragments_arrive_past_the_wrap_of_ids() {
    let channels = [ChannelConfig::reliable_ordered(), ChannelConfig::unreliable()];
    let mut lab = Lab::new(channels, Path::lossy(1), 1);
    let payload = vec![7; 100_000];
    let mut arrived = [0, 0];
    for _ in 0..800 {
        for channel in 0..2 {
            lab.ends[0].send(ChannelId(channel), &payload).expect("room");
        }
        for _ in 0..2 {
            let seen = lab.run(1);
            for seen in &seen[1] {
                if let channels_pipe::Seen::Message(channel, _) = seen {
                    arrived[usize::from(channel.0)] += 1;
                }
            }
            assert!(messages(&seen[1]).all(|message| message == payload));
        }
    }
    let rest = lab.run(100);
    arrived[0] +=
        rest[1].iter().filter(|seen| matches!(seen, channels_pipe::Seen::Message(ChannelId(0), _))).count();
    assert_eq!(arrived[0], 800, "88 fragments each: past 65,536");
    assert!(arrived[1] > 250, "{} whole at 1 % loss a fragment", arrived[1]);
}

#[test]
fn a_straggler_from_before_the_wrap_is_not_taken_for_new() {
    for kind in [ChannelConfig::reliable_ordered(), ChannelConfig::reliable_unordered()] {
        let mut lab = Lab::new([kind], Path::CLEAN, 1);
        lab.ends[0].send(ChannelId(0), b"straggler").expect("room");
        let mut straggler = Vec::new();
        assert!(lab.ends[0].next_datagram(lab.now, &mut straggler));
        let (mut sent, mut arrived) = (1_u32, 0);
        while arrived < 65_536 {
            let left = 65_536 - sent;
            for _ in 0..left.min(100) {
                lab.ends[0].send(ChannelId(0), b"fresh").expect("room");
                sent += 1;
            }
            arrived += messages(&lab.run(1)[1]).count();
        }
        assert!(lab.datagrams[0] < 4_000, "not too old a packet by itself");
        // Its id is that of the next message, modulo 65,536.
        lab.ends[1].receive(&straggler, lab.now).expect("well-formed");
        assert_eq!(lab.ends[1].next_event(), None);
        lab.ends[0].send(ChannelId(0), b"next").expect("room");
        assert!(messages(&lab.run(10)[1]).eq([b"next"]));
    }
}
