//! `absence`: somebody of an office is away for some days; who acts meanwhile is told to.
//!
//! Why somebody is away is not asked. What it is not: a change of post is told by the directory.

use chrono::NaiveDate;
use xibu_core::absence::Absence;
use xibu_core::change::Change;
use xibu_core::validity::Validity;
use xibu_core::world::{Unfit, World};

use super::Context;
use super::arguments::Absence as Options;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::language::Language;
use crate::record::Record;
use crate::store::{Batch, Store};

/// Runs it.
pub(super) async fn run(options: &Options, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let record = Record::load(&office.store).await.map_err(Failure::data)?;
    let change = change(options, record.world())?;
    let mut world = record.world().clone();
    world.apply(&change).map_err(|unfit| refused(&unfit))?;
    let now = office.clock.now();
    let batch = Batch {
        by: "clerk".to_owned(),
        after: Some(record.last_sequence()),
        changes: vec![change],
        ..Batch::default()
    };
    office.store.record(&batch, now).await.map_err(Failure::data)?;
    let language = context.language();
    let person = options.person;
    let absences = world.absences_of(person);
    if absences.is_empty() {
        let line = language.pick("没有登记外出", "is not away");
        context.screen.marked(Mark::Good, format!("{person}  {line}"));
    }
    for absence in absences {
        context.screen.marked(Mark::Good, line(absence, language));
    }
    Ok(Exit::Done)
}

fn change(options: &Options, world: &World) -> Result<Change, Failure> {
    let (person, deputy) = (options.person, options.deputy);
    if let Some(on) = options.back {
        return ended(options, world, on);
    }
    let Some(from) = options.from else {
        return Err(Failure::new(
            Exit::Usage,
            "请写明从哪天起：--from 日期，或回来的那天：--back 日期",
            "say from which day: --from DATE, or the first day back: --back DATE",
        ));
    };
    let until = options.to.and_then(|to| to.succ_opt());
    Ok(Change::Absent(Absence { person, validity: Validity { from, until }, deputy }))
}

/// The absence that is on, or else the next one, ends.
fn ended(options: &Options, world: &World, on: NaiveDate) -> Result<Change, Failure> {
    let absences = world.absences_of(options.person).iter();
    let ends = |absence: &&Absence| absence.validity.until.is_none_or(|until| until >= on);
    let meant = absences.filter(ends).min_by_key(|absence| absence.validity.from);
    let absence = *meant.ok_or_else(|| refused(&Unfit::NotAway { person: options.person }))?;
    Ok(Change::AbsenceEnded { absence, on })
}

/// One absence in a line.
pub(super) fn line(absence: &Absence, language: Language) -> String {
    let Absence { person, validity, deputy } = absence;
    let until = validity.until.and_then(|until| until.pred_opt());
    let until =
        until.map_or_else(|| language.pick("未定", "open").to_owned(), |day| day.to_string());
    let deputy = match (deputy, language) {
        (Some(deputy), Language::Chinese) => format!("  由{deputy}代理"),
        (Some(deputy), Language::English) => format!("  {deputy} acts meanwhile"),
        (None, _) => String::new(),
    };
    format!("{person}  {} – {until}{deputy}", validity.from)
}

fn refused(unfit: &Unfit) -> Failure {
    let chinese = match unfit {
        Unfit::EndsBeforeItBegins { from } => format!("从{from}起的外出没有一天；请核对日期"),
        Unfit::HoldsNoPost { person } => format!("{person} 那几天没有任职，不需要代理"),
        Unfit::DeputyOfAnotherOffice { deputy, .. } => {
            format!("{deputy} 不是同一单位的另一位同志；代理人须在同一单位任职")
        }
        Unfit::AlreadyAway { person, from } => {
            format!("{person} 从{from}起已登记外出；请先用 --back 日期 结束")
        }
        Unfit::NotAway { person } => format!("{person} 那时没有登记外出；请核对编号和日期"),
        other => other.to_string(),
    };
    Failure::new(Exit::Data, chinese, unfit.to_string())
}
