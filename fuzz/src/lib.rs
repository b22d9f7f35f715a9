//! What must hold of everything that is read from the rail, whatever was sent. The targets in
//! `fuzz_targets/` only call these; how to run them is in `.ci/fuzz`.

pub mod callbacks;
pub mod errors;
pub mod made;
mod told;
