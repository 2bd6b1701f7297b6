//! A batch being made up against a copy of the record, so that what would not fit is found before
//! it is told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use xibu_core::cell::Place;
use xibu_core::change::Change;
use xibu_core::explain::Language;
use xibu_core::intake::{Refusal, Refused, SheetKind, Warned, Warning};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_core::returns::ReturnVersion;
use xibu_core::rule::Rule;
use xibu_core::world::{Unfit, World};

use xibu_plugin_abi::message::Unreadable;

use super::known::Known;
use super::names::Names;
use super::scope::Scope;
use super::understood::{Rows, Understood};
use super::{Arrival, FileOutcome, FileReport, Finding, Proof, SheetReport};
use super::{directory, report, roster, wishes};
use crate::seal::RequestCode;
use crate::store::{
    self, Batch, DocumentKind, NewDocument, NewNote, NewProfile, NewRefusal, Numbers, PersonValue,
    Personal, Store, ValueKind,
};

/// The first numbers for what is new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    office: u32,
    person: u32,
}

impl Base {
    /// For a dry run: far above any number ever given, and never shown.
    pub(super) const PROVISIONAL: Self = Self { office: 3_000_000_000, person: 3_000_000_000 };

    /// Takes exactly the numbers that a first draft needed.
    pub(super) async fn reserve(store: &impl Store, first: &Draft) -> store::Result<Self> {
        let mut base = Self::PROVISIONAL;
        if first.new_offices > 0 {
            base.office = store.reserve(Numbers::Office, first.new_offices).await?;
        }
        if first.new_people > 0 {
            base.person = store.reserve(Numbers::Person, first.new_people).await?;
        }
        Ok(base)
    }
}

/// The batch so far.
pub(super) struct Draft {
    /// The record as it would be.
    pub(super) world: World,
    pub(super) names: Names,
    /// The day the file was received.
    pub(super) today: NaiveDate,
    /// What whoever sent it may speak for.
    pub(super) scope: Scope,
    base: Base,
    new_offices: u32,
    new_people: u32,
    personal: BTreeMap<PersonId, Personal>,
    /// People of this file by name and phone.
    met: BTreeMap<(String, String), PersonId>,
    values: Vec<PersonValue>,
    changes: Vec<Change>,
    notes: Vec<NewNote>,
    profiles: Vec<NewProfile>,
    /// What the record has against a row that is taken all the same.
    warned: Vec<Warned>,
    touched: BTreeSet<PersonId>,
    returns: Vec<ObligationKey>,
    sheets: Vec<SheetReport>,
    outcome: FileOutcome,
    unreadable: Option<Unreadable>,
    proved: Option<Proof>,
}

impl Draft {
    pub(super) fn make(
        world: &World,
        known: &Known,
        arrival: &Arrival,
        understood: &Understood,
        scope: &Scope,
        base: Base,
    ) -> Self {
        let today = arrival.received_at.date();
        let mut draft = Self {
            names: Names::of(world, today),
            world: world.clone(),
            today,
            scope: scope.clone(),
            base,
            new_offices: 0,
            new_people: 0,
            personal: known.personal.clone(),
            met: BTreeMap::new(),
            values: Vec::new(),
            changes: Vec::new(),
            notes: Vec::new(),
            profiles: Vec::new(),
            warned: Vec::new(),
            touched: BTreeSet::new(),
            returns: Vec::new(),
            sheets: Vec::new(),
            outcome: FileOutcome::NothingTaken,
            unreadable: understood.unreadable.as_ref().map(|unread| unread.why),
            proved: None,
        };
        match &understood.unreadable {
            Some(unread) => draft.unread(unread.of, arrival),
            None => draft.fill(known, arrival, understood),
        }
        if known.document.is_some() {
            draft.outcome = FileOutcome::KnownBefore;
        }
        draft
    }

