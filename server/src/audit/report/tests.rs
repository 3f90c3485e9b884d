//! The four forms of one report of a small world: golden text, a workbook read back, a PDF whose text is taken out again.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use loa_host::text::Language;

use super::super::account::account;
use super::super::world::{World, local, question};
use super::*;

fn stamp() -> LogStamp {
    let root = Hash::of(b"root");
    let note = format!("loa.example/kiem-tra\n1234\n{root}\n\n— loa.example/kiem-tra c2lnbmF0dXJl\n");
    LogStamp { origin: "loa.example/kiem-tra".into(), size: 1234, root, note }
}

async fn told<T>(language: Language, log: Option<LogStamp>, use_it: impl FnOnce(&Report<'_>) -> T) -> T {
    let world = World::lived().await;
    let question = question();
    let account = account(&world.store, &question).await.unwrap();
    let words = Words::new(language);
    let subject = Subject {
        office: Some("UBND XÃ KỲ ANH".into()),
        campaign: Some("Truyền thông về quyền con người ở Việt Nam".into()),
        decision: Some("1079/QĐ-TTg".into()),
        ..Subject::default()
    };
    use_it(&Report { account: &account, question: &question, subject, log, words: &words, local: &local })
}

fn bytes(report: &Report<'_>, form: Form) -> Vec<Vec<u8>> {
    report.write(form).unwrap().into_iter().map(|written| written.bytes).collect()
}

#[tokio::test]
async fn the_same_account_is_the_same_bytes_in_every_form() {
    for form in [Form::Csv, Form::Xlsx, Form::Pdf, Form::Json] {
        let [one, other] = [
            told(Language::Vietnamese, Some(stamp()), |report| bytes(report, form)).await,
            told(Language::Vietnamese, Some(stamp()), |report| bytes(report, form)).await,
        ];
        assert!(one == other, "{form:?}");
    }
}

#[tokio::test]
async fn the_text_for_spreadsheets_is_as_it_was() {
    let files = told(Language::Vietnamese, None, |report| bytes(report, Form::Csv)).await;
    let files: Vec<String> = files.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    assert!(files.iter().all(|text| text.starts_with('\u{feff}') && text.ends_with("\r\n")));
    let text = files.join("---\n").replace(['\u{feff}', '\r'], "");
    assert_eq!(text, include_str!("report.golden.csv"), "\n{text}");
}

#[tokio::test]
async fn what_programs_read_holds_every_table_exactly() {
    let files = told(Language::English, Some(stamp()), |report| bytes(report, Form::Json)).await;
    let whole: serde_json::Value = serde_json::from_slice(&files[0]).unwrap();
    let rows = whole["tables"]["coverage"].as_array().unwrap();
    let due: u64 = rows.iter().map(|row| row["due"].as_u64().unwrap()).sum();
    let months = whole["tables"]["months"].as_array().unwrap();
    assert_eq!(due, months.iter().map(|row| row["due"].as_u64().unwrap()).sum::<u64>());
    assert_eq!(whole["log"]["size"], 1234);
    assert!(rows.iter().any(|row| row["heard_e3_ms"].as_u64() > Some(0)), "{rows:?}");
}

/// The parts of a workbook, by name.
fn parts(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for number in 0..archive.len() {
        let mut file = archive.by_index(number).unwrap();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_ok() {
            parts.insert(file.name().unwrap().into_owned(), text);
        }
    }
    parts
}

#[tokio::test]
async fn a_workbook_read_back_has_numbers_dates_headings_and_a_chart() {
    let files = told(Language::Vietnamese, Some(stamp()), |report| bytes(report, Form::Xlsx)).await;
    let parts = parts(files.into_iter().next().unwrap());
    let book = &parts["xl/workbook.xml"];
    for sheet in ["Tóm tắt", "Địa bàn", "Tháng", "Ngôn ngữ", "Thể loại", "Lý do", "Không trọn vẹn", "Máy phát"]
    {
        assert!(book.contains(&format!("name=\"{sheet}\"")), "{sheet}: {book}");
    }
    assert!(book.contains("_xlnm.Print_Titles"), "{book}");
    let strings = &parts["xl/sharedStrings.xml"];
    for text in ["Xã Nguyễn Huệ", "Xã Thủ Ộ Ứ Ẵ", "Phút đã phát (E3)", "loa.example/kiem-tra"] {
        assert!(strings.contains(text), "{text}");
    }
    let coverage = &parts["xl/worksheets/sheet2.xml"];
    assert!(coverage.contains("state=\"frozen\"") && coverage.contains("<autoFilter"), "{coverage}");
    let numbers = coverage.matches("<v>").count() - coverage.matches("t=\"s\"><v>").count();
    assert!(numbers > 30, "real numbers, not words: {numbers}");
    let failures = &parts["xl/worksheets/sheet8.xml"];
    assert!(failures.contains("<v>46335.20833"), "9 November 2026, 05:00, as a day number: {failures}");
    assert!(parts["xl/charts/chart1.xml"].contains("barChart"));
}

#[tokio::test]
async fn a_report_without_a_log_says_so_in_words() {
    for (language, words) in [(Language::Vietnamese, "không kèm nhật ký nào"), (Language::English, "No log was given")]
    {
        let text = told(language, None, |report| pdf::tests::text_of(report).join(" ")).await;
        assert!(text.contains(words), "{text}");
        let text = told(language, Some(stamp()), |report| pdf::tests::text_of(report).join(" ")).await;
        assert!(!text.contains(words) && text.contains("1234"), "{text}");
    }
}
