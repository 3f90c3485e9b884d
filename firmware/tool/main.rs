//! `loa-board-page`: makes the page that a board is set up with, and with `--flash` a whole new flash that begins with it.
//!
//! It makes the board's key from the system's random source and writes it nowhere else; the file is for its owner alone.
//! What it is not: no desk needs to know of it, for a board is met like any player, by its first hello, and compared by
//! its fingerprint. What a page says is `firmware/src/page.rs`.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::SocketAddrV4;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

use loa_domain::keys::SecretKey;
use loa_domain::time::QuietHours;
use loa_domain::wire::Text;
use loa_firmware::flash::{BYTES, PAGE};
use loa_firmware::page::{Address, Page};

/// How it is called.
const USAGE: &str = "\
loa-board-page --id ID --root FILE --broker IP:PORT --out FILE [--flash]
               [--time IP:PORT] [--user NAME --password WORD]

  --id        mã đầu phát, như trong lịch · the player's id, as in the timetable
  --root      tài liệu gốc của bàn (LOA_DESK/root) · the desk's root document
  --broker    địa chỉ IPv4 của môi giới MQTT, không TLS · the MQTT broker's IPv4 address, without TLS
  --time      máy chủ giờ SNTP, nếu có · a time server (SNTP), if there is one
  --out       tệp để nạp vào đầu bộ nhớ flash; chứa khóa bí mật · the file to write to the beginning of the
              flash; it holds the secret key
  --flash     viết cả 1 MiB, để thay toàn bộ flash · writes all 1 MiB, in place of the whole flash";

/// The options by their names.
fn options() -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").ok_or_else(|| format!("{word}?\n\n{USAGE}"))?.to_owned();
        let known = ["id", "root", "broker", "time", "user", "password", "out", "flash"];
        if !known.contains(&name.as_str()) {
            return Err(USAGE.to_owned());
        }
        let value = if name == "flash" { String::new() } else { words.next().ok_or(USAGE)? };
        found.insert(name, value);
    }
    Ok(found)
}

fn address(text: &str) -> Result<Address, String> {
    let at: SocketAddrV4 = text.parse().map_err(|_| format!("{text}: expected an IPv4 address and a port"))?;
    Ok(Address::new(*at.ip(), at.port()))
}

fn make() -> Result<String, String> {
    let found = options()?;
    let wanted = |name: &str| found.get(name).cloned().ok_or_else(|| USAGE.to_owned());
    let login = |name: &str| match found.get(name).map(|text| Text::new(text)) {
        Some(None) => Err(format!("--{name} is longer than 64 bytes")),
        found => Ok(found.flatten()),
    };
    let (root, out) = (wanted("root")?, wanted("out")?);
    let root = std::fs::read(&root).map_err(|error| format!("{root}: {error}"))?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    let page = Page {
        player: wanted("id")?.parse().map_err(|error| format!("--id: {error}"))?,
        seed,
        broker: address(&wanted("broker")?)?,
        user: login("user")?,
        password: login("password")?,
        time: found.get("time").map(|text| address(text)).transpose()?,
        quiet: QuietHours::NONE,
        root: &root,
    };
    let mut bytes = vec![0xff; if found.contains_key("flash") { BYTES } else { PAGE.end } as usize];
    let length = page.write(&mut bytes[..PAGE.end as usize]).map_err(|error| format!("the page: {error}"))?;
    if length > 4096 {
        return Err("the root document is longer than a board reads; name fewer witnesses".into());
    }
    bytes[length..].fill(0xff);
    page.check().and_then(|page| page.open()).map_err(|error| error.to_string())?;
    let file: Result<File, _> = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&out);
    file.and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
        .map_err(|error| format!("{out}: {error}"))?;
    // As the board shows it while it waits, and as `loa enrol` lists it.
    Ok(SecretKey::from_seed(&seed).public().fingerprint().to_string())
}

fn main() -> ExitCode {
    match make() {
        Ok(fingerprint) => {
            println!("{fingerprint}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
