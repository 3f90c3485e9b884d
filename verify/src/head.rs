//! The checkpoint that everything is held against, and other checkpoints of the log that were seen elsewhere.
//!
//! One that is not trusted is a finding, and still says how large the log should be, so that the rest is looked at too.
//! Next: `export.rs`.

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::audit::policy::{Distrust, Policy};
use loa_domain::audit::tiles;

use crate::files::Folder;
use crate::finding::{Finding, View, Witness};
use crate::leaf;
use crate::report::Report;
use crate::views::Views;

/// A log's name and tree, as its checkpoint says.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The log's name.
    pub origin: String,
    /// Its tree.
    pub head: Head,
}

/// The checkpoint of a log's folder. Without a policy anybody's counts.
pub fn of_folder(folder: &Folder, policy: Option<&Policy>, report: &mut Report) -> Option<Signed> {
    let path = tiles::CHECKPOINT.to_owned();
    let bytes = match folder.checkpoint() {
        Ok(bytes) => bytes,
        Err(lack) => {
            report.add(Finding::Missing { path, lack, leaves: 0..0 });
            return None;
        }
    };
    of_bytes(&bytes, policy, report)
}

/// The checkpoint in these bytes. Without a policy anybody's counts.
pub fn of_bytes(bytes: &[u8], policy: Option<&Policy>, report: &mut Report) -> Option<Signed> {
    let (signed, why) = match read(bytes, policy) {
        Ok((signed, why)) => (Some(signed), why),
        Err(why) => (None, Some(why)),
    };
    if let Some(why) = why {
        report.add(Finding::Distrusted { name: tiles::CHECKPOINT.to_owned(), position: None, why });
    }
    signed
}

/// What a note says, and why it is not trusted.
fn read(bytes: &[u8], policy: Option<&Policy>) -> Result<(Signed, Option<Distrust>), Distrust> {
    let unsigned = stripped(bytes);
    let note = Note::read(bytes).map_err(Distrust::Note);
    let text = match &note {
        Ok(note) => note.text(),
        // A checkpoint without any signature still says which tree it means.
        Err(_) => unsigned.ok_or(Distrust::Note(loa_domain::audit::note::NoteError::NotText))?,
    };
    let checkpoint = Checkpoint::read(text).map_err(Distrust::Checkpoint)?;
    let signed = Signed { origin: checkpoint.origin.to_owned(), head: checkpoint.head };
    let why = match (note, policy) {
        (Err(why), _) => Some(why),
        (Ok(note), Some(policy)) => policy.trusted(&note).err(),
        (Ok(_), None) => None,
    };
    Ok((signed, why))
}

/// The text before a blank line, or all of it.
fn stripped(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.find("\n\n").map_or(text, |blank| &text[..=blank]))
}

/// Holds another checkpoint of the log against this one: it must be signed by the log, witnesses or not.
pub fn other(name: &str, bytes: &[u8], policy: &Policy, signed: &Signed, views: &mut Views, report: &mut Report) {
    let checked = Note::read(bytes).map_err(Distrust::Note).and_then(|note| {
        let checkpoint = Checkpoint::read(note.text()).map_err(Distrust::Checkpoint)?;
        leaf::by_log(&note, &checkpoint, policy)?;
        if checkpoint.origin == signed.origin { Ok(checkpoint.head) } else { Err(Distrust::UnknownLog) }
    });
    match checked {
        Err(why) => report.add(Finding::Distrusted { name: name.to_owned(), position: None, why }),
        Ok(head) => {
            let view = View { by: Witness::Note(name.to_owned()), size: head.size, root: head.root };
            if head.size > signed.head.size { views.ask_larger(view) } else { views.ask(view) }
        }
    }
}
