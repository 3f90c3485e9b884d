//! What is handed in for a check, and the check itself from end to end.
//!
//! Everything that is not handed in is not trusted. Next: `foreign.rs` (a log of others), `proof.rs` (one leaf).

use std::path::{Path, PathBuf};

use loa_domain::audit::policy::Policy;
use loa_domain::keys::{Purpose, Root, Sealed};
use loa_domain::wire;

use crate::files::Folder;
use crate::head;
use crate::held::Held;
use crate::leaf::Trust;
use crate::report::{Report, Told};
use crate::walk::{self, Progress, Story};

/// A piece of evidence that was handed in: what to call it, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What findings call it: usually the file's name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An exported log, and what the auditor holds against it.
#[derive(Clone, Debug)]
pub struct Export {
    /// The log's folder: `checkpoint`, `tile/`.
    pub folder: PathBuf,
    /// Whose checkpoints count.
    pub policy: Policy,
    /// Other checkpoints of this log that were seen elsewhere: signed notes.
    pub checkpoints: Vec<Given>,
    /// Files of sealed records that players hold.
    pub held: Vec<Given>,
    /// Root documents, of any version that was in force: whose orders and releases count.
    pub roots: Vec<Root>,
}

impl Export {
    /// A log's folder under a policy, with no further evidence.
    #[must_use]
    pub fn new(folder: &Path, policy: Policy) -> Self {
        Self { folder: folder.to_owned(), policy, checkpoints: Vec::new(), held: Vec::new(), roots: Vec::new() }
    }
}

/// The root document of a file: plain, or sealed by the keys that it names itself.
///
/// Nobody vouches for it but whoever hands it in.
#[must_use]
pub fn read_root(bytes: &[u8]) -> Option<Root> {
    if let Ok(root) = wire::decode::<Root>(bytes) {
        return Some(root);
    }
    let sealed = Sealed::read(bytes).ok()?;
    let root: Root = wire::decode(sealed.body).ok()?;
    sealed.open(Purpose::Root, &root.root).ok()
}

/// Checks an exported log.
pub fn verify(export: &Export, progress: &mut dyn Progress) -> Report {
    let mut report = Report::default();
    let folder = Folder::new(&export.folder);
    let Some(signed) = head::of_folder(&folder, Some(&export.policy), &mut report) else { return report };
    report.summary.origin.clone_from(&signed.origin);
    report.summary.head = Some(signed.head);
    if export.roots.is_empty() {
        report.tell(Told::NoRoot);
    }
    if export.policy.is_quorum(&[]) {
        report.tell(Told::NoWitnesses);
    }
    let held = Held::read(export.held.iter().map(|given| (given.name.as_str(), &given.bytes[..])), &mut report);
    let mut story = Story::new(&signed.origin, signed.head.size, held);
    let trust = Trust { policy: &export.policy, roots: &export.roots };
    let tree = walk::walk(&folder, signed.head, Some((&mut story, trust)), progress, &mut report);
    for given in &export.checkpoints {
        head::other(&given.name, &given.bytes, &export.policy, &signed, &mut story.views, &mut report);
    }
    walk::end(&folder, story, &tree, &signed.head, &mut report);
    report
}
