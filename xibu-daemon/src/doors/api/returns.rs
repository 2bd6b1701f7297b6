//! A return as JSON, made into the sheet that an office would have filled in, so that it goes the
//! same way and is held to the same rules as any workbook.
//!
//! What it is not: it checks only that each field is of its type; what it says is `intake`'s.

use serde_json::{Map, Value};
use xibu_core::cell::{Cell, CellValue, Place, Sheet};
use xibu_core::incident::IncidentKind;
use xibu_core::office::OfficeId;

use super::problem::Fault;
use crate::intake::{ReadSheet, Reading};
use crate::workbook::incident_kind_text;

/// The sheet's name.
const SHEET: &str = "JSON";
/// The most incidents of one return.
const INCIDENTS_MAX: usize = 50;
/// The longest text of a field, characters.
const TEXT_CHARS_MAX: usize = 4_000;

/// The fields, each with its label on the form.
const FIELDS: [(&str, &str, Kind); 12] = [
    ("office", "单位编号", Kind::Text),
    ("period", "报告月份", Kind::Text),
    ("headcount", "在岗人数", Kind::Count),
    ("accidents", "安全、健康事故", Kind::Incidents),
    ("health", "患病、健康情况", Kind::Section),
    ("hazards", "隐患及整改", Kind::Section),
    ("needs", "困难和诉求", Kind::Section),
    ("remark", "备注", Kind::Text),
    ("stated_by", "填报人", Kind::Text),
    ("head", "负责人", Kind::Text),
    ("filled_on", "填报日期", Kind::Text),
    ("silent_units", "未报单位", Kind::Names),
];
/// The fields of an incident, each with its heading.
const INCIDENT: [(&str, &str); 4] = [
    ("kind", "事故类别"),
    ("occurred", "发生时间"),
    ("persons", "涉及人数"),
    ("measures", "处理措施"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Count,
    /// `"nil"`, a number, or words.
    Section,
    /// `"nil"`, or a list.
    Incidents,
    Names,
}

/// Which field stands in which row and column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    fields: Vec<(u32, Option<u32>, String)>,
    /// The office that the body names.
    office: Option<String>,
}

impl Layout {
    /// The office that the body names, as written.
    pub fn office(&self) -> Option<&str> {
        self.office.as_deref()
    }

    /// The field that a place of the sheet is; none where it is the whole.
    pub fn field(&self, place: &Place) -> Option<String> {
        let row = place.row.checked_sub(1)?;
        let column = place.column.as_deref().and_then(column_number);
        let here = self.fields.iter().filter(|(of, ..)| *of == row);
        let exact = here.clone().find(|(_, of, _)| *of == column && column.is_some());
        exact.or_else(|| here.clone().next()).map(|(.., field)| field.clone())
    }
}

fn column_number(letters: &str) -> Option<u32> {
    let mut number = 0_u32;
    for letter in letters.bytes() {
        let digit = u32::from(letter.checked_sub(b'A').filter(|digit| *digit < 26)?) + 1;
        number = number.checked_mul(26)?.checked_add(digit)?;
    }
    number.checked_sub(1)
}

/// The fields of a body that are not of their types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAReturn(pub Vec<Fault>);

/// A body as a sheet; `office` stands where it names none.
///
/// # Errors
/// Every field that is not of its type.
pub fn from_json(body: &[u8], office: OfficeId) -> Result<(Reading, Layout), NotAReturn> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let what = format!("不是 JSON（第{}行第{}列）", error.line(), error.column());
        NotAReturn(vec![fault("", "json_not_readable", &what, "请对照 /api/openapi.json")])
    })?;
    let Value::Object(fields) = value else {
        let remedy = "请对照 /api/openapi.json";
        return Err(NotAReturn(vec![fault("", "not_an_object", "应为一个 JSON 对象", remedy)]));
    };
    let mut form = Form::default();
    form.layout.office = fields.get("office").and_then(Value::as_str).map(str::to_owned);
    form.unknown(&fields, "", &FIELDS.map(|(name, ..)| name));
    for (name, label, kind) in FIELDS {
        let own = Value::String(office.to_string());
        let value = match fields.get(name) {
            None | Some(Value::Null) if name == "office" => &own,
            None | Some(Value::Null) => continue,
            Some(value) => value,
        };
        form.field(name, label, kind, value);
    }
    if let Some(Value::Array(incidents)) = fields.get("accidents") {
        form.incidents(incidents);
    }
    match form.faults.is_empty() {
        true => {
            let sheet = Sheet { name: SHEET.to_owned(), cells: form.cells, merges: Vec::new() };
            Ok((Reading::Sheets(vec![ReadSheet { sheet, hidden: false }]), form.layout))
        }
        false => Err(NotAReturn(form.faults)),
    }
}

