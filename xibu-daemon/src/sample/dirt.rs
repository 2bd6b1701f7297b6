//! The ways in which a line of a roster goes wrong in an office, each with the refusal it must
//! meet.

use xibu_plugin_abi::message::CellOutValue;

use super::people::Person;
use super::roster::Column;

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dirt {
    CheckDigit,
    DigitsLost,
    PlaceMissing,
    BirthDate,
    OldForm,
    LetterInside,
    SameTwice,
    NameMissing,
    PhoneShort,
    MailBroken,
    UnitMisspelt,
    NoSuchDay,
    EndsBeforeBegin,
}

/// Every way, in the order in which counties get them.
pub(super) const ALL: [Dirt; 13] = [
    Dirt::CheckDigit,
    Dirt::DigitsLost,
    Dirt::PlaceMissing,
    Dirt::UnitMisspelt,
    Dirt::BirthDate,
    Dirt::PhoneShort,
    Dirt::SameTwice,
    Dirt::NoSuchDay,
    Dirt::OldForm,
    Dirt::MailBroken,
    Dirt::LetterInside,
    Dirt::NameMissing,
    Dirt::EndsBeforeBegin,
];

impl Dirt {
    /// The refusal's name.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Dirt::CheckDigit => "id_number_check_digit_wrong",
            Dirt::DigitsLost => "id_number_digits_lost",
            Dirt::PlaceMissing => "id_number_not_eighteen",
            Dirt::BirthDate => "id_number_birth_date_wrong",
            Dirt::OldForm => "id_number_old_form",
            Dirt::LetterInside => "id_number_other_characters",
            Dirt::SameTwice => "same_person_twice",
            Dirt::NameMissing => "value_missing",
            Dirt::PhoneShort => "phone_not_readable",
            Dirt::MailBroken => "mail_not_readable",
            Dirt::UnitMisspelt => "office_unknown",
            Dirt::NoSuchDay => "date_does_not_exist",
            Dirt::EndsBeforeBegin => "ends_before_it_begins",
        }
    }

    /// What stands in a column instead, where this way touches it. `first` is the file's first
    /// good person.
    pub(super) fn instead(
        self,
        column: Column,
        person: &Person,
        first: &Person,
        csv: bool,
    ) -> Option<CellOutValue> {
        let text = |text: String| Some(CellOutValue::Text(text));
        let id = &person.id_number;
        match (self, column) {
            (Dirt::CheckDigit, Column::IdNumber) => {
                let wrong = if id.ends_with('1') { '2' } else { '1' };
                text(format!("{}{wrong}", &id[..17]))
            }
            // A .csv shows what the program that saved it made of the number.
            (Dirt::DigitsLost, Column::IdNumber) if csv => {
                text(format!("{}.{}E+17", &id[..1], &id[1..6]))
            }
            (Dirt::DigitsLost, Column::IdNumber) => {
                Some(CellOutValue::Number(format!("{}000", &id[..15]).parse().unwrap_or(1e17)))
            }
            (Dirt::PlaceMissing, Column::IdNumber) => text(id[..17].to_owned()),
            (Dirt::BirthDate, Column::IdNumber) => {
                text(format!("999999{}0230{}", &id[6..10], &id[14..]))
            }
            (Dirt::OldForm, Column::IdNumber) => {
                text(format!("999999{}{}", &id[8..14], &id[14..17]))
            }
            (Dirt::LetterInside, Column::IdNumber) => text(format!("{}O{}", &id[..14], &id[15..])),
            (Dirt::SameTwice, Column::IdNumber) => text(first.id_number.clone()),
            (Dirt::NameMissing, Column::Name) => Some(CellOutValue::Blank),
            (Dirt::PhoneShort, Column::Phone) => text(person.phone[..10].to_owned()),
            (Dirt::MailBroken, Column::Mail) => text(person.mail.replace('@', "#")),
            (Dirt::UnitMisspelt, Column::Unit) => text("青和镇中心卫生所".to_owned()),
            (Dirt::NoSuchDay, Column::Span) => text("2025年2月30日至2026年7月31日".to_owned()),
            (Dirt::NoSuchDay, Column::From) => text("2025-02-30".to_owned()),
            (Dirt::EndsBeforeBegin, Column::Span) => text("2025.8-2024.7".to_owned()),
            (Dirt::EndsBeforeBegin, Column::Until) => text("2024-07-31".to_owned()),
            _ => None,
        }
    }
}
