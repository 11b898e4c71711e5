#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| netcord_tests::fuzz::run("netcode_packet_data", data));
