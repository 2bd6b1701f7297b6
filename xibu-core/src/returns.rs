//! A return (报告单) on its two axes: what it says, and how far it has come.
//!
//! Text that may speak of a person (an illness, a need) is not here: it stays in the sealed
//! original and in the caller's erasable notes. History holds numbers, kinds and who stated what.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::incident::Incident;
use crate::office::OfficeId;
use crate::person::PersonId;

/// How far a return has come. Absence of a return is `missing`, said by
/// [`crate::obligation::Standing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workflow {
    /// 已收到，未能读取: something came that no reader understood; it waits for a person.
    Received,
    /// 已提交.
    Submitted,
    /// 已退回.
    SentBack,
    /// 已重报.
    Resubmitted,
    /// 已接收.
    Accepted,
}

/// An answer to one section of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    /// The section was left empty.
    #[default]
    Unanswered,
    /// 无: said expressly that there is nothing.
    Nil,
    /// Something was told.
    Told(T),
}

impl<T> Answer<T> {
    /// Whether anything at all was said.
    pub const fn is_answered(&self) -> bool {
        !matches!(self, Answer::Unanswered)
    }
}

/// What a return says, section by section (填报内容).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// 在岗人数 as of the cut-off.
    pub headcount: Option<u32>,
    /// 安全、健康事故. *Nil* (安全无事) is a statement by [`Content::stated_by`] about this section
    /// only.
    pub accidents: Answer<Vec<Incident>>,
    /// 患病、健康情况: the number of persons concerned.
    pub health: Answer<u32>,
    /// 隐患及整改: how many hazards.
    pub hazards: Answer<u32>,
    /// 困难和诉求: how many.
    pub needs: Answer<u32>,
    /// 填报人: who says so.
    pub stated_by: Option<PersonId>,
    /// 志愿者在岗情况, where the return tells it: one by one, as of the cut-off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonState>,
    /// What a form asks beyond the sections above, by the field's key ([`crate::form`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, FieldValue>,
}

/// What a field of a form says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// 无, said expressly.
    Nil,
    /// A whole number.
    Count(u32),
    /// 是 or 否.
    YesNo(bool),
    /// Words; they stay in the sealed original and in erasable notes.
    Told,
    /// A day.
    Day(NaiveDate),
    /// One of the form's options.
    Choice(String),
    /// The lines of a list, each by its columns' keys.
    Lines(Vec<BTreeMap<String, FieldValue>>),
}

impl FieldValue {
    /// As a number, where it can be counted.
    pub fn counted(&self) -> Option<i64> {
        match self {
            FieldValue::Nil => Some(0),
            FieldValue::Count(count) => Some(i64::from(*count)),
            FieldValue::YesNo(yes) => Some(i64::from(*yes)),
            FieldValue::Lines(lines) => i64::try_from(lines.len()).ok(),
            FieldValue::Told | FieldValue::Day(_) | FieldValue::Choice(_) => None,
        }
    }
}

/// One volunteer as a return tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonState {
    /// Who; none where the record knows nobody of that number or name.
    pub person: Option<PersonId>,
    /// How they stand.
    pub state: PostState,
    /// Since when, as far as told.
    pub since: Option<NaiveDate>,
}

/// Whether a volunteer is at the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    /// 在岗.
    OnPost,
    /// 请假: counts as at the post.
    OnLeave,
    /// 离岗: the service is over.
    Left,
    /// 调离: serves at another unit.
    MovedAway,
}

impl PostState {
    /// Whether the person counts among the headcount.
    pub const fn counts(self) -> bool {
        matches!(self, PostState::OnPost | PostState::OnLeave)
    }
}

