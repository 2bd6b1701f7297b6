//! From the notices of one envelope, or its errand, to a letter: subject, plain text, forms to fill
//! in; or to the few words that a phone shows.
//!
//! Always Chinese, always the same for the same input. A letter cites 渝项目办发〔2009〕22号 only
//! for what it says; a day or a step that comes from policy is called 本办规定, with the office
//! that set it. It knows no address and sends nothing.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::incident::IncidentDuty;
use xibu_core::notice::Notice;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::world::World;
use xibu_plugin_abi::message::{Workbook, WorkbookFormat};

use crate::workbook::{consolidate, consolidated};

mod consolidation;
mod digest;
mod errand;
mod files;
mod incident;
mod matter;
mod short;
mod words;

pub use digest::Pages;
pub(crate) use digest::facts;
pub use errand::Brief;
pub use files::{FilesBrief, MarkedFile};

use matter::Matter;

/// In what shape a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A letter with subject and forms.
    Letter,
    /// A few neutral words, filled into the channel's own template.
    Short,
}

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// Notices, all to the same person on the same day; at least one.
    Notices(&'a [Notice]),
    /// An errand, with what it needs from the record.
    Errand(&'a Brief),
}

/// What a letter is made from.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The recipient's name as shown; empty where none is known.
    pub recipient: &'a str,
    /// In what shape.
    pub medium: Medium,
    /// About what.
    pub about: About<'a>,
    /// The record at the time of sending.
    pub world: &'a World,
    /// The calendar and parameters in force.
    pub rulebook: &'a Rulebook,
    /// The offices this daemon serves; the first that stands above the recipient signs.
    pub serves: &'a [OfficeId],
    /// The time of sending, in the office's civil time.
    pub at: NaiveDateTime,
    /// The code of each request in it.
    pub codes: &'a Codes,
    /// Names of those who serve at the offices it asks, where they are known.
    pub volunteers: &'a BTreeMap<PersonId, String>,
    /// The code by which a county confirms what was put together from its units, as it is now.
    pub confirm_codes: &'a Codes,
}

/// Codes of requests as they are printed: whoever answers with one has seen the request.
pub type Codes = BTreeMap<ObligationKey, String>;

/// A letter, ready for a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Forms that go with it, still to be made into files by the workbook plugin.
    pub forms: Vec<Form>,
    /// What kind of message it is, by which a channel with templates finds its own.
    pub kind: String,
    /// Values for such a template: neutral, no name of a person, no link.
    pub variables: BTreeMap<String, String>,
    /// Where the reader says "no more of these".
    pub unsubscribe: Option<String>,
}

/// A form that goes with a letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// File name as shown, Chinese, with its ending.
    pub file_name: String,
    /// What to write.
    pub workbook: Workbook,
    /// As what.
    pub format: WorkbookFormat,
}

impl Form {
    /// A form to be filled in.
    fn to_fill(office: OfficeId, period: Period, workbook: Workbook) -> Self {
        // Office and month first, so that even an answer that nobody can read says whose it is.
        let file_name = format!("{office}-{period}-月报告单.xlsx");
        Self { file_name, workbook, format: WorkbookFormat::Xlsx }
    }

    /// A county's consolidation: to be counted with, and to be printed, signed and sealed.
    fn of_county(letter: &Letter<'_>, office: OfficeId, period: Period) -> [Self; 2] {
        let (world, rulebook, at) = (letter.world, letter.rulebook, letter.at);
        let form = consolidate(world, rulebook, (office, period), at, |_| None);
        let file = Self::to_fill(office, period, consolidated(&form));
        let file_name = format!("{office}-{period}-月报告单.docx");
        let paper = Self { file_name, format: WorkbookFormat::Docx, ..file.clone() };
        [file, paper]
    }
}

/// Composes the message.
pub fn compose(letter: &Letter<'_>) -> Rendered {
    match (letter.about, letter.medium) {
        (About::Notices(notices), Medium::Letter) => duty(letter, notices),
        (About::Notices(notices), Medium::Short) => short::duty(letter, notices),
        (About::Errand(brief), Medium::Letter) => errand::letter(letter, brief),
        (About::Errand(brief), Medium::Short) => errand::short(brief),
    }
}

/// What phones are shown besides answers, with made-up numbers: by which our own words are known
/// when they come back.
pub fn short_texts() -> impl Iterator<Item = String> {
    [
        short::text("1", "6月24日", Some("7341")),
        short::text("2", "6月24日", None),
        errand::incident_text("I7"),
        incident::short("I7", IncidentDuty::Acknowledge),
        incident::short("I7", IncidentDuty::FollowUp),
        incident::short("I7", IncidentDuty::Close),
        errand::quarantine_text("sms"),
    ]
    .into_iter()
}

fn duty(letter: &Letter<'_>, notices: &[Notice]) -> Rendered {
    let sender = sender(letter, notices.first().map(|notice| notice.office));
    let matters = Matter::group(letter, notices);
    let subject = match matters.as_slice() {
        [only] => format!("【西部计划】{}", only.subject()),
        several => {
            let subjects = several.iter().map(Matter::subject_short).collect::<Vec<_>>();
            format!("【西部计划】{}件事：{}", several.len(), subjects.join("；"))
        }
    };
    let mut text = match letter.recipient {
        "" => "负责同志：\n".to_owned(),
        name => format!("{name}同志：\n"),
    };
    for (index, matter) in matters.iter().enumerate() {
        let number = match matters.len() {
            1 => String::new(),
            _ => format!("{}、", words::number(index + 1)),
        };
        text.push_str(&format!("\n{number}{}", matter.text(&sender)));
    }
    if notices.iter().any(|notice| notice.instead_of.is_some()) {
        text.push_str("\n因经办的同志外出，本信由您代收代办。\n");
    } else if notices.iter().any(|notice| notice.stands_in) {
        text.push_str("\n因相应岗位暂无人员，本信由您代收。\n");
    }
    text.push_str(&format!("\n{sender}\n{}\n", words::day_with_year(letter.at.date())));
    text.push_str(
        "\n本信由系统代发。已经报送的，请不必理会；有误或人员有变动，请直接回复本邮件告知。\n",
    );
    let forms = matters.iter().flat_map(Matter::forms).collect();
    Rendered { subject, text, forms, kind: "duty".to_owned(), ..Rendered::default() }
}

/// The name of the office that signs.
fn sender(letter: &Letter<'_>, office: Option<OfficeId>) -> String {
    let date = letter.at.date();
    let path = office.map(|office| letter.world.path(office, date)).unwrap_or_default();
    let signing = letter
        .serves
        .iter()
        .find(|served| path.contains(served))
        .or(letter.serves.first())
        .copied();
    signing.map_or_else(|| "项目办".to_owned(), |office| words::office(letter.world, office, date))
}

#[cfg(test)]
mod tests;
