//! How cells look on paper: 宋体 in tables, 仿宋 for remarks, black and shades that a copier keeps.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};
use xibu_plugin_sdk::message::{Style, Takes};

/// Format by style, and the same with days shown as `2026-06-28`.
pub(super) struct Styles {
    plain: [Format; 7],
    dated: [Format; 7],
    counted: Format,
}

const ALL: [Style; 7] = [
    Style::Body,
    Style::Title,
    Style::Heading,
    Style::Input,
    Style::Wrong,
    Style::Plain,
    Style::Words,
];

impl Styles {
    pub(super) fn new() -> Self {
        let plain = ALL.map(format);
        let dated = ALL.map(|style| format(style).set_num_format("yyyy-mm-dd"));
        let counted = format(Style::Input).set_num_format("0");
        Self { plain, dated, counted }
    }

    /// A cell to be typed into that takes whole numbers or days: as text it would take neither.
    pub(super) fn checked(&self, takes: &Takes) -> &Format {
        match takes {
            Takes::Whole { .. } => &self.counted,
            Takes::Day { .. } => self.date_of(Style::Input),
        }
    }

    pub(super) fn of(&self, style: Style) -> &Format {
        &self.plain[index(style)]
    }

    pub(super) fn date_of(&self, style: Style) -> &Format {
        &self.dated[index(style)]
    }
}

const fn index(style: Style) -> usize {
    match style {
        Style::Body => 0,
        Style::Title => 1,
        Style::Heading => 2,
        Style::Input => 3,
        Style::Wrong => 4,
        Style::Plain => 5,
        Style::Words => 6,
    }
}

fn format(style: Style) -> Format {
    let base = Format::new()
        .set_font_name("宋体")
        .set_font_size(10.5)
        .set_align(FormatAlign::VerticalCenter);
    let framed = || base.clone().set_border(FormatBorder::Thin).set_text_wrap();
    match style {
        Style::Body => framed().set_align(FormatAlign::Center),
        Style::Title => {
            base.clone().set_font_size(16).set_bold().set_align(FormatAlign::Center).set_text_wrap()
        }
        Style::Heading => framed()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_background_color(Color::RGB(0xEDEDED)),
        // Text format, so that an id typed here stays as typed.
        Style::Input => framed()
            .set_align(FormatAlign::Left)
            .set_unlocked()
            .set_num_format("@")
            .set_background_color(Color::RGB(0xFFFBE6)),
        Style::Wrong => {
            framed().set_align(FormatAlign::Center).set_background_color(Color::RGB(0xFFC7CE))
        }
        Style::Words => framed().set_align(FormatAlign::Left),
        Style::Plain => base.clone().set_font_name("仿宋").set_text_wrap(),
    }
}
