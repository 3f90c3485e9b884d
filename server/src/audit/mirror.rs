//! The log's folder over HTTP, read only, for mirrors and auditors: paths exactly as C2SP tlog-tiles has them.
//!
//! Only names that the standard gives are looked up: the path is read as a tile and written anew, so nothing else of the
//! disk can be reached. How requests travel is `http.rs`.

use std::sync::Arc;

use loa_domain::audit::checkpoint::number;
use loa_domain::audit::tiles::{CHECKPOINT, Level, Tile, WIDTH};

use super::log::Tiles;
use crate::http::{Answer, Asked, Handler};

/// What never changes may be kept for good.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The checkpoint is published every ten seconds at most.
const SOME_SECONDS: &str = "public, max-age=5";

/// Answers for a log's folder.
pub(crate) fn handler(tiles: Tiles) -> Handler {
    Arc::new(move |asked| {
        let tiles = tiles.clone();
        Box::pin(async move {
            // Reading a tile of 8 kB takes less than handing it to another thread.
            answer(&tiles, &asked)
        })
    })
}

fn answer(tiles: &Tiles, asked: &Asked) -> Answer {
    if asked.method != "GET" && asked.method != "HEAD" {
        return Answer::text(405, "GET only\n");
    }
    let Some(path) = asked.path.strip_prefix('/') else { return Answer::text(404, "not here\n") };
    if path == CHECKPOINT {
        return match tiles.checkpoint() {
            Ok(Some(note)) => Answer { cache: SOME_SECONDS, ..Answer::text(200, note) },
            _ => Answer::text(404, "nothing is published yet\n"),
        };
    }
    // Partial tiles that gave way to full ones are cut from those.
    let bytes = tile(path).and_then(|tile| tiles.bytes(&tile).ok());
    match bytes {
        Some(body) => Answer { status: 200, kind: "application/octet-stream", cache: FOR_GOOD, body },
        None => Answer::text(404, "not here\n"),
    }
}

/// The tile of a path, if it is exactly as the standard writes it.
fn tile(path: &str) -> Option<Tile> {
    let mut parts = path.strip_prefix("tile/")?.split('/');
    let level = match parts.next()? {
        "entries" => Level::Entries,
        level => Level::Hashes(number(level).filter(|level| *level < 8)? as u8),
    };
    let (mut index, mut width) = (0_u64, WIDTH as u16);
    while let Some(part) = parts.next() {
        if let Some(digits) = part.strip_suffix(".p") {
            index = digit_group(index, digits)?;
            width = number(parts.next()?).filter(|width| *width < WIDTH && *width > 0)? as u16;
            break;
        }
        index = digit_group(index, part.trim_start_matches('x'))?;
    }
    // Whatever was not as it should be is not written so.
    let tile = Tile { level, index, width };
    (parts.next().is_none() && tile.to_string() == path).then_some(tile)
}

fn digit_group(index: u64, digits: &str) -> Option<u64> {
    let good = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    index.checked_mul(1_000)?.checked_add(digits.parse().ok().filter(|_| good)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tiles: &Tiles, method: &str, path: &str) -> Answer {
        answer(tiles, &Asked { method: method.to_owned(), path: path.to_owned(), body: Vec::new() })
    }

    #[test]
    fn a_path_is_a_tile_only_as_the_standard_writes_it() {
        for path in ["tile/0/000", "tile/entries/x001/x234/067.p/5", "tile/7/999.p/255"] {
            assert_eq!(tile(path).map(|tile| tile.to_string()).as_deref(), Some(path));
        }
        for path in [
            "tile/0/0",
            "tile/0/x000/000",
            "tile/8/000",
            "tile/00/000",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000/",
            "tile/0/000.p",
            "tile/0/../../keys/log.key",
            "tile/entries/xx01/000",
            "tile/0/000.p/1/2",
            "tile/0/%30%30%30",
            "tile/0/+12",
            "tile//000",
            "tile/0",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(tile(path), None, "{path}");
        }
    }

    #[test]
    fn nothing_but_the_log_can_be_reached() {
        let room = tempfile::tempdir().expect("a folder");
        let folder = room.path().join("log");
        std::fs::create_dir_all(folder.join("tile/0/000.p")).expect("made");
        std::fs::write(room.path().join("secret"), b"no").expect("written");
        std::fs::write(folder.join("checkpoint"), b"head").expect("written");
        std::fs::write(folder.join("tile/0/000"), [1; 8_192]).expect("written");
        let tiles = Tiles::at(&folder);
        assert_eq!(ask(&tiles, "GET", "/checkpoint").body, b"head");
        assert_eq!(ask(&tiles, "GET", "/tile/0/000").body.len(), 8_192);
        let part = ask(&tiles, "GET", "/tile/0/000.p/3");
        assert_eq!((part.body.len(), part.cache), (96, FOR_GOOD));
        for path in ["/../secret", "/tile/../../secret", "/", "", "/tile", "/tile/0", "//checkpoint", "/./checkpoint"] {
            assert_eq!(ask(&tiles, "GET", path).status, 404, "{path}");
        }
        assert_eq!(ask(&tiles, "POST", "/checkpoint").status, 405);
    }
}
