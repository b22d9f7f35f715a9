//! The compiled test tokens; their sources, and the script that compiles them, are in `contracts/`
//! at the root of the workspace.

use serde_json::Value;

use super::rpc::CallError;

macro_rules! compiled {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../contracts/compiled/",
            $name,
            ".json"
        ))
    };
}

pub(super) const TEST_USDT: &str = compiled!("TestUsdt");
pub(super) const TEST_USDC: &str = compiled!("TestUsdc");
pub(super) const FALSE_RETURN: &str = compiled!("FalseReturn");

pub(super) fn bytecode(compiled: &str) -> Result<String, CallError> {
    let parsed: Option<Value> = serde_json::from_str(compiled).ok();
    let bytecode = parsed.as_ref().and_then(|value| value.get("bytecode")?.as_str());
    bytecode.map(str::to_owned).ok_or_else(|| CallError::strange("a contract without bytecode"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anvil::words::hex;
    use sha2::{Digest as _, Sha256};
    use std::fs;

    #[test]
    fn what_is_compiled_is_what_the_sources_say() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/src");
        let known =
            [("TestUsdt", TEST_USDT), ("TestUsdc", TEST_USDC), ("FalseReturn", FALSE_RETURN)];
        for (name, compiled) in known {
            let source = fs::read(format!("{folder}/{name}.sol")).unwrap();
            let compiled: Value = serde_json::from_str(compiled).unwrap();
            let advice = "is stale: run `node contracts/compile.mjs`";
            assert_eq!(compiled["sourceSha256"], hex(&Sha256::digest(source)), "{name} {advice}");
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), known.len());
    }
}
