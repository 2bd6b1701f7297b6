//! Whole notices and what is read of them, and merging in any order.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn raw(title: &str, text: &str, fields: &[(&str, &str)]) -> RawPosting {
    RawPosting {
        source: "人社局".into(),
        id: "1".into(),
        title: title.into(),
        link: "https://rsj.test/1".into(),
        published: Some(date(2026, 6, 1)),
        text: text.into(),
        fields: fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
    }
}

fn by(by: &ToldBy) -> String {
    match by {
        ToldBy::Field { name } => name.clone(),
        ToldBy::Line { number, .. } => format!("L{number}"),
        ToldBy::Title => "T".into(),
    }
}

/// One line a field: its name, its value, where it was read.
fn shown(posting: &Posting) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, told: Option<(String, &ToldBy)>| {
        lines.extend(told.map(|(value, place)| format!("{name} {value} @{}", by(place))));
    };
    line("employer", posting.employer.as_ref().map(|t| (t.value.clone(), &t.by)));
    line(
        "places",
        posting.places.as_ref().map(|t| {
            let all: Vec<String> = t.value.iter().map(|r| r.sentence().en).collect();
            (all.join("/"), &t.by)
        }),
    );
    line("pay", posting.pay.as_ref().map(|t| (t.value.sentence().zh, &t.by)));
    line("education", posting.education.as_ref().map(|t| (t.value.sentence().zh, &t.by)));
    line("majors", posting.majors.as_ref().map(|t| (t.value.sentence().zh, &t.by)));
    line("head_count", posting.head_count.as_ref().map(|t| (t.value.to_string(), &t.by)));
    line("deadline", posting.deadline.as_ref().map(|t| (t.value.sentence().en, &t.by)));
    line("kind", posting.kind.as_ref().map(|t| (t.value.sentence().zh, &t.by)));
    line("grassroots", posting.grassroots.as_ref().map(|t| (format!("{:?}", t.value), &t.by)));
    lines
}

#[track_caller]
fn check(title: &str, text: &str, fields: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(shown(&Posting::read(&raw(title, text, fields))), expected);
}

#[test]
fn a_notice_of_public_institutions() {
    check(
        "重庆市万州区2026年第二季度公开招聘事业单位工作人员公告",
        "为满足事业单位人才需求，现公开招聘工作人员58名。\n\
         一、招聘范围：面向全国普通高校毕业生和服务基层项目人员。\n\
         二、报名条件\n\
         （一）具有大专及以上学历；\n\
         三、报名时间：2026年6月8日9:00至6月15日18:00，逾期不予受理。\n\
         缴费截止时间为6月17日。\n\
         笔试时间：2026年7月4日。",
        &[],
        &[
            "places 重庆 万州 @T",
            "education 大专及以上 @L4",
            "deadline 2026-06-15 @L5",
            "kind 事业单位 @T",
            "grassroots Eligible @L2",
        ],
    );
}

#[test]
fn a_notice_of_a_company() {
    check(
        "会计",
        "招聘单位：某某（重庆）科技有限公司\n工作地点：重庆市渝北区龙溪街道\n\
         薪资待遇：5千-7千/月\n招聘人数：3人　学历要求：本科及以上　专业要求：会计学、财务管理等相关专业\n\
         公司性质：民营企业\n有效期至：2026-07-31",
        &[],
        &[
            "employer 某某(重庆)科技有限公司 @L1",
            "places 重庆 渝北 @L2",
            "pay 5000至7000元/月 @L3",
            "education 本科及以上 @L4",
            "majors 会计学、财务管理等相关专业 @L4",
            "head_count 3 @L4",
            "deadline 2026-07-31 @L6",
            "kind 企业 @L5",
        ],
    );
}

