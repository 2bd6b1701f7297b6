//! What the refusals of fields that a form defines say, in both languages.
//!
//! Not when they are given: that is [`crate::intake::report`].

use alloc::format;
use alloc::string::String;

use super::Refusal;
use crate::explain::Language;

impl Refusal {
    /// None for every other refusal.
    pub(super) fn of_form(&self, language: Language) -> Option<String> {
        let (zh, en) = match self {
            Refusal::ChoiceNotOffered { options } => {
                (format!("只能从这几项里选一项：{options}"), format!("choose one of {options}"))
            }
            Refusal::PersonNumberNotReadable => (
                "志愿者编号认不出，应为字母P加数字，如P12，不知道的请留空只填姓名".into(),
                "not a number of a person; letter P and digits, such as P12, or leave it empty \
                 and give the name"
                    .into(),
            ),
            _ => return None,
        };
        Some(match language {
            Language::Chinese => zh,
            Language::English => en,
        })
    }
}
