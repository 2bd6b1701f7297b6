//! The files of a message that waited: taken in by a clerk's word, and shown.
//!
//! A clerk's word goes further than a sender's: rosters and directories are taken as well, and
//! every office's return.

use super::{TRIES_MAX, decide, find, moved};
use crate::arrival::{TakenAs, taken};
use crate::command::Context;
use crate::command::office::Office;
use crate::command::outcome::{Exit, Failure, Outcome};
use crate::command::reading::workbook_plugin;
use crate::command::screen::{Mark, Screen};
use crate::doors::files;
use crate::intake::{FileOutcome, Scope};
use crate::record::{Record, enable_rules};
use crate::store::{ArrivalFile, Store};

/// Takes in every file of a message, and with it the message.
pub(super) async fn take(id: &str, office: &Office, context: &mut Context) -> Outcome {
    let arrival = find(id, office).await?;
    if arrival.held.is_none() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{id} 不在等人看；已经处理过"),
            format!("{id} does not wait for anybody; it was decided already"),
        ));
    }
    let document = arrival.document.ok_or_else(|| nothing_to_take(id))?;
    let opened = office.store.open_document(document).await.map_err(Failure::data)?;
    let workbook = workbook_plugin(office).await?;
    let now = office.clock.now();
    let read = files::read(&workbook, &arrival, &opened.bytes, now).await;
    workbook.stop().await;
    let read = read.map_err(Failure::plugin)?;
    if read.is_empty() {
        return Err(nothing_to_take(id));
    }
    let mut record = Record::load(&office.store).await.map_err(Failure::data)?;
    enable_rules(&office.store, &mut record, now).await.map_err(Failure::data)?;
    let (scope, of) = (Scope::Anything, (arrival.id, read.as_slice()));
    files::take_in(&office.store, &mut record, office.settings.rulebook(), of, &scope, now)
        .await
        .map_err(Failure::data)?;
    let kept = office.store.arrival_files(arrival.id).await.map_err(Failure::data)?;
    show(&kept, &mut context.screen);
    for _ in 0..TRIES_MAX {
        let after = office.store.last_sequence().await.ok();
        match decide(&arrival, taken(TakenAs::Files), after, office, context).await {
            Err(failure) if failure.exit == Exit::Data && moved(office, after).await => {}
            Ok(_) if kept.iter().any(needs_a_look) => return Ok(Exit::Findings),
            other => return other,
        }
    }
    Err(Failure::data("the record keeps moving; try again"))
}

/// Prints what became of each file, with what was refused.
pub(super) fn show(files: &[ArrivalFile], screen: &mut Screen) {
    for file in files {
        let outcome = match file.outcome {
            FileOutcome::KnownBefore => screen.pick("已收到过", "known before"),
            FileOutcome::Unread => screen.pick("收到未读", "received, unread"),
            FileOutcome::HeldUnread => screen.pick("不能读取", "cannot be read"),
            FileOutcome::NothingTaken => screen.pick("没有可登记的内容", "nothing taken"),
            FileOutcome::Taken => screen.pick("已读入", "taken"),
        };
        let returns: Vec<String> = file.returns.iter().map(ToString::to_string).collect();
        let line = format!("[{}] {outcome}  {}", file.number, returns.join("  "));
        let mark = if needs_a_look(file) { Mark::Warning } else { Mark::Good };
        screen.marked(mark, line.trim_end());
        for refusal in file.refusals.iter().map(|kept| &kept.refusal) {
            screen.line(format!("    {}", refusal.message));
        }
    }
}

fn needs_a_look(file: &ArrivalFile) -> bool {
    let fine = matches!(file.outcome, FileOutcome::Taken | FileOutcome::KnownBefore);
    !fine || !file.refusals.is_empty()
}

fn nothing_to_take(id: &str) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("{id} 没有可读入的附件"),
        format!("{id} has no file that could be taken in"),
    )
}
