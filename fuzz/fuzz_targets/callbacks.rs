//! What the rail calls back with, or anybody who knows the URL: any bytes at every door, and well-made
//! notices that must be read as what they are.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::callbacks::check(data);
    fuzz::made::check(data);
});
