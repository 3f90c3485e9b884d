//! Officers say who a player is and where it stands: real programs, a desk that holds no officer's key.

mod room;

use std::fs;

use room::{ORDER, Room, TIMETABLE};

fn timetable(room: &Room, tags: &str) {
    let key = data_encoding::BASE64.encode(&loa_domain::keys::SecretKey::from_seed(&[7; 32]).public().0);
    let text = format!("{TIMETABLE}{ORDER}");
    let player = format!("board = \"64x32\"\nkey = \"ed25519:{key}\"\ntags = [{tags}]\n");
    fs::write(room.path("lich.toml"), text.replace("board = \"64x32\"\n", &player)).unwrap();
}

/// Applies the timetable with the signatures of two.
fn apply(room: &Room, name: &str) {
    room.does("desk", &["apply", "lich.toml", "--request", name]);
    let (mai, binh) = (format!("{name}.mai"), format!("{name}.binh"));
    room.sign("mai", name, &mai);
    room.sign("binh", name, &binh);
    room.does("desk", &["apply", "lich.toml", "--signed", &mai, &binh]);
}

#[test]
fn two_officers_enrol_a_player_and_one_does_not() {
    let room = Room::new();
    room.desk_of_three();
    timetable(&room, "");
    apply(&room, "lich");
    let waits = room.does("desk", &["enrol"]);
    assert!(waits.contains("bang") && waits.contains("waiting"), "{waits}");
    let fingerprint = loa_domain::keys::SecretKey::from_seed(&[7; 32]).public().fingerprint().to_string();
    assert!(waits.contains(&fingerprint), "{waits}");

    let asked = room.does("desk", &["enrol", "--request", "ghi-danh"]);
    assert!(asked.contains("1 players"), "{asked}");
    let signed = room.sign("mai", "ghi-danh", "mai.ky");
    for part in ["Enrol 1 players", "bang «Bảng», boards", &fingerprint, "«Xã Mẫu»"] {
        assert!(signed.contains(part), "{part}: {signed}");
    }
    room.refuses("desk", &["enrol", "--signed", "mai.ky"], "1 more officers have to sign");
    room.refuses("desk", &["enrol", "--signed", "mai.ky", "mai.ky"], "1 more officers have to sign");
    room.refuses("desk", &["apply", "lich.toml", "--signed", "mai.ky"], "");
    room.sign("an", "ghi-danh", "an.ky");
    let told = room.does("desk", &["enrol", "--signed", "mai.ky", "an.ky"]);
    assert!(told.contains("1 players are enrolled"), "{told}");
    let stands = room.does("desk", &["enrol", "--format", "csv"]);
    assert!(stands.contains("bang,") && stands.trim_end().ends_with("enrolled"), "{stands}");
    assert!(room.acts().iter().any(|act| act.ends_with(" enrol")), "{:?}", room.acts());
    room.refuses("desk", &["enrol", "--request", "noch"], "No player waits");
}

#[test]
fn a_player_that_moves_is_signed_again_and_what_was_signed_before_is_no_way_back() {
    let room = Room::new();
    room.desk_of_three();
    timetable(&room, "");
    apply(&room, "lich");
    room.does("desk", &["enrol", "--request", "g1"]);
    room.sign("mai", "g1", "g1.mai");
    room.sign("binh", "g1", "g1.binh");
    room.does("desk", &["enrol", "--signed", "g1.mai", "g1.binh"]);
    timetable(&room, "\"cho\"");
    // No order changed, so there is nothing to sign but where the player stands.
    room.does("desk", &["apply", "lich.toml"]);
    let moved = room.does("desk", &["enrol"]);
    assert!(moved.contains("to be signed again"), "{moved}");
    room.does("desk", &["enrol", "bang", "--request", "g2"]);
    room.sign("an", "g2", "g2.an");
    room.sign("binh", "g2", "g2.binh");
    room.does("desk", &["enrol", "--signed", "g2.an", "g2.binh"]);
    assert!(room.does("desk", &["enrol", "--format", "csv"]).trim_end().ends_with("enrolled"));
    // The older word of the same officers changes nothing.
    room.does("desk", &["enrol", "--signed", "g1.mai", "g1.binh"]);
    assert!(room.does("desk", &["enrol", "--format", "csv"]).trim_end().ends_with("enrolled"));
}

#[test]
fn what_is_no_enrolment_is_refused_in_words() {
    let room = Room::new();
    room.desk_of_three();
    timetable(&room, "");
    apply(&room, "lich");
    room.refuses("desk", &["enrol", "khong-co", "--request", "g"], "no player “khong-co”");
    room.refuses("desk", &["enrol", "bang", "--fingerprint", "00000", "--request", "g"], "No key of “bang” waits");
    room.refuses("desk", &["enrol", "--signed", "lich.mai"], "no request for enrolment");
    room.refuses("desk", &["enrol", "--signed", "lich.toml"], "");
}
