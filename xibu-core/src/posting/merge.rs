//! The same posting from two sources becomes one.
//!
//! Two are the same where they share an identity: the same link, or the same employer, title and
//! place. Each field keeps the value that was read more surely, then the one of the first source by
//! name; a last day is the latest any source says. So the order of merging never matters, and
//! merging what was merged before with something new gives the same as merging all at once.
//!
//! What it is not: no resemblance. Two titles that differ by a word are two postings.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::link::normalised;
use super::{Deadline, Posting, PostingSource, RawPosting, Told};

/// Merges the same postings and gives them in the order of their sources.
///
/// Drop what has expired before: a notice of last year with the same name would be merged with this
/// year's.
pub fn merge(postings: impl IntoIterator<Item = Posting>) -> Vec<Posting> {
    let postings: Vec<Posting> = postings.into_iter().collect();
    // Each posting's group, as the index of another of the same group; its own at the root.
    let mut group: Vec<usize> = (0..postings.len()).collect();
    let mut first_with: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, posting) in postings.iter().enumerate() {
        for identity in &posting.identities {
            let other = *first_with.entry(identity.as_str()).or_insert(index);
            let (a, b) = (root(&mut group, index), root(&mut group, other));
            group[a.max(b)] = a.min(b);
        }
    }
    drop(first_with);
    let mut merged: BTreeMap<usize, Posting> = BTreeMap::new();
    for (index, posting) in postings.into_iter().enumerate() {
        let at = root(&mut group, index);
        let one = match merged.remove(&at) {
            Some(before) => both(before, posting),
            None => posting,
        };
        merged.insert(at, one);
    }
    let mut merged: Vec<Posting> = merged.into_values().collect();
    merged.sort_by(|a, b| a.sources.cmp(&b.sources));
    merged
}

fn root(group: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// Two that are the same. Every field is the smaller or the larger of two by a total order.
fn both(a: Posting, b: Posting) -> Posting {
    Posting {
        sources: sources(a.sources, b.sources),
        identities: union(a.identities, b.identities),
        published: least(a.published, b.published),
        employer: least(a.employer, b.employer),
        places: least(a.places, b.places),
        pay: least(a.pay, b.pay),
        education: least(a.education, b.education),
        majors: least(a.majors, b.majors),
        head_count: least(a.head_count, b.head_count),
        deadline: latest(a.deadline, b.deadline),
        kind: least(a.kind, b.kind),
        grassroots: least(a.grassroots, b.grassroots),
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A day before 长期, the later day of two; of equal ones the surer.
fn latest(a: Option<Told<Deadline>>, b: Option<Told<Deadline>>) -> Option<Told<Deadline>> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let later = b.value.cmp(&a.value).then_with(|| a.cmp(&b));
            Some(if later.is_le() { a } else { b })
        }
        (a, b) => a.or(b),
    }
}

fn union<T: Ord>(mut a: Vec<T>, b: Vec<T>) -> Vec<T> {
    a.extend(b);
    a.sort();
    a.dedup();
    a
}

fn sources(a: Vec<PostingSource>, b: Vec<PostingSource>) -> Vec<PostingSource> {
    let mut all: Vec<PostingSource> = Vec::new();
    for source in union(a, b) {
        match all.last_mut().filter(|last| (&last.source, &last.id) == (&source.source, &source.id))
        {
            Some(last) => last.withdrawn = least(last.withdrawn, source.withdrawn),
            None => all.push(source),
        }
    }
    all
}

/// By what a posting as read is known again; in order.
pub(super) fn identities(raw: &RawPosting, posting: &Posting) -> Vec<String> {
    // What the source itself calls one is one, whatever its link and title become.
    let mut found = Vec::from([format!("id {} {}", raw.source, raw.id)]);
    found.extend(normalised(&raw.link).map(|link| format!("link {link}")));
    if let Some(employer) = &posting.employer {
        let letters = |text: &str| -> String {
            crate::intake::text::plain(text)
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let title = letters(&raw.title);
        let mut places: Vec<&str> = posting
            .places
            .iter()
            .flat_map(|places| places.value.iter().map(|region| region.finest()))
            .collect();
        places.sort_unstable();
        if !title.is_empty() {
            let employer = letters(&employer.value);
            found.push(format!("post {employer} {title} {}", places.join("+")));
        }
    }
    found.sort();
    found
}
