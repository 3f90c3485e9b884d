//! Cases of transparency-dev/merkle (proofs of inclusion and of consistency), against `loa_domain::audit::merkle`, and
//! whole logs in C2SP tlog-tiles, against `loa_verify::verify_log`.
//!
//! Our hashes are 32 bytes by their type; in some cases a hash is not. A leaf, a root, or a step of a proof that is not
//! 32 bytes is refused, as no caller of ours could hold it, but for one thing: of two trees of the same size the roots are
//! only compared, and one case holds that a tree extends itself whatever its root is called. So there, and only there, a
//! root that is not 32 bytes gets a stand-in, the same for the same bytes. All cases with a first tree of no leaves are
//! refused, most for other reasons; we take the empty tree as a beginning of every tree, which no case contradicts.

use std::path::{Path, PathBuf};

use loa_domain::audit::merkle::{self, Head};
use loa_domain::audit::note::bytes_of_base64;
use loa_domain::audit::tiles;
use loa_domain::id::Hash;
use serde_json::Value;

/// Whether one case is as it should be; nothing for a file of another kind.
pub fn case(file: &Value) -> Option<Result<(), String>> {
    let wanted = !file["wantErr"].as_bool()?;
    let holds = if file.get("leafIdx").is_some() || file.get("leafHash").is_some() {
        inclusion(file)
    } else if file.get("root1").is_some() {
        consistency(file)
    } else {
        return None;
    };
    Some(match holds {
        Err(says) => Err(says),
        Ok(holds) if holds == wanted => Ok(()),
        Ok(_) => {
            let desc = file["desc"].as_str().unwrap_or_default();
            Err(format!("{} and we say otherwise ({desc})", if wanted { "valid" } else { "invalid" }))
        }
    })
}

fn inclusion(file: &Value) -> Result<bool, String> {
    let (index, size) = (number(file, "leafIdx")?, number(file, "treeSize")?);
    let (root, leaf) = (hash(&file["root"])?, hash(&file["leafHash"])?);
    let proof = proof(file)?;
    let (Some(root), Some(leaf), Some(proof)) = (root, leaf, proof) else { return Ok(false) };
    Ok(merkle::includes(&root, size, index, &leaf, &proof))
}

fn consistency(file: &Value) -> Result<bool, String> {
    let (old, new) = (number(file, "size1")?, number(file, "size2")?);
    let root = |field: &str| -> Result<Option<Hash>, String> {
        let bytes = bytes(&file[field])?;
        // A text of its own before it: no stand-in is the hash of anything that has a meaning here.
        let stand_in = || Hash::of(&[&b"a root that is not 32 bytes: "[..], &bytes].concat());
        Ok(bytes[..].try_into().map(Hash).ok().or_else(|| (old == new).then(stand_in)))
    };
    let (Some(first), Some(second), Some(proof)) = (root("root1")?, root("root2")?, proof(file)?) else {
        return Ok(false);
    };
    Ok(merkle::extends(&Head { size: old, root: first }, &Head { size: new, root: second }, &proof))
}

/// A number that is left out is zero, as in the language that these files were written with.
fn number(file: &Value, field: &str) -> Result<u64, String> {
    match &file[field] {
        Value::Null => Ok(0),
        value => value.as_u64().ok_or(format!("its {field} is no number")),
    }
}

fn bytes(text: &Value) -> Result<Vec<u8>, String> {
    match text.as_str() {
        None | Some("") => Ok(Vec::new()),
        Some(text) => bytes_of_base64(text).ok_or_else(|| format!("{text} is not base64")),
    }
}

/// The hash, or nothing when it is not 32 bytes.
fn hash(text: &Value) -> Result<Option<Hash>, String> {
    Ok(bytes(text)?[..].try_into().map(Hash).ok())
}

/// The proof, or nothing when a step of it is not 32 bytes.
fn proof(file: &Value) -> Result<Option<Vec<Hash>>, String> {
    file["proof"].as_array().into_iter().flatten().map(hash).collect()
}

/// A checkpoint of a log of files, and what came of it.
pub type Log = (PathBuf, Result<(), String>);

/// Checks the log in a folder, if it holds one, under each of its checkpoints: `checkpoint`, `checkpoint.1`…
pub fn logs(folder: &Path) -> std::io::Result<Vec<Log>> {
    let mut logs = Vec::new();
    if !folder.join("tile").is_dir() {
        return Ok(logs);
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.split('.').next() == Some(tiles::CHECKPOINT) && entry.file_type()?.is_file() {
            logs.push((entry.path(), log(folder, &std::fs::read(entry.path())?)));
        }
    }
    logs.sort();
    Ok(logs)
}

fn log(folder: &Path, checkpoint: &[u8]) -> Result<(), String> {
    let report = loa_verify::verify_log_under(folder, checkpoint, None, &mut ());
    match report.findings.first() {
        None if report.is_complete() => Ok(()),
        None => Err("not all of its entries were read".to_owned()),
        Some(finding) => Err(finding.to_string()),
    }
}
