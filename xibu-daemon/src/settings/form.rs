//! An office's own forms of the return, from files: every fault with its line and the reason.
//!
//! Only reading; what a form may say is the core's to judge ([`xibu_core::form`]).

use std::path::Path;

use xibu_core::form::{Form, FormPlace, Forms};

use super::read::{Reader, without_excerpt};

/// Larger than any form; a file that was named by mistake is not read whole.
const SIZE_MAX: u64 = 1_000_000;

/// One thing wrong, with its line where it is known.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: Option<usize>,
    text: String,
}

/// The built-in form and those that `office.forms` names.
pub(super) fn read(reader: &mut Reader<'_>) -> Forms {
    let mut forms = Forms::built_in();
    for path in reader.texts("office.forms").unwrap_or_default() {
        let file = reader.beside_file(&path);
        let text = match open(&file) {
            Ok(text) => text,
            Err(error) => {
                reader.complain(
                    "office.forms",
                    &format!("表式文件 {path} 打不开：{error}"),
                    &format!("the form {path} cannot be opened: {error}"),
                );
                continue;
            }
        };
        match with(forms.clone(), &text) {
            Ok(more) => forms = more,
            Err(faults) => {
                for fault in faults {
                    reader.complain_in(&file, fault.line, &fault.text);
                }
            }
        }
    }
    forms
}

fn open(file: &Path) -> std::io::Result<String> {
    if std::fs::metadata(file)?.len() > SIZE_MAX {
        return Err(std::io::Error::other("larger than any form"));
    }
    std::fs::read_to_string(file)
}

/// The forms with one more, or everything wrong with it.
fn with(forms: Forms, text: &str) -> Result<Forms, Vec<Fault>> {
    let form: Form = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        vec![Fault { line, text: without_excerpt(error.message()) }]
    })?;
    forms.with(form).map_err(|faults| {
        let fault = |fault: xibu_core::form::FormFault| Fault {
            line: line_of(text, fault.place),
            text: fault.message,
        };
        faults.into_iter().map(fault).collect()
    })
}

/// Lines are counted from 1, as an editor shows them.
fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

/// Where the table of a field or check begins.
fn line_of(text: &str, place: FormPlace) -> Option<usize> {
    let (heading, number) = match place {
        FormPlace::Whole => return None,
        FormPlace::Field(number) => ("[[field]]", number),
        FormPlace::Check(number) => ("[[check]]", number),
    };
    let mut lines =
        text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with(heading));
    lines.nth(number).map(|(line, _)| line + 1)
}

#[cfg(test)]
mod tests;
