//! Old .xls (BIFF5 and BIFF8) record by record. Not through calamine: that lays each sheet out as
//! a dense range, and two cells in far corners cost a gigabyte.
//!
//! Read are values as they were last calculated, merges and hidden sheets; nothing is calculated.

use encoding_rs::{Encoding, GBK, WINDOWS_1252};
use xibu_plugin_sdk::cells::PackedValue;
use xibu_plugin_sdk::message::Unreadable;

use self::number::{Formats, error_word, rk};
use self::record::Records;
use self::strings::Strings;
use super::ole::{Ole, Stream};
use super::{Out, Stop};

mod number;
mod record;
mod strings;

/// The most sheets.
const SHEETS_MAX: usize = 256;
/// The most merged rectangles of a sheet.
const MERGES_MAX: usize = 200_000;
/// Days between the two systems of serials.
const DAYS_1904: f64 = 1_462.0;

/// Numbers of records.
mod id {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000a;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002f;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00bd;
    pub(super) const RICH_STRING: u16 = 0x00d6;
    pub(super) const XF: u16 = 0x00e0;
    pub(super) const MERGED_CELLS: u16 = 0x00e5;
    pub(super) const SHARED_STRINGS: u16 = 0x00fc;
    pub(super) const LABEL_SHARED: u16 = 0x00fd;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOLEAN_OR_ERROR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027e;
    pub(super) const RK_OLD: u16 = 0x007e;
    pub(super) const FORMAT: u16 = 0x041e;
    pub(super) const FORMAT_OLD: u16 = 0x001e;
    pub(super) const BOF: u16 = 0x0809;
}

/// What stands before the sheets.
struct Globals {
    /// BIFF8; otherwise BIFF5, with strings in a code page.
    unicode: bool,
    encoding: &'static Encoding,
    shift: f64,
    formats: Formats,
    strings: Strings,
    sheets: Vec<Tab>,
}

/// A tab and where its records begin.
struct Tab {
    name: String,
    hidden: bool,
    offset: usize,
}

/// Reads an OLE file, or says what other program's it is.
pub(super) fn read(bytes: &[u8], out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let encrypted = |what: &str| Stop::Unreadable(Unreadable::Encrypted, what.to_owned());
    let ole = match Ole::open(bytes) {
        Ok(ole) => ole,
        // A damaged file may still say why it could not be read anyway.
        Err(stop) => {
            let name: Vec<u8> =
                "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let found = memchr::memmem::find(bytes, &name).is_some();
            return Err(if found { encrypted("behind a password") } else { stop });
        }
    };
    if ole.has("EncryptedPackage") {
        return Err(encrypted("behind a password"));
    }
    let stream = match ole.stream("Workbook")? {
        Some(stream) => Some(stream),
        None => ole.stream("Book")?,
    };
    let Some(stream) = stream else {
        return Err(Stop::Unreadable(
            Unreadable::ForeignProgram,
            "an OLE file without a workbook: .doc, .wps, .ppt".to_owned(),
        ));
    };
    let globals = globals(&stream)?;
    let mut gone_through = 0;
    for tab in &globals.sheets {
        out.begin(&tab.name, tab.hidden)?;
        let mut records = Records::at(&stream, tab.offset);
        let merges = sheet(&mut records, &globals, out)?;
        out.end(merges)?;
        // Sheets lie one behind the other; tabs that share one would cost its length each.
        gone_through += records.place().saturating_sub(tab.offset);
        if gone_through > stream.length() {
            return Err(Stop::damaged("sheets that lie over each other"));
        }
    }
    Ok(())
}

