//! A unit's name at the front of a line, as people shorten it: without the county in front, and
//! without 人民政府, 办事处 or 项目办 behind. Not by likeness.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::office::OfficeId;

/// A unit that a list may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Our number.
    pub office: OfficeId,
    /// Its name in the record.
    pub name: &'a str,
    /// The name of the office above it.
    pub superior: &'a str,
}

/// What stands at the front of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    One {
        office: OfficeId,
        /// Where the rest of the line begins.
        rest: usize,
    },
    Several,
    None,
}

/// What a unit may be called.
pub(super) struct Names<'a> {
    keys: Vec<(String, OfficeId)>,
    units: &'a [Unit<'a>],
}

/// Long endings and how they are shortened.
const ENDINGS: &[(&str, &[&str])] = &[
    ("人民政府", &["政府", ""]),
    ("街道办事处", &["街道办", "街道"]),
    ("居民委员会", &["居委会"]),
    ("村民委员会", &["村委会"]),
    ("项目办", &[""]),
    ("团委", &[""]),
    ("管理委员会", &["管委会"]),
    ("委员会", &["委"]),
];

/// What can follow a name without a mark between: words that say how it stands.
const SAYS: &[&str] = &[
    "安全",
    "平安",
    "无",
    "没",
    "未",
    "一切",
    "正常",
    "均",
    "全",
    "都",
    "有",
    "发生",
    "出",
    "在岗",
    "志愿者",
    "本月",
    "共",
    "现",
    "报",
    "已",
    "今",
    "零",
];

impl<'a> Names<'a> {
    pub(super) fn of(units: &'a [Unit<'a>]) -> Self {
        let mut keys: Vec<(String, OfficeId)> = Vec::new();
        for unit in units {
            for key in spellings(unit) {
                if key.chars().count() >= 2 && !keys.contains(&(key.clone(), unit.office)) {
                    keys.push((key, unit.office));
                }
            }
        }
        Self { keys, units }
    }

    /// The unit at the front: by our own number, else by the longest name that ends where the line
    /// goes on with something else.
    pub(super) fn at_front(&self, body: &str) -> Found {
        if let Some((office, rest)) = numbered(body)
            && self.units.iter().any(|unit| unit.office == office)
        {
            return Found::One { office, rest };
        }
        let mut best: Option<(usize, Vec<OfficeId>, usize)> = None;
        for (key, office) in &self.keys {
            let Some(rest) = follows(body, key) else { continue };
            let length = key.chars().count();
            match &mut best {
                Some((known, offices, _)) if *known == length => {
                    if !offices.contains(office) {
                        offices.push(*office);
                    }
                }
                Some((known, ..)) if *known > length => {}
                _ => best = Some((length, Vec::from([*office]), rest)),
            }
        }
        match best {
            Some((_, offices, rest)) if offices.len() == 1 => {
                Found::One { office: offices[0], rest }
            }
            Some(_) => Found::Several,
            None => Found::None,
        }
    }
}

/// `O12` at the front.
fn numbered(body: &str) -> Option<(OfficeId, usize)> {
    let rest = body.strip_prefix(['O', 'o', 'Ｏ'])?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let office = rest.get(..digits)?.parse().ok().map(OfficeId)?;
    Some((office, body.len() - rest.len() + digits))
}

/// Every way to write a name: whole, shortened behind, without the county in front.
fn spellings(unit: &Unit<'_>) -> Vec<String> {
    let whole = key(unit.name);
    let county = shortened(&key(unit.superior)).pop().unwrap_or_default();
    let mut all = Vec::new();
    for name in shortened(&whole) {
        let without = name.strip_prefix(county.as_str()).filter(|_| !county.is_empty());
        all.extend(without.map(ToString::to_string));
        all.push(name);
    }
    all
}

/// The name and its shorter forms, the shortest last.
fn shortened(name: &str) -> Vec<String> {
    let mut all = Vec::from([name.to_string()]);
    for (long, short) in ENDINGS {
        if let Some(front) = name.strip_suffix(long).filter(|front| !front.is_empty()) {
            all.extend(short.iter().map(|short| front.to_string() + short));
            break;
        }
    }
    all
}

fn key(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_whitespace()).map(plain).collect()
}

fn plain(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
}

/// Where the rest begins, if the line begins with this name and the name ends there.
fn follows(body: &str, key: &str) -> Option<usize> {
    let mut wanted = key.chars();
    let mut next = wanted.next()?;
    for (at, letter) in body.char_indices() {
        if letter.is_whitespace() {
            continue;
        }
        if plain(letter) != next {
            return None;
        }
        match wanted.next() {
            Some(letter) => next = letter,
            None => {
                let end = at + letter.len_utf8();
                return ends_there(&body[end..]).then_some(end);
            }
        }
    }
    None
}

fn ends_there(rest: &str) -> bool {
    match rest.chars().next() {
        None => true,
        Some(letter) if !letter.is_alphanumeric() => true,
        Some(letter) if plain(letter).is_ascii_digit() => true,
        Some(_) => SAYS.iter().any(|word| rest.starts_with(word)),
    }
}
