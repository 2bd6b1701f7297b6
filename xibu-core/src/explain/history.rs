//! What came for a debt, version by version: when, who, why, and what each one changed.
//!
//! Not what follows from it; decides nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Sentence;
use super::words::{en_instant, zh_instant};
use crate::form::Form;
use crate::returns::{Content, Return, ReturnVersion, Workflow};

/// One version: when, what, and where it corrects an earlier one who, why and what changed.
pub(super) fn version(
    number: usize,
    version: &ReturnVersion,
    earlier: Option<&Content>,
    form: &Form,
) -> Sentence {
    let at = version.received_at;
    let (zh, en) = match &version.content {
        None => ("未能读取，待人工处理", "not readable, waits for a person"),
        Some(content) if content.is_nil() => ("安全无事", "nil: no accident"),
        Some(content) if content.is_complete() => ("各栏已填", "every section answered"),
        Some(_) => ("有栏目未填", "some sections unanswered"),
    };
    let told = told_by(version);
    let changed = match (earlier, &version.content) {
        (Some(earlier), Some(content)) => changed(content, earlier, form),
        _ => Sentence::new("", ""),
    };
    Sentence::new(
        format!("第{number}次收到：{}，{zh}{}{}", zh_instant(at), told.zh, changed.zh),
        format!("version {number} received {}, {en}{}{}", en_instant(at), told.en, changed.en),
    )
}

/// Who told a version and why, as far as it says.
fn told_by(version: &ReturnVersion) -> Sentence {
    let (mut zh, mut en) = (String::new(), String::new());
    if let Some(person) = version.by {
        zh.push_str(&format!("，{person}填报"));
        en.push_str(&format!(", by {person}"));
    }
    if let Some(reason) = &version.reason {
        zh.push_str(&format!("，更正原因：{reason}"));
        en.push_str(&format!(", because: {reason}"));
    }
    Sentence::new(zh, en)
}

/// Which fields say something else than before, with both figures where there are any.
fn changed(content: &Content, earlier: &Content, form: &Form) -> Sentence {
    let keys = content.changed_since(earlier);
    if keys.is_empty() {
        return Sentence::new("，内容与前次相同", ", the same as before");
    }
    let figure = |content: &Content, key: &str| match content.value(key) {
        None => "—".to_string(),
        Some(value) => value.counted().map_or_else(|| "…".to_string(), |count| count.to_string()),
    };
    let one = |key: &&str| {
        let label = form.field(key).map_or(*key, |field| &field.label);
        let (before, now) = (figure(earlier, key), figure(content, key));
        match before == now {
            true => label.to_string(),
            false => format!("{label} {before}→{now}"),
        }
    };
    let listed: Vec<String> = keys.iter().map(one).collect();
    Sentence::new(
        format!("，改了：{}", listed.join("、")),
        format!(", changed: {}", listed.join(", ")),
    )
}

/// Which version counts where one was accepted and a later one stands beside it.
pub(super) fn accepted(came: &Return) -> Option<Sentence> {
    let number = came.accepted? + 1;
    let newest = came.versions.len();
    Some(if number == newest {
        Sentence::new(
            format!("第{number}次已接收，以这一次为准"),
            format!("version {number} was accepted and counts"),
        )
    } else {
        Sentence::new(
            format!("已接收的是第{number}次，第{newest}次尚未接收；与上月比较、汇总以已接收的为准"),
            format!(
                "version {number} was accepted, version {newest} not yet; what was accepted is \
                 what others are compared with"
            ),
        )
    })
}

pub(super) fn workflow(came: &Return) -> Sentence {
    let (zh, en) = match came.workflow {
        Workflow::Received => ("已收到，未能读取", "received, unread"),
        Workflow::Submitted => ("已提交", "submitted"),
        Workflow::SentBack => ("已退回", "sent back"),
        Workflow::Resubmitted => ("已重报", "resubmitted"),
        Workflow::Accepted => ("已接收", "accepted"),
    };
    match &came.sent_back_reason {
        Some(reason) if came.workflow == Workflow::SentBack => {
            Sentence::new(format!("办理情况：{zh}，{reason}"), format!("workflow: {en}: {reason}"))
        }
        _ => Sentence::new(format!("办理情况：{zh}"), format!("workflow: {en}")),
    }
}
