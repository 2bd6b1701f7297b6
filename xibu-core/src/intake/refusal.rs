//! Why a row is not taken, or taken with a word of warning; declared in order of precedence.
//!
//! Each text says what is wrong and what to do. None repeats a typed value: it may belong to a
//! person.

use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use crate::cell::Place;
use crate::explain::Language;

mod form;
mod wishes;

/// Why a row was not taken. Where a cell has several faults the first declared one is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The sheet is none of those this house reads.
    SheetNotRecognised,
    /// A column that cannot be done without is missing.
    HeadingMissing {
        /// The heading we would write.
        heading: String,
    },
    /// A cell that must be filled is empty.
    ValueMissing,
    /// The cell shows an error such as `#N/A`.
    CellIsError,
    /// The text is longer than any such text can be.
    TextTooLong {
        /// The most characters taken.
        max: u32,
    },
    /// A number or a sign where a name must stand.
    NotAName,
    /// The id became a number; a spreadsheet keeps 15 digits and the rest is lost.
    IdNumberDigitsLost,
    /// An id of the old form with 15 digits.
    IdNumberOldForm,
    /// The id has not 18 places.
    IdNumberNotEighteen {
        /// How many it has.
        length: u32,
    },
    /// The id holds something other than 17 digits and a digit or X.
    IdNumberOtherCharacters,
    /// The birth date in the id does not exist or lies outside 1900 and today's century.
    IdNumberBirthDateWrong,
    /// The last place of the id does not fit the other 17 (GB 11643).
    IdNumberCheckDigitWrong,
    /// The text cannot be read as a day.
    DateNotReadable,
    /// A number such as 2026.1 may be January or October.
    DateAmbiguous,
    /// The day does not exist, such as 30 February.
    DateDoesNotExist,
    /// The service ends before it begins.
    EndsBeforeItBegins,
    /// Not a mobile or landline number.
    PhoneNotReadable,
    /// Not a mail address.
    MailNotReadable,
    /// Not a level of education.
    EducationNotReadable,
    /// Not a year.
    YearNotReadable,
    /// No name of a place.
    PlaceNotReadable,
    /// Not a month's pay.
    PayNotReadable,
    /// Neither 在岗志愿者 nor 往届志愿者.
    VolunteerNotReadable,
    /// Neither 是 nor 否.
    YesOrNoNotReadable,
    /// Neither 是 nor 否 where consent is asked for.
    ConsentNotReadable,
    /// Neither phone nor mail: whose wishes these are cannot be told.
    ReachMissing,
    /// Not a whole number.
    CountNotReadable,
    /// Not one of the words a form offers.
    ChoiceNotOffered {
        /// What it offers, parted by 、.
        options: String,
    },
    /// Not one of our numbers of people, such as P12.
    PersonNumberNotReadable,
    /// The text cannot be read as a month.
    MonthNotReadable,
    /// The form came back as it went out: no section says anything.
    NothingAnswered,
    /// The accident section says none, and an accident stands below it.
    NilBesideAccident,
    /// Not one of our office numbers, such as O17.
    OfficeNumberNotReadable,
    /// Not one of the kinds of office.
    OfficeKindUnknown,
    /// The same person stands in this file before.
    SamePersonTwice {
        /// Where first.
        first: Place,
    },
    /// The same name with the same phone or mail stands in this file before.
    SameWishesTwice {
        /// Where first.
        first: Place,
    },
    /// The same office stands in this file before.
    SameOfficeTwice {
        /// Where first.
        first: Place,
    },
    /// No office of the record has this number or name.
    OfficeUnknown {
        /// The nearest name of the record, if one is near.
        nearest: Option<String>,
    },
    /// Several offices of the record have this name.
    OfficeAmbiguous,
    /// The superior office is not in the record nor in this file.
    SuperiorUnknown {
        /// The nearest name, if one is near.
        nearest: Option<String>,
    },
    /// Number and name of the office do not belong together.
    OfficeNumberAndNameDiffer {
        /// The name the record has for that number.
        recorded: String,
    },
    /// The office of this kind owes no monthly return.
    OfficeOwesNoReturn,
    /// The report is for a month that has not begun.
    MonthNotBegun,
    /// An office cannot change its kind.
    OfficeKindDiffers,
    /// Offices of this kind do not stand under an office of that kind.
    SuperiorOfWrongKind,
    /// The record knows something newer than this file.
    OlderThanRecord,
    /// The volunteer serves at another unit in these days, and the file does not say from when on
    /// here.
    ServesElsewhere,
    /// Whoever sent the file may not speak for this office. Says nothing about the office: it may
    /// not even exist.
    NotOfTheSendersOffice,
}

