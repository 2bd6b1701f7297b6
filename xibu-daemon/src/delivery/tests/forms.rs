//! What a county is shown to be confirmed: looked at once more at sending, and by mail alone.

use xibu_core::consolidation::{confirm, consolidate};
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;
use xibu_core::returns::{Content, ReturnVersion};

use super::*;
use crate::store::Batch;
use crate::tick::tests::at;

const UNITS: [&str; 2] = ["unit_monthly_return/O3/2026-06", "unit_monthly_return/O4/2026-06"];

/// The messages to county O2's contact that show it its month.
fn shown(line: &Line) -> Vec<String> {
    let seen = line.seen().into_iter().filter(|message| message.key.starts_with("P22/form/"));
    seen.map(|message| message.text).collect()
}

impl Line {
    /// A unit's return with so many at their posts.
    async fn tells(&mut self, unit: &str, headcount: u32, civil: &str) {
        let content = Content { headcount: Some(headcount), ..Content::default() };
        let version = ReturnVersion {
            received_at: civil.parse().unwrap(),
            document: None,
            content: Some(content),
            silent_units: Vec::new(),
            by: None,
            reason: None,
        };
        let change =
            xibu_core::change::Change::ReturnCame { obligation: unit.parse().unwrap(), version };
        let batch = Batch { by: "clerk".into(), changes: vec![change], ..Batch::default() };
        self.city.store.record(&batch, at(civil)).await.unwrap();
    }

    async fn confirm(&mut self, civil: &str) {
        self.city.record.follow(&self.city.store).await.unwrap();
        let (world, rulebook) = (self.city.record.world(), &self.city.rulebook);
        let now = at(civil).civil;
        let period = "2026-06".parse().unwrap();
        let found = consolidate(world, rulebook, OfficeId(2), period, now);
        let word = (Some(PersonId(22)), now, None);
        let changes = confirm(world, rulebook, &found, word, (&[], None)).unwrap().to_vec();
        let batch = Batch { by: "clerk".into(), changes, ..Batch::default() };
        self.city.store.record(&batch, at(civil)).await.unwrap();
    }

    async fn reason(&self, number: u32, day: &str) -> String {
        let key = format!("P22/form/{day}/{number}");
        let states = self.states().await;
        let found = states.iter().find(|(known, ..)| *known == key);
        found.map_or_else(|| format!("{states:?}"), |(_, _, detail)| detail.clone())
    }
}

#[tokio::test]
async fn a_county_is_shown_its_month_in_daytime_unless_its_return_came_first() {
    let mut line = Line::new().await;
    line.tells(UNITS[0], 3, "2026-06-16T09:00:00").await;
    line.tells(UNITS[1], 4, "2026-06-16T22:00:00").await;
    line.tick("2026-06-16T22:30:00").await;
    line.deliver("2026-06-16T22:30:00", vec![]).await;
    assert_eq!(shown(&line), [] as [String; 0], "nobody is written to at night");
    line.deliver("2026-06-17T08:30:00", vec![]).await;
    let said = shown(&line);
    assert!(said.len() == 1 && said[0].contains("changed_since: false"), "{said:?}");

    let mut line = Line::new().await;
    line.tells(UNITS[0], 3, "2026-06-16T09:00:00").await;
    line.tells(UNITS[1], 4, "2026-06-16T22:00:00").await;
    line.tick("2026-06-16T22:30:00").await;
    line.confirm("2026-06-17T08:00:00").await;
    line.deliver("2026-06-17T08:30:00", vec![]).await;
    assert_eq!(shown(&line), [] as [String; 0]);
    assert_eq!(line.reason(1, "2026-06-16").await, "return_is_in");
}

#[tokio::test]
async fn what_changes_twice_in_a_day_is_asked_about_once_and_as_it_is_by_then() {
    let mut line = Line::new().await;
    line.tells(UNITS[0], 3, "2026-06-16T09:00:00").await;
    line.confirm("2026-06-16T10:00:00").await;
    line.tells(UNITS[1], 4, "2026-06-16T11:00:00").await;
    line.tick("2026-06-16T11:30:00").await;
    line.tells(UNITS[1], 5, "2026-06-16T15:00:00").await;
    line.tick("2026-06-16T15:30:00").await;
    line.deliver("2026-06-16T16:00:00", vec![]).await;
    assert_eq!(shown(&line), [] as [String; 0], "not on the day itself");
    line.tick("2026-06-17T08:30:00").await;
    line.deliver("2026-06-17T08:30:00", vec![]).await;
    assert_eq!(line.reason(1, "2026-06-17").await, "superseded_by_newer_version");
    line.tick("2026-06-18T08:30:00").await;
    line.deliver("2026-06-18T08:30:00", vec![]).await;
    let said = shown(&line);
    assert!(said.len() == 1 && said[0].contains("changed_since: true"), "{said:?}");
    line.tick("2026-06-22T08:30:00").await;
    line.deliver("2026-06-22T08:30:00", vec![]).await;
    assert_eq!(shown(&line), [] as [String; 0], "once");
}
