//! Every posting that can be answered today, filtered by place, education and major. Public: it
//! says the same to everybody.

use chrono::NaiveDate;
use maud::{Markup, html};
use xibu_core::education::Education;
use xibu_core::major::MajorsAsked;
use xibu_core::posting::{Posting, Standing};
use xibu_core::region::Region;

use super::{Query, Response, frame};
use crate::compose::facts;
use crate::job::choice::page;
use crate::store::{PostingKept, Result, Store};

/// Postings on one page.
const PAGE_MAX: usize = 50;
const FIELDS: [&str; 3] = ["place", "education", "major"];

/// What the reader asks for; what is empty or not understood asks nothing, and the page says so.
struct Wish {
    place: Option<Region>,
    education: Option<Education>,
    major: Option<String>,
}

impl Wish {
    fn of(query: &Query) -> Self {
        let major = Some(query.get("major")).filter(|major| !major.is_empty());
        Self {
            place: Region::from_typed(query.get("place")),
            education: Education::from_typed(query.get("education")),
            major: major.map(str::to_owned),
        }
    }

    /// The filled fields that say nothing to us.
    fn not_understood(&self, query: &Query) -> Vec<&'static str> {
        let place = (self.place.is_none() && !query.get("place").is_empty()).then_some("地点");
        let education =
            (self.education.is_none() && !query.get("education").is_empty()).then_some("学历");
        [place, education].into_iter().flatten().collect()
    }

    /// A posting that does not say what it asks may be for everybody; one that names no place is
    /// not at the place asked for.
    fn is_met_by(&self, posting: &Posting) -> bool {
        let places = posting.places.as_ref().map(|told| told.value.as_slice());
        let place = self
            .place
            .as_ref()
            .is_none_or(|wish| places.unwrap_or_default().iter().any(|place| wish.holds(place)));
        let asked = posting.education.as_ref().map(|told| told.value);
        let education = self.education.is_none_or(|own| asked.is_none_or(|asked| asked.takes(own)));
        let asked = posting.majors.as_ref().map(|told| &told.value);
        let major = self.major.as_ref().is_none_or(|own| match asked {
            None | Some(MajorsAsked::Any) => true,
            Some(asked) => asked.fit(own).is_some(),
        });
        place && education && major
    }
}

/// `/postings`.
pub(super) async fn list(
    store: &impl Store,
    office: &str,
    query: Query,
    today: NaiveDate,
) -> Result<Response> {
    let wish = Wish::of(&query);
    let first = query.get("page").parse::<usize>().unwrap_or(1).max(1).saturating_sub(1);
    let mut met = 0;
    let mut shown = Vec::new();
    let mut after = None;
    loop {
        let postings = page(store, today, after).await?;
        let Some(last) = postings.last() else { break };
        after = Some(last.id);
        for kept in postings {
            let open = kept.posting.standing(today) == Standing::Open;
            if open && wish.is_met_by(&kept.posting) {
                if met / PAGE_MAX == first {
                    shown.push(kept);
                }
                met += 1;
            }
        }
    }
    let content = html! {
        (form(&query))
        @for field in wish.not_understood(&query) {
            p { "没有看懂“" (field) "”，没有按它筛选。" }
        }
        p { "共 " (met) " 条可报名的招聘信息。信息来自所列来源，由系统自动摘录，以发布单位公告为准。" }
        @for kept in &shown { (one(kept)) }
        nav { (pages(&query, first, met.div_ceil(PAGE_MAX))) }
    };
    Ok(frame::page(office, 200, "招聘信息", true, &content))
}

fn form(query: &Query) -> Markup {
    html! {
        form method="get" action="/postings" {
            label { "地点 " input name="place" value=(query.get("place")); }
            label { "学历 " input name="education" value=(query.get("education")); }
            label { "专业 " input name="major" value=(query.get("major")); }
            button { "筛选" }
        }
    }
}

fn one(kept: &PostingKept) -> Markup {
    let link = kept.posting.link();
    html! {
        h2 id=(kept.id) { (kept.posting.title()) }
        dl {
            @for (name, value) in facts(&kept.posting) {
                dt { (name) }
                dd {
                    // A stranger's address is a link only where it leads to the web.
                    @if name == "详情" && is_of_the_web(link) {
                        a href=(link) rel="noopener noreferrer nofollow" { (value) }
                    } @else { (value) }
                }
            }
        }
    }
}

fn is_of_the_web(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

fn pages(query: &Query, page: usize, pages: usize) -> Markup {
    let link =
        |page: usize| format!("/postings?{}", query.with(&FIELDS, "page", &(page + 1).to_string()));
    html! {
        @if page > 0 { p { a href=(link(page - 1)) { "上一页" } } }
        @if page + 1 < pages { p { a href=(link(page + 1)) { "下一页" } } }
    }
}
