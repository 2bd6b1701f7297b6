//! The form of the monthly return (月报告单) as data: its fields, who fills them, and what must
//! agree in it.
//!
//! The official form is not public, so none of it is law: what comes with the software is a policy
//! assumption ([`Form::built_in`]), and an office sets its own, valid from a month on, without any
//! code. A field that a form adds is asked for, read, kept, checked, summed up and shown by the
//! same rules as those that come with the software.
//!
//! Not how a sheet looks, and not what the cells of one say: that is [`crate::intake::report`].
//!
//! ```
//! use xibu_core::form::{FieldKind, Form};
//!
//! let form = Form::built_in();
//! assert_eq!(form.fields()[0].label, "填报单位");
//! assert_eq!(form.field("headcount").map(|field| field.kind), Some(FieldKind::Count));
//! assert!(form.faults().is_empty());
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::office::{OfficeId, OfficeKind};
use crate::period::Period;
use crate::source::Source;

mod built_in;
pub(crate) mod fault;
pub(crate) mod formula;
pub(crate) mod forms;
pub(crate) mod lexicon;

pub use fault::{FormFault, FormPlace};
pub use forms::Forms;

/// One version of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its number; a later one for the same office says more.
    pub version: u32,
    /// The first month for which it holds, until the next one does.
    pub from: Period,
    /// The office that set it, for itself and everything below it; none for everybody. Written
    /// `"O2"`.
    #[serde(default, with = "office_number")]
    pub office: Option<OfficeId>,
    /// On what ground.
    pub source: Source,
    /// The form's name.
    pub title: String,
    /// Its fields, in the order in which they are asked.
    #[serde(rename = "field")]
    pub fields: Vec<FormField>,
    /// What must agree in it, in the order in which it is looked at.
    #[serde(default, rename = "check")]
    pub checks: Vec<FormCheck>,
}

/// One field of a form, or one column of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Its name for ever, snake case: what history calls it.
    pub key: String,
    /// The heading under which it stands.
    #[serde(default)]
    pub section: String,
    /// What the form calls it (在岗人数).
    pub label: String,
    /// What offices also call it.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// What is filled in.
    pub kind: FieldKind,
    /// What is counted: 人, 起.
    #[serde(default)]
    pub measure: String,
    /// What may be chosen, where [`FieldKind::Choice`].
    #[serde(default)]
    pub options: Vec<String>,
    /// The columns, where [`FieldKind::Lines`].
    #[serde(default, rename = "column")]
    pub columns: Vec<FormField>,
    /// Which offices fill it in.
    #[serde(default = "everybody")]
    pub filled_by: Vec<OfficeKind>,
    /// Whether it must be.
    #[serde(default)]
    pub need: Need,
    /// Whether what was told one month must be asked after when the next says 无.
    #[serde(default)]
    pub carries_over: bool,
    /// What helps to fill it in, one sentence.
    #[serde(default)]
    pub help: String,
}

/// What is filled into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A whole number; 无 is 0.
    Count,
    /// 无, a number, or words in which a number stands (`2人感冒`).
    Cases,
    /// 是 or 否.
    YesNo,
    /// Words. They may speak of a person, so they are kept apart and can be erased; history knows
    /// only that there were some.
    Text,
    /// A day.
    Day,
    /// One of several words.
    Choice,
    /// A list with columns, one thing a line.
    Lines,
}

/// Whether a field must be filled in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Without it the return is sent back.
    Must,
    /// Without it somebody is told.
    Should,
    /// As they like.
    #[default]
    May,
}

/// How much a finding weighs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The return is kept and sent back.
    #[default]
    Error,
    /// The return counts; somebody should look.
    Warning,
}

/// Something that must agree in a return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormCheck {
    /// Its name, a sentence in snake case.
    pub name: String,
    /// The field where a disagreement is shown. Of several about one field the first that fails is
    /// said.
    pub about: String,
    /// Only where this holds, such as `accidents > 0`; what is not known does not hold.
    #[serde(default)]
    pub when: Option<String>,
    /// What must hold, such as `headcount = last.headcount + arrivals - departures`. Where any part
    /// of it is not known nothing is said.
    #[serde(default)]
    pub must: Option<String>,
    /// The fields that must be filled in then.
    #[serde(default)]
    pub fill: Vec<String>,
    /// How much it weighs.
    #[serde(default)]
    pub severity: Severity,
    /// What is wrong and what to do, without a final stop.
    pub say: Sentence,
}

impl Form {
    /// Its fields with their labels, in the order in which they are asked.
    pub fn fields(&self) -> &[FormField] {
        &self.fields
    }

    /// The fields that an office of this kind fills in.
    pub fn fields_of(&self, kind: OfficeKind) -> impl Iterator<Item = &FormField> {
        self.fields.iter().filter(move |field| field.filled_by.contains(&kind))
    }

    /// A field by its key; a column by that of its list and its own, parted by a point.
    pub fn field(&self, key: &str) -> Option<&FormField> {
        match key.split_once('.') {
            None => self.fields.iter().find(|field| field.key == key),
            Some((list, column)) => {
                self.field(list)?.columns.iter().find(|field| field.key == column)
            }
        }
    }

    /// The fields that did not come with the software, in order: what a form adds.
    pub fn added(&self) -> impl Iterator<Item = &FormField> {
        self.fields.iter().filter(|field| lexicon::known(&field.key).is_none())
    }
}

impl FormField {
    /// Whether its values can be summed up over offices.
    pub fn is_counted(&self) -> bool {
        matches!(self.kind, FieldKind::Count | FieldKind::Cases)
    }
}

fn everybody() -> Vec<OfficeKind> {
    Vec::from([OfficeKind::Unit, OfficeKind::County])
}

/// `"O2"`, the way people write it.
mod office_number {
    use alloc::string::{String, ToString};

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::office::OfficeId;

    pub(super) fn serialize<S: Serializer>(
        office: &Option<OfficeId>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        office.map(|office| office.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<OfficeId>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
