//! Every profile turned round: from what a posting says to the people whom it fits.
//!
//! Exact: it gives what [`judge`](super::judge) gives person by person. Not kept up to date by
//! itself: it is built anew when profiles change, which takes some tens of milliseconds for the
//! country.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;

use super::bits::Bits;
use super::{Match, ends_soon, why};
use crate::education::{Education, EducationAsked};
use crate::major::{self, MajorFit, MajorsAsked};
use crate::person::PersonId;
use crate::posting::{EmploymentKind, Grassroots, Posting, Standing};
use crate::profile::Profile;
use crate::region::Region;

/// Profiles, indexed.
#[derive(Clone, Debug)]
pub struct Index {
    profiles: Vec<Profile>,
    /// For each level the people who have exactly it.
    levels: Vec<Bits>,
    grassroots: Bits,
    majors: Majors,
    places: Places,
    kinds: Vec<Bits>,
    /// People by the words for posts they want.
    posts: BTreeMap<String, Vec<u32>>,
    post_word_max: usize,
    /// Who they are and the least pay they wish: beside the profiles and close together, because
    /// every match looks at both.
    persons: Vec<PersonId>,
    pay_min: Vec<Option<u32>>,
    serving: Vec<(u32, NaiveDate)>,
}

/// Profiles as they stand on one day: what depends on the day alone is worked out once for all
/// postings.
#[derive(Clone, Debug)]
pub struct OnDay<'a> {
    index: &'a Index,
    today: NaiveDate,
    ends_soon: Option<Bits>,
}

/// Distinct majors and who has them.
#[derive(Clone, Debug, Default)]
struct Majors {
    /// The compared name with its people, in order.
    all: Vec<(String, Vec<u32>)>,
    /// Every part of two characters and more of such a name, to the names.
    parts: BTreeMap<String, Vec<u32>>,
    by_key: BTreeMap<String, u32>,
}

/// Distinct wished places and who wishes for them.
#[derive(Clone, Debug)]
struct Places {
    all: Vec<(Region, Bits)>,
    by_finest: BTreeMap<String, Vec<u32>>,
    /// Those who want their places and no other.
    only: Bits,
}

/// What of a posting counts towards the score of many people at once.
struct Scored<'a> {
    place: Option<Bits>,
    kind: Option<EmploymentKind>,
    posts: Option<Bits>,
    pay: (Option<u32>, Option<u32>),
    ends_soon: Option<&'a Bits>,
    grassroots: u16,
}

impl Index {
    /// Indexes profiles; of two with the same number the first counts.
    pub fn new(mut profiles: Vec<Profile>) -> Self {
        profiles.sort_by_key(|profile| profile.person);
        profiles.dedup_by_key(|profile| profile.person);
        let size = profiles.len();
        let mut index = Self {
            levels: Education::ALL.iter().map(|_| Bits::none(size)).collect(),
            grassroots: Bits::none(size),
            majors: Majors::default(),
            places: Places { all: Vec::new(), by_finest: BTreeMap::new(), only: Bits::none(size) },
            kinds: EmploymentKind::ALL.iter().map(|_| Bits::none(size)).collect(),
            posts: BTreeMap::new(),
            post_word_max: 0,
            persons: profiles.iter().map(|profile| profile.person).collect(),
            pay_min: profiles.iter().map(|profile| profile.pay_min).collect(),
            serving: Vec::new(),
            profiles: Vec::new(),
        };
        let mut regions: BTreeMap<&Region, u32> = BTreeMap::new();
        for (at, profile) in (0..).zip(&profiles) {
            if let Some(own) = profile.education {
                index.levels[own as usize].insert(at);
            }
            if profile.grassroots {
                index.grassroots.insert(at);
            }
            for own in &profile.majors {
                index.majors.insert(major::key(own), at);
            }
            for wish in &profile.places {
                let next = regions.len() as u32;
                let number = *regions.entry(wish).or_insert(next);
                index.places.insert(number, wish, at, size);
            }
            if profile.places_only && !profile.places.is_empty() {
                index.places.only.insert(at);
            }
            for kind in &profile.kinds {
                index.kinds[*kind as usize].insert(at);
            }
            for word in &profile.posts {
                let long = word.chars().count();
                if long >= 2 {
                    index.post_word_max = index.post_word_max.max(long);
                    index.posts.entry(word.clone()).or_default().push(at);
                }
            }
            index.serving.extend(profile.serves_until.map(|on| (at, on)));
        }
        index.profiles = profiles;
        index
    }

