//! What a phone shows of somebody's duties: a few neutral words, and the values for the channel's
//! own template.
//!
//! No name of a person, no link, nothing but that something is asked for: commercial gateways
//! forbid more, and a stranger may read it.

use std::collections::BTreeMap;

use xibu_core::deadline::deadlines;
use xibu_core::notice::Notice;

use super::{Letter, Rendered, words};

/// The duties of one day.
pub(super) fn duty(letter: &Letter<'_>, notices: &[Notice]) -> Rendered {
    let count = notices.len().to_string();
    let due = notices.iter().map(|notice| {
        let key = notice.key.obligation;
        let path = letter.world.path(key.debtor, letter.at.date());
        deadlines(key.period, &path, letter.rulebook).due(key.rule).late_after
    });
    let due = due.min().map(|end| words::short_day(words::last_day(end))).unwrap_or_default();
    let text = format!("您有{count}份表单待处理，最近一份截止{due}，详见邮件。已处理请忽略。");
    Rendered {
        text,
        kind: "duty".to_owned(),
        variables: BTreeMap::from([("count".to_owned(), count), ("due".to_owned(), due)]),
        ..Rendered::default()
    }
}
