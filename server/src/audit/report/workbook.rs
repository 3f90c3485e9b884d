//! The report as a workbook: a sheet for every table, with real numbers, dates and shares, ready to print.
//!
//! The only file that names the workbook library. What the tables hold is decided in `tables.rs`.

use loa_domain::time::{LocalTime, UtcMs};
use rust_xlsxwriter::{
    Chart, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use super::tables::{Cell, Table};
use super::{Report, ReportError};

/// Paper sizes are numbers: this is A4.
const A4: u8 = 9;
/// Rows above a table: its title and an empty one.
const ABOVE: u32 = 2;

struct Looks {
    title: Format,
    heading: Format,
    text: Format,
    number: Format,
    minutes: Format,
    share: Format,
    moment: Format,
}

impl Looks {
    fn new() -> Self {
        let cell = || Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            heading: cell()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_background_color(Color::RGB(0x00E8_E8E8)),
            text: cell().set_text_wrap(),
            number: cell().set_num_format("#,##0"),
            minutes: cell().set_num_format("#,##0.0"),
            share: cell().set_num_format("0.0%"),
            moment: cell().set_num_format("dd/mm/yyyy hh:mm"),
        }
    }
}

/// The report as a workbook.
pub(super) fn write(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    filled(report).map_err(|error| ReportError::Workbook(error.to_string()))
}

fn filled(report: &Report<'_>) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    let made = moment(LocalTime::from_seconds(report.question.as_of.seconds()))?;
    let properties = DocProperties::new().set_title(report.title()).set_author("Loa").set_creation_datetime(&made);
    book.set_properties(&properties);
    let levels = report.levels();
    front(book.add_worksheet(), report, &looks)?;
    for table in [
        report.coverage(&levels),
        report.months(&levels),
        report.languages(&levels),
        report.categories(&levels),
        report.reasons(),
        report.evidence(),
        report.failures(usize::MAX),
        report.players(|_| true),
    ] {
        let name = report.words.say(&format!("report-sheet-{}", table.name));
        let sheet = book.add_worksheet();
        sheet.set_name(&name)?;
        fill(sheet, &table, report, &looks)?;
        if table.name == "months" && !table.rows.is_empty() {
            let chart = months(&table, &name, report)?;
            sheet.insert_chart(ABOVE + u32::try_from(table.rows.len()).unwrap_or(0) + 3, 0, &chart)?;
        }
    }
    book.save_to_buffer()
}

/// The first sheet: what it is about, how complete it is, what it can be checked against.
fn front(sheet: &mut Worksheet, report: &Report<'_>, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(report.words.say("report-sheet-front"))?;
    sheet.set_paper_size(A4);
    sheet.set_column_width(0, 26)?.set_column_width(1, 90)?;
    sheet.write_with_format(0, 0, report.title(), &looks.title)?;
    let mut row = 2;
    for (name, value) in report.about() {
        sheet.write_with_format(row, 0, name, &looks.heading)?;
        sheet.write_with_format(row, 1, value, &looks.text)?;
        row += 1;
    }
    let sentences = [
        ("report-completeness", report.completeness()),
        ("report-log", report.log_lines()),
        ("report-note", vec![report.words.say("report-share-means"), report.words.say("report-levels-mean")]),
    ];
    for (heading, lines) in sentences {
        for (number, line) in lines.into_iter().enumerate() {
            let name = if number == 0 { report.words.say(heading) } else { String::new() };
            sheet.write_with_format(row, 0, name, &looks.heading)?;
            sheet.write_with_format(row, 1, line, &looks.text)?;
            row += 1;
        }
    }
    if let Some(log) = &report.log {
        sheet.write_with_format(row, 0, report.words.say("report-log-note"), &looks.heading)?;
        sheet.write_with_format(row, 1, &log.note, &looks.text)?;
    }
    Ok(())
}

fn fill(sheet: &mut Worksheet, table: &Table, report: &Report<'_>, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&R&P / &N");
    sheet.set_freeze_panes(ABOVE + 1, 1)?;
    sheet.set_repeat_rows(ABOVE, ABOVE)?;
    sheet.write_with_format(0, 0, &table.title, &looks.title)?;
    for (column, number) in table.columns.iter().zip(0..) {
        sheet.set_column_width(number, (column.width * 11.0).max(11.0))?;
        sheet.write_with_format(ABOVE, number, &column.title, &looks.heading)?;
    }
    for (cells, row) in table.rows.iter().zip(ABOVE + 1..) {
        for (cell, column) in cells.iter().zip(0..) {
            write_cell(sheet, (row, column), cell, report, looks)?;
        }
    }
    let last = u32::try_from(table.rows.len()).unwrap_or(0);
    let width = u16::try_from(table.columns.len()).unwrap_or(1);
    if last > 0 {
        sheet.autofilter(ABOVE, 0, ABOVE + last - u32::from(table.has_total), width - 1)?;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    report: &Report<'_>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, &looks.text)?,
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number as f64, &looks.number)?,
        Cell::Minutes(ms) => sheet.write_number_with_format(row, column, *ms as f64 / 60_000.0, &looks.minutes)?,
        Cell::Share(Some(share)) => {
            sheet.write_number_with_format(row, column, *share as f64 / 1_000.0, &looks.share)?
        }
        Cell::Share(None) => sheet.write_blank(row, column, &looks.share)?,
        Cell::Moment(at) => return write_moment(sheet, (row, column), *at, report, looks),
    };
    Ok(())
}

fn write_moment(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    at: Option<UtcMs>,
    report: &Report<'_>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    match at {
        Some(at) => {
            let at = moment((report.local)(at))?;
            sheet.write_datetime_with_format(row, column, &at, &looks.moment)?;
        }
        None => {
            sheet.write_blank(row, column, &looks.moment)?;
        }
    }
    Ok(())
}

fn moment(at: LocalTime) -> Result<ExcelDateTime, XlsxError> {
    let ((year, month, day), second) = (at.date().year_month_day(), at.second_of_day());
    // Each is in range by what it counts; a workbook begins in 1900 and refuses what is earlier.
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let date = ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(0), small(month), small(day))?;
    date.and_hms(u16::from(small(second / 3600)), small(second / 60 % 60), f64::from(second % 60))
}

/// Bars by month: what was played, cut, missed, not reported.
fn months(table: &Table, sheet: &str, report: &Report<'_>) -> Result<Chart, XlsxError> {
    let last = ABOVE + u32::try_from(table.rows.len()).unwrap_or(0);
    let mut chart = Chart::new(ChartType::ColumnStacked);
    chart.title().set_name(&report.words.say("report-chart"));
    chart.set_width(900).set_height(340);
    let is_part =
        |name: &str| name.starts_with("played_") || ["partial", "interrupted", "missed", "unreported"].contains(&name);
    for (_, number) in table.columns.iter().zip(0_u16..).filter(|(column, _)| is_part(&column.name)) {
        let series = chart.add_series();
        series.set_name((sheet, ABOVE, number));
        series.set_categories((sheet, ABOVE + 1, 0, last, 0));
        series.set_values((sheet, ABOVE + 1, number, last, number));
    }
    Ok(chart)
}
