//! A service unit's monthly form, filled in as far as we know.
//!
//! Source: 渝项目办发〔2009〕22号, 一 (安全、健康事故月上报制度). The notice gives no form; its
//! fields are data ([`xibu_core::form`]), and only where they stand on the page is said here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use xibu_core::form::{FieldKind, Form, FormField};
use xibu_core::incident::IncidentKind;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::asked::{day, whole};
use super::sheet::{Draft, number, text_or_blank};
use super::{INCIDENT_KINDS, incident_kind_text, month_text};

/// What is known beforehand of a unit's form.
#[derive(Clone, Debug)]
pub struct UnitForm {
    /// Our number of the unit.
    pub office: OfficeId,
    /// Its name.
    pub name: String,
    /// The county office it reports to.
    pub county: String,
    /// For which month.
    pub period: Period,
    /// How many volunteers the roster has at the unit.
    pub headcount: Option<u32>,
    /// 填报人, the unit's contact.
    pub contact: Option<String>,
    /// 负责人, the unit's head.
    pub head: Option<String>,
    /// Filled sections; none for the blank form that is sent out.
    pub answers: Option<FormAnswers>,
}

/// The sections as somebody would type them.
#[derive(Clone, Debug, Default)]
pub struct FormAnswers {
    /// 安全、健康事故: `无`, `有`, or words.
    pub accidents: String,
    /// Lines of the accident table, three at most.
    pub incidents: Vec<FormIncident>,
    /// 患病、健康情况.
    pub health: String,
    /// 隐患及整改.
    pub hazards: String,
    /// 困难和诉求.
    pub needs: String,
    /// 备注.
    pub remark: String,
    /// What the form adds, as typed, by the field's key.
    pub added: BTreeMap<String, String>,
    /// 填报日期.
    pub filled_on: Option<NaiveDate>,
}

/// One line of the accident table.
#[derive(Clone, Debug)]
pub struct FormIncident {
    /// 事故类别.
    pub kind: IncidentKind,
    /// 发生时间, as typed.
    pub when: String,
    /// 涉及人数.
    pub persons: u32,
    /// 发生地点.
    pub place: String,
    /// 处理措施.
    pub measures: String,
}

/// How many accidents fit on the form.
const INCIDENT_LINES: u32 = 3;
/// How many lines of a list that an office's form adds.
const LIST_LINES: u32 = 5;
/// The last column.
const LAST: u32 = 5;

/// Writes the form that comes with the software, one A4 page upright.
pub fn unit_form(form: &UnitForm) -> Workbook {
    unit_form_by(&Form::built_in(), form)
}

/// Writes a form by its definition: every field that units fill in, in its order. Those that say
/// whose it is stand first, the signatures last.
pub fn unit_form_by(fields: &Form, form: &UnitForm) -> Workbook {
    let title = format!("{}月报告单", month_text(form.period));
    let properties = BTreeMap::from([("title".to_owned(), title)]);
    Workbook { sheets: vec![page(fields, form)], properties }
}

fn page(fields: &Form, form: &UnitForm) -> SheetOut {
    let draft = Draft::new("月报告单", &[16.0, 22.0, 12.0, 14.0, 13.0, 14.0]).protected();
    let mut page = Page { draft, fields, answers: form.answers.as_ref(), row: 0 };
    page.draft.wide_text(0, (0, LAST), "重庆市大学生西部计划志愿者", Style::Title);
    page.draft.wide_text(1, (0, LAST), "服务单位安全健康情况月报告单", Style::Title);
    page.row = 2;
    let known = |text: &str| Some((CellOutValue::Text(text.to_owned()), Style::Body));
    let number_of_office = form.office.to_string();
    page.pair(("填报单位", known(&form.name)), ("单位编号", known(&number_of_office)));
    let month = known(&month_text(form.period));
    page.pair(("报告月份", month), ("报送对象", known(&form.county)));
    page.short_fields(form);
    page.sections();
    page.signatures(form);
    page.draft.done()
}

/// A page being filled from top to bottom.
struct Page<'a> {
    draft: Draft,
    fields: &'a Form,
    answers: Option<&'a FormAnswers>,
    /// The next free row.
    row: u32,
}

