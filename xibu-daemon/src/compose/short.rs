//! What a phone shows of somebody's duties: a few neutral words, and the values for the channel's
//! own template.
//!
//! No name of a person, no link, nothing but that something is asked for: commercial gateways
//! forbid more, and a stranger may read it. Two kinds, because a template has all its variables:
//!
//! | kind | variables | when |
//! |---|---|---|
//! | `duty` | `count`, `due`, `code` | one return of the reader's own office: a nil can answer it |
//! | `duty_several` | `count`, `due` | several, or another office's: the mail says more |

use std::collections::BTreeMap;

use chrono::NaiveDate;
use xibu_core::deadline::deadlines;
use xibu_core::notice::Notice;

use super::{Letter, Rendered, matter, words};

/// The duties of one day.
pub(super) fn duty(letter: &Letter<'_>, notices: &[Notice]) -> Rendered {
    let count = notices.len().to_string();
    let due = due(letter, notices).map(words::short_day).unwrap_or_default();
    let code = match notices {
        [only] if matter::own(only) => letter.codes.get(&only.key.obligation),
        _ => None,
    };
    let mut variables =
        BTreeMap::from([("count".to_owned(), count.clone()), ("due".to_owned(), due.clone())]);
    let kind = match code {
        Some(code) => {
            variables.insert("code".to_owned(), code.clone());
            "duty"
        }
        None => "duty_several",
    };
    let text = text(&count, &due, code.map(String::as_str));
    Rendered { text, kind: kind.to_owned(), variables, ..Rendered::default() }
}

/// The words, with the code where a nil can answer them.
pub(super) fn text(count: &str, due: &str, code: Option<&str>) -> String {
    match code {
        Some(code) => format!(
            "您有{count}份表单待处理，截止{due}。无事故可回复“安全无事{code}”，\
             有事故请立即回复“发生事故”。"
        ),
        None => format!("您有{count}份表单待处理，最近一份截止{due}，详见邮件。已处理请忽略。"),
    }
}

/// The last day of the first of them that has not gone by; of the newest, where all have.
fn due(letter: &Letter<'_>, notices: &[Notice]) -> Option<NaiveDate> {
    let days = notices.iter().map(|notice| {
        let key = notice.key.obligation;
        let path = letter.world.path(key.debtor, letter.at.date());
        words::last_day(deadlines(key.period, &path, letter.rulebook).due(key.rule).late_after)
    });
    let ahead = days.clone().filter(|day| *day >= letter.at.date()).min();
    ahead.or_else(|| days.max())
}