#[test]
fn fields_of_schema_org_come_first() {
    check(
        "护士",
        "招聘单位：别的名字\n学历要求：大专",
        &[
            ("hiringOrganization.name", "某某医院"),
            ("jobLocation.address.addressRegion", "重庆市"),
            ("jobLocation.address.addressLocality", "万州区"),
            ("baseSalary.currency", "CNY"),
            ("baseSalary.value.minValue", "60000"),
            ("baseSalary.value.maxValue", "84000"),
            ("baseSalary.value.unitText", "YEAR"),
            ("educationRequirements.credentialCategory", "bachelor degree"),
            ("totalJobOpenings", "2"),
            ("validThrough", "2026-07-30T16:00:00Z"),
            ("employmentType", "FULL_TIME"),
        ],
        &[
            "employer 某某医院 @hiringOrganization.name",
            "places 重庆 万州 @jobLocation",
            "pay 5000至7000元/月 @baseSalary.value",
            "education 本科及以上 @educationRequirements.credentialCategory",
            "head_count 2 @totalJobOpenings",
            "deadline 2026-07-31 @validThrough",
        ],
    );
}

#[test]
fn what_is_not_clear_is_none() {
    check("招聘公告", "", &[], &[]);
    check("招聘公告", "招聘若干名，待遇从优，详见附件。", &[], &[]);
    check(
        "招聘",
        "招聘人数：若干\n专业：会计学优先\n薪资：按国家规定\n工作地点：详见附件",
        &[],
        &[],
    );
    // Two lines that say different things say nothing.
    check("招聘", "学历要求：本科\n学历要求：硕士", &[], &[]);
    check("招聘", "大专及以上学历可报甲岗\n本科及以上学历可报乙岗", &[], &[]);
    // A table of several posts.
    check("招聘", "岗位\t学历\t专业\n甲\t本科\t会计学\n乙\t大专\t护理", &[], &[]);
    // Somebody else's money and somebody else's field.
    let dollars = [("baseSalary.currency", "USD"), ("baseSalary.value.value", "5000")];
    check("招聘", "", &[dollars[0], dollars[1], ("baseSalary.value.unitText", "MONTH")], &[]);
    check("招聘", "", &[("validThrough", "soon"), ("totalJobOpenings", "many")], &[]);
}

#[test]
fn the_line_is_kept_as_its_source() {
    let posting = Posting::read(&raw("招聘", "某某\n  学历要求：本科 ", &[]));
    let told = posting.education.unwrap();
    assert_eq!(told.by, ToldBy::Line { number: 2, text: "学历要求:本科".into() });
    assert_eq!((told.source.as_str(), told.id.as_str()), ("人社局", "1"));
}

#[test]
fn a_posting_stands_until_its_day() {
    let read = |text: &str| Posting::read(&raw("招聘", text, &[]));
    let posting = read("报名截止时间：6月12日");
    assert_eq!(posting.standing(date(2026, 6, 12)), Standing::Open);
    assert_eq!(posting.standing(date(2026, 6, 13)), Standing::Expired);
    assert_eq!(read("有效期：长期有效").standing(date(2027, 6, 1)), Standing::Open);
    assert_eq!(read("").standing(date(2026, 7, 31)), Standing::Open);
    assert_eq!(read("").standing(date(2026, 8, 1)), Standing::Undated);
    let mut withdrawn = read("");
    assert!(!withdrawn.withdraw("人社局", "2", date(2026, 6, 5)));
    assert!(withdrawn.withdraw("人社局", "1", date(2026, 6, 5)));
    assert_eq!(withdrawn.standing(date(2026, 6, 4)), Standing::Open);
    assert_eq!(withdrawn.standing(date(2026, 6, 5)), Standing::Withdrawn);
}

/// A posting of a small world, so that links, titles and employers meet.
fn made_up(source: u8, id: u8, link: u8, title: u8, text: &str) -> Posting {
    let link = match link {
        0 => "https://rsj.test/".into(),
        link => {
            format!("http{}://rsj.test/{link}", if source.is_multiple_of(2) { "s" } else { "" })
        }
    };
    Posting::read(&RawPosting {
        source: format!("源{source}"),
        id: id.to_string(),
        title: format!("某某医院招聘{title}号"),
        link,
        published: Some(date(2026, 6, u32::from(id) + 1)),
        text: text.into(),
        fields: BTreeMap::new(),
    })
}

