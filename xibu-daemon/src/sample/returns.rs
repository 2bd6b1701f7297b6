//! A month's returns as units and counties would send them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use xibu_core::incident::IncidentKind;

use super::numbers::Numbers;
use super::{SampleContent, SampleFile};
use crate::workbook::{Consolidated, FormAnswers, FormIncident, UnitForm, consolidated, unit_form};

/// What a unit has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnKind {
    /// 安全无事: every section nil.
    Nil,
    /// Nothing happened; somebody is ill or needs something.
    Quiet,
    /// A hazard was found and mended.
    Hazard,
    /// One accident.
    Incident,
    /// A photo of the form: nobody can read it but a person.
    Photo,
}

/// What 无 looks like when different people type it.
const NIL_WORDS: [&str; 5] = ["无", "安全无事", "没有", "无。", "零"];

/// A unit's return for the month of `form`, filled in on `filled_on`. The file is named as our
/// forms are sent out, office and month first, so that even a photo says whose it is.
pub fn unit_return(
    seed: u64,
    form: &UnitForm,
    kind: ReturnKind,
    filled_on: NaiveDate,
) -> SampleFile {
    let mut numbers = Numbers::new(seed ^ (u64::from(form.office.0) << 20));
    let stem = format!("{}-{}-月报告单", form.office, form.period);
    if kind == ReturnKind::Photo {
        // The first bytes of a JPEG and nothing that is a picture.
        let bytes = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
            .to_vec();
        return sample(format!("{stem}.jpg"), SampleContent::Bytes(bytes), 0);
    }
    let nil = *numbers.one_of(&NIL_WORDS);
    let mut answers = FormAnswers {
        accidents: nil.to_owned(),
        incidents: Vec::new(),
        health: "无".to_owned(),
        hazards: "无".to_owned(),
        needs: "无".to_owned(),
        remark: String::new(),
        added: BTreeMap::new(),
        filled_on: Some(filled_on),
    };
    match kind {
        ReturnKind::Nil | ReturnKind::Photo => {}
        ReturnKind::Quiet if numbers.below(2) == 0 => answers.health = "1人感冒，已休息".to_owned(),
        ReturnKind::Quiet => answers.needs = "2人希望解决住宿用热水".to_owned(),
        ReturnKind::Hazard => answers.hazards = "1处宿舍插线板老化，已更换".to_owned(),
        ReturnKind::Incident => {
            answers.accidents = "有".to_owned();
            answers.incidents.push(FormIncident {
                kind: IncidentKind::Traffic,
                when: (filled_on - TimeDelta::days(4)).format("%Y年%-m月%-d日15时30分").to_string(),
                persons: 1,
                place: "进村公路".to_owned(),
                measures: "下村途中电动车侧翻，轻伤，已送医并报区县项目办".to_owned(),
            });
        }
    }
    let filled = UnitForm { answers: Some(answers), ..form.clone() };
    sample(format!("{stem}.xlsx"), SampleContent::Workbook(unit_form(&filled)), 1)
}

/// A county's return: its consolidated form, filled in and sent on.
pub fn county_return(form: &Consolidated) -> SampleFile {
    let (county, period) = (form.consolidation.county, form.consolidation.period);
    let name = format!("{county}-{period}-月报告单.xlsx");
    sample(name, SampleContent::Workbook(consolidated(form)), 1)
}

fn sample(file_name: String, content: SampleContent, accepted: usize) -> SampleFile {
    SampleFile { file_name, content, accepted, refused: Vec::new() }
}
