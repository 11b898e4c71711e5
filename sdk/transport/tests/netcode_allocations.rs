//! Payloads cost no allocation, and what strangers send costs next to none.

mod netcode_support;

use allocation_counter::measure;
use core::time::Duration;
use netcode_support::*;
use netcord_transport::Endpoint;
use netcord_transport::netcode::Client;

/// One exchange of a payload each way, through one buffer.
fn exchange(pair: &mut Pair, buffer: &mut [u8; 1_500], payload: &[u8]) {
    pair.now += Duration::from_millis(16);
    pair.server.update(pair.now, pair.unix);
    pair.client.update(pair.now, pair.unix);
    let peer = pair.peer();
    pair.server.send(peer, payload).unwrap();
    pair.client.send(Client::SERVER, payload).unwrap();
    let mut arrived = 0;
    while let Some(transmit) = pair.server.next_transmit() {
        let datagram = &mut buffer[..transmit.datagram.len()];
        datagram.copy_from_slice(transmit.datagram);
        arrived += usize::from(pair.client.receive(SERVER, datagram).is_some_and(|(_, got)| got == payload));
    }
    while let Some(transmit) = pair.client.next_transmit() {
        let datagram = &mut buffer[..transmit.datagram.len()];
        datagram.copy_from_slice(transmit.datagram);
        arrived += usize::from(pair.server.receive(HOME, datagram).is_some_and(|(_, got)| got == payload));
    }
    assert_eq!(arrived, 2);
}

#[test]
fn payloads_cost_no_allocation_on_either_side() {
    let mut pair = Pair::connected();
    let mut buffer = [0; 1_500];
    for _ in 0..10 {
        exchange(&mut pair, &mut buffer, &[7; 1_200]);
    }
    let info = measure(|| {
        for size in 1..=1_200 {
            exchange(&mut pair, &mut buffer, &[7; 1_200][..size]);
        }
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn keep_alives_cost_no_allocation() {
    let mut pair = Pair::connected();
    let keep_silent = |pair: &mut Pair| {
        for _ in 0..500 {
            pair.now += Duration::from_millis(10);
            pair.server.update(pair.now, pair.unix);
            pair.client.update(pair.now, pair.unix);
            let mut buffer = [0; 64];
            while let Some(transmit) = pair.server.next_transmit() {
                let datagram = &mut buffer[..transmit.datagram.len()];
                datagram.copy_from_slice(transmit.datagram);
                pair.client.receive(SERVER, datagram);
            }
            while let Some(transmit) = pair.client.next_transmit() {
                let datagram = &mut buffer[..transmit.datagram.len()];
                datagram.copy_from_slice(transmit.datagram);
                pair.server.receive(HOME, datagram);
            }
        }
    };
    keep_silent(&mut pair);
    assert_eq!(measure(|| keep_silent(&mut pair)).count_total, 0);
    assert_eq!(pair.server.connected(), 1);
}

#[test]
fn datagrams_of_strangers_cost_no_allocation() {
    let mut pair = Pair::connected();
    let forged: Vec<Vec<u8>> = (0..=255_u8).map(|prefix| vec![prefix; 1_078]).collect();
    let mut datagram = vec![0; 1_078];
    let info = measure(|| {
        for forged in &forged {
            for from in [HOME, ELSEWHERE] {
                datagram.copy_from_slice(forged);
                assert!(pair.server.receive(from, &mut datagram).is_none());
            }
            datagram.copy_from_slice(forged);
            assert!(pair.client.receive(SERVER, &mut datagram).is_none());
        }
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn a_repeated_request_costs_only_the_reading_of_its_token() {
    let mut pair = Pair::new();
    let request = pair.client_sends().remove(0);
    pair.server_takes(&request);
    pair.server_sends();
    let mut datagram = request.clone();
    let info = measure(|| {
        for _ in 0..100 {
            datagram.copy_from_slice(&request);
            assert!(pair.server.receive(HOME, &mut datagram).is_none());
            assert!(pair.server.next_transmit().is_some());
        }
    });
    assert_eq!((info.count_total, info.count_current), (100, 0), "the list of addresses");
}