fn globals(stream: &Stream<'_>) -> Result<Globals, Stop> {
    let mut records = Records::at(stream, 0);
    let unicode = begins(&mut records)?;
    let mut globals = Globals {
        unicode,
        encoding: if unicode { WINDOWS_1252 } else { GBK },
        shift: 0.0,
        formats: Formats::default(),
        strings: Strings::default(),
        sheets: Vec::new(),
    };
    while records.next()? {
        match records.id() {
            id::EOF => break,
            id::FILE_PASS => {
                let what = "a workbook behind a password".to_owned();
                return Err(Stop::Unreadable(Unreadable::Encrypted, what));
            }
            id::DATE_MODE if records.u16(0)? == 1 => globals.shift = DAYS_1904,
            id::CODE_PAGE => globals.encoding = code_page(records.u16(0)?),
            id::FORMAT | id::FORMAT_OLD => {
                let number = records.u16(0)?;
                let format = if unicode {
                    records.wide_text(2)?
                } else {
                    records.short_narrow_text(2, globals.encoding)?
                };
                globals.formats.custom(number, &format);
            }
            id::XF => globals.formats.cell_format(records.u16(2)?),
            id::SHARED_STRINGS => globals.strings = Strings::read(&mut records)?,
            id::BOUND_SHEET => bound_sheet(&records, &mut globals)?,
            _ => {}
        }
    }
    if globals.sheets.is_empty() {
        return Err(Stop::damaged("a workbook without sheets"));
    }
    Ok(globals)
}

/// Whether the records that begin here are BIFF8; BIFF5 otherwise.
fn begins(records: &mut Records<'_, '_>) -> Result<bool, Stop> {
    if !records.next()? || records.id() != id::BOF {
        return Err(Stop::format("older than Excel 5, or not a workbook"));
    }
    match records.u16(0)? {
        0x0600 => Ok(true),
        0x0500 => Ok(false),
        _ => Err(Stop::format("a workbook of a version that is not read")),
    }
}

fn bound_sheet(records: &Records<'_, '_>, globals: &mut Globals) -> Result<(), Stop> {
    const WORKSHEET: u8 = 0;
    let offset = records.u32(0)? as usize;
    let (state, kind) = (records.u8(4)? & 3, records.u8(5)?);
    let name = match globals.unicode {
        true => records.short_wide_text(6)?,
        false => records.short_narrow_text(6, globals.encoding)?,
    };
    if kind == WORKSHEET {
        globals.sheets.push(Tab { name, hidden: state != 0, offset });
    }
    if globals.sheets.len() > SHEETS_MAX {
        return Err(Stop::too_large(format_args!("more than {SHEETS_MAX} sheets")));
    }
    Ok(())
}

