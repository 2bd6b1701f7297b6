//! What became of a return that was handed in: the same for the same call, however often it comes.

use serde_json::{Value, json};
use xibu_core::explain::Language;
use xibu_core::world::World;

use super::problem::{self, Fault};
use super::{Answered, Layout};
use crate::clock::Now;
use crate::intake::{FileOutcome, remedy};
use crate::store::{ArrivalFile, NewRefusal};

/// More are not told one by one.
const FAULTS_MAX: usize = 200;

pub(super) fn receipt(
    world: &World,
    file: &ArrivalFile,
    layout: Option<&Layout>,
    now: Now,
) -> Answered {
    let told = |only_warning: bool| -> Vec<Fault> {
        let refusals = file.refusals.iter().map(|kept| &kept.refusal);
        let of_kind = refusals.filter(|refusal| refusal.only_warning == only_warning);
        of_kind.take(FAULTS_MAX).map(|refusal| fault(refusal, layout)).collect()
    };
    match file.outcome {
        FileOutcome::NothingTaken => return problem::nothing_taken(told(false)).into(),
        FileOutcome::Unread | FileOutcome::HeldUnread => {
            let remedy = file.unreadable.and_then(|why| remedy(why, Language::Chinese));
            return problem::not_readable(remedy.unwrap_or("请改交 .xlsx")).into();
        }
        FileOutcome::Taken | FileOutcome::KnownBefore => {}
    }
    let returns: Vec<Value> = file
        .returns
        .iter()
        .map(|key| {
            let name = world.office_on(key.debtor, now.date()).map(|version| &version.name);
            json!({"obligation": key.to_string(), "office": key.debtor.to_string(), "office_name": name,
                   "period": key.period})
        })
        .collect();
    let body = json!({
        "outcome": file.outcome,
        "returns": returns,
        "refused": told(false),
        "warnings": told(true),
    });
    Answered { status: 200, body, tells: false }
}

fn fault(refusal: &NewRefusal, layout: Option<&Layout>) -> Fault {
    let place = &refusal.place;
    let cell = || {
        let column = place.column.as_deref().unwrap_or_default();
        format!("{}!{column}{}", place.sheet, place.row)
    };
    let field = layout.and_then(|layout| layout.field(place)).unwrap_or_else(cell);
    // Every refusal says what is wrong and then, behind 请, what to do.
    let (what, remedy) = match refusal.message.rsplit_once("，请") {
        Some((what, remedy)) => (what.to_owned(), format!("请{remedy}")),
        None => (refusal.message.clone(), "请核对后重新提交".to_owned()),
    };
    // Before the place in words, of a body that has no rows, only the reason is of use.
    let what = match layout {
        Some(_) => what.rsplit(['：', ':']).next().unwrap_or_default().to_owned(),
        None => what,
    };
    Fault { field, reason: refusal.reason.clone(), what, remedy }
}
