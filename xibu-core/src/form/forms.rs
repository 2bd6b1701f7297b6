//! Every form in use: which one holds for an office and a month, and what their words mean.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::Form;
use super::fault::{FormFault, FormPlace};
use super::lexicon::Lexicon;
use crate::office::OfficeId;
use crate::period::Period;

/// The forms in use, the built-in one among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forms {
    /// The built-in one first.
    forms: Vec<Form>,
    lexicon: Lexicon,
}

impl Forms {
    /// The one that comes with the software.
    pub fn built_in() -> Self {
        let form = Form::built_in();
        let mut lexicon = Lexicon::default();
        // A test holds that it clashes with nothing.
        lexicon.learn(&form);
        Self { forms: Vec::from([form]), lexicon }
    }

    /// These with one more.
    ///
    /// # Errors
    /// Everything wrong with it, by place, and what cannot stand beside the others.
    pub fn with(mut self, form: Form) -> Result<Self, Vec<FormFault>> {
        let mut faults = form.faults();
        let whole = FormPlace::Whole;
        let same = |other: &&Form| other.office == form.office && other.from == form.from;
        if let Some(other) = self.forms[1..].iter().find(same) {
            let message = alloc::format!(
                "version {} holds for the same office from the same month; change `from`",
                other.version
            );
            faults.push(FormFault { place: whole, message });
        }
        if faults.is_empty() {
            let clashes = self.lexicon.learn(&form);
            faults.extend(clashes.into_iter().map(|(index, message)| FormFault {
                place: FormPlace::Field(index),
                message: message.to_string(),
            }));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.forms.push(form);
        Ok(self)
    }

    /// The form for a month and an office whose path, nearest office first, is `path`: its own,
    /// else the nearest office's above it, else everybody's, else the built-in one; of several the
    /// newest that holds by then.
    pub fn of(&self, path: &[OfficeId], period: Period) -> &Form {
        let newest = |office: Option<OfficeId>| {
            let set = self.forms[1..].iter().filter(|form| form.office == office);
            set.filter(|form| form.from <= period).max_by_key(|form| form.from)
        };
        path.iter()
            .find_map(|office| newest(Some(*office)))
            .or_else(|| newest(None))
            .unwrap_or(&self.forms[0])
    }

    /// Every form, the built-in one first.
    pub fn all(&self) -> &[Form] {
        &self.forms
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self::built_in()
    }
}