/// What somebody should look at in a row that is taken all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// 性别 says other than the id.
    SexDiffersFromIdNumber,
    /// 出生年月 says other than the id.
    BirthDateDiffersFromIdNumber,
    /// Neither phone nor mail: nobody can be reached.
    NoWayToReach,
    /// Several numbers in one cell; the first was taken.
    SeveralPhonesFirstTaken,
    /// No day of beginning: the day of receipt is taken.
    NoFirstDay,
    /// A dash or stroke is not an answer; the section counts as empty.
    DashIsNoAnswer,
    /// Words without a number: counted as one.
    CountedAsOne,
    /// The accident's kind is not said in words we know: counted as 其他.
    IncidentKindNotSaid,
    /// The accident's day cannot be read.
    IncidentDayNotReadable,
    /// Nobody is named as 填报人: a nil without a name is no statement.
    NobodyStatesIt,
    /// The form says 是, but the person has said stop by their own word: forms lie about.
    ConsentTakenBackBefore,
}

impl Refusal {
    /// What is wrong and what to do, without place and without any typed value.
    pub fn text(&self, language: Language) -> String {
        self.of_form(language).unwrap_or_else(|| match language {
            Language::Chinese => self.chinese(),
            Language::English => self.english(),
        })
    }

    fn chinese(&self) -> String {
        let fixed = match self {
            Refusal::SheetNotRecognised => {
                "认不出这是通讯录、花名册、月报告单还是求职意向登记表，请使用本办模板或保留表头行"
            }
            Refusal::HeadingMissing { heading } => {
                return format!("缺少“{heading}”一列，请补上表头和内容");
            }
            Refusal::ValueMissing => "没有填写，请补填",
            Refusal::CellIsError => "单元格是公式错误，请改为实际内容",
            Refusal::TextTooLong { max } => return format!("文字超过{max}个字，请缩短"),
            Refusal::NotAName => "是数字或符号，不是名称，请填写名称",
            Refusal::IdNumberDigitsLost => {
                "身份证号被表格程序变成了数字，末尾几位已丢失，请把该列设为“文本”格式后重新录入18位号码"
            }
            Refusal::IdNumberOldForm => "是15位旧身份证号，请填写18位号码",
            Refusal::IdNumberNotEighteen { length } => {
                return format!("身份证号应为18位，现为{length}位，请对照身份证核对");
            }
            Refusal::IdNumberOtherCharacters => {
                "身份证号只能是17位数字加1位数字或X，请删去其他字符"
            }
            Refusal::IdNumberBirthDateWrong => "身份证号中的出生日期不存在，请对照身份证核对",
            Refusal::IdNumberCheckDigitWrong => {
                "身份证号校验位不符，多半有一位录错，请对照身份证核对"
            }
            Refusal::DateNotReadable => "日期认不出，请写成2026-07-01或2026年7月1日",
            Refusal::DateAmbiguous => "2026.1这样的数字分不清是1月还是10月，请写成2026-01或2026-10",
            Refusal::DateDoesNotExist => "没有这一天，请核对日期",
            Refusal::EndsBeforeItBegins => "服务结束早于开始，请核对两个日期",
            Refusal::PhoneNotReadable => "电话号码不对，请填11位手机号或区号加座机号",
            Refusal::MailNotReadable => "邮箱地址不对，请核对后重填",
            Refusal::CountNotReadable => "应填整数，没有请填“无”",
            Refusal::MonthNotReadable => "报告月份认不出，请写成2026年6月",
            Refusal::NothingAnswered => "整张表没有填写，请逐栏填报，没有的填“无”",
            Refusal::NilBesideAccident => "事故栏填了“无”，下面又写了事故，请核对后改正其中一处",
            Refusal::OfficeNumberNotReadable => "单位编号认不出，应为字母O加数字，如O17",
            Refusal::OfficeKindUnknown => {
                "单位类别认不出，请填市项目办、区县项目办、高校项目办、院系团委或服务单位"
            }
            Refusal::SamePersonTwice { first } => {
                return format!("与第{}行是同一身份证号，请删去重复的一行", first.row);
            }
            Refusal::SameOfficeTwice { first } => {
                return format!("与第{}行是同一单位，请删去重复的一行", first.row);
            }
            Refusal::OfficeUnknown { nearest } => {
                return near_chinese("记录中没有这个单位", nearest.as_deref());
            }
            Refusal::OfficeAmbiguous => "有几个单位同名，请填写单位编号",
            Refusal::SuperiorUnknown { nearest } => {
                return near_chinese("记录和本表中都没有这个上级单位", nearest.as_deref());
            }
            Refusal::OfficeNumberAndNameDiffer { recorded } => {
                return format!("单位编号与名称不符，该编号是“{recorded}”，请核对");
            }
            Refusal::OfficeOwesNoReturn => "该单位不报月报告单，请核对填报单位",
            Refusal::MonthNotBegun => "报告月份还没有到，请核对",
            Refusal::OfficeKindDiffers => "单位类别与记录不符，类别不能更改，请核对",
            Refusal::SuperiorOfWrongKind => {
                "上级单位不对：区县和高校归市项目办，院系归高校，服务单位归区县，请核对"
            }
            Refusal::OlderThanRecord => "记录中已有更新的内容，本行未收，请核对文件是否为最新",
            Refusal::ServesElsewhere => "该志愿者同一时间在另一单位服务，请填明到本单位的日期",
            Refusal::NotOfTheSendersOffice => {
                "不是发件人所在单位或其下属单位，本行未收，请由该单位自己报送"
            }
            of_wishes => return of_wishes.chinese_of_wishes(),
        };
        fixed.to_string()
    }

