//! A process that is killed while it writes. Next file: `tests/powercut.rs` of the whole system, where the
//! page cache dies with it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The example beside this test's own program; cargo builds it together with the tests.
fn writer_program() -> Option<PathBuf> {
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("examples/store_writer");
    if !program.is_file() {
        println!("not tested: the example store_writer is not built");
        return None;
    }
    Some(program)
}

#[test]
fn a_writer_killed_again_and_again_loses_nothing_it_was_promised() {
    let Some(program) = writer_program() else {
        return;
    };
    for engine in ["tree", "log"] {
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = 0;
        for round in 0..8 {
            let mut writer = Command::new(&program)
                .arg("write")
                .arg(dir.path())
                .args([engine, "500"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Killed after so many answers, at whatever it is doing then; the answers that are still
            // in the pipe count too.
            let mut answers = 0;
            for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
                let line = line.unwrap();
                if let Some(number) = line.strip_prefix("ack ") {
                    acknowledged = number.parse().unwrap();
                    answers += 1;
                }
                if answers == 3 + round * 17 {
                    writer.kill().unwrap();
                }
            }
            writer.wait().unwrap();
            let output = Command::new(&program)
                .arg("verify")
                .arg(dir.path())
                .args([engine, "500", &format!("{acknowledged}")])
                .output()
                .unwrap();
            let found = String::from_utf8(output.stdout).unwrap();
            assert!(acknowledged > 0_u64);
            assert!(found.contains(" lost 0 torn 0 opened clean"), "{engine}: {found}");
        }
    }
}
