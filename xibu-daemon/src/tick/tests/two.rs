//! A city and a county with a system each, through a whole month: every step of every debt, and
//! every call about an accident, is planned by exactly one of them.

use std::collections::BTreeSet;

use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident};
use xibu_core::notice::NoticeKey;
use xibu_core::parameter::{Parameter, Setting, Value};
use xibu_core::source::Source;

use super::*;

/// O2 keeps a system of its own.
fn elsewhere() -> Setting {
    Setting {
        parameter: Parameter::ServedElsewhere,
        office: Some(OfficeId(2)),
        validity: since(),
        value: Value::Switch(true),
        source: Source::Policy {
            set_by: "市项目办".into(), reason: "县里自有系统".into()
        },
    }
}

/// What one daemon plans in the month: steps of debts, and calls about the accident.
async fn planned(city: &mut City) -> (BTreeSet<NoticeKey>, BTreeSet<String>) {
    let incident = Incident {
        office: OfficeId(4),
        kind: IncidentKind::Other,
        occurred: None,
        persons: None,
        measures_told: false,
        reference: None,
        kind_told: true,
        place_told: true,
    };
    let opened = OpenedIncident {
        id: IncidentId(1),
        incident,
        told_by: Some(PersonId(42)),
        received_at: "2026-06-25T08:30:00".parse().unwrap(),
    };
    let opened = Change::IncidentOpened(opened);
    let batch = Batch { by: "clerk".into(), changes: vec![opened], ..Batch::default() };
    let mut notices = BTreeSet::new();
    for day in 15..=30 {
        if day == 25 {
            city.store.record(&batch, at("2026-06-25T08:30:00")).await.unwrap();
        }
        for time in ["09:00:00", "10:00:00"] {
            let report = city.tick(&format!("2026-06-{day}T{time}")).await;
            notices.extend(report.notices.iter().map(|notice| notice.key));
        }
    }
    let all = city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    let calls = all.into_iter().filter_map(|one| one.errand).map(|errand| errand.cause);
    // The first alarm is told by whoever hears of it; the calls after it are owed.
    (notices, calls.filter(|cause| cause.contains("/acknowledge/")).collect())
}

#[tokio::test]
async fn each_step_is_planned_by_exactly_one_daemon() {
    let (mut alone, mut city, mut county) =
        (City::running().await, City::running().await, City::running().await);
    city.rulebook.parameters = city.rulebook.parameters.clone().with(elsewhere()).unwrap();
    county.serves = vec![OfficeId(2)];
    let (whole, of_city, of_county) =
        (planned(&mut alone).await, planned(&mut city).await, planned(&mut county).await);
    assert!(whole.0.len() > 10 && whole.1.len() > 3, "{whole:?}");
    assert!(of_city.0.is_disjoint(&of_county.0));
    let both: BTreeSet<NoticeKey> = of_city.0.union(&of_county.0).copied().collect();
    assert_eq!(both, whole.0);
    // The units are the county's to chase, the county's own return the city's.
    assert!(
        of_county.0.iter().all(|key| [OfficeId(3), OfficeId(4)].contains(&key.obligation.debtor))
    );
    assert!(of_city.0.iter().all(|key| key.obligation.debtor == OfficeId(2)));
    let calls: BTreeSet<String> = of_city.1.union(&of_county.1).cloned().collect();
    assert_eq!(calls, whole.1);
    // City staff hears of a county that does not answer, from the county's system; of itself, from
    // its own: the only words that both may have.
    let twice: Vec<&String> = of_city.1.intersection(&of_county.1).collect();
    let of_staff = |cause: &&String| cause.ends_with("/P12") || cause.ends_with("/P11");
    assert!(twice.iter().all(of_staff), "{twice:?}");
}
