//! Drives `standin_fuzz::parameter` by libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| standin_fuzz::parameter(bytes));
