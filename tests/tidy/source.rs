//! The workspace's own Rust files.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: where it is below the workspace's root, and its text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Tests may be long, and may do what production code may not.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.starts_with("tests/")
            || self.path.contains("/testing/")
    }

    /// The text before the file's own tests.
    pub(super) fn production(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's root")
}

/// Every Rust file of the workspace.
pub(super) fn all() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    for folder in ["crates", "tests", "bench"] {
        walk(&root.join(folder), &mut found);
    }
    assert!(found.len() > 50, "found only {} files: is this the workspace?", found.len());
    found.sort();
    let read = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("a readable source file"),
        path: path.strip_prefix(&root).expect("below the root").display().to_string(),
    };
    found.into_iter().map(read).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Fails with everything that breaks a rule, not only the first.
pub(super) fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}