    fn fill(&mut self, known: &Known, arrival: &Arrival, understood: &Understood) {
        let mut refused: Vec<Vec<Refused>> =
            understood.sheets.iter().map(|sheet| sheet.refused.clone()).collect();
        // Offices first, whichever sheet comes first: the others lean on them.
        let anything = self.scope.is_anything();
        if anything {
            directory::fill(self, known, understood, &mut refused);
        }
        for (sheet, refused) in understood.sheets.iter().zip(&mut refused) {
            match &sheet.rows {
                // A door of messages takes returns alone; the rest is for a person.
                rows if !anything && !matches!(rows, Rows::Report(_)) => {}
                Rows::Roster(rows) => roster::fill(self, known, &sheet.words, rows, refused),
                Rows::Report(rows) => report::fill(self, arrival, rows, refused),
                Rows::Wishes(rows) => wishes::fill(self, known, arrival, rows),
                Rows::Directory(_) | Rows::None => {}
            }
        }
        for (sheet, mut refused) in understood.sheets.iter().zip(refused) {
            refused.sort_by(|a, b| (a.place.row, &a.reason).cmp(&(b.place.row, &b.reason)));
            let core_rows = rows_of(&sheet.refused);
            let all_rows = rows_of(&refused);
            let taken = self.scope.is_anything() || matches!(sheet.rows, Rows::Report(_));
            let rows = if taken { sheet.rows.len() } else { 0 };
            let accepted = rows - (all_rows - core_rows).min(rows);
            if accepted > 0 {
                self.outcome = FileOutcome::Taken;
            }
            let mut findings: Vec<Finding> = refused.iter().map(finding).collect();
            findings.extend(sheet.rows.warnings().iter().map(warning));
            let of_sheet = self.warned.iter().filter(|one| one.place.sheet == sheet.name);
            findings.extend(of_sheet.map(warning));
            findings.extend(sheet.hidden_ids.iter().map(|hidden| hidden.finding(&sheet.name)));
            findings.sort_by_key(|finding| (finding.place.row, finding.only_warning));
            self.sheets.push(SheetReport {
                name: sheet.name.clone(),
                kind: sheet.kind,
                heading_row: sheet.heading_row,
                accepted,
                refused: all_rows,
                findings,
                ignored_headings: sheet.ignored_headings.clone(),
                id_columns: sheet.id_columns.clone(),
            });
        }
    }

    /// Looks whether a code that came with the file is that of what it reports; a wrong one is a
    /// warning by the name `request_code_differs`.
    pub(super) fn prove(
        &mut self,
        understood: &Understood,
        code: impl Fn(&ObligationKey) -> RequestCode,
    ) {
        let Some(said) = &understood.code else { return };
        let named = said.named.and_then(|(debtor, period)| {
            let rule = self.names.kind(debtor).and_then(rule_of)?;
            Some(ObligationKey { rule, debtor, period })
        });
        let proof = said.proof(&self.returns, named, code);
        self.proved = Some(proof);
        let report = |sheet: &&mut SheetReport| sheet.kind == Some(SheetKind::Report);
        if proof == Proof::Differs
            && let Some(sheet) = self.sheets.iter_mut().find(report)
        {
            sheet.findings.push(code_differs(sheet));
        }
    }

    /// A file nobody could read counts as received where its name says whose it is.
    fn unread(&mut self, of: Option<(OfficeId, xibu_core::period::Period)>, arrival: &Arrival) {
        self.outcome = FileOutcome::HeldUnread;
        let Some((office, period)) = of else { return };
        let Some(rule) = self.names.kind(office).and_then(rule_of) else { return };
        let obligation = ObligationKey { rule, debtor: office, period };
        if !self.scope.allows(&self.world, &obligation, self.today) {
            return;
        }
        let version = ReturnVersion {
            received_at: arrival.received_at,
            document: Some(0),
            content: None,
            silent_units: Vec::new(),
        };
        if self.tell(Change::ReturnCame { obligation, version }).is_ok() {
            self.returns.push(obligation);
            self.outcome = FileOutcome::Unread;
        }
    }

    /// Tells the copy of the record; what it takes is kept for the batch.
    pub(super) fn tell(&mut self, change: Change) -> Result<(), Unfit> {
        self.world.apply(&change)?;
        self.changes.push(change);
        Ok(())
    }

