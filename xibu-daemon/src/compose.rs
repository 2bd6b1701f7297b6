//! From the notices of one envelope to a letter: subject, plain text, forms to fill in.
//!
//! Always Chinese, always the same for the same input. A letter cites 渝项目办发〔2009〕22号 only
//! for what it says; a day or a step that comes from policy is called 本办规定, with the office
//! that set it. It knows no address and sends nothing.

use chrono::NaiveDateTime;
use xibu_core::notice::Notice;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::world::World;
use xibu_plugin_abi::message::Workbook;

mod matter;
mod words;

use matter::Matter;

/// What a letter is made from.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The recipient's name as shown; empty where none is known.
    pub recipient: &'a str,
    /// The notices of the envelope, all to the same person on the same day; at least one.
    pub notices: &'a [Notice],
    /// The record at the time of sending.
    pub world: &'a World,
    /// The calendar and parameters in force.
    pub rulebook: &'a Rulebook,
    /// The offices this daemon serves; the first that stands above the recipient signs.
    pub serves: &'a [OfficeId],
    /// The time of sending, in the office's civil time.
    pub at: NaiveDateTime,
}

/// A letter, ready for a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Forms that go with it, still to be made into files by the workbook plugin.
    pub forms: Vec<Form>,
}

/// A form that goes with a letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// File name as shown, Chinese, with `.xlsx`.
    pub file_name: String,
    /// What to write.
    pub workbook: Workbook,
}

/// Composes the letter.
pub fn compose(letter: &Letter<'_>) -> Rendered {
    let sender = sender(letter);
    let matters = Matter::group(letter);
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
    if letter.notices.iter().any(|notice| notice.stands_in) {
        text.push_str("\n因相应岗位暂无人员，本信由您代收。\n");
    }
    text.push_str(&format!("\n{sender}\n{}\n", words::day_with_year(letter.at.date())));
    text.push_str(
        "\n本信由系统代发。已经报送的，请不必理会；有误或人员有变动，请直接回复本邮件告知。\n",
    );
    let forms = matters.iter().flat_map(Matter::forms).collect();
    Rendered { subject, text, forms }
}

/// The name of the office that signs.
fn sender(letter: &Letter<'_>) -> String {
    let date = letter.at.date();
    let office = letter.notices.first().map(|notice| notice.office);
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
