//! What the gateway answers a request with: any status and any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::errors::check(data));