impl Content {
    /// What a field says, by its key; none where it is not answered.
    pub fn value(&self, key: &str) -> Option<FieldValue> {
        let cases = |answer: &Answer<u32>| match answer {
            Answer::Unanswered => None,
            Answer::Nil => Some(FieldValue::Nil),
            Answer::Told(count) => Some(FieldValue::Count(*count)),
        };
        let count = |length: usize| FieldValue::Count(u32::try_from(length).unwrap_or(u32::MAX));
        match key {
            "headcount" => self.headcount.map(FieldValue::Count),
            "accidents" => match &self.accidents {
                Answer::Unanswered => None,
                Answer::Nil => Some(FieldValue::Nil),
                Answer::Told(told) => Some(count(told.len())),
            },
            "health" => cases(&self.health),
            "hazards" => cases(&self.hazards),
            "needs" => cases(&self.needs),
            "stated_by" => self.stated_by.map(|_| FieldValue::Told),
            "people" => (!self.people.is_empty()).then(|| count(self.people.len())),
            key => self.extra.get(key).cloned(),
        }
    }

    /// What a field says as a number, where it is answered and can be counted.
    pub fn counted(&self, key: &str) -> Option<i64> {
        self.value(key)?.counted()
    }

    /// The keys of the fields that say something else there, in the order of the form, then what a
    /// form adds.
    pub fn changed_since<'c>(&'c self, earlier: &'c Content) -> Vec<&'c str> {
        const KEYS: [&str; 6] =
            ["headcount", "accidents", "health", "hazards", "needs", "stated_by"];
        let mut keys: Vec<&str> = KEYS.into_iter().collect();
        if self.people != earlier.people {
            keys.push("people");
        }
        let mut added: Vec<&str> =
            self.extra.keys().chain(earlier.extra.keys()).map(String::as_str).collect();
        added.sort_unstable();
        added.dedup();
        keys.extend(added);
        keys.retain(|key| match *key {
            "accidents" => self.accidents != earlier.accidents,
            "stated_by" => self.stated_by != earlier.stated_by,
            "people" => true,
            key => self.value(key) != earlier.value(key),
        });
        keys
    }

    /// Whether every section is answered and somebody stands behind it.
    pub fn is_complete(&self) -> bool {
        self.headcount.is_some()
            && self.accidents.is_answered()
            && self.health.is_answered()
            && self.hazards.is_answered()
            && self.needs.is_answered()
            && self.stated_by.is_some()
    }

    /// Whether this is a nil return: accidents expressly none, by a named person.
    pub fn is_nil(&self) -> bool {
        self.accidents == Answer::Nil && self.stated_by.is_some()
    }
}

/// One version of a return; a correction adds another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnVersion {
    /// When the door took it, in the office's civil time: file time, mail server's date, HTTP
    /// arrival.
    pub received_at: NaiveDateTime,
    /// Number of the original document in the caller's store.
    pub document: Option<u64>,
    /// What it says; none while unread.
    pub content: Option<Content>,
    /// Units silent at the time, by name in the upper office's list; a county's return only.
    pub silent_units: Vec<OfficeId>,
    /// Who told this version, where it corrects an earlier one or was written down by an office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// Why it corrects an earlier one, without personal words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A return with all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// How far it has come.
    pub workflow: Workflow,
    /// Versions, oldest first; never empty. The first one's `received_at` decides lateness.
    pub versions: Vec<ReturnVersion>,
    /// Why it was sent back, in the reader's words, if it was.
    pub sent_back_reason: Option<String>,
    /// Which version was accepted last, if one was; a later one may stand beside it.
    pub accepted: Option<usize>,
}

impl Return {
    /// When the first version came: a corrected return keeps its first date.
    pub fn received_at(&self) -> NaiveDateTime {
        self.versions.first().map_or(NaiveDateTime::MAX, |version| version.received_at)
    }

    /// What the newest readable version says.
    pub fn content(&self) -> Option<&Content> {
        self.versions.iter().rev().find_map(|version| version.content.as_ref())
    }

    /// What the version says that was accepted; none where none was.
    pub fn accepted_content(&self) -> Option<&Content> {
        self.versions.get(self.accepted?)?.content.as_ref()
    }

    /// What others may compare with: what was accepted, else what the newest readable version says
    /// unless that was sent back.
    pub fn settled_content(&self) -> Option<&Content> {
        let newest = || match self.workflow {
            Workflow::SentBack => None,
            _ => self.content(),
        };
        self.accepted_content().or_else(newest)
    }
}