    /// The profiles, by number.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// One person's profile.
    pub fn profile(&self, person: PersonId) -> Option<&Profile> {
        let at = self.profiles.binary_search_by_key(&person, |profile| profile.person).ok()?;
        self.profiles.get(at)
    }

    /// Whom a posting fits and how well, by number. What speaks for it in words says
    /// [`judge`](super::judge). For many postings of one day, [`Index::on`] is quicker.
    pub fn matches(&self, posting: &Posting, today: NaiveDate) -> Vec<Match> {
        self.on(today).matches(posting)
    }

    /// The profiles as they stand on a day.
    pub fn on(&self, today: NaiveDate) -> OnDay<'_> {
        let mut soon = None;
        for (at, on) in &self.serving {
            if ends_soon(*on, today) {
                soon.get_or_insert_with(|| Bits::none(self.profiles.len())).insert(*at);
            }
        }
        OnDay { index: self, today, ends_soon: soon }
    }

    /// Who passes every hard condition but that of the major.
    fn fit_to_apply(&self, posting: &Posting, place: Option<&Bits>) -> Bits {
        let size = self.profiles.len();
        let mut fit = match posting.education.as_ref().map(|told| told.value) {
            None | Some(EducationAsked::Any) => Bits::all(size),
            Some(asked) => {
                let mut fit = Bits::none(size);
                for own in Education::ALL.into_iter().filter(|own| asked.takes(*own)) {
                    fit.or(&self.levels[own as usize]);
                }
                fit
            }
        };
        if posting.grassroots.as_ref().is_some_and(|told| told.value == Grassroots::Reserved) {
            fit.and(&self.grassroots);
        }
        match place {
            Some(place) => fit.and_unless(&self.places.only, place),
            None => fit.and_unless(&self.places.only, &Bits::none(size)),
        }
        fit
    }

    /// Those who wish for one of its places; none where it names none.
    fn place(&self, posting: &Posting) -> Option<Bits> {
        let places = &posting.places.as_ref()?.value;
        let mut found = Bits::none(self.profiles.len());
        for place in places {
            for name in place.names() {
                for number in self.places.by_finest.get(name).into_iter().flatten() {
                    let (wish, people) = &self.places.all[*number as usize];
                    if wish.holds(place) {
                        found.or(people);
                    }
                }
            }
        }
        Some(found)
    }

    fn scored<'a>(
        &self,
        posting: &Posting,
        place: Option<Bits>,
        ends_soon: Option<&'a Bits>,
    ) -> Scored<'a> {
        let pay = posting.pay.as_ref().map(|told| told.value);
        Scored {
            place,
            kind: posting.kind.as_ref().map(|told| told.value),
            posts: self.wished_in(posting.title()),
            pay: (pay.and_then(|pay| pay.month_min()), pay.and_then(|pay| pay.month_max())),
            ends_soon,
            grassroots: match posting.grassroots.as_ref().map(|told| told.value) {
                Some(Grassroots::Reserved) => why::RESERVED,
                Some(Grassroots::Eligible) => why::ELIGIBLE,
                None => 0,
            },
        }
    }

    /// Those one of whose words stands in the title.
    fn wished_in(&self, title: &str) -> Option<Bits> {
        if self.posts.is_empty() {
            return None;
        }
        let tight = crate::intake::text::tight(title);
        let mut found = None;
        for part in parts(&tight, self.post_word_max) {
            for at in self.posts.get(part).into_iter().flatten() {
                found.get_or_insert_with(|| Bits::none(self.profiles.len())).insert(*at);
            }
        }
        found
    }

    fn matched(&self, at: u32, major: u16, scored: &Scored<'_>) -> Match {
        let has = |bits: &Option<Bits>| bits.as_ref().is_some_and(|bits| bits.has(at));
        let mut score = major;
        if scored.grassroots > 0 && self.grassroots.has(at) {
            score += scored.grassroots;
        }
        if has(&scored.place) {
            score += why::PLACE;
        }
        if scored.kind.is_some_and(|kind| self.kinds[kind as usize].has(at)) {
            score += why::KIND;
        }
        if has(&scored.posts) {
            score += why::POST;
        }
        score += match (scored.pay, self.pay_min[at as usize]) {
            ((Some(min), _), Some(wished)) if min >= wished => why::PAY_AT_LEAST,
            ((_, Some(max)), Some(wished)) if max >= wished => why::PAY_MAY_REACH,
            _ => 0,
        };
        if scored.ends_soon.is_some_and(|bits| bits.has(at)) {
            score += why::ENDS_SOON;
        }
        Match { person: self.persons[at as usize], score }
    }
}