    /// What it would tell so far.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub(super) fn came(&mut self, key: ObligationKey) {
        self.returns.push(key);
    }

    pub(super) fn note(&mut self, note: NewNote) {
        self.notes.push(note);
    }

    pub(super) fn wish(&mut self, profile: NewProfile) {
        self.touched.insert(profile.0.person);
        self.profiles.push(profile);
    }

    pub(super) fn warn(&mut self, place: &Place, warning: Warning) {
        self.warned.push(Warned { place: place.clone(), warning });
    }

    pub(super) fn new_office(&mut self) -> OfficeId {
        let number = self.base.office + self.new_offices;
        self.new_offices += 1;
        OfficeId(number)
    }

    pub(super) fn new_person(&mut self) -> PersonId {
        let number = self.base.person + self.new_people;
        self.new_people += 1;
        PersonId(number)
    }

    /// Whether a person of the record or of this file is called so.
    pub(super) fn is_called(&self, person: PersonId, name: &str) -> bool {
        self.personal.get(&person).and_then(|known| known.name.as_deref()) == Some(name)
    }

    pub(super) fn met(&self, name: &str, phone: &str) -> Option<PersonId> {
        self.met.get(&(name.to_owned(), phone.to_owned())).copied()
    }

    /// Sets what is told of a person where it differs from what is held.
    pub(super) fn set(&mut self, person: PersonId, kind: ValueKind, value: &str) {
        self.touched.insert(person);
        let held = self.personal.entry(person).or_default();
        let (slot, value) = match kind {
            ValueKind::Name => (&mut held.name, value),
            ValueKind::Phone => (&mut held.phone, value),
            ValueKind::Mail => (&mut held.mail, value),
            ValueKind::IdNumber => {
                let last_four = value.get(value.len().saturating_sub(4)..).unwrap_or_default();
                if held.id_last_four.as_deref() != Some(last_four) {
                    held.id_last_four = Some(last_four.to_owned());
                    self.values.push(PersonValue { person, kind, value: value.to_owned() });
                }
                return;
            }
        };
        if slot.as_deref() != Some(value) {
            *slot = Some(value.to_owned());
            self.values.push(PersonValue { person, kind, value: value.to_owned() });
        }
    }

    /// Remembers who is called so and has this phone, so that one person in two posts stays one.
    pub(super) fn meet(&mut self, name: &str, phone: &str, person: PersonId) {
        self.met.insert((name.to_owned(), phone.to_owned()), person);
    }

    /// The batch to record. Refused rows and warnings go with it.
    pub(super) fn batch(&self, arrival: &Arrival, last_sequence: u64) -> Batch {
        let refusals = self
            .sheets
            .iter()
            .flat_map(|sheet| &sheet.findings)
            .map(|finding| NewRefusal {
                place: finding.place.clone(),
                heading: finding.heading.clone(),
                reason: finding.reason.clone(),
                message: finding.message_zh.clone(),
                only_warning: finding.only_warning,
            })
            .collect();
        Batch {
            by: arrival.by.clone(),
            after: Some(last_sequence),
            document: Some(NewDocument {
                kind: DocumentKind::Original,
                name: arrival.file_name.clone(),
                media_type: media_type(&arrival.file_name, &arrival.bytes).to_owned(),
                bytes: arrival.bytes.clone(),
                received_at: arrival.received_at,
                retain_until: None,
                persons: self.touched.iter().copied().collect(),
            }),
            values: self.values.clone(),
            changes: self.changes.clone(),
            refusals,
            notes: self.notes.clone(),
            profiles: self.profiles.clone(),
            ..Batch::default()
        }
    }

    /// What became of the file, for people.
    pub(super) fn into_report(self, known: &Known) -> FileReport {
        let unchanged = known.document.is_some();
        let counted = |count: usize| if unchanged { 0 } else { count };
        FileReport {
            sha256: known.sha256.clone(),
            outcome: self.outcome,
            unreadable: self.unreadable,
            document: known.document,
            changes: counted(self.changes.len()),
            new_offices: counted(self.new_offices as usize),
            new_people: counted(self.new_people as usize),
            profiles: counted(self.profiles.len()),
            returns: self.returns.iter().map(ToString::to_string).collect(),
            proved: self.proved,
            sheets: self.sheets,
        }
    }
}

/// The rule under which an office of this kind reports.
pub(super) const fn rule_of(kind: OfficeKind) -> Option<Rule> {
    match kind {
        OfficeKind::Unit => Some(Rule::UnitMonthlyReturn),
        OfficeKind::County => Some(Rule::CountyMonthlyReturn),
        OfficeKind::City | OfficeKind::University | OfficeKind::Department => None,
    }
}