fn code_page(number: u16) -> &'static Encoding {
    let label = match number {
        936 | 54936 => "gb18030",
        950 => "big5",
        932 => "shift_jis",
        949 => "euc-kr",
        _ => "windows-1252",
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

/// Gives out the cells of one sheet; answers its merges.
fn sheet(
    records: &mut Records<'_, '_>,
    globals: &Globals,
    out: &mut Out<'_, '_>,
) -> Result<Vec<[u32; 4]>, Stop> {
    begins(records)?;
    let mut merges = Vec::new();
    // Where a formula stands whose text follows in a record of its own.
    let mut awaiting = None;
    // A chart lies within its sheet as records of its own.
    let mut depth = 1;
    while records.next()? {
        match records.id() {
            id::BOF => depth += 1,
            id::EOF => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ if depth > 1 => {}
            id::MERGED_CELLS => merged(records, &mut merges)?,
            id::STRING => {
                if let Some((row, column)) = awaiting.take() {
                    let text = text_of(records, globals, 0)?;
                    out.text(row, column, &text)?;
                }
            }
            id::FORMULA => awaiting = formula(records, globals, out)?,
            _ => cell(records, globals, out)?,
        }
    }
    Ok(merges)
}

fn merged(records: &Records<'_, '_>, merges: &mut Vec<[u32; 4]>) -> Result<(), Stop> {
    for n in 0..usize::from(records.u16(0)?) {
        let at = |k: usize| records.u16(2 + n * 8 + k * 2).map(u32::from);
        let [first_row, last_row, first_column, last_column] = [at(0)?, at(1)?, at(2)?, at(3)?];
        if first_row <= last_row && first_column <= last_column {
            merges.push([first_row, first_column, last_row, last_column]);
        }
    }
    if merges.len() > MERGES_MAX {
        return Err(Stop::too_large(format_args!("more than {MERGES_MAX} merged rectangles")));
    }
    Ok(())
}

/// Row, column and format, with which every cell begins.
fn head(records: &Records<'_, '_>) -> Result<(u32, u32, u16), Stop> {
    Ok((records.u16(0)?.into(), records.u16(2)?.into(), records.u16(4)?))
}

fn cell(
    records: &mut Records<'_, '_>,
    globals: &Globals,
    out: &mut Out<'_, '_>,
) -> Result<(), Stop> {
    let number = |out: &mut Out<'_, '_>, row, column, format, number: f64| {
        out.cell(row, column, globals.formats.value(format, number, globals.shift))
    };
    match records.id() {
        id::RK | id::RK_OLD => {
            let (row, column, format) = head(records)?;
            number(out, row, column, format, rk(records.u32(6)?))
        }
        id::MUL_RK => {
            let (row, first) = (records.u16(0)?.into(), u32::from(records.u16(2)?));
            for n in 0..records.length().saturating_sub(6) / 6 {
                let (format, packed) = (records.u16(4 + n * 6)?, records.u32(6 + n * 6)?);
                number(out, row, first + n as u32, format, rk(packed))?;
            }
            Ok(())
        }
        id::NUMBER => {
            let (row, column, format) = head(records)?;
            number(out, row, column, format, records.f64(6)?)
        }
        id::LABEL_SHARED => {
            let (row, column, _) = head(records)?;
            out.text(row, column, globals.strings.get(records.u32(6)?)?)
        }
        id::LABEL | id::RICH_STRING => {
            let (row, column, _) = head(records)?;
            let text = text_of(records, globals, 6)?;
            out.text(row, column, &text)
        }
        id::BOOLEAN_OR_ERROR => {
            let (row, column, _) = head(records)?;
            boolean_or_error(out, row, column, records.u8(6)?, records.u8(7)? != 0)
        }
        _ => Ok(()),
    }
}

fn boolean_or_error(
    out: &mut Out<'_, '_>,
    row: u32,
    column: u32,
    code: u8,
    is_error: bool,
) -> Result<(), Stop> {
    match is_error {
        true => out.cell(row, column, PackedValue::Error(error_word(code))),
        false => out.cell(row, column, PackedValue::Boolean(code != 0)),
    }
}

/// A formula's last value; where it is text, that follows, and the place is answered.
fn formula(
    records: &Records<'_, '_>,
    globals: &Globals,
    out: &mut Out<'_, '_>,
) -> Result<Option<(u32, u32)>, Stop> {
    let (row, column, format) = head(records)?;
    if records.u16(12)? != 0xffff {
        if records.f64(6)? == 0.0 && ends_in_text(records) {
            // LibreOffice writes 0 where a formula shows text; what it shows is not in the file.
            return out.cell(row, column, PackedValue::Error("#VALUE!")).map(|()| None);
        }
        let value = globals.formats.value(format, records.f64(6)?, globals.shift);
        return out.cell(row, column, value).map(|()| None);
    }
    match records.u8(6)? {
        0 => return Ok(Some((row, column))),
        1 => boolean_or_error(out, row, column, records.u8(8)?, false)?,
        2 => boolean_or_error(out, row, column, records.u8(8)?, true)?,
        // An empty text.
        _ => {}
    }
    Ok(None)
}

/// Whether a formula's last step joins texts or is a text, so that it can never be a number.
fn ends_in_text(records: &Records<'_, '_>) -> bool {
    const CONCATENATE: u8 = 0x08;
    const TEXT: u8 = 0x17;
    let (Ok(length), Ok(first)) = (records.u16(20), records.u8(22)) else { return false };
    let steps = records.slice(22, length.into()).unwrap_or_default();
    let only_text = first == TEXT
        && records.u8(23).is_ok_and(|count| {
            let wide = records.u8(24).is_ok_and(|flags| flags & 1 == 1);
            steps.len() == 3 + usize::from(count) * if wide { 2 } else { 1 }
        });
    only_text || steps.len() > 1 && steps.last() == Some(&CONCATENATE)
}

/// A text with a two-byte length; a long one goes on in the records that follow.
fn text_of(records: &mut Records<'_, '_>, globals: &Globals, at: usize) -> Result<String, Stop> {
    match globals.unicode {
        true => records.continued_wide_text(at),
        false => records.narrow_text(at, globals.encoding),
    }
}
