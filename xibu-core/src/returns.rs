//! A return (报告单) on its two axes: what it says, and how far it has come.
//!
//! Text that may speak of a person (an illness, a need) is not here: it stays in the sealed
//! original and in the caller's erasable notes. History holds numbers, kinds and who stated what.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDateTime;
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
}

impl Content {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}
