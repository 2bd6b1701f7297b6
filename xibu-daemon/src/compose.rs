//! From the notices of one envelope to a letter: subject, plain text, forms to fill in.
//!
//! Always Chinese, always the same for the same input. A letter cites 渝项目办发〔2009〕22号 only for what it
//! says; a day or a step that comes from policy is called 本办规定, with the office that set it. It knows no
//! address and sends nothing.

use chrono::NaiveDateTime;
use xibu_core::notice::Notice;
use xibu_core::office::OfficeId;
use xibu_core::world::World;
use xibu_plugin_abi::message::Workbook;

/// What a letter is made from.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The recipient's name as shown; empty where none is known.
    pub recipient: &'a str,
    /// The notices of the envelope, all to the same person on the same day.
    pub notices: &'a [Notice],
    /// The record at the time of sending.
    pub world: &'a World,
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
