//! A log whose entries are not ours: only its tree, its checkpoint and its note are checked.
//!
//! Anything that C2SP tlog-tiles calls a log. Next: `proof.rs`.

use std::path::Path;

use loa_domain::audit::policy::Policy;

use crate::files::Folder;
use crate::head;
use crate::report::Report;
use crate::walk::{self, Progress};
use crate::views::Views;

/// Checks the files of any tlog-tiles log against its checkpoint; without a policy nobody's signature is asked for.
pub fn verify_log(folder: &Path, policy: Option<&Policy>, progress: &mut dyn Progress) -> Report {
    let mut report = Report::default();
    let folder = Folder::new(folder);
    let Some(signed) = head::of_folder(&folder, policy, &mut report) else { return report };
    report.summary.origin.clone_from(&signed.origin);
    report.summary.head = Some(signed.head);
    let tree = walk::walk(&folder, signed.head, None, progress, &mut report);
    Views::default().end(&signed.head, tree.head(), &mut report);
    report
}
