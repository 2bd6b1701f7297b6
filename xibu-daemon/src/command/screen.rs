//! The one place from which commands print: lines, tables, JSON lines, colour where a terminal is
//! there.
//!
//! It decides nothing about content. A reader that went away (a closed pipe) is not an error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::language::Language;

/// Where a command prints, in which language, and whether colours are welcome.
pub struct Screen {
    out: Box<dyn Write + Send>,
    colour: bool,
    terminal: bool,
    /// The language of everything printed for people.
    pub language: Language,
}

/// What a piece of text is, shown as colour on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Ordinary text.
    Plain,
    /// A heading.
    Heading,
    /// Everything is well.
    Good,
    /// Somebody should look.
    Warning,
    /// Late, refused or failed.
    Bad,
    /// Beside the point.
    Faint,
}

impl Screen {
    /// The process's standard output. `NO_COLOR` turns colours off.
    pub fn stdout(language: Language) -> Self {
        let terminal = io::stdout().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { out: Box::new(io::BufWriter::new(io::stdout())), colour, terminal, language }
    }

    /// Any other place, without colours: a test's buffer.
    pub fn plain(out: Box<dyn Write + Send>, language: Language) -> Self {
        Self { out, colour: false, terminal: false, language }
    }

    /// Whether a person sits in front of it.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The text of the pair in this screen's language.
    pub fn pick<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.language.pick(chinese, english)
    }

    /// Prints a line.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.marked(Mark::Plain, text);
    }

    /// Prints a line with a mark.
    pub fn marked(&mut self, mark: Mark, text: impl AsRef<str>) {
        let painted = self.painted(mark, text.as_ref());
        let _ = writeln!(self.out, "{painted}");
        let _ = self.out.flush();
    }

    /// Prints an empty line and a heading.
    pub fn heading(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.out);
        self.marked(Mark::Heading, text);
    }

    /// Prints one value as a line of JSON.
    pub fn json(&mut self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            let _ = writeln!(self.out, "{text}");
            let _ = self.out.flush();
        }
    }

    /// Prints rows under headings, columns aligned by what a terminal shows.
    pub fn table(&mut self, headings: &[&str], rows: &[Vec<String>]) {
        for (index, line) in table(headings, rows).iter().enumerate() {
            self.marked(if index == 0 { Mark::Heading } else { Mark::Plain }, line);
        }
    }

    fn painted(&self, mark: Mark, text: &str) -> String {
        let code = match mark {
            Mark::Plain => return text.to_owned(),
            Mark::Heading => "1",
            Mark::Good => "32",
            Mark::Warning => "33",
            Mark::Bad => "31",
            Mark::Faint => "2",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The lines of a table: two spaces between columns, none at the end.
fn table(headings: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let mut widths: Vec<usize> = headings.iter().map(|text| text.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(cell);
            text.push_str(&" ".repeat(width + 2 - cell.width().min(*width)));
        }
        text.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut headings.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines
}

#[cfg(test)]
mod tests {
    use super::table;

    #[track_caller]
    fn check(rows: &[&[&str]], expected: &[&str]) {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        assert_eq!(table(&["单位", "状态"], &rows), expected);
    }

    #[test]
    fn aligns_what_a_terminal_shows() {
        check(&[], &["单位  状态"]);
        check(
            &[&["涪陵区项目办", "late"], &["O17", "已报"]],
            &["单位          状态", "涪陵区项目办  late", "O17           已报"],
        );
    }
}
