//! An evening in the demo: a contact tells of an accident by SMS while the mail server is being
//! looked after, so the alarm goes by the chat robot.
//!
//! Nothing here is decided for the demo: the alarm takes the first channel that does not rest.

use chrono::{NaiveDateTime, TimeDelta};
use xibu_core::office::OfficeId;

use super::line::{Line, Taken};
use super::timeline::{Event, Timeline};
use crate::command::outcome::Failure;

const WORDS: &str = "我单位志愿者下乡途中发生车祸，1人受伤，已送医院";

/// Lives the evening.
pub(super) async fn live(
    line: &mut Line,
    unit: OfficeId,
    at: NaiveDateTime,
    timeline: &mut Timeline<'_>,
) -> Result<(), Failure> {
    line.office.clock.set(at);
    let contact = line.contact(unit, at.date()).await?;
    let (_, phone) = contact.ok_or_else(|| Failure::data("a contact without a phone"))?;
    line.outside.answer("M-accident", &phone, WORDS, at).await?;
    line.follow().await?;
    let number = line.record.world().incidents().last().map(|opened| opened.id.to_string());
    let office = line.name(unit);
    let number = number.unwrap_or_default();
    timeline.tell(at, &Event::AccidentBySms { office, number });
    line.mailbox.set_busy(line.has_robot);
    let later = at + TimeDelta::minutes(1);
    line.office.clock.set(later);
    line.mailbox.set_stamp(&later.format("%m%d-%H%M").to_string());
    let Taken { mails, sms, chats } = line.deliver().await?;
    line.mailbox.set_busy(false);
    timeline.tell(later, &Event::AlarmSent { mails, sms, chats });
    Ok(())
}
