//! An evening in the demo: a contact tells of an accident by SMS while the mail server is being
//! looked after, so the alarm goes by the chat robot; it is told again until the county's and the
//! city's office say they know, and followed to its end by the morning.
//!
//! Nothing here is decided for the demo: the alarm takes the first channel that does not rest.

use chrono::{NaiveDateTime, TimeDelta};
use xibu_core::appointment::Role;
use xibu_core::chain::holder;
use xibu_core::incident::Act;
use xibu_core::office::{OfficeId, OfficeKind};

use super::line::{Line, Taken};
use super::timeline::{Event, Timeline};
use crate::command::outcome::Failure;
use crate::incident::{said, written_down};
use crate::store::Store;

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
    timeline.tell(at, &Event::AccidentBySms { office, number: number.clone() });
    line.mailbox.set_busy(line.has_robot);
    let later = at + TimeDelta::minutes(1);
    line.office.clock.set(later);
    line.mailbox.set_stamp(&later.format("%m%d-%H%M").to_string());
    let Taken { mails, sms, chats } = line.deliver().await?;
    line.mailbox.set_busy(false);
    timeline.tell(later, &Event::AlarmSent { mails, sms, chats });
    acknowledged(line, (unit, at), &number, timeline).await
}

/// Nobody answers for half an hour, so it is told again; then both offices say they know, and by
/// the morning it is followed to its end.
async fn acknowledged(
    line: &mut Line,
    (unit, at): (OfficeId, NaiveDateTime),
    number: &str,
    timeline: &mut Timeline<'_>,
) -> Result<(), Failure> {
    let again = at + TimeDelta::minutes(31);
    line.office.clock.set(again);
    line.mailbox.set_stamp(&again.format("%m%d-%H%M").to_string());
    line.tick().await?;
    let Taken { mails, sms, chats } = line.deliver().await?;
    timeline.tell(again, &Event::AlarmSentAgain { number: number.to_owned(), mails, sms, chats });
    let world = line.record.world();
    let (date, city) = (at.date(), OfficeKind::City);
    let county = world.nearest(unit, OfficeKind::County, date);
    let staff = world.nearest(unit, city, date).map(|city| (city, Role::Staff));
    let contact = county.map(|county| (county, Role::Contact));
    let words = [
        (contact, Act::Acknowledged, 40),
        (staff, Act::Acknowledged, 45),
        (contact, Act::FollowedUp, 120),
        (contact, Act::Closed, 540),
    ];
    for (post, act, minutes) in words {
        let at = at + TimeDelta::minutes(minutes);
        line.office.clock.set(at);
        let Some((office, role)) = post else { continue };
        let holder = holder(line.record.world(), office, role, date);
        let by = holder.map_err(|_| Failure::data("nobody is there to acknowledge"))?.person;
        let id = number.parse().map_err(Failure::data)?;
        let after = line.record.last_sequence();
        let now = line.office.clock.now();
        let batch = written_down(said(id, act, Some(by), at), None, after, now);
        line.office.store.record(&batch, now).await.map_err(Failure::data)?;
        line.follow().await?;
        let (office, number) = (line.name(office), number.to_owned());
        timeline.tell(at, &Event::IncidentMoved { office, number, act: act.name() });
    }
    Ok(())
}
