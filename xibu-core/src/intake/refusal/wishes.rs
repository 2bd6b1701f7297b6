//! What the refusals of a sheet of wishes say, in both languages.
//!
//! Not when they are given: that is [`crate::intake::wishes`].

use alloc::format;
use alloc::string::{String, ToString};

use super::Refusal;

impl Refusal {
    pub(super) fn chinese_of_wishes(&self) -> String {
        let fixed = match self {
            Refusal::EducationNotReadable => "学历认不出，请填大专、本科、硕士或博士",
            Refusal::YearNotReadable => "毕业年份认不出，请写成2026或2026年6月",
            Refusal::PlaceNotReadable => {
                "地点认不出，请写区县或城市名称，几个用顿号隔开，都可以请填“不限”"
            }
            Refusal::PayNotReadable => "月薪认不出，请写成5000或5000-7000，都可以请填“面议”",
            Refusal::VolunteerNotReadable => "身份认不出，请填在岗志愿者、往届志愿者或无",
            Refusal::YesOrNoNotReadable => "只能填“是”或“否”",
            Refusal::ConsentNotReadable => "是否同意只能填“是”或“否”，请本人填写",
            Refusal::ReachMissing => "电话和邮箱都没有填，认不出是谁，请至少填一项",
            Refusal::SameWishesTwice { first } => {
                return format!("与第{}行是同一人，请删去旧的一行", first.row);
            }
            _ => "不能收，请核对",
        };
        fixed.to_string()
    }

    pub(super) fn english_of_wishes(&self) -> String {
        let fixed = match self {
            Refusal::EducationNotReadable => "not a level of education; 大专, 本科, 硕士 or 博士",
            Refusal::YearNotReadable => "not a year; write 2026 or 2026年6月",
            Refusal::PlaceNotReadable => {
                "no place's name; districts or cities parted by 、, or 不限 for any"
            }
            Refusal::PayNotReadable => "not a month's pay; 5000 or 5000-7000, or 面议 for any",
            Refusal::VolunteerNotReadable => "write 在岗志愿者, 往届志愿者 or 无",
            Refusal::YesOrNoNotReadable => "write 是 or 否",
            Refusal::ConsentNotReadable => {
                "consent is 是 or 否 and nothing else; let the person write it"
            }
            Refusal::ReachMissing => {
                "neither phone nor mail, so whose wishes these are cannot be told; give one"
            }
            Refusal::SameWishesTwice { first } => {
                return format!(
                    "the same person stands in row {}; remove the older row",
                    first.row
                );
            }
            of_record => return of_record.english_of_record(),
        };
        fixed.to_string()
    }
}