fn fault(field: &str, reason: &str, what: &str, remedy: &str) -> Fault {
    Fault {
        field: field.to_owned(),
        reason: reason.to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// The form, being filled.
#[derive(Default)]
struct Form {
    cells: Vec<Cell>,
    layout: Layout,
    faults: Vec<Fault>,
    row: u32,
}

impl Form {
    fn unknown(&mut self, fields: &Map<String, Value>, above: &str, known: &[&str]) {
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            // A name of no field may hold anything; it is not repeated.
            let place = if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                format!("{above}/{}", name.chars().take(40).collect::<String>())
            } else {
                format!("{above}/")
            };
            let remedy = format!("可用的是 {}", known.join("、"));
            self.faults.push(fault(&place, "field_unknown", "没有这个字段", &remedy));
        }
    }

    fn field(&mut self, name: &str, label: &str, kind: Kind, value: &Value) {
        let place = format!("/{name}");
        let cell = match (kind, value) {
            (Kind::Text, Value::String(text)) if name == "period" => Some(month(text)),
            (Kind::Text, Value::String(text)) => Some(text.clone()),
            (Kind::Count | Kind::Section, Value::Number(number)) if number.is_u64() => {
                Some(number.to_string())
            }
            (Kind::Section | Kind::Incidents, Value::String(text)) if text == "nil" => {
                Some("无".to_owned())
            }
            (Kind::Section, Value::String(text)) => Some(text.clone()),
            (Kind::Incidents, Value::Array(list)) if list.len() <= INCIDENTS_MAX => {
                Some(if list.is_empty() { "无".to_owned() } else { list.len().to_string() })
            }
            (Kind::Names, Value::Array(list)) => names(list),
            _ => None,
        };
        let cell = cell.filter(|text| text.chars().count() <= TEXT_CHARS_MAX);
        let Some(cell) = cell else {
            let (what, remedy) = match kind {
                Kind::Text => ("应为文字", "请用引号，不超过4000字"),
                Kind::Count => ("应为不小于0的整数", "请写成 12 这样，不加引号"),
                Kind::Section => ("应为 \"nil\"、整数或文字", "没有请写 \"nil\""),
                Kind::Incidents => ("应为 \"nil\" 或不超过50条的列表", "没有事故请写 \"nil\""),
                Kind::Names => ("应为单位编号或名称的列表", "请写成 [\"O5\", \"O7\"]"),
            };
            self.faults.push(fault(&place, "field_of_another_type", what, remedy));
            return;
        };
        self.put(0, label.to_owned());
        // An empty field is a field left empty.
        if !cell.trim().is_empty() {
            self.put(1, cell);
        }
        self.layout.fields.push((self.row, None, place));
        self.row += 1;
    }

    fn incidents(&mut self, incidents: &[Value]) {
        if incidents.is_empty() {
            return;
        }
        for (column, (_, heading)) in (0..).zip(INCIDENT) {
            self.put(column, heading.to_owned());
        }
        self.layout.fields.push((self.row, None, "/accidents".to_owned()));
        self.row += 1;
        for (index, incident) in incidents.iter().enumerate() {
            let above = format!("/accidents/{index}");
            let Value::Object(fields) = incident else {
                let what = "应为一个 JSON 对象";
                self.faults.push(fault(&above, "not_an_object", what, "请写 kind 和 occurred"));
                continue;
            };
            self.unknown(fields, &above, &INCIDENT.map(|(name, _)| name));
            for (column, (name, _)) in (0..).zip(INCIDENT) {
                self.of_incident(&above, column, name, fields.get(name));
            }
            self.row += 1;
        }
    }

    fn of_incident(&mut self, above: &str, column: u32, name: &str, value: Option<&Value>) {
        let place = format!("{above}/{name}");
        let cell = match (name, value) {
            ("kind", Some(Value::String(text))) => kind(text),
            ("kind", None | Some(Value::Null)) => kind("other"),
            (_, None | Some(Value::Null)) => return,
            ("persons", Some(Value::Number(number))) if number.is_u64() => Some(number.to_string()),
            ("occurred", Some(Value::String(text))) => Some(text.replace('T', " ")),
            ("measures", Some(Value::String(text))) => Some(text.clone()),
            _ => None,
        };
        match cell.filter(|text| text.chars().count() <= TEXT_CHARS_MAX) {
            Some(cell) => {
                self.put(column, cell);
                self.layout.fields.push((self.row, Some(column), place));
            }
            None => {
                let what = "类型或取值不对";
                let remedy = "请对照 /api/openapi.json 的 Incident";
                self.faults.push(fault(&place, "field_of_another_type", what, remedy));
            }
        }
    }

    fn put(&mut self, column: u32, text: String) {
        self.cells.push(Cell { row: self.row, column, value: CellValue::Text(text) });
    }
}

/// `2026-06` as offices write it.
fn month(text: &str) -> String {
    match text.split_once('-') {
        Some((year, month)) => format!("{year}年{}月", month.trim_start_matches('0')),
        None => text.to_owned(),
    }
}

fn names(list: &[Value]) -> Option<String> {
    let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    names.map(|names| if names.is_empty() { "无".to_owned() } else { names.join("、") })
}