/// Refuses a row as a whole.
pub(super) fn refuse(refused: &mut Vec<Refused>, place: &Place, reason: Refusal) {
    refused.push(Refused { place: place.clone(), heading: None, reason });
}

/// What the record's word against a change means for the row.
pub(super) fn refusal_of(unfit: &Unfit) -> Refusal {
    match unfit {
        Unfit::OfficeIsOfAnotherKind { .. } => Refusal::OfficeKindDiffers,
        Unfit::SuperiorOfWrongKind { .. } => Refusal::SuperiorOfWrongKind,
        Unfit::OfficeUnknown(_) => Refusal::OfficeUnknown { nearest: None },
        Unfit::EndsBeforeItBegins { .. } => Refusal::EndsBeforeItBegins,
        Unfit::AlreadyServes { .. } => Refusal::ServesElsewhere,
        _ => Refusal::OlderThanRecord,
    }
}

fn rows_of(refused: &[Refused]) -> usize {
    refused.iter().map(|refused| refused.place.row).collect::<BTreeSet<_>>().len()
}

fn finding(refused: &Refused) -> Finding {
    Finding {
        place: refused.place.clone(),
        heading: refused.heading.clone(),
        reason: name_of(&refused.reason),
        only_warning: false,
        text_zh: refused.reason.text(Language::Chinese),
        message_zh: refused.message(Language::Chinese),
        message_en: refused.message(Language::English),
    }
}

fn warning(warned: &Warned) -> Finding {
    Finding {
        place: warned.place.clone(),
        heading: None,
        reason: name_of(&warned.warning),
        only_warning: true,
        text_zh: warned.warning.text(Language::Chinese).to_owned(),
        message_zh: warned.message(Language::Chinese),
        message_en: warned.message(Language::English),
    }
}

fn code_differs(sheet: &SheetReport) -> Finding {
    let row = sheet.heading_row.unwrap_or(1);
    let place = Place { sheet: sheet.name.clone(), row, column: None };
    let text = "请求编号与本办发出的不符，请用本办最近发来的表填报，或由工作人员核对";
    Finding {
        reason: "request_code_differs".to_owned(),
        heading: None,
        only_warning: true,
        text_zh: text.to_owned(),
        message_zh: format!("工作表“{}”第{row}行：{text}", sheet.name),
        message_en: format!(
            "sheet `{}`, row {row}: the request's code is not the one that was sent out; use the \
             form that came last, or let a person look",
            sheet.name
        ),
        place,
    }
}

/// The name under which a reason is serialised, without what it carries.
fn name_of(reason: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(reason).unwrap_or_default();
    let name = value.get("reason").unwrap_or(&value);
    name.as_str().unwrap_or_default().to_owned()
}

/// Media types by the end of the name.
const MEDIA_TYPES: &[(&str, &str)] = &[
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (".xls", "application/vnd.ms-excel"),
    (".et", "application/vnd.ms-excel"),
    (".ods", "application/vnd.oasis.opendocument.spreadsheet"),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (".doc", "application/msword"),
    (".csv", "text/csv"),
    (".txt", "text/csv"),
    (".tsv", "text/tab-separated-values"),
    (".pdf", "application/pdf"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".png", "image/png"),
    (".zip", "application/zip"),
    (".json", "application/json"),
];

/// What the first bytes say goes before what the name says.
fn media_type(file_name: &str, bytes: &[u8]) -> &'static str {
    let name = file_name.to_lowercase();
    let named = MEDIA_TYPES.iter().find(|(end, _)| name.ends_with(end)).map(|(_, media)| *media);
    let packed = bytes.starts_with(b"PK\x03\x04");
    let named_packed = [".xlsx", ".ods", ".docx"].iter().any(|end| name.ends_with(end));
    match named {
        _ if bytes.starts_with(b"%PDF") => "application/pdf",
        _ if bytes.starts_with(b"\xff\xd8") => "image/jpeg",
        _ if bytes.starts_with(b"\x89PNG") => "image/png",
        Some(_) if packed && !named_packed => "application/zip",
        Some(named) => named,
        None => "application/octet-stream",
    }
}
