//! Offices by name as people type it: with or without 项目办, 团委, spaces. Not by likeness: a
//! near name is only offered, never taken.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::world::World;

/// How like a name must be to be offered, 0 to 1.
const LIKENESS_MIN: f64 = 0.5;

/// The names in force on a day, and those added since.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    by_name: BTreeMap<String, Vec<OfficeId>>,
    all: BTreeMap<OfficeId, Named>,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    kind: OfficeKind,
    superior: Option<OfficeId>,
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    One(OfficeId),
    Several,
    None,
}

impl Names {
    pub(super) fn of(world: &World, date: NaiveDate) -> Self {
        let mut names = Self::default();
        for office in world.offices() {
            // An office told of today for the first time stands from today; one that ceased is
            // gone.
            let version = office
                .on(date)
                .or_else(|| office.versions.last().filter(|last| last.validity.from > date));
            if let Some(version) = version {
                names.add(office.id, &version.name, office.kind, version.superior);
            }
        }
        names
    }

    /// Adds an office, or gives it a new name.
    pub(super) fn add(
        &mut self,
        id: OfficeId,
        name: &str,
        kind: OfficeKind,
        superior: Option<OfficeId>,
    ) {
        let key = key(name);
        for key in [bare(&key).to_owned(), key] {
            let ids = self.by_name.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        self.all.insert(id, Named { name: name.to_owned(), kind, superior });
    }

    /// The office of one of these kinds with this name, under `superior` where one is given.
    pub(super) fn find(
        &self,
        name: &str,
        kinds: &[OfficeKind],
        superior: Option<OfficeId>,
    ) -> Found {
        let key = key(name);
        let among = |key: &str| -> Vec<OfficeId> {
            let ids = self.by_name.get(key).map_or(&[][..], Vec::as_slice);
            ids.iter().copied().filter(|id| self.fits(*id, kinds, superior)).collect()
        };
        let mut found = among(&key);
        if found.is_empty() {
            found = among(bare(&key));
        }
        match found.as_slice() {
            [] => Found::None,
            [one] => Found::One(*one),
            _ => Found::Several,
        }
    }

    /// The most alike name of the record, if one is alike enough.
    pub(super) fn nearest(
        &self,
        name: &str,
        kinds: &[OfficeKind],
        superior: Option<OfficeId>,
    ) -> Option<String> {
        self.nearest_among(name, kinds, superior, |_| true)
    }

    /// As [`Names::nearest`], among the offices that may be shown.
    pub(super) fn nearest_among(
        &self,
        name: &str,
        kinds: &[OfficeKind],
        superior: Option<OfficeId>,
        shown: impl Fn(OfficeId) -> bool,
    ) -> Option<String> {
        let key = key(name);
        self.all
            .iter()
            .filter(|(id, _)| self.fits(**id, kinds, superior) && shown(**id))
            .map(|(_, named)| {
                (strsim::normalized_levenshtein(&key, &self::key(&named.name)), named)
            })
            .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, named)| named.name.clone())
    }

    pub(super) fn name(&self, id: OfficeId) -> Option<&str> {
        self.all.get(&id).map(|named| named.name.as_str())
    }

    pub(super) fn kind(&self, id: OfficeId) -> Option<OfficeKind> {
        self.all.get(&id).map(|named| named.kind)
    }

    pub(super) fn is_called(&self, id: OfficeId, name: &str) -> bool {
        let typed = key(name);
        self.name(id).map(key).is_some_and(|known| known == typed || bare(&known) == bare(&typed))
    }

    /// The only office of a kind, if there is exactly one.
    pub(super) fn only(&self, kind: OfficeKind) -> Option<OfficeId> {
        let mut of_kind = self.all.iter().filter(|(_, named)| named.kind == kind);
        match (of_kind.next(), of_kind.next()) {
            (Some((id, _)), None) => Some(*id),
            _ => None,
        }
    }

    /// The county office that is named somewhere in these words; the longest name where several
    /// are.
    pub(super) fn county_in(&self, words: &str) -> Option<OfficeId> {
        let words = key(words);
        self.all
            .iter()
            .filter(|(_, named)| named.kind == OfficeKind::County)
            .filter(|(_, named)| words.contains(bare(&key(&named.name))))
            .max_by_key(|(_, named)| named.name.len())
            .map(|(id, _)| *id)
    }

    fn fits(&self, id: OfficeId, kinds: &[OfficeKind], superior: Option<OfficeId>) -> bool {
        self.all.get(&id).is_some_and(|named| {
            kinds.contains(&named.kind) && (superior.is_none() || named.superior == superior)
        })
    }
}

fn key(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            c => c,
        })
        .collect()
}

/// Without 项目办 or 团委 at the end: 涪陵区 for 涪陵区项目办.
fn bare(key: &str) -> &str {
    let bare = key.strip_suffix("项目办").or_else(|| key.strip_suffix("团委")).unwrap_or(key);
    if bare.is_empty() { key } else { bare }
}