/// A kind by its name, in the words of the form.
fn kind(name: &str) -> Option<String> {
    let kind: IncidentKind = serde_json::from_value(Value::String(name.to_owned())).ok()?;
    Some(match kind {
        // 其他 alone is a label of the form.
        IncidentKind::Other => "其他事故".to_owned(),
        kind => incident_kind_text(kind).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use xibu_core::intake::report;
    use xibu_core::returns::Answer;

    use super::*;

    #[track_caller]
    fn faults(body: &Value) -> Vec<(String, String)> {
        let error = from_json(body.to_string().as_bytes(), OfficeId(3)).unwrap_err();
        error.0.into_iter().map(|fault| (fault.field, fault.reason)).collect()
    }

    #[test]
    fn what_is_said_in_json_is_read_from_the_sheet() {
        let body = json!({
            "period": "2026-06", "headcount": 12, "health": "nil", "hazards": 2,
            "needs": "住宿困难1人", "stated_by": "张三", "remark": "另附说明",
            "accidents": [
                {"kind": "traffic", "occurred": "2026-06-03", "persons": 2, "measures": "已送医"},
                {"kind": "other", "occurred": "2026-06-04"},
            ],
        });
        let (reading, layout) = from_json(body.to_string().as_bytes(), OfficeId(3)).unwrap();
        let Reading::Sheets(sheets) = reading else { panic!("no sheets") };
        let received = "2026-06-28".parse().unwrap();
        let read = report::read(&sheets[0].sheet, received);
        assert_eq!(read.refused, []);
        let row = &read.accepted[0].row;
        assert_eq!(row.office_number, Some(OfficeId(3)));
        assert_eq!(row.period.to_string(), "2026-06");
        assert_eq!(row.headcount, Some(12));
        assert_eq!((&row.health, &row.hazards), (&Answer::Nil, &Answer::Told(2)));
        assert_eq!(row.needs, Answer::Told(1));
        let Answer::Told(incidents) = &row.accidents else { panic!("{:?}", row.accidents) };
        assert_eq!(incidents.len(), 2);
        assert_eq!(incidents[0].kind, IncidentKind::Traffic);
        assert_eq!((incidents[0].persons, incidents[0].measures_told), (Some(2), true));
        assert_eq!(incidents[1].kind, IncidentKind::Other);
        let place = |row, column: Option<&str>| Place {
            sheet: SHEET.into(),
            row,
            column: column.map(str::to_owned),
        };
        assert_eq!(layout.field(&place(1, None)).as_deref(), Some("/office"));
        assert_eq!(layout.field(&place(2, Some("B"))).as_deref(), Some("/period"));
        let last = layout.fields.last().unwrap().0 + 1;
        let occurred = layout.field(&place(last, Some("B")));
        assert_eq!(occurred.as_deref(), Some("/accidents/1/occurred"));
        assert_eq!(layout.field(&place(99, None)), None);
    }

    #[test]
    fn nothing_and_nil_are_not_the_same() {
        for (accidents, expected) in [
            (json!("nil"), Answer::Nil),
            (json!([]), Answer::Nil),
            (json!(null), Answer::Unanswered),
        ] {
            let body = json!({"period": "2026-06", "health": "nil", "accidents": accidents});
            let (reading, _) = from_json(body.to_string().as_bytes(), OfficeId(3)).unwrap();
            let Reading::Sheets(sheets) = reading else { panic!("no sheets") };
            let read = report::read(&sheets[0].sheet, "2026-06-28".parse().unwrap());
            if expected == Answer::Unanswered {
                // A form without the section is none that is recognised, or says nothing of it.
                assert!(read.accepted.iter().all(|row| row.row.accidents == expected));
            } else {
                assert_eq!(read.accepted[0].row.accidents, expected, "{:?}", read.refused);
            }
        }
    }

    #[test]
    fn every_fault_is_named_by_its_field_and_no_value_is_repeated() {
        let own = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
        let body = json!({"period": 202606, "headcount": -1, "accidents": "none of it",
            "secret 张三": 1, "gossip": 1, "silent_units": [7]});
        let found = faults(&body);
        assert_eq!(
            found,
            [
                own("/gossip", "field_unknown"),
                own("/", "field_unknown"),
                own("/period", "field_of_another_type"),
                own("/headcount", "field_of_another_type"),
                own("/accidents", "field_of_another_type"),
                own("/silent_units", "field_of_another_type"),
            ]
        );
        let body = json!({"accidents": [7, {"kind": "war", "place": "x"}]});
        assert_eq!(
            faults(&body),
            [
                own("/accidents/0", "not_an_object"),
                own("/accidents/1/place", "field_unknown"),
                own("/accidents/1/kind", "field_of_another_type"),
            ]
        );
        assert_eq!(faults(&json!([])), [own("", "not_an_object")]);
        let error = from_json(b"{\"period\": ", OfficeId(3)).unwrap_err();
        assert_eq!(error.0[0].reason, "json_not_readable");
    }
}
