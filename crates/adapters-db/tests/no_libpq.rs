//! Neither building nor running needs the C library: what would bring it is not in the lock file.

use std::path::Path;

#[test]
fn no_crate_of_the_workspace_links_libpq() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).expect("the lock file");
    assert!(lock.contains(r#"name = "diesel-async""#), "the right file");
    for name in ["pq-sys", "pq-src"] {
        assert!(!lock.contains(&format!(r#"name = "{name}""#)), "{name}");
    }
}
