//! What a form says must hold: `headcount = last.headcount + arrivals - departures`.
//!
//! Two sums of names and whole numbers with one comparison between them. Nothing can loop, call or
//! divide; what is not known makes the whole not known.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A formula is a line of a form, not a program.
const TERMS_MAX: usize = 24;

/// A comparison of two sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    left: Vec<Term>,
    compare: Compare,
    right: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    Unequal,
    AtMost,
    AtLeast,
    Less,
    More,
}

/// The signs, longer ones first.
const COMPARES: [(&str, Compare); 6] = [
    ("<=", Compare::AtMost),
    (">=", Compare::AtLeast),
    ("!=", Compare::Unequal),
    ("=", Compare::Equal),
    ("<", Compare::Less),
    (">", Compare::More),
];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    minus: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Number(u32),
    Name(String),
}

/// What came of it: both sides, and whether they stand as they must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) left: i64,
    pub(crate) right: i64,
    pub(crate) holds: bool,
}

impl Formula {
    /// Reads one; what is wrong with it otherwise.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let found = COMPARES.iter().find_map(|(sign, compare)| {
            text.split_once(sign).map(|(left, right)| (left, *compare, right))
        });
        let Some((left, compare, right)) = found else {
            return Err(format!("`{text}` has no =, !=, <, <=, > or >="));
        };
        let (left, right) = (sum(left)?, sum(right)?);
        if left.len() + right.len() > TERMS_MAX {
            return Err(format!("`{text}` has more than {TERMS_MAX} parts"));
        }
        Ok(Self { left, compare, right })
    }

    /// The names in it, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.left.iter().chain(&self.right).filter_map(|term| match &term.what {
            What::Name(name) => Some(name.as_str()),
            What::Number(_) => None,
        })
    }

    /// What comes of it; none where a name is not known.
    pub(crate) fn of(&self, value: impl Fn(&str) -> Option<i64>) -> Option<Outcome> {
        let total = |terms: &[Term]| {
            terms.iter().try_fold(0_i64, |total, term| {
                let one = match &term.what {
                    What::Number(number) => i64::from(*number),
                    What::Name(name) => value(name)?,
                };
                if term.minus { total.checked_sub(one) } else { total.checked_add(one) }
            })
        };
        let (left, right) = (total(&self.left)?, total(&self.right)?);
        let holds = match self.compare {
            Compare::Equal => left == right,
            Compare::Unequal => left != right,
            Compare::AtMost => left <= right,
            Compare::AtLeast => left >= right,
            Compare::Less => left < right,
            Compare::More => left > right,
        };
        Some(Outcome { left, right, holds })
    }
}

fn sum(text: &str) -> Result<Vec<Term>, String> {
    let mut terms = Vec::new();
    let mut rest = text.trim();
    let mut minus = false;
    if let Some(after) = rest.strip_prefix('-') {
        (minus, rest) = (true, after);
    }
    loop {
        let end = rest.find(['+', '-']).unwrap_or(rest.len());
        terms.push(Term { minus, what: what(rest[..end].trim())? });
        let Some(sign) = rest[end..].chars().next() else { break };
        (minus, rest) = (sign == '-', &rest[end + 1..]);
    }
    Ok(terms)
}

fn what(text: &str) -> Result<What, String> {
    if let Ok(number) = text.parse::<u32>() {
        return Ok(What::Number(number));
    }
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    match text.chars().next() {
        Some(first) if first.is_ascii_lowercase() && text.chars().all(letters) => {
            Ok(What::Name(text.to_string()))
        }
        Some(_) => Err(format!("`{text}` is neither a field's key nor a whole number")),
        None => Err("a part is missing beside a sign".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Option<bool>, &str>) {
        let value = |name: &str| match name {
            "headcount" => Some(5),
            "last.headcount" => Some(4),
            "arrivals" => Some(2),
            "departures" => Some(1),
            _ => None,
        };
        let found = Formula::read(text).map(|formula| formula.of(value).map(|it| it.holds));
        assert_eq!(found, expected.map_err(String::from), "{text}");
    }

    #[test]
    fn sums_are_compared_and_what_is_not_known_says_nothing() {
        check("headcount = last.headcount + arrivals - departures", Ok(Some(true)));
        check("headcount=4", Ok(Some(false)));
        check("headcount != 4", Ok(Some(true)));
        check("-headcount + 5 = 0", Ok(Some(true)));
        check("headcount <= 5", Ok(Some(true)));
        check("headcount < 5", Ok(Some(false)));
        check("headcount >= 6", Ok(Some(false)));
        check("headcount > arrivals + 2", Ok(Some(true)));
        check("headcount = roster.headcount", Ok(None));
        check("headcount", Err("`headcount` has no =, !=, <, <=, > or >="));
        check("headcount = ", Err("a part is missing beside a sign"));
        check("headcount + = 2", Err("a part is missing beside a sign"));
        check("headcount = 2 * 3", Err("`2 * 3` is neither a field's key nor a whole number"));
        check("人数 = 2", Err("`人数` is neither a field's key nor a whole number"));
        check("a = b = c", Err("`b = c` is neither a field's key nor a whole number"));
    }
}