#[test]
fn the_same_posting_from_two_feeds_is_one() {
    let a = made_up(1, 1, 1, 1, "学历要求：本科\n报名截止：6月12日");
    let by_link = made_up(2, 7, 1, 2, "招聘人数：3\n报名截止：6月14日");
    let by_post = made_up(3, 9, 0, 1, "薪资：5000元");
    let other = made_up(3, 8, 0, 3, "");
    let merged = merge([other.clone(), by_post, a, by_link]);
    assert_eq!(merged.len(), 2);
    let sources: Vec<String> =
        merged[0].sources.iter().map(|s| format!("{}/{}", s.source, s.id)).collect();
    assert_eq!(sources, ["源1/1", "源2/7", "源3/9"]);
    assert_eq!(
        shown(&merged[0]),
        [
            "employer 某某医院 @T",
            "pay 5000元/月 @L1",
            "education 本科及以上 @L1",
            "head_count 3 @L1",
            "deadline 2026-06-14 @L2",
        ]
    );
    assert_eq!(merged[0].published, Some(date(2026, 6, 2)));
    assert_eq!(merged[1], other);
}

#[test]
fn a_withdrawn_source_does_not_withdraw_the_other() {
    let mut merged = merge([made_up(1, 1, 1, 1, ""), made_up(2, 2, 1, 1, "")]);
    assert!(merged[0].withdraw("源1", "1", date(2026, 6, 5)));
    assert_eq!(merged[0].standing(date(2026, 6, 6)), Standing::Open);
    assert_eq!(merged[0].link(), "https://rsj.test/1");
}

fn some_postings() -> impl Strategy<Value = Vec<Posting>> {
    let text = prop::sample::select(Vec::from([
        "",
        "学历要求：本科",
        "学历要求：大专\n报名截止：6月12日",
        "工作地点：万州\n报名截止：长期有效",
        "招聘人数：2\n薪资：面议\n报名截止：2026-07-01",
    ]));
    let one = (0_u8..4, 0_u8..4, 0_u8..4, 0_u8..4, text)
        .prop_map(|(source, id, link, title, text)| made_up(source, id, link, title, text));
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn merging_knows_no_order(postings in some_postings(), seed in any::<prop::sample::Index>()) {
        let expected = merge(postings.clone());
        let mut turned = postings.clone();
        if !turned.is_empty() {
            let at = seed.index(turned.len());
            turned.rotate_left(at);
        }
        prop_assert_eq!(&merge(turned.clone()), &expected);
        turned.reverse();
        prop_assert_eq!(&merge(turned), &expected);
        // Merging in two parts, or again, gives the same.
        let (left, right) = postings.split_at(postings.len() / 2);
        let parts = merge(left.to_vec()).into_iter().chain(merge(right.to_vec()));
        prop_assert_eq!(&merge(parts), &expected);
        prop_assert_eq!(&merge(expected.clone()), &expected);
    }

    #[test]
    fn no_two_merged_postings_share_an_identity(postings in some_postings()) {
        let merged = merge(postings);
        let mut all: Vec<&String> = merged.iter().flat_map(|one| &one.identities).collect();
        let long = all.len();
        all.sort();
        all.dedup();
        prop_assert_eq!(all.len(), long);
    }

    #[test]
    fn nothing_panics(
        title in ".{0,40}",
        text in "(.|\\n|\\t|：|学历|报名时间|服务基层项目|定向|工作地点|薪资|[0-9年月日-]){0,120}",
        value in ".{0,40}",
    ) {
        let names = ["validThrough", "baseSalary", "jobLocation", "educationRequirements",
            "employmentType", "totalJobOpenings", "hiringOrganization.name"];
        let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, value.as_str())).collect();
        let posting = Posting::read(&raw(&title, &text, &fields));
        prop_assert!(posting.places.is_none_or(|places| !places.value.is_empty()));
    }
}
