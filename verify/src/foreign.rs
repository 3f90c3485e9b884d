//! A log whose entries are not ours: only its tree, its checkpoint and its note are checked.
//!
//! Anything that C2SP tlog-tiles calls a log. Next: `proof.rs`.

use std::path::Path;

use loa_domain::audit::policy::Policy;

use crate::files::Folder;
use crate::head::{self, Signed};
use crate::report::Report;
use crate::views::Views;
use crate::walk::{self, Progress};

/// Checks the files of any tlog-tiles log against its checkpoint; without a policy nobody's signature is asked for.
pub fn verify_log(folder: &Path, policy: Option<&Policy>, progress: &mut dyn Progress) -> Report {
    let mut report = Report::default();
    match head::of_folder(&Folder::new(folder), policy, &mut report) {
        Some(signed) => check(&Folder::new(folder), &signed, progress, report),
        None => report,
    }
}

/// The same under a checkpoint that is handed in, in place of the folder's own: an older one, or a witness's.
pub fn verify_log_under(
    folder: &Path,
    checkpoint: &[u8],
    policy: Option<&Policy>,
    progress: &mut dyn Progress,
) -> Report {
    let mut report = Report::default();
    match head::of_bytes(checkpoint, policy, &mut report) {
        Some(signed) => check(&Folder::new(folder), &signed, progress, report),
        None => report,
    }
}

fn check(folder: &Folder, signed: &Signed, progress: &mut dyn Progress, mut report: Report) -> Report {
    report.summary.origin.clone_from(&signed.origin);
    report.summary.head = Some(signed.head);
    let tree = walk::walk(folder, signed.head, None, progress, &mut report);
    Views::default().end(&signed.head, tree.head(), &mut report);
    report
}
