//! Which folders a cluster takes, and which it refuses.

mod support;

use private_pg::{Options, PrivatePg};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use support::{Scratch, run};

fn refusal(root: &Path) -> String {
    let error = PrivatePg::start(&Options::lasting(root)).expect_err("a refusal");
    format!("{error:#}")
}

#[test]
fn two_services_cannot_share_a_folder() {
    let scratch = Scratch::new();
    let first = PrivatePg::start(&Options::throwaway(&scratch.0)).unwrap();
    let error = refusal(&scratch.0);
    assert!(error.contains("is in use"), "{error}");
    assert_eq!(run(&first, "SELECT 1"), ["1"]);
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let scratch = Scratch::new();
    fs::create_dir(&scratch.0).unwrap();
    fs::set_permissions(&scratch.0, Permissions::from_mode(0o755)).unwrap();
    fs::write(scratch.0.join("letter"), "dear").unwrap();
    let error = refusal(&scratch.0);
    assert!(error.contains("holds other files"), "{error}");
    assert_eq!(fs::metadata(&scratch.0).unwrap().mode() & 0o777, 0o755);
    assert_eq!(fs::read_to_string(scratch.0.join("letter")).unwrap(), "dear");
}

#[test]
fn no_link_leads_out_of_the_folder() {
    let scratch = Scratch::new();
    let victim = Scratch::new();
    fs::write(&victim.0, "mine").unwrap();
    fs::create_dir(&scratch.0).unwrap();
    fs::write(scratch.0.join("lock"), "").unwrap();
    std::os::unix::fs::symlink(&victim.0, scratch.0.join("server.log")).unwrap();
    let error = refusal(&scratch.0);
    assert!(error.contains("opening") && error.contains("server.log"), "{error}");
    assert_eq!(fs::read_to_string(&victim.0).unwrap(), "mine");
    fs::remove_file(&victim.0).unwrap();
}

#[test]
fn missing_parents_are_made_and_the_folder_is_private() {
    let scratch = Scratch::new();
    let root = scratch.0.join("a/b/pg");
    let pg = PrivatePg::start(&Options::throwaway(&root)).unwrap();
    assert_eq!((pg.root(), pg.relocated_from()), (root.as_path(), None));
    assert_eq!(fs::metadata(&root).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_path_too_long_for_a_socket_works() {
    let scratch = Scratch::new();
    let root = scratch.0.join("long".repeat(30));
    let mut pg = PrivatePg::start(&Options::throwaway(&root)).unwrap();
    let directories = run(&pg, "SHOW unix_socket_directories").concat();
    let sockets = Path::new(&directories);
    assert_ne!(sockets, root);
    assert_eq!(fs::metadata(sockets).unwrap().mode() & 0o777, 0o700);
    pg.stop().unwrap();
    assert!(!sockets.exists() && !root.exists());
}

#[test]
fn a_path_with_unusual_characters_works() {
    let scratch = Scratch::new();
    let options = Options::lasting(scratch.0.join("it's, \"so\" é"));
    drop(PrivatePg::start(&options).unwrap());
    let pg = PrivatePg::start(&options).unwrap();
    assert_eq!(run(&pg, "SELECT 1"), ["1"]);
}

/// For an ordinary user a folder nobody else may enter is just right. Root's server runs as
/// another account, so the cluster moves out, to the same place at every start.
#[test]
fn a_closed_folder_is_used_or_stood_in_for() {
    let scratch = Scratch::new();
    fs::create_dir(&scratch.0).unwrap();
    fs::set_permissions(&scratch.0, Permissions::from_mode(0o700)).unwrap();
    let wanted = scratch.0.join("clone/pg");
    let options = Options::lasting(&wanted);
    let pg = PrivatePg::start(&options).unwrap();
    run(&pg, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
    let root = pg.root().to_owned();
    if rustix::process::geteuid().is_root() {
        assert_eq!(pg.relocated_from(), Some(wanted.as_path()));
        assert!(!root.starts_with(&scratch.0), "{}", root.display());
        assert!(!wanted.exists());
    } else {
        assert_eq!((pg.relocated_from(), root.as_path()), (None, wanted.as_path()));
    }
    drop(pg);
    fs::set_permissions(&scratch.0, Permissions::from_mode(0o755)).unwrap();
    let again = PrivatePg::start(&options).unwrap();
    assert_eq!(again.root(), root, "once chosen, a place is kept");
    assert_eq!(run(&again, "SELECT n FROM kept"), ["7"]);
    drop(again);
    fs::remove_dir_all(root).unwrap();
}
