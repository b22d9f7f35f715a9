//! The program's own words. Being here, next to the program, this test also makes cargo build it, with
//! the same features as everything else, before the scenarios of `tests/` start it.

use std::process::Command;

fn said(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kivuko")).args(arguments).output();
    let output = output.expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

#[test]
fn help_names_every_command() {
    let (is_well, help) = said(&["--help"]);
    assert!(is_well, "{help}");
    for command in ["serve", "check", "migrate", "mpesa", "chain", "demo", "token"] {
        let is_named = help.lines().any(|line| line.trim_start().starts_with(command));
        assert!(is_named, "{command} is not in\n{help}");
    }
}

#[test]
fn a_chain_that_nobody_knows_is_refused_with_those_that_are() {
    let (is_well, told) = said(&["demo", "--chain", "solana"]);
    assert!(!is_well && told.contains("must be tron or ethereum"), "{told}");
}
