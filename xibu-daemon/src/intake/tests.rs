//! Files in, changes out.

use chrono_tz::Asia::Shanghai;
use xibu_core::cell::{Cell, CellValue, Sheet};
use xibu_core::incident::{Act, Case, IncidentId, IncidentKind};
use xibu_core::office::OfficeId;
use xibu_plugin_abi::message::CellOutValue;

use super::*;
use crate::record::Record;
use crate::tick::tests::City;
use crate::workbook::{FormAnswers, FormIncident, UnitForm, unit_form};

/// The unit's form with one accident, as a reader sees it.
fn form(kind: IncidentKind, when: &str, remark: &str) -> Reading {
    let answers = FormAnswers {
        accidents: "有".into(),
        incidents: vec![FormIncident {
            kind,
            when: when.into(),
            persons: 1,
            place: "进村公路".into(),
            measures: "已送医".into(),
        }],
        health: "无".into(),
        hazards: "无".into(),
        needs: "无".into(),
        remark: remark.into(),
        added: Default::default(),
        filled_on: None,
    };
    let form = unit_form(&UnitForm {
        office: OfficeId(3),
        name: "第3办".into(),
        county: "第2办".into(),
        period: "2026-06".parse().unwrap(),
        headcount: Some(1),
        contact: Some("某甲".into()),
        head: None,
        answers: Some(answers),
    });
    let cells = form.sheets[0].cells.iter().filter_map(|cell| {
        let value = match &cell.value {
            CellOutValue::Text(text) if text.is_empty() => return None,
            CellOutValue::Text(text) | CellOutValue::Date(text) => CellValue::Text(text.clone()),
            CellOutValue::Number(number) => CellValue::Number(*number),
            CellOutValue::Blank => return None,
        };
        Some(Cell { row: cell.row, column: cell.column, value })
    });
    let mut cells: Vec<Cell> = cells.collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let sheet = Sheet { name: "月报告单".into(), cells, merges: Vec::new() };
    Reading::Sheets(vec![ReadSheet { sheet, hidden: false }])
}

/// An accident that a return tells is opened once; one that was told before is the same.
#[tokio::test]
async fn an_accident_in_a_return_is_opened_or_linked_and_never_alarmed_twice() {
    let mut city = City::running().await;
    let take = async |city: &mut City, reading: Reading, at: &str| {
        city.record.follow(&city.store).await.unwrap();
        let now = Now::at_civil(at.parse().unwrap(), Shanghai);
        let arrival = Arrival {
            file_name: "O3-2026-06.xlsx".into(),
            bytes: at.as_bytes().to_vec(),
            received_at: now.civil,
            by: "clerk".into(),
        };
        let (known, last) = ((city.record.world(), &city.rulebook), city.record.last_sequence());
        let seen = examine(&city.store, known, &arrival, &reading).await.unwrap();
        let report = import(&city.store, known, last, &arrival, &reading, now).await.unwrap();
        assert_eq!(seen.changes, report.changes, "the dry run says the same");
        assert_eq!(report.returns.len(), 1, "{report:?}");
        city.record.follow(&city.store).await.unwrap();
    };
    let first = form(IncidentKind::Traffic, "2026年6月9日15时30分", "");
    take(&mut city, first, "2026-06-16T10:00:00").await;
    let alarms = async |city: &City| {
        let all = city.store.envelopes(&crate::store::EnvelopeFilter::default()).await.unwrap();
        all.iter().filter(|one| one.key.class == crate::outbox::Class::Alarm).count()
    };
    city.tick("2026-06-16T10:00:30").await;
    assert_eq!(alarms(&city).await, 3, "the unit's head, the county's, the city's");
    // A correction tells the same accident, half a day off, and one that is new.
    let again = form(IncidentKind::Traffic, "2026年6月9日", "更正");
    take(&mut city, again, "2026-06-16T11:00:00").await;
    assert_eq!(city.record.world().incidents().count(), 1);
    let other = form(IncidentKind::Injury, "2026年6月12日8时", "补报");
    take(&mut city, other, "2026-06-16T12:00:00").await;
    city.record = Record::load(&city.store).await.unwrap();
    assert_eq!(city.record.unfit(), []);
    let world = city.record.world();
    let numbers: Vec<IncidentId> = world.incidents().map(|opened| opened.id).collect();
    assert_eq!(numbers, [IncidentId(1), IncidentId(2)]);
    let key = "unit_monthly_return/O3/2026-06".parse().unwrap();
    for id in numbers {
        let case = Case::of(world, id).unwrap();
        let told: Vec<Act> = case.moves.iter().map(|said| said.act).collect();
        assert_eq!(told, [Act::ToldInReturn(key)], "{id}");
    }
}