    fn english(&self) -> String {
        let fixed = match self {
            Refusal::SheetNotRecognised => {
                "neither a directory, a roster, a monthly return nor a sheet of wishes; use our template or keep the heading row"
            }
            Refusal::HeadingMissing { heading } => {
                return format!(
                    "the column `{heading}` is missing; add the heading and its values"
                );
            }
            Refusal::ValueMissing => "empty; fill it in",
            Refusal::CellIsError => "the cell shows a formula error; type the value itself",
            Refusal::TextTooLong { max } => {
                return format!("longer than {max} characters; shorten it");
            }
            Refusal::NotAName => "a number or a sign, not a name; fill in the name",
            Refusal::IdNumberDigitsLost => {
                "the id became a number and its last digits are lost; format the column as text and type all 18 places again"
            }
            Refusal::IdNumberOldForm => "an old id of 15 digits; type the one with 18",
            Refusal::IdNumberNotEighteen { length } => {
                return format!("an id has 18 places, this one {length}; compare with the card");
            }
            Refusal::IdNumberOtherCharacters => {
                "an id is 17 digits and a digit or X; remove everything else"
            }
            Refusal::IdNumberBirthDateWrong => {
                "the birth date in the id does not exist; compare with the card"
            }
            Refusal::IdNumberCheckDigitWrong => {
                "the id's check digit does not fit, most likely one digit is mistyped; compare with the card"
            }
            Refusal::DateNotReadable => "not a date; write 2026-07-01 or 2026年7月1日",
            Refusal::DateAmbiguous => {
                "a number such as 2026.1 may be January or October; write 2026-01 or 2026-10"
            }
            Refusal::DateDoesNotExist => "this day does not exist; check the date",
            Refusal::EndsBeforeItBegins => "the service ends before it begins; check both dates",
            Refusal::PhoneNotReadable => {
                "not a phone number; 11 digits of a mobile number, or area code and landline"
            }
            Refusal::MailNotReadable => "not a mail address; check it",
            Refusal::CountNotReadable => "a whole number is needed; write 无 for none",
            Refusal::MonthNotReadable => "not a month; write 2026年6月",
            Refusal::NothingAnswered => {
                "the form was not filled in; answer every section, 无 where there is nothing"
            }
            Refusal::NilBesideAccident => {
                "the accident section says none (无) and an accident stands below; correct one of them"
            }
            Refusal::OfficeNumberNotReadable => {
                "not an office number; letter O and digits, such as O17"
            }
            Refusal::OfficeKindUnknown => {
                "not a kind of office: 市项目办, 区县项目办, 高校项目办, 院系团委 or 服务单位"
            }
            of_wishes => return of_wishes.english_of_wishes(),
        };
        fixed.to_string()
    }

