//! Test vectors that others published: runs over whatever a folder holds, and says of every file what became of it.
//!
//! Decides which files it understands: Ed25519 signatures in the form of C2SP's Wycheproof, against `loa_domain::keys`;
//! proofs in the form of transparency-dev/merkle, and whole logs in C2SP tlog-tiles (`vectors/merkle.rs`). Files of other
//! kinds are named and left alone; a file that should be understood and cannot be read fails. Without a folder it says so
//! and ends well.
//!
//!     LOA_VECTORS=<folder> cargo test -p loa-tests --test vectors

#[path = "vectors/merkle.rs"]
mod merkle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use loa_domain::keys::PublicKey;
use serde_json::Value;

/// What became of one file.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    /// Cases that agree with us, and a sentence for each that does not.
    Cases { passed: usize, failed: Vec<String> },
    /// Of a kind that nothing here checks.
    NotUsed,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::var_os("LOA_VECTORS").filter(|folder| !folder.is_empty()) else {
        println!("vectors: no folder given (LOA_VECTORS), nothing to run");
        return ExitCode::SUCCESS;
    };
    let folder = PathBuf::from(folder);
    let (mut files, mut logs) = (Vec::new(), Vec::new());
    if let Err(error) = list(&folder, &mut files, &mut logs) {
        eprintln!("vectors: {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    files.sort();
    let (mut passed, mut failed) = (0, 0);
    let mut unused: BTreeMap<PathBuf, usize> = BTreeMap::new();
    // Files with one case each are counted together; what does not agree is told one by one.
    let mut single: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (log, checked) in logs {
        let name = log.strip_prefix(&folder).unwrap_or(&log).display();
        match &checked {
            Ok(()) => println!("vectors: {name}: a log, all of it agrees"),
            Err(says) => println!("vectors: {name}: a log that does not agree: {says}"),
        }
        *if checked.is_ok() { &mut passed } else { &mut failed } += 1;
    }
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap_or(file);
        match run(file) {
            Run::Cases { passed: 1, failed: bad } if bad.is_empty() => {
                *single.entry(name.parent().unwrap_or(name).to_owned()).or_default() += 1;
                passed += 1;
            }
            Run::NotUsed => *unused.entry(name.iter().next().unwrap_or_default().into()).or_default() += 1,
            Run::Cases { passed: good, failed: bad } => {
                println!("vectors: {}: {good} agree, {} do not", name.display(), bad.len());
                bad.iter().for_each(|says| println!("  {says}"));
                passed += good;
                failed += bad.len();
            }
        }
    }
    for (folder, count) in &single {
        println!("vectors: {}: {count} file(s) with one case each, all agree", folder.display());
    }
    for (folder, count) in &unused {
        println!("vectors: {}: {count} file(s), not used yet", folder.display());
    }
    println!("vectors: {passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>, logs: &mut Vec<merkle::Log>) -> std::io::Result<()> {
    let found = merkle::logs(folder)?;
    if !found.is_empty() {
        logs.extend(found);
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // Links are not followed: one that leads upwards would never end.
        if entry.file_type()?.is_dir() {
            list(&entry.path(), files, logs)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn run(file: &Path) -> Run {
    if file.extension().is_none_or(|extension| extension != "json") {
        return Run::NotUsed;
    }
    let one_failure = |says: String| Run::Cases { passed: 0, failed: vec![says] };
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return one_failure(error.to_string()),
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => match merkle::case(&value) {
            Some(Ok(())) => Run::Cases { passed: 1, failed: Vec::new() },
            Some(Err(says)) => one_failure(says),
            None => signatures(&value),
        },
        // A damaged file of our kind is not passed over; damaged files of other kinds are no concern of ours.
        Err(error) if mentions_eddsa(&bytes) => one_failure(error.to_string()),
        Err(_) => Run::NotUsed,
    }
}

fn mentions_eddsa(bytes: &[u8]) -> bool {
    bytes.windows(5).any(|word| word.eq_ignore_ascii_case(b"eddsa"))
}

/// Wycheproof's EdDSA files: groups of cases under one key each.
fn signatures(file: &Value) -> Run {
    let is_eddsa = file["algorithm"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("eddsa"));
    let Some(groups) = file["testGroups"].as_array().filter(|_| is_eddsa) else { return Run::NotUsed };
    let (mut passed, mut failed, mut used) = (0, Vec::new(), false);
    for group in groups {
        // Older files say `key`. Ed448 comes in the same form.
        let key = if group["publicKey"].is_object() { &group["publicKey"] } else { &group["key"] };
        if key["curve"] != "edwards25519" {
            continue;
        }
        used = true;
        for case in group["tests"].as_array().into_iter().flatten() {
            match signature(&key["pk"], case) {
                Ok(()) => passed += 1,
                Err(says) => failed.push(format!("case {}: {says}", case["tcId"])),
            }
        }
    }
    if used { Run::Cases { passed, failed } } else { Run::NotUsed }
}

fn signature(key: &Value, case: &Value) -> Result<(), String> {
    let key = bytes(key).and_then(|key| key.try_into().ok()).ok_or("its key is not 32 bytes of hexadecimal")?;
    let message = bytes(&case["msg"]).ok_or("its message is not hexadecimal")?;
    let signature = bytes(&case["sig"]).ok_or("its signature is not hexadecimal")?;
    // The type refuses other lengths before any key is asked.
    let verifies = <[u8; 64]>::try_from(signature).is_ok_and(|s| PublicKey(key).verifies_message(&message, &s));
    match (case["result"].as_str(), verifies) {
        (Some("valid"), true) | (Some("invalid"), false) | (Some("acceptable"), _) => Ok(()),
        (Some(wanted @ ("valid" | "invalid")), _) => {
            Err(format!("{wanted} and we say otherwise ({})", case["comment"].as_str().unwrap_or_default()))
        }
        _ => Err(format!("unknown result {}", case["result"])),
    }
}

fn bytes(text: &Value) -> Option<Vec<u8>> {
    let text = text.as_str().filter(|text| text.bytes().all(|sign| sign.is_ascii_hexdigit()) && text.len() % 2 == 0)?;
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
