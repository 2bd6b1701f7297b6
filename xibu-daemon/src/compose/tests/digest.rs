//! 就业信息 as readers get it.

use xibu_core::education::Education;
use xibu_core::matching::judge;
use xibu_core::posting::{Posting, PostingId, RawPosting};
use xibu_core::profile::Profile;

use super::*;
use crate::compose::{Brief, Pages};
use crate::job::DigestItem;

fn reader() -> Profile {
    let mut profile = Profile::new(PersonId(10));
    profile.education = Some(Education::Bachelor);
    profile.majors = vec!["会计学".into()];
    profile.places = xibu_core::region::Region::list("万州、渝北");
    profile.pay_min = Some(5_000);
    profile.grassroots = true;
    profile
}

fn posting(title: &str, text: &str) -> Posting {
    Posting::read(&RawPosting {
        source: "区人社局".into(),
        id: title.into(),
        title: title.into(),
        link: "https://rsj.office.test/gg/1.html".into(),
        published: NaiveDate::from_ymd_opt(2026, 6, 1),
        text: text.into(),
        fields: Default::default(),
    })
}

fn items() -> Vec<DigestItem> {
    let postings = [
        posting(
            "重庆市万州区人民医院2026年公开招聘财务人员公告",
            "招聘单位：重庆市万州区人民医院\n工作地点：重庆市万州区\n学历要求：本科及以上\n\
             专业要求：会计学、财务管理\n招聘人数：2人\n月薪：6000-8000元\n\
             报名时间：6月5日至6月30日\n面向西部计划志愿者等服务基层项目人员定向招聘",
        ),
        posting("某某科技有限公司招聘行政助理", "待遇从优"),
        posting("换行\n标题<b>招聘</b>会计", "学历要求：大专及以上\n工作地点：渝北区"),
    ];
    let (reader, today) = (reader(), NaiveDate::from_ymd_opt(2026, 6, 26).unwrap());
    let items = (1..).zip(postings).map(|(number, posting)| {
        let why = judge(&reader, &posting, today).map(|verdict| verdict.why).unwrap_or_default();
        DigestItem { id: PostingId(number), posting, why }
    });
    items.collect()
}

#[track_caller]
fn check(name: &str, recipient: &str, brief: &Brief) -> crate::compose::Rendered {
    let (world, rulebook) = (world(), Rulebook::default());
    let rendered = compose(&Letter {
        recipient,
        medium: Medium::Letter,
        about: About::Errand(brief),
        codes: &Default::default(),
        volunteers: &Default::default(),
        confirm_codes: &Default::default(),
        world: &world,
        rulebook: &rulebook,
        serves: &[CITY],
        at: at("2026-06-26T09:00:00"),
    });
    same_as_kept(name, &format!("{}\n\n{}", rendered.subject, rendered.text));
    rendered
}

fn pages(use_: &str) -> Option<Pages> {
    Some(Pages {
        own: format!("https://xb.office.test/{use_}/AAAADAMxN2Q4"),
        all: "https://xb.office.test/postings".to_owned(),
    })
}

#[test]
fn what_fits_and_why_and_how_to_stop() {
    let brief = Brief::Digest { items: items(), pages: pages("stop") };
    let rendered = check("digest.txt", "甲一", &brief);
    assert_eq!(rendered.kind, "digest");
    assert_eq!(rendered.unsubscribe, pages("stop").map(|pages| pages.own));
    assert_eq!(brief.told(), [PostingId(1), PostingId(2), PostingId(3)]);
    let brief = Brief::Digest { items: items().into_iter().take(1).collect(), pages: None };
    let rendered = check("digest_without_pages.txt", "", &brief);
    assert_eq!(rendered.unsubscribe, None);
}

#[test]
fn whether_it_is_wanted() {
    check("question.txt", "甲一", &Brief::ConsentQuestion { pages: pages("answer") });
    check("question_without_pages.txt", "甲一", &Brief::ConsentQuestion { pages: None });
}

#[test]
fn on_a_phone_nothing_is_said_of_it() {
    let (world, rulebook) = (world(), Rulebook::default());
    for brief in [
        Brief::Digest { items: items(), pages: pages("stop") },
        Brief::ConsentQuestion { pages: pages("answer") },
    ] {
        let rendered = compose(&Letter {
            recipient: "甲一",
            medium: Medium::Short,
            about: About::Errand(&brief),
            codes: &Default::default(),
            volunteers: &Default::default(),
            confirm_codes: &Default::default(),
            world: &world,
            rulebook: &rulebook,
            serves: &[CITY],
            at: at("2026-06-26T09:00:00"),
        });
        assert_eq!((rendered.text.as_str(), rendered.variables.len()), ("", 0));
    }
}