    /// The refusals that come of comparing with the file's other rows and with the record.
    fn english_of_record(&self) -> String {
        let fixed = match self {
            Refusal::SamePersonTwice { first } => {
                return format!("the same id stands in row {}; remove one of the two", first.row);
            }
            Refusal::SameOfficeTwice { first } => {
                return format!(
                    "the same office stands in row {}; remove one of the two",
                    first.row
                );
            }
            Refusal::OfficeUnknown { nearest } => {
                return near_english("no such office on record", nearest.as_deref());
            }
            Refusal::OfficeAmbiguous => "several offices have this name; give the office number",
            Refusal::SuperiorUnknown { nearest } => {
                return near_english(
                    "no such superior office on record or in this file",
                    nearest.as_deref(),
                );
            }
            Refusal::OfficeNumberAndNameDiffer { recorded } => {
                return format!(
                    "number and name do not belong together: that number is `{recorded}`"
                );
            }
            Refusal::OfficeOwesNoReturn => {
                "an office of this kind owes no monthly return; check who reports"
            }
            Refusal::MonthNotBegun => "that month has not begun; check it",
            Refusal::SuperiorOfWrongKind => {
                "not a fitting superior: counties and universities stand under the city, departments under a university, units under a county"
            }
            Refusal::OlderThanRecord => {
                "the record knows something newer; check that this file is the latest"
            }
            Refusal::ServesElsewhere => {
                "this volunteer serves at another unit in these days; give the first day at this one"
            }
            Refusal::NotOfTheSendersOffice => {
                "not the sender's office nor one below it; let that office send it itself"
            }
            Refusal::OfficeKindDiffers => {
                "the record has another kind for this office, and a kind never changes; check it"
            }
            _ => "cannot be taken; check it",
        };
        fixed.to_string()
    }
}

impl Warning {
    /// What to look at, without place and without any typed value.
    pub const fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese(),
            Language::English => self.english(),
        }
    }

    const fn chinese(self) -> &'static str {
        match self {
            Warning::SexDiffersFromIdNumber => "性别与身份证号不一致，以身份证号为准",
            Warning::BirthDateDiffersFromIdNumber => "出生年月与身份证号不一致，以身份证号为准",
            Warning::NoWayToReach => "电话和邮箱都没有填，无法联系本人",
            Warning::SeveralPhonesFirstTaken => "一格填了几个电话，取第一个",
            Warning::NoFirstDay => "没有填开始日期，从收表当天起算",
            Warning::DashIsNoAnswer => "横线或斜线不算填写，没有请填“无”",
            Warning::CountedAsOne => "没有写数量，按1计",
            Warning::IncidentKindNotSaid => "事故类别认不出，按“其他”计",
            Warning::IncidentDayNotReadable => "事故发生时间认不出，请补报",
            Warning::NobodyStatesIt => "没有填报人，“无”不算有人负责的报告，请补填",
            Warning::ConsentTakenBackBefore => {
                "本人此前已停止接收，表上的“是”不算数；确属重新同意的，用 consent 命令登记"
            }
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Warning::SexDiffersFromIdNumber => "sex differs from the id; the id counts",
            Warning::BirthDateDiffersFromIdNumber => {
                "date of birth differs from the id; the id counts"
            }
            Warning::NoWayToReach => "neither phone nor mail: this person cannot be reached",
            Warning::SeveralPhonesFirstTaken => "several numbers in one cell; the first is taken",
            Warning::NoFirstDay => "no first day given; the day of receipt is taken",
            Warning::DashIsNoAnswer => "a dash or stroke is no answer; write 无 for none",
            Warning::CountedAsOne => "no number given; counted as one",
            Warning::IncidentKindNotSaid => {
                "the kind of accident is not clear; counted as other (其他)"
            }
            Warning::IncidentDayNotReadable => "the day of the accident is not clear",
            Warning::NobodyStatesIt => {
                "no 填报人: a nil that nobody states is no statement; add a name"
            }
            Warning::ConsentTakenBackBefore => {
                "the person said stop before, so this 是 does not count; if it is meant anew, \
                 record it by `consent`"
            }
        }
    }
}

fn near_chinese(what: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("{what}，是否为“{name}”？请改正名称或填写单位编号"),
        None => format!("{what}，请核对名称或填写单位编号"),
    }
}

fn near_english(what: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("{what}; did you mean `{name}`? correct the name or give its number"),
        None => format!("{what}; check the name or give its number"),
    }
}

/// Place, heading and text in one line.
pub(super) fn line(place: &Place, heading: Option<&str>, text: &str, language: Language) -> String {
    let Place { sheet, row, column } = place;
    match language {
        Language::Chinese => {
            let column = column.as_deref().map(|c| format!("{c}列")).unwrap_or_default();
            let heading = heading.map(|h| format!("“{h}”")).unwrap_or_default();
            format!("工作表“{sheet}”第{row}行{column}{heading}：{text}")
        }
        Language::English => {
            let column = column.as_deref().map(|c| format!(", column {c}")).unwrap_or_default();
            let heading = heading.map(|h| format!(" ({h})")).unwrap_or_default();
            format!("sheet `{sheet}`, row {row}{column}{heading}: {text}")
        }
    }
}
