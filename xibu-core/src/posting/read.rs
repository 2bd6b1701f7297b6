//! From a source's fields and words to what a posting says.
//!
//! A field of the source comes before a line of the text, a line before the title. Where several
//! lines say different things of the same, nothing is said, but for the last day: as long as one
//! door is open the posting is.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::label::{Label, Pair, lines, pairs};
use super::{Deadline, Posting, PostingSource, RawPosting, Told, ToldBy};
use super::{deadline, employer, employment, grassroots, merge};
use crate::education::EducationAsked;
use crate::intake::text;
use crate::major::MajorsAsked;
use crate::pay::Pay;
use crate::posting::{EmploymentKind, Grassroots};
use crate::region::Region;

const LINE_SHOWN_MAX: usize = 200;

struct Reader<'a> {
    raw: &'a RawPosting,
    pairs: Vec<Pair>,
}

pub(super) fn read(raw: &RawPosting) -> Posting {
    let reader = Reader { raw, pairs: pairs(&raw.text) };
    let kind = reader.kind();
    let mut posting = Posting {
        sources: Vec::from([PostingSource {
            source: raw.source.clone(),
            id: raw.id.clone(),
            title: text::plain(&raw.title),
            link: raw.link.trim().into(),
            withdrawn: None,
        }]),
        identities: Vec::new(),
        published: raw.published,
        employer: reader.employer(),
        places: reader.places(kind.as_ref().map(|told| told.value)),
        pay: reader.pay(),
        education: reader.education(),
        majors: reader.majors(),
        head_count: reader.head_count(),
        deadline: reader.deadline(),
        kind,
        grassroots: reader.grassroots(),
    };
    posting.identities = merge::identities(raw, &posting);
    posting
}

