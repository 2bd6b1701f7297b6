//! Whoever has gone away, and incidents that nobody says they know of: tick by tick through the
//! real store and delivery.

use xibu_core::absence::Absence;
use xibu_core::appointment::{Appointment, Role};
use xibu_core::change::Change;
use xibu_core::incident::{Act, Incident, IncidentId, IncidentKind, IncidentMove, OpenedIncident};
use xibu_core::office::OfficeId;
use xibu_core::validity::Validity;

use super::*;
use crate::store::{Batch, PersonValue};
use crate::tick::tests::at;

impl Line {
    pub(super) async fn tell(&mut self, civil: &str, change: Change) {
        let batch = Batch { by: "clerk".into(), changes: vec![change], ..Batch::default() };
        self.city.store.record(&batch, at(civil)).await.unwrap();
    }

    /// Somebody new at an office, with a mail address.
    async fn appoint(&mut self, person: u32, office: u32, role: Role) {
        let person = PersonId(person);
        let validity = Validity::since("2025-07-01".parse().unwrap());
        let held = Appointment { person, office: OfficeId(office), role, validity };
        let value = format!("p{}@office.test", person.0);
        let value = PersonValue { person, kind: ValueKind::Mail, value };
        let batch = Batch {
            by: "clerk".into(),
            changes: vec![Change::Appointed(held)],
            values: vec![value],
            ..Batch::default()
        };
        self.city.store.record(&batch, at("2026-06-01T10:00:00")).await.unwrap();
    }

    async fn away(&mut self, civil: &str, person: u32, from: &str, until: &str) {
        let day = |text: &str| text.parse().unwrap();
        let validity = Validity::between(day(from), day(until));
        let absence = Absence { person: PersonId(person), validity, deputy: None };
        self.tell(civil, Change::Absent(absence)).await;
    }

    /// Ticks and delivers, and says to whom something of `class` went.
    async fn went(&mut self, civil: &str, class: &str) -> String {
        self.tick(civil).await;
        self.deliver(civil, vec![]).await;
        let keys = self.seen().into_iter().map(|message| message.key);
        let of_class = format!("/{class}/");
        let mut persons: Vec<String> = keys
            .filter(|key| key.contains(&of_class))
            .map(|key| key.split('/').next().unwrap_or_default().to_owned())
            .collect();
        persons.sort();
        persons.join(" ")
    }

    async fn detail(&self, key: &str) -> (State, String) {
        let states = self.states().await;
        let found = states.into_iter().find(|(known, ..)| known == key);
        found.map(|(_, state, detail)| (state, detail)).unwrap()
    }
}

#[tokio::test]
async fn a_notice_to_somebody_who_has_gone_away_goes_to_whoever_acts_for_them() {
    let mut line = Line::new().await;
    line.appoint(23, 2, Role::Deputy).await;
    // Planned at night for the contact P22, who is known to be away before anything goes.
    line.tick("2026-06-15T00:00:30").await;
    line.away("2026-06-15T08:00:00", 22, "2026-06-15", "2026-06-20").await;
    assert_eq!(line.went("2026-06-15T08:30:00", "duty").await, "P23 P32 P42");
    let left = line.detail("P22/duty/2026-06-15/1").await;
    assert_eq!(left, (State::Cancelled, "recipient_is_away".to_owned()));
    // Looked at again, and after the return of the contact: nobody hears it a second time.
    for civil in ["2026-06-15T12:00:00", "2026-06-16T09:00:00", "2026-06-20T09:00:00"] {
        assert_eq!(line.went(civil, "duty").await, "", "{civil}");
    }
    // The next step is the contact's own again.
    assert_eq!(line.went("2026-06-24T09:00:00", "duty").await, "P22 P32 P42");
}

#[tokio::test]
async fn where_nobody_else_is_there_the_notice_goes_all_the_same() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    for person in [21, 22] {
        line.away("2026-06-15T08:00:00", person, "2026-06-15", "2026-06-20").await;
    }
    assert_eq!(line.went("2026-06-15T08:30:00", "duty").await, "P22 P32 P42");
}

fn opened(at: &str) -> Change {
    Change::IncidentOpened(OpenedIncident {
        id: IncidentId(7),
        incident: Incident {
            office: OfficeId(3),
            kind: IncidentKind::Traffic,
            occurred: None,
            persons: None,
            measures_told: false,
            reference: None,
            kind_told: true,
            place_told: true,
        },
        told_by: Some(PersonId(32)),
        received_at: at.parse().unwrap(),
    })
}

fn said(act: Act, by: u32, at: &str) -> Change {
    let (incident, by) = (IncidentId(7), Some(PersonId(by)));
    Change::IncidentMoved(IncidentMove { incident, act, by, at: at.parse().unwrap() })
}

