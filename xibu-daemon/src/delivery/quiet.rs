//! Quiet hours: nobody is written to at night, heads only on working days.

use chrono::{Days, NaiveDateTime};
use xibu_core::notice::{Notice, Recipient};
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook};
use xibu_core::world::World;

/// Days looked ahead; no rest is longer.
const AHEAD_MAX: u64 = 31;

/// Until when a message with these notices has to wait; none where it may go at `at`.
///
/// Where notices to an office's contact and to its head lie in one envelope, the contact's counts.
pub fn wait_until(
    world: &World,
    rulebook: &Rulebook,
    notices: &[Notice],
    at: NaiveDateTime,
) -> Option<NaiveDateTime> {
    let office = notices.first()?.office;
    let working_days_only = !notices.iter().any(|notice| is_contact(notice.to));
    rests(rulebook, &world.path(office, at.date()), working_days_only, at)
}

/// Until when everybody is left alone at night; none by day. `path` says whose hours count.
pub fn night_ends(
    rulebook: &Rulebook,
    path: &[OfficeId],
    at: NaiveDateTime,
) -> Option<NaiveDateTime> {
    rests(rulebook, path, false, at)
}

fn rests(
    rulebook: &Rulebook,
    path: &[OfficeId],
    working_days_only: bool,
    at: NaiveDateTime,
) -> Option<NaiveDateTime> {
    for ahead in 0..=AHEAD_MAX {
        let day = at.date().checked_add_days(Days::new(ahead))?;
        if working_days_only && !rulebook.calendar.is_workday(day) {
            continue;
        }
        let begins = rulebook.parameters.time_of_day(Parameter::DayBegins, path, day);
        let ends = rulebook.parameters.time_of_day(Parameter::DayEnds, path, day);
        if ahead > 0 || at.time() < begins {
            return Some(day.and_time(begins));
        }
        if at.time() < ends {
            return None;
        }
    }
    None
}

const fn is_contact(to: Recipient) -> bool {
    matches!(to, Recipient::UnitContact | Recipient::CountyContact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::tests::notice;
    use xibu_core::notice::Step;

    #[track_caller]
    fn check(to: &[Recipient], at: &str, expected: Option<&str>) {
        let notices: Vec<Notice> = to
            .iter()
            .map(|to| Notice { to: *to, ..notice(1, 1, Step::Before, "2026-06-24T08:30:00") })
            .collect();
        let found =
            wait_until(&World::default(), &Rulebook::default(), &notices, at.parse().unwrap());
        assert_eq!(found, expected.map(|text| text.parse().unwrap()));
    }

    #[test]
    fn nights_and_rest_days() {
        use Recipient::*;
        // Friday.
        check(&[CountyContact], "2026-06-26T08:29:59", Some("2026-06-26T08:30:00"));
        check(&[CountyContact], "2026-06-26T08:30:00", None);
        check(&[CountyContact], "2026-06-26T20:59:59", None);
        check(&[CountyContact], "2026-06-26T21:00:00", Some("2026-06-27T08:30:00"));
        check(&[CountyHead], "2026-06-26T21:00:00", Some("2026-06-29T08:30:00"));
        // Saturday: the contact may be reminded by day, a head waits for Monday.
        check(&[CountyContact], "2026-06-27T10:00:00", None);
        check(&[CountyHead], "2026-06-27T10:00:00", Some("2026-06-29T08:30:00"));
        check(&[CountyHead, CountyContact], "2026-06-27T10:00:00", None);
        check(&[], "2026-06-27T03:00:00", None);
        // Dragon Boat, 19 to 21 June.
        check(&[CityHead], "2026-06-18T22:00:00", Some("2026-06-22T08:30:00"));
    }
}
