//! The rule by tables, and the index held against the rule.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;
use serde::Serialize;

use super::*;
use crate::education::Education;
use crate::posting::{EmploymentKind, RawPosting};
use crate::region::Region;

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn posting(title: &str, text: &str) -> Posting {
    Posting::read(&RawPosting {
        source: "源".into(),
        id: "1".into(),
        title: title.into(),
        link: "https://rsj.test/1".into(),
        published: Some(date(6, 1)),
        text: text.into(),
        fields: Default::default(),
    })
}

/// `学历=本科 专业=会计学 地点=万州 只 类=事业单位 岗=会计 薪=5000 志愿者 至=2026-07-31`
fn person(typed: &str) -> Profile {
    let mut profile = Profile::new(PersonId(1));
    for part in typed.split_whitespace() {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key {
            "学历" => profile.education = Some(Education::from_typed(value).unwrap()),
            "专业" => profile.majors = crate::major::list(value),
            "地点" => profile.places = Region::list(value),
            "只" => profile.places_only = true,
            "类" => profile.kinds.push(EmploymentKind::from_typed(value).unwrap()),
            "岗" => profile.posts.push(value.into()),
            "薪" => profile.pay_min = Some(value.parse().unwrap()),
            "志愿者" => profile.grassroots = true,
            "至" => profile.serves_until = Some(value.parse().unwrap()),
            other => panic!("{other}"),
        }
    }
    profile
}

fn name(reason: &impl Serialize, key: &str) -> String {
    serde_json::to_value(reason).unwrap()[key].as_str().unwrap().to_string()
}

#[track_caller]
fn check(text: &str, typed: &str, expected: &str) {
    let (title, text) = text.split_once('|').unwrap_or((text, ""));
    let posting = posting(title, &text.replace('|', "\n"));
    let profile = person(typed);
    let verdict = judge(&profile, &posting, date(6, 2));
    let shown = match &verdict {
        Ok(verdict) => {
            let names: Vec<String> = verdict.why.iter().map(|why| name(why, "why")).collect();
            format!("{} {}", verdict.score, names.join(" "))
        }
        Err(reason) => format!("- {}", name(reason, "why_not")),
    };
    assert_eq!(shown.trim(), expected);
    let found = Index::new(Vec::from([profile])).matches(&posting, date(6, 2));
    let scores: Vec<u16> = found.iter().map(|found| found.score).collect();
    assert_eq!(scores, verdict.iter().map(|verdict| verdict.score).collect::<Vec<_>>());
}

#[test]
fn hard_conditions_in_their_order() {
    let all =
        "定向招聘服务基层项目人员公告|学历：本科|专业：会计学|工作地点：万州|报名截止：6月1日";
    check(all, "", "- not_open");
    let all = all.replace("6月1日", "6月12日");
    check(&all, "", "- reserved_for_grassroots");
    check(&all, "志愿者", "- education_not_known");
    check(&all, "志愿者 学历=大专", "- education_other");
    check(&all, "志愿者 学历=硕士", "- major_not_known");
    check(&all, "志愿者 学历=硕士 专业=护理学", "- major_other");
    check(&all, "志愿者 学历=硕士 专业=会计学 地点=渝北 只", "- place_other");
    check(
        &all,
        "志愿者 学历=硕士 专业=会计学 地点=渝北",
        "65 reserved_for_grassroots education_fits major_fits",
    );
    check("招聘", "地点=渝北 只", "- place_not_known");
    check("招聘|学历：不限|专业：不限", "", "0 any_education any_major");
}

#[test]
fn wishes_add_up() {
    let text = "某事业单位招聘会计|学历：大专|工作地点：重庆市万州区|薪资：4000-6000元/月";
    check(text, "学历=本科", "0 education_fits");
    check(text, "学历=本科 地点=重庆", "30 education_fits place_wished");
    check(text, "学历=本科 地点=万州、渝北 只", "30 education_fits place_wished");
    check(text, "学历=本科 类=事业单位", "15 education_fits kind_wished");
    check(text, "学历=本科 岗=会计", "20 education_fits post_wished");
    check(text, "学历=本科 薪=4000", "15 education_fits pay_at_least");
    check(text, "学历=本科 薪=5000", "5 education_fits pay_may_reach");
    check(text, "学历=本科 薪=8000", "0 education_fits");
    check(text, "学历=本科 至=2026-07-31", "5 education_fits service_ends_soon");
    check(text, "学历=本科 至=2027-07-31", "0 education_fits");
    check("招聘|服务基层项目人员可报考", "志愿者", "10 open_to_grassroots");
    check("招聘|服务基层项目人员可报考", "", "0");
}

