//! Drives `standin_fuzz::document` by libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| standin_fuzz::document(bytes));
