//! Drives `standin_fuzz::xml` by libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| standin_fuzz::xml(bytes));
