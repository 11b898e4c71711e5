#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| netcord_tests::fuzz::run("scores_http", data));