impl OnDay<'_> {
    /// Whom a posting fits and how well, by number.
    pub fn matches(&self, posting: &Posting) -> Vec<Match> {
        let index = self.index;
        if posting.standing(self.today) != Standing::Open {
            return Vec::new();
        }
        let place = index.place(posting);
        let fit = index.fit_to_apply(posting, place.as_ref());
        let scored = index.scored(posting, place, self.ends_soon.as_ref());
        let asked = posting.majors.as_ref().map(|told| &told.value);
        if let Some(MajorsAsked::OneOf { names, or_related }) = asked {
            let by_major = index.majors.fitting(names, *or_related);
            let kept = by_major.into_iter().filter(|(at, _)| fit.has(*at));
            return kept.map(|(at, fit)| index.matched(at, why::major(fit), &scored)).collect();
        }
        let mut found = Vec::with_capacity(fit.count());
        found.extend(fit.iter().map(|at| index.matched(at, 0, &scored)));
        found
    }
}

impl Majors {
    fn insert(&mut self, key: String, at: u32) {
        let next = self.all.len() as u32;
        let number = *self.by_key.entry(key.clone()).or_insert(next);
        if number == next {
            for part in parts(&key, usize::MAX) {
                let names = self.parts.entry(part.into()).or_default();
                if names.last() != Some(&number) {
                    names.push(number);
                }
            }
            self.all.push((key, Vec::new()));
        }
        let people = &mut self.all[number as usize].1;
        if people.last() != Some(&at) {
            people.push(at);
        }
    }

    /// Everybody with a major that fits one of these names, by place, each with the closest fit.
    fn fitting(&self, names: &[String], or_related: bool) -> Vec<(u32, MajorFit)> {
        let mut majors: BTreeMap<u32, MajorFit> = BTreeMap::new();
        for name in names {
            let asked = major::Asked::new(name, or_related);
            let short = name.strip_suffix('类').unwrap_or(name);
            let by_part = self.parts.get(short).into_iter().flatten().copied();
            let by_name = self.by_key.get(name.as_str()).copied();
            let by_class = asked.majors().filter_map(|major| self.by_key.get(major).copied());
            for number in by_part.chain(by_name).chain(by_class) {
                let own = &self.all[number as usize].0;
                if let Some(fit) = asked.fit(own) {
                    majors.entry(number).and_modify(|best| *best = fit.min(*best)).or_insert(fit);
                }
            }
        }
        let people = |number: u32| self.all[number as usize].1.iter().copied();
        let mut found: Vec<(u32, MajorFit)> = majors
            .into_iter()
            .flat_map(|(number, fit)| people(number).map(move |at| (at, fit)))
            .collect();
        found.sort_unstable();
        found.dedup_by_key(|(at, _)| *at);
        found
    }
}

impl Places {
    fn insert(&mut self, number: u32, wish: &Region, at: u32, size: usize) {
        if number as usize == self.all.len() {
            self.all.push((wish.clone(), Bits::none(size)));
            self.by_finest.entry(wish.finest().into()).or_default().push(number);
        }
        self.all[number as usize].1.insert(at);
    }
}

/// Every part of two to `max` characters.
fn parts(text: &str, max: usize) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> =
        text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]).collect();
    text.char_indices().zip(0..).flat_map(move |((start, _), at)| {
        let last = ends.len().min(at + max.min(ends.len()));
        let own = ends.get(at + 1..last).unwrap_or_default().to_vec();
        own.into_iter().map(move |end| &text[start..end])
    })
}