/// A label, and what stands beside it in which style; none for an empty cell to be filled in.
type Labelled<'a> = (&'a str, Option<(CellOutValue, Style)>);

impl Page<'_> {
    /// Two labels with their values side by side.
    fn pair(&mut self, left: Labelled<'_>, right: Labelled<'_>) {
        let (blank, row) = ((CellOutValue::Blank, Style::Input), self.row);
        for ((label, value), column) in [(left, 0), (right, 3)] {
            let (value, style) = value.unwrap_or_else(|| blank.clone());
            self.draft.text(row, column, label, Style::Heading);
            self.draft.wide(row, (column + 1, column + 2), value, style);
        }
        self.row += 1;
    }

    fn label(&self, key: &str) -> String {
        self.fields.field(key).map_or_else(String::new, |field| field.label.clone())
    }

    /// What is told in a number or a word, two beside each other: headcount and phone, then what
    /// the form adds of that kind.
    fn short_fields(&mut self, form: &UnitForm) {
        let short = |field: &&FormField| {
            use FieldKind::{Choice, Count, Day, YesNo};
            let own = !matches!(field.key.as_str(), "headcount" | "phone" | "filled_on");
            own && matches!(field.kind, Choice | Count | Day | YesNo)
        };
        let fields = self.fields;
        let added: Vec<&FormField> = fields.fields_of(OfficeKind::Unit).filter(short).collect();
        let headcount = Some((number(form.headcount), Style::Input));
        let (people, phone) = (self.label("headcount"), self.label("phone"));
        self.draft.check(whole([self.row, 1, self.row, 1]));
        self.pair((&people, headcount), (&phone, None));
        for pair in added.chunks(2) {
            let row = self.row;
            let value = |field: &FormField| Some((self.typed(&field.key), Style::Input));
            match pair {
                [left, right] => {
                    let (one, other) = (value(left), value(right));
                    self.pair((&left.label, one), (&right.label, other));
                    self.offer(left, (row, 1));
                    self.offer(right, (row, 4));
                }
                [only] => {
                    let value = self.typed(&only.key);
                    self.whole_row(&only.label, value);
                    self.offer(only, (row, 1));
                }
                _ => {}
            }
        }
    }

    /// What somebody typed into a field that the form adds.
    fn typed(&self, key: &str) -> CellOutValue {
        let typed = self.answers.and_then(|answers| answers.added.get(key));
        text_or_blank(typed.map(String::as_str))
    }

    /// The words to choose from.
    fn offer(&mut self, field: &FormField, (row, column): (u32, u32)) {
        let options: Vec<String> = match field.kind {
            FieldKind::YesNo => vec!["是".to_owned(), "否".to_owned()],
            FieldKind::Choice => field.options.clone(),
            FieldKind::Count => return self.draft.check(whole([row, column, row, column])),
            FieldKind::Day => return self.draft.check(day([row, column, row, column])),
            _ => return,
        };
        self.draft.choice([row, column, row, column], options);
    }

    fn whole_row(&mut self, label: &str, value: CellOutValue) {
        self.draft.text(self.row, 0, label, Style::Heading);
        self.draft.wide(self.row, (1, LAST), value, Style::Input);
        self.row += 1;
    }

    /// Accidents with their table, the other sections, and what the form adds in words or lists.
    fn sections(&mut self) {
        let fields = self.fields;
        for field in fields.fields_of(OfficeKind::Unit) {
            let answers = self.answers;
            let typed = |pick: fn(&FormAnswers) -> &str| text_or_blank(answers.map(pick));
            match (field.key.as_str(), field.kind) {
                ("accidents", _) => self.accidents(field),
                ("health", _) => self.whole_row(&field.label, typed(|told| &told.health)),
                ("hazards", _) => self.whole_row(&field.label, typed(|told| &told.hazards)),
                ("needs", _) => self.whole_row(&field.label, typed(|told| &told.needs)),
                ("remark", _) => self.whole_row(&field.label, typed(|told| &told.remark)),
                // Written elsewhere on the page; people are listed on the template of an office.
                (
                    "office" | "office_number" | "month" | "phone" | "people" | "stated_by"
                    | "head" | "checked_by" | "silent",
                    _,
                ) => {}
                (key, FieldKind::Cases | FieldKind::Text) => {
                    let value = self.typed(key);
                    self.whole_row(&field.label, value);
                }
                (_, FieldKind::Lines) => self.list(field),
                _ => {}
            }
        }
    }

    fn accidents(&mut self, field: &FormField) {
        let answers = self.answers;
        let row = self.row;
        let said = text_or_blank(answers.map(|answers| answers.accidents.as_str()));
        self.whole_row(&field.label, said);
        self.draft.choice([row, 1, row, 1], ["无", "有"]);
        let row = self.row;
        for (column, key) in (0_u32..).zip(["kind", "time", "persons", "place"]) {
            let heading = self.label(&format!("accidents.{key}"));
            self.draft.text(row, column, heading, Style::Heading);
        }
        let measures = self.label("accidents.measures");
        self.draft.wide_text(row, (4, LAST), &measures, Style::Heading);
        for line in 0..INCIDENT_LINES {
            let row = row + 1 + line;
            let incident = answers.and_then(|answers| answers.incidents.get(line as usize));
            let text = |text: Option<&str>| text_or_blank(text);
            let kind = incident.map(|told| incident_kind_text(told.kind));
            self.draft.cell(row, 0, text(kind), Style::Input);
            self.draft.cell(row, 1, text(incident.map(|told| told.when.as_str())), Style::Input);
            self.draft.cell(row, 2, number(incident.map(|told| told.persons)), Style::Input);
            self.draft.cell(row, 3, text(incident.map(|told| told.place.as_str())), Style::Input);
            let measures = text(incident.map(|told| told.measures.as_str()));
            self.draft.wide(row, (4, LAST), measures, Style::Input);
        }
        let area = [row + 1, 0, row + INCIDENT_LINES, 0];
        self.draft.choice(area, INCIDENT_KINDS.map(incident_kind_text));
        self.draft.check(whole([row + 1, 2, row + INCIDENT_LINES, 2]));
        self.row = row + 1 + INCIDENT_LINES;
    }

    /// A list that the form adds: its label with room for 无, its columns, and empty lines. The
    /// last column takes what room is left.
    fn list(&mut self, field: &FormField) {
        let value = self.typed(&field.key);
        self.whole_row(&field.label, value);
        let first = self.row;
        let columns = field.columns.len().min(LAST as usize + 1);
        for (column, heading) in (0_u32..).zip(field.columns.iter().take(columns)) {
            let last = if column as usize + 1 == columns { LAST } else { column };
            self.draft.wide_text(first, (column, last), &heading.label, Style::Heading);
            for row in first + 1..=first + LIST_LINES {
                self.draft.wide(row, (column, last), CellOutValue::Blank, Style::Input);
            }
            if !heading.options.is_empty() {
                let area = [first + 1, column, first + LIST_LINES, column];
                self.draft.choice(area, heading.options.clone());
            }
        }
        self.row = first + 1 + LIST_LINES;
    }

    fn signatures(&mut self, form: &UnitForm) {
        let row = self.row;
        let filled_on = form.answers.as_ref().and_then(|answers| answers.filled_on);
        let filled = |day: NaiveDate| CellOutValue::Date(day.to_string());
        let cells = [
            ("stated_by", text_or_blank(form.contact.as_deref())),
            ("head", text_or_blank(form.head.as_deref())),
            ("filled_on", filled_on.map_or(CellOutValue::Blank, filled)),
        ];
        for (index, (key, value)) in (0_u32..).zip(cells) {
            let label = self.label(key);
            self.draft.text(row, index * 2, label, Style::Heading);
            self.draft.cell(row, index * 2 + 1, value, Style::Input);
        }
        self.draft.check(day([row, 5, row, 5]));
        self.draft.wide_text(row + 1, (0, LAST), "（单位盖章）", Style::Plain);
        self.draft.wide_text(
            row + 2,
            (0, LAST),
            "说明：每一栏都要填，没有请填“无”；“无”由填报人对本栏负责。人数和件数请写数字。",
            Style::Plain,
        );
    }
}