#[tokio::test]
async fn an_incident_is_told_again_at_night_until_each_office_says_it_knows() {
    let mut line = Line::new().await;
    line.tell("2026-06-13T23:10:00", opened("2026-06-13T23:10:00")).await;
    // The city has no staff: its contact P12 stands in.
    assert_eq!(line.went("2026-06-13T23:10:30", "alarm").await, "P12 P21 P31");
    assert_eq!(line.went("2026-06-13T23:11:00", "alarm").await, "");
    assert_eq!(line.went("2026-06-13T23:40:00", "alarm").await, "P12 P21");
    assert_eq!(line.went("2026-06-14T00:09:30", "alarm").await, "");
    assert_eq!(line.went("2026-06-14T00:10:00", "alarm").await, "P11 P12 P21 P22");
    line.tell("2026-06-14T00:15:00", said(Act::Acknowledged, 12, "2026-06-14T00:15:00")).await;
    // The city knows, the county does not: that goes up to the city's head.
    assert_eq!(line.went("2026-06-14T00:40:00", "alarm").await, "P11 P12 P21 P22");
    line.tell("2026-06-14T00:45:00", said(Act::Acknowledged, 21, "2026-06-14T00:45:00")).await;
    for civil in ["2026-06-14T01:40:00", "2026-06-14T12:00:00", "2026-06-14T23:00:00"] {
        assert_eq!(line.went(civil, "alarm").await, "", "{civil}");
    }
    // A day later the follow-up is asked for, and a day after one that came.
    assert_eq!(line.went("2026-06-14T23:10:00", "alarm").await, "P22");
    line.tell("2026-06-15T07:00:00", said(Act::FollowedUp, 22, "2026-06-15T07:00:00")).await;
    assert_eq!(line.went("2026-06-15T23:10:00", "alarm").await, "");
    assert_eq!(line.went("2026-06-16T07:00:00", "alarm").await, "P22");
    line.tell("2026-06-16T07:30:00", said(Act::FollowedUp, 22, "2026-06-16T07:30:00")).await;
    // A month later the closing report is asked of the very person who followed it up.
    assert_eq!(line.went("2026-07-13T22:00:00", "alarm").await, "P12 P21 P22");
    assert_eq!(line.went("2026-07-14T08:30:00", "alarm").await, "P22");
    line.tell("2026-07-14T09:00:00", said(Act::Closed, 22, "2026-07-14T09:00:00")).await;
    for civil in ["2026-07-14T09:00:30", "2026-07-15T08:30:00", "2026-07-16T09:00:00"] {
        assert_eq!(line.went(civil, "alarm").await, "", "{civil}");
    }
}

#[tokio::test]
async fn what_waited_says_only_what_is_still_so() {
    let mut line = Line::new().await;
    line.tell("2026-06-13T23:10:00", opened("2026-06-13T23:10:00")).await;
    line.city.store.set_paused(true, at("2026-06-13T23:10:00")).await.unwrap();
    for civil in ["2026-06-13T23:10:30", "2026-06-13T23:40:00", "2026-06-14T00:10:00"] {
        assert_eq!(line.went(civil, "alarm").await, "", "{civil}");
    }
    line.tell("2026-06-14T00:12:00", said(Act::Acknowledged, 21, "2026-06-14T00:12:00")).await;
    line.city.store.set_paused(false, at("2026-06-14T00:15:00")).await.unwrap();
    // The unit's head hears that it happened, the city the newest step; the county said it knows.
    assert_eq!(line.went("2026-06-14T00:15:00", "alarm").await, "P11 P12 P31");
    let reasons: Vec<String> = line
        .states()
        .await
        .into_iter()
        .filter(|(_, state, _)| *state == State::Cancelled)
        .map(|(key, _, detail)| format!("{} {detail}", key.split('/').next().unwrap()))
        .collect();
    for expected in [
        "P12 superseded_by_later_step",
        "P21 acknowledged_or_no_longer_in_the_post",
        "P22 acknowledged_or_no_longer_in_the_post",
    ] {
        assert!(reasons.iter().any(|reason| reason == expected), "{expected}: {reasons:?}");
    }
}

#[tokio::test]
async fn an_incident_is_called_for_with_whoever_is_there() {
    let mut line = Line::new().await;
    line.appoint(23, 2, Role::Deputy).await;
    line.away("2026-06-10T08:00:00", 21, "2026-06-10", "2026-06-14").await;
    line.tell("2026-06-13T23:10:00", opened("2026-06-13T23:10:00")).await;
    assert_eq!(line.went("2026-06-13T23:10:30", "alarm").await, "P12 P23 P31");
    assert_eq!(line.went("2026-06-13T23:40:00", "alarm").await, "P12 P23");
    // The head is back at midnight and nobody said they know: the head hears at once.
    assert_eq!(line.went("2026-06-14T00:00:30", "alarm").await, "P21");
}

/// The same tick twice opens nothing twice, whatever the hour.
#[tokio::test]
async fn a_tick_of_an_open_incident_changes_nothing_the_second_time() {
    let mut line = Line::new().await;
    line.tell("2026-06-13T20:00:00", opened("2026-06-13T20:00:00")).await;
    for civil in ["2026-06-13T20:00:30", "2026-06-13T20:30:00", "2026-06-14T03:00:00"] {
        line.tick(civil).await;
        let before = line.states().await;
        line.tick(civil).await;
        line.city.record = Record::load(&line.city.store).await.unwrap();
        line.tick(civil).await;
        assert_eq!(line.states().await, before);
    }
}
