#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| netcord_tests::fuzz::run("netcode_sealed_and_opened", data));
