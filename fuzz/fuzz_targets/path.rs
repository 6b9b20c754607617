//! Drives `standin_fuzz::path` by libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| standin_fuzz::path(bytes));