#[test]
fn every_reason_is_a_sentence_without_final_stop() {
    let text =
        "某事业单位招聘会计|学历：大专|专业：会计学|工作地点：重庆市万州区|薪资：4000-6000元/月";
    let posting = posting(text.split('|').next().unwrap(), &text.replace('|', "\n"));
    let profile =
        person("学历=本科 专业=会计学 地点=万州 类=事业单位 岗=会计 薪=4000 志愿者 至=2026-07-31");
    let why = judge(&profile, &posting, date(6, 2)).unwrap().why;
    let sentences: Vec<String> = why.iter().map(|why| why.sentence().zh).collect();
    assert_eq!(
        sentences,
        [
            "要求大专及以上，您是本科",
            "要求会计学，与您的专业相同",
            "工作地点重庆万州是您的意向地点",
            "事业单位是您的意向类别",
            "标题中有您的意向岗位“会计”",
            "薪资4000至6000元/月，不低于您期望的4000元/月",
            "您的服务期到2026年7月31日",
        ]
    );
}

fn some_profiles() -> impl Strategy<Value = Vec<Profile>> {
    let pick = |words: &[&str]| {
        prop::sample::select(words.iter().map(|w| w.to_string()).collect::<Vec<_>>())
    };
    let one = (
        pick(&["", "学历=大专", "学历=本科", "学历=硕士"]),
        pick(&[
            "",
            "专业=会计学",
            "专业=软件工程、法学",
            "专业=书法学",
            "专业=审计学",
            "专业=大数据与会计",
        ]),
        pick(&["", "地点=万州", "地点=重庆市万州区 只", "地点=重庆", "地点=成都、渝北 只", "只"]),
        pick(&["", "类=事业单位", "岗=会计", "类=企业 岗=护士", "岗=计"]),
        pick(&["", "薪=0", "薪=4000", "薪=6000"]),
        pick(&["", "志愿者", "志愿者 至=2026-07-31", "至=2026-05-31"]),
    );
    let person_of = |(a, b, c, d, e, f): (String, String, String, String, String, String)| {
        person(&[a, b, c, d, e, f].join(" "))
    };
    prop::collection::vec(one.prop_map(person_of), 0..90).prop_map(|mut profiles| {
        for (number, profile) in (1..).zip(&mut profiles) {
            profile.person = PersonId(number);
        }
        profiles
    })
}

fn a_posting() -> impl Strategy<Value = Posting> {
    let pick = |words: &[&'static str]| prop::sample::select(words.to_vec());
    (
        pick(&["招聘", "某事业单位招聘会计", "定向招聘三支一扶人员", "招聘护士"]),
        pick(&["", "学历：不限", "学历：本科", "学历：仅限大专", "学历：硕士"]),
        pick(&[
            "",
            "专业：不限",
            "专业：会计",
            "专业：法学",
            "专业：会计学等相关专业",
            "专业：计算机类、会计",
        ]),
        pick(&["", "工作地点：万州", "工作地点：重庆市渝北区", "工作地点：成都、重庆"]),
        pick(&["", "薪资：4000-6000元", "薪资：面议", "薪资：200元/天"]),
        pick(&["", "西部计划志愿者优先", "报名截止：6月1日"]),
    )
        .prop_map(|(title, a, b, c, d, e)| posting(title, &[a, b, c, d, e].join("\n")))
}

proptest! {
    #[test]
    fn the_index_gives_what_the_rule_gives(profiles in some_profiles(), posting in a_posting()) {
        let today = date(6, 2);
        let one_by_one: Vec<Match> = profiles
            .iter()
            .filter_map(|profile| {
                let score = judge(profile, &posting, today).ok()?.score;
                Some(Match { person: profile.person, score })
            })
            .collect();
        prop_assert_eq!(Index::new(profiles).matches(&posting, today), one_by_one);
    }
}
