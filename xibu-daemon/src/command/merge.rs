//! `merge`: an office ceased and another goes on with what was its own.
//!
//! Its volunteers and its subordinates go over, and debts still open are asked of the one that goes
//! on. Every figure of the past stays with the office that told it.

use xibu_core::change::Change;
use xibu_core::office::OfficeId;
use xibu_core::world::Unfit;

use super::Context;
use super::arguments::Merge;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::language::Language;
use crate::record::Record;
use crate::store::{Batch, Store};

/// Runs it.
pub(super) async fn run(options: &Merge, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let record = Record::load(&office.store).await.map_err(Failure::data)?;
    let Merge { office: gone, into, on } = *options;
    let change = Change::OfficeMerged { office: gone, into, on };
    // Tried on a copy first: the record takes no change that does not fit.
    record.world().clone().apply(&change).map_err(|unfit| refused(&unfit, gone, into))?;
    let batch = Batch {
        by: "clerk".to_owned(),
        after: Some(record.last_sequence()),
        changes: vec![change],
        ..Batch::default()
    };
    office.store.record(&batch, office.clock.now()).await.map_err(Failure::data)?;
    let text = match context.language() {
        Language::Chinese => {
            format!("已登记：{gone}自{on}起并入{into}；人员、下级单位和未报的月份由{into}承接")
        }
        Language::English => {
            format!(
                "recorded: from {on} {into} goes on for {gone}, with its people, subordinates and open debts"
            )
        }
    };
    context.screen.marked(Mark::Good, text);
    Ok(Exit::Done)
}

fn refused(unfit: &Unfit, gone: OfficeId, into: OfficeId) -> Failure {
    let chinese = match unfit {
        Unfit::OfficeUnknown(office) => format!("没有{office}这个单位，请核对编号"),
        Unfit::OfficeIsOfAnotherKind { .. } => {
            format!("{gone}和{into}不是同一类单位，不能合并")
        }
        Unfit::OfficeDoesNotStand { office, on } => {
            format!("{office}在{on}不存在，或就在那天设立，请核对日期")
        }
        other => format!("登记不了：{other}"),
    };
    Failure::new(Exit::Data, chinese, unfit.to_string())
}