impl Reader<'_> {
    fn told<T>(&self, by: ToldBy, value: T) -> Told<T> {
        Told { by, source: self.raw.source.clone(), id: self.raw.id.clone(), value }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.raw.fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn of_field<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Told<T>> {
        let value = read(self.field(name)?)?;
        Some(self.told(ToldBy::Field { name: name.into() }, value))
    }

    fn line(&self, number: u32) -> ToldBy {
        let line = self.raw.text.lines().nth(number as usize - 1).unwrap_or_default();
        let text = text::plain(line).chars().take(LINE_SHOWN_MAX).collect();
        ToldBy::Line { number, text }
    }

    /// What all lines with this label agree on.
    fn of_label<T: PartialEq>(
        &self,
        label: Label,
        read: impl Fn(&Pair) -> Option<T>,
    ) -> Option<Told<T>> {
        let mut found: Option<(u32, T)> = None;
        for pair in self.pairs.iter().filter(|pair| pair.label == label) {
            match (read(pair), &found) {
                (Some(value), None) => found = Some((pair.line, value)),
                (Some(value), Some((_, before))) if value != *before => return None,
                _ => {}
            }
        }
        found.map(|(line, value)| self.told(self.line(line), value))
    }

    fn employer(&self) -> Option<Told<String>> {
        self.of_field("hiringOrganization.name", employer::from_value)
            .or_else(|| self.of_field("hiringOrganization", employer::from_value))
            .or_else(|| self.of_label(Label::Employer, |pair| employer::from_value(&pair.value)))
            .or_else(|| {
                employer::from_title(&self.raw.title).map(|name| self.told(ToldBy::Title, name))
            })
    }

    fn places(&self, kind: Option<EmploymentKind>) -> Option<Told<Vec<Region>>> {
        self.places_in_fields()
            .or_else(|| self.of_label(Label::Place, |pair| some(Region::list(&pair.value))))
            .or_else(|| {
                // The public institutions of a district lie in it; a company's title says where it
                // is registered.
                let public = kind == Some(EmploymentKind::PublicInstitution);
                let region = Region::from_typed(&self.raw.title).filter(|region| {
                    public && region.province.is_some() && region.names().count() > 1
                })?;
                Some(self.told(ToldBy::Title, Vec::from([region])))
            })
    }

    /// `jobLocation.address.…`, for several places with their number: `jobLocation.1.address.…`.
    fn places_in_fields(&self) -> Option<Told<Vec<Region>>> {
        let mut found: Vec<Region> = Vec::new();
        let numbered = (0..20).map(|number| alloc::format!("jobLocation.{number}"));
        for place in core::iter::once("jobLocation".to_string()).chain(numbered) {
            let part = |name: &str| self.field(&alloc::format!("{place}.address.{name}"));
            let parts = [part("addressRegion"), part("addressLocality"), part("streetAddress")];
            let whole: String = parts.into_iter().flatten().collect();
            let whole = match whole.is_empty() {
                true => self
                    .field(&alloc::format!("{place}.address"))
                    .or_else(|| self.field(&alloc::format!("{place}.name")))
                    .or_else(|| self.field(&place)),
                false => Some(whole.as_str()),
            };
            let region = whole.and_then(Region::from_typed);
            found.extend(region.filter(|region| !found.contains(region)));
        }
        let name = String::from("jobLocation");
        some(found).map(|places| self.told(ToldBy::Field { name }, places))
    }

    fn pay(&self) -> Option<Told<Pay>> {
        let value = "baseSalary.value";
        let field = |name: &str| self.field(&alloc::format!("{value}.{name}"));
        let unit = field("unitText").or_else(|| self.field("baseSalary.unitText"));
        let yuan = self.field("baseSalary.currency").is_none_or(|c| matches!(c, "CNY" | "RMB"));
        let one = field("value").or_else(|| self.field(value));
        let (min, max) = match (field("minValue"), field("maxValue")) {
            (None, None) => (one, one),
            ends => ends,
        };
        let from_schema = unit.and_then(|unit| Pay::from_schema(min, max, unit)).filter(|_| yuan);
        if let Some(pay) = from_schema {
            return Some(self.told(ToldBy::Field { name: value.into() }, pay));
        }
        self.of_field("baseSalary", Pay::from_typed).or_else(|| {
            self.of_label(Label::Pay, |pair| {
                // 年薪：10-15万: the label says for what the amounts are.
                let whole = match pair.typed.as_str() {
                    "年薪" | "日薪" | "月薪" => {
                        alloc::format!("{}{}", pair.typed, pair.value)
                    }
                    _ => pair.value.clone(),
                };
                Pay::from_typed(&whole)
            })
        })
    }

    fn education(&self) -> Option<Told<EducationAsked>> {
        let read = EducationAsked::from_typed;
        self.of_field("educationRequirements.credentialCategory", read)
            .or_else(|| self.of_field("educationRequirements", read))
            .or_else(|| self.of_label(Label::Education, |pair| read(&pair.value)))
            .or_else(|| self.education_in_words())
    }

    /// `大专及以上学历` in running text, where every such phrase says the same.
    fn education_in_words(&self) -> Option<Told<EducationAsked>> {
        let mut found: Option<(u32, EducationAsked)> = None;
        for (number, line) in lines(&self.raw.text) {
            let tight = text::tight(line);
            let Some(at) = tight.find("以上学历") else { continue };
            let before: Vec<char> = tight[..at].chars().rev().take(8).collect();
            let phrase: String = before.into_iter().rev().chain("以上".chars()).collect();
            // What stands before a comma is another condition.
            let phrase = phrase.rsplit([',', '，', '、', '。', ';']).next().unwrap_or_default();
            let Some(asked) = EducationAsked::from_typed(phrase) else { continue };
            match found {
                Some((_, before)) if before != asked => return None,
                Some(_) => {}
                None => found = Some((number, asked)),
            }
        }
        found.map(|(number, asked)| self.told(self.line(number), asked))
    }

    fn majors(&self) -> Option<Told<MajorsAsked>> {
        self.of_label(Label::Majors, |pair| MajorsAsked::from_typed(&pair.value))
    }

    fn head_count(&self) -> Option<Told<u32>> {
        let read = |typed: &str| {
            let tight = text::tight(typed);
            let digits = tight.trim_end_matches(['人', '名', '个', '位']);
            let number = crate::intake::date::number(digits)?;
            (1..=100_000).contains(&number).then_some(number)
        };
        self.of_field("totalJobOpenings", read)
            .or_else(|| self.of_label(Label::HeadCount, |pair| read(&pair.value)))
    }

    fn deadline(&self) -> Option<Told<Deadline>> {
        if let Some(told) = self.of_field("validThrough", deadline::from_schema) {
            return Some(told);
        }
        let published = self.raw.published;
        let labelled =
            self.pairs.iter().filter(|pair| pair.label == Label::Deadline).filter_map(|pair| {
                Some((deadline::from_value(&pair.value, published)?, pair.line))
            });
        let running = lines(&self.raw.text).filter_map(|(number, line)| {
            Some((deadline::from_line(&text::tight(line), published)?, number))
        });
        let (value, line) = labelled
            .chain(running)
            .max_by_key(|(value, line)| (*value, core::cmp::Reverse(*line)))?;
        Some(self.told(self.line(line), value))
    }

    fn kind(&self) -> Option<Told<EmploymentKind>> {
        self.of_field("employmentType", employment::from_schema)
            .or_else(|| self.of_label(Label::Kind, |pair| EmploymentKind::from_typed(&pair.value)))
            .or_else(|| {
                employment::from_title(&self.raw.title).map(|kind| self.told(ToldBy::Title, kind))
            })
    }

    fn grassroots(&self) -> Option<Told<Grassroots>> {
        if let Some(value) = grassroots::from_line(&self.raw.title, true) {
            return Some(self.told(ToldBy::Title, value));
        }
        let audience = self.pairs.iter().filter(|pair| pair.label == Label::Audience);
        let labelled = audience.filter_map(|pair| {
            let whole = alloc::format!("{}{}", pair.typed, pair.value);
            Some((grassroots::from_line(&whole, true)?, pair.line))
        });
        let running = lines(&self.raw.text)
            .filter_map(|(number, line)| Some((grassroots::from_line(line, false)?, number)));
        let (value, line) = labelled.chain(running).min()?;
        Some(self.told(self.line(line), value))
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
