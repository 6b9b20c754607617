//! Drives `standin_fuzz::multipart` by libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| standin_fuzz::multipart(bytes));
