//! `confirm`: the office writes down that a county confirms its consolidation, or amends it.
//!
//! Two changes in one piece: the county's return, and its word with the version it speaks of. What
//! may be confirmed is the core's ([`xibu_core::consolidation`]).

use serde::Serialize;
use xibu_core::consolidation::{NotConfirmable, Version, confirm, consolidate};
use xibu_core::office::OfficeKind;

use super::Context;
use super::arguments::Confirm;
use super::consolidate::no_such_office;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::language::Language;
use crate::record::Record;
use crate::store::{Batch, Store, StoreError};

/// So often is the record looked at anew while others write.
const TRIES_MAX: u32 = 5;

/// A line of `--json`.
#[derive(Serialize)]
struct Line {
    kind: &'static str,
    office: String,
    period: String,
    version: Version,
    amended: usize,
}

/// Runs it.
pub(super) async fn run(options: &Confirm, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    for _ in 0..TRIES_MAX {
        let record = Record::load(&office.store).await.map_err(Failure::data)?;
        let (world, now) = (record.world(), office.clock.now());
        let rulebook = office.settings.rulebook();
        if world.office(options.office).map(|known| known.kind) != Some(OfficeKind::County) {
            return Err(no_such_office(options.office));
        }
        let found = consolidate(world, rulebook, options.office, options.period, now.civil);
        if let Some(meant) = options.version.filter(|meant| *meant != found.version) {
            return Err(of_another_version(meant, found.version));
        }
        let said = (options.by, now.civil, None);
        let amended = (options.amend.as_slice(), options.reason.as_deref());
        let changes = confirm(world, rulebook, &found, said, amended).map_err(cannot_be)?;
        let batch = Batch {
            by: "clerk".to_owned(),
            after: Some(record.last_sequence()),
            changes: changes.to_vec(),
            ..Batch::default()
        };
        match office.store.record(&batch, now).await {
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(Failure::data(error)),
            Ok(_) => {
                tell(options, found.version, context);
                return Ok(Exit::Done);
            }
        }
    }
    Err(Failure::data("the record keeps moving; try again"))
}

fn tell(options: &Confirm, version: Version, context: &mut Context) {
    let (office, period) = (options.office.to_string(), options.period.to_string());
    let amended = options.amend.len();
    let screen = &mut context.screen;
    if options.json {
        screen.json(&Line { kind: "confirmed", office, period, version, amended });
        return;
    }
    let text = match screen.language {
        Language::Chinese if amended > 0 => format!("已登记确认，更正 {amended} 处"),
        Language::Chinese => "已登记确认".to_owned(),
        Language::English if amended > 0 => format!("confirmed, {amended} figures amended"),
        Language::English => "confirmed".to_owned(),
    };
    screen.marked(Mark::Good, format!("{office} {period}: {text} ({version})"));
}

fn of_another_version(meant: Version, found: Version) -> Failure {
    Failure::new(
        Exit::Data,
        format!("汇总已有变化：要确认的是 {meant}，现在是 {found}；请用 consolidate 看过再确认"),
        format!(
            "meant was {meant}, and it is {found} now; look with `consolidate` and confirm that"
        ),
    )
}

fn cannot_be(why: NotConfirmable) -> Failure {
    let (chinese, english) = words(why);
    let text = |why: xibu_core::assess::NotOwed, language: Language| {
        xibu_core::explain::why_not_owed(why).text(language.into()).to_owned()
    };
    match why {
        NotConfirmable::NotOwed(owed) => Failure::new(
            Exit::Data,
            format!("{chinese}：{}", text(owed, Language::Chinese)),
            format!("{english}: {}", text(owed, Language::English)),
        ),
        _ => Failure::new(Exit::Data, chinese, english),
    }
}

/// Why nothing was confirmed, and what to do.
const fn words(why: NotConfirmable) -> (&'static str, &'static str) {
    match why {
        NotConfirmable::NotOwed(_) => {
            ("这个区县这个月不应报", "the county owes no return for that month")
        }
        NotConfirmable::NobodyAnswered => (
            "还没有一家单位报送，没有可以确认的汇总；请等单位报送，或直接导入区县的报告单",
            "no unit has answered, so there is nothing to confirm; wait, or import the county's form",
        ),
        NotConfirmable::AccidentsAreNotAmended => (
            "事故不能只改数字：请让单位重报，或用 import 导入区县自己的报告单",
            "accidents are not a number: have the unit report again, or import the county's form",
        ),
        NotConfirmable::AmendedTwice => ("同一项更正了两次", "the same figure is amended twice"),
        NotConfirmable::ReasonIsMissing => ("更正要写明原因：--reason", "say why by --reason"),
        NotConfirmable::AlreadyConfirmed => (
            "这个版本早已确认，没有新的内容",
            "that version is confirmed already, and nothing new is said",
        ),
    }
}
