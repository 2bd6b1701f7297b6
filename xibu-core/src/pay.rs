//! Pay as postings write it: `7-11K·14薪`, `5千-7千/月`, `年薪10-15万`, `200元/天`, `面议`.
//!
//! What it is not: no judgement of what a day's or an hour's pay comes to in a month; how many days
//! are worked is not said.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

/// What is paid, in yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pay {
    /// For what stretch of time.
    pub per: PayPer,
    /// At least; none where only the most is said, or nothing (面议).
    pub min: Option<u32>,
    /// At most; none where open above.
    pub max: Option<u32>,
    /// How many months' pay a year, where said (14薪).
    pub payments: Option<u8>,
}

/// For what stretch of time pay is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayPer {
    /// A month; a year's pay is divided by twelve, rounded down.
    Month,
    /// A day.
    Day,
    /// An hour.
    Hour,
    /// 面议: nothing is said.
    Negotiable,
}

impl Pay {
    /// Reads it; none where the words are not clear.
    ///
    /// ```
    /// use xibu_core::pay::Pay;
    /// let pay = Pay::from_typed("年薪10-15万").unwrap();
    /// assert_eq!((pay.min, pay.max), (Some(8_333), Some(12_500)));
    /// assert_eq!(Pay::from_typed("待遇从优"), None);
    /// ```
    pub fn from_typed(typed: &str) -> Option<Pay> {
        let tight = text::tight(typed).to_lowercase().replace(',', "");
        if tight.chars().count() > 40 {
            return None;
        }
        let (tight, payments) = without_payments(&tight);
        let amounts = amounts(&tight)?;
        if amounts.is_empty() {
            let negotiable = tight.contains("面议") || tight.contains("面谈");
            let per = PayPer::Negotiable;
            return negotiable.then_some(Pay { per, min: None, max: None, payments: None });
        }
        let (per, divisor) = unit(&tight)?;
        let scaled: Vec<f64> = amounts.iter().map(|amount| amount / divisor).collect();
        let (min, max) = match scaled.as_slice() {
            [one] => ends_of_one(&tight, *one)?,
            [low, high] if low <= high && is_range(&tight) => (Some(*low), Some(*high)),
            _ => return None,
        };
        let pay = Pay { per, min: yuan(min)?, max: yuan(max)?, payments };
        pay.is_plausible().then_some(pay)
    }

    /// From a number of schema.org's `baseSalary` and its `unitText`.
    pub fn from_schema(min: Option<&str>, max: Option<&str>, unit: &str) -> Option<Pay> {
        let (per, divisor) = match unit.to_ascii_uppercase().as_str() {
            "MONTH" => (PayPer::Month, 1.0),
            "YEAR" => (PayPer::Month, 12.0),
            "DAY" => (PayPer::Day, 1.0),
            "HOUR" => (PayPer::Hour, 1.0),
            _ => return None,
        };
        let read = |number: Option<&str>| match number {
            None => Some(None),
            Some(number) => number.trim().parse::<f64>().ok().map(|amount| Some(amount / divisor)),
        };
        let pay = Pay { per, min: yuan(read(min)?)?, max: yuan(read(max)?)?, payments: None };
        let ordered = pay.min.is_none() || pay.max.is_none() || pay.min <= pay.max;
        (ordered && (pay.min.is_some() || pay.max.is_some()) && pay.is_plausible()).then_some(pay)
    }

    /// The least a month, where it is said for a month.
    pub fn month_min(&self) -> Option<u32> {
        self.min.filter(|_| self.per == PayPer::Month)
    }

    /// The most a month; where only the least is said, that.
    pub fn month_max(&self) -> Option<u32> {
        self.max.or(self.min).filter(|_| self.per == PayPer::Month)
    }

    /// Nobody is paid 7 yuan a month or a million: then a unit was misread.
    fn is_plausible(&self) -> bool {
        let bounds = match self.per {
            PayPer::Month => 500..=300_000,
            PayPer::Day => 20..=10_000,
            PayPer::Hour => 5..=2_000,
            PayPer::Negotiable => 0..=0,
        };
        [self.min, self.max].into_iter().flatten().all(|amount| bounds.contains(&amount))
    }

    /// As it is said to a reader.
    pub fn sentence(&self) -> Sentence {
        let (zh, en) = match self.per {
            PayPer::Month => ("元/月", "yuan a month"),
            PayPer::Day => ("元/天", "yuan a day"),
            PayPer::Hour => ("元/小时", "yuan an hour"),
            PayPer::Negotiable => return Sentence::new("面议", "by agreement"),
        };
        match (self.min, self.max) {
            (Some(min), Some(max)) if min != max => {
                Sentence::new(format!("{min}至{max}{zh}"), format!("{min} to {max} {en}"))
            }
            (Some(_), Some(max)) => Sentence::new(format!("{max}{zh}"), format!("{max} {en}")),
            (Some(min), None) => {
                Sentence::new(format!("{min}{zh}以上"), format!("{min} {en} and more"))
            }
            (None, Some(max)) => {
                Sentence::new(format!("最高{max}{zh}"), format!("up to {max} {en}"))
            }
            (None, None) => Sentence::new("面议", "by agreement"),
        }
    }
}

/// Cuts `14薪` off and says how many.
fn without_payments(tight: &str) -> (String, Option<u8>) {
    let Some(at) = tight.find('薪') else { return (tight.into(), None) };
    let digits = tight[..at].bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = tight[at - digits..at].parse::<u8>().ok().filter(|n| (12..=24).contains(n));
    match number {
        Some(number) => {
            let rest = format!("{}{}", &tight[..at - digits], &tight[at + '薪'.len_utf8()..]);
            (rest, Some(number))
        }
        None => (tight.into(), None),
    }
}

/// The amounts in yuan with their units (千, k, 万, w); none where a number cannot be read.
fn amounts(tight: &str) -> Option<Vec<f64>> {
    let mut found: Vec<(f64, Option<f64>)> = Vec::new();
    let mut rest = tight;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let from = &rest[at..];
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(from.len());
        let number: f64 = from[..end].trim_end_matches('.').parse().ok()?;
        rest = &from[end..];
        let factor = match rest.chars().next() {
            Some('千' | 'k') => Some(1e3),
            Some('万' | 'w') => Some(1e4),
            _ => None,
        };
        found.push((number, factor));
        if found.len() > 2 {
            return None;
        }
    }
    // `7-11k`: the unit behind the second stands for both; `5000-1万` has one for each, as 5000
    // yuan would be no thousand of ten-thousands.
    if let [(low, None), (_, Some(factor))] = found.as_slice()
        && *low < 500.0
    {
        found[0] = (*low, Some(*factor));
    }
    Some(found.iter().map(|(number, factor)| number * factor.unwrap_or(1.0)).collect())
}

/// What the amounts are for, and by how much to divide.
fn unit(tight: &str) -> Option<(PayPer, f64)> {
    let has = |words: &[&str]| words.iter().any(|word| tight.contains(word));
    let year = has(&["年薪", "/年", "每年", "一年", "年收入"]);
    let month = has(&["月薪", "/月", "每月", "一月", "月收入", "月工资"]);
    let day = has(&["/天", "/日", "每天", "每日", "一天", "日薪"]);
    let hour = has(&["/小时", "/时", "每小时", "时薪"]);
    match (year, month, day, hour) {
        (true, false, false, false) => Some((PayPer::Month, 12.0)),
        // Nothing said: a month, as job sites write; what cannot be a month is refused later.
        (false, _, false, false) => Some((PayPer::Month, 1.0)),
        (false, false, true, false) => Some((PayPer::Day, 1.0)),
        (false, false, false, true) => Some((PayPer::Hour, 1.0)),
        _ => None,
    }
}

fn ends_of_one(tight: &str, amount: f64) -> Option<(Option<f64>, Option<f64>)> {
    let has = |words: &[&str]| words.iter().any(|word| tight.contains(word));
    match (has(&["以上", "起", "不低于", "+", "≥"]), has(&["以下", "以内", "不超过", "最高"]))
    {
        (true, false) => Some((Some(amount), None)),
        (false, true) => Some((None, Some(amount))),
        (false, false) => Some((Some(amount), Some(amount))),
        (true, true) => None,
    }
}

fn is_range(tight: &str) -> bool {
    tight.contains(['-', '~', '—', '–', '至', '到'])
}

fn yuan(amount: Option<f64>) -> Option<Option<u32>> {
    match amount {
        None => Some(None),
        Some(amount) if (0.0..4e9).contains(&amount) => Some(Some((amount + 1e-6) as u32)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let shown = match Pay::from_typed(typed) {
            None => "-".to_string(),
            Some(pay) => {
                let end = |end: Option<u32>| end.map_or("".to_string(), |end| end.to_string());
                let payments = pay.payments.map_or("".to_string(), |n| format!(" x{n}"));
                format!("{:?} {}..{}{payments}", pay.per, end(pay.min), end(pay.max))
            }
        };
        assert_eq!(shown, expected, "{typed}");
    }

    #[test]
    fn pay_as_postings_write_it() {
        check("7-11K·14薪", "Month 7000..11000 x14");
        check("5-7K", "Month 5000..7000");
        check("25k-50k", "Month 25000..50000");
        check("5千-7千/月", "Month 5000..7000");
        check("5000-1万/月", "Month 5000..10000");
        check("0.8-1.2万", "Month 8000..12000");
        check("年薪10-15万", "Month 8333..12500");
        check("10万元/年", "Month 8333..8333");
        check("4000—6000元/月", "Month 4000..6000");
        check("４０００～６０００元", "Month 4000..6000");
        check("月薪5,000元以上", "Month 5000..");
        check("6000元起", "Month 6000..");
        check("8000元以下", "Month ..8000");
        check("200元/天", "Day 200..200");
        check("150-200/天", "Day 150..200");
        check("25元/小时", "Hour 25..25");
        check("面议", "Negotiable ..");
        check("薪资面议", "Negotiable ..");
    }

    #[test]
    fn what_is_not_clear_is_not_read() {
        check("待遇从优", "-");
        check("按国家有关规定执行", "-");
        check("7-11", "-");
        check("6000-4000", "-");
        check("3000 5000 8000", "-");
        check("年薪10万，月薪8000", "-");
        check("100万元/月", "-");
        check("五险一金，底薪3500加提成，综合月收入5000-8000", "-");
        check("", "-");
    }

    #[test]
    fn schema_fields() {
        let read = |min, max, unit| {
            Pay::from_schema(min, max, unit).map(|pay| (pay.per, pay.min, pay.max))
        };
        let month = PayPer::Month;
        assert_eq!(
            read(Some("5000"), Some("7000"), "MONTH"),
            Some((month, Some(5000), Some(7000)))
        );
        assert_eq!(read(Some("120000"), None, "YEAR"), Some((month, Some(10_000), None)));
        assert_eq!(read(Some("30"), None, "hour"), Some((PayPer::Hour, Some(30), None)));
        assert_eq!(read(Some("5000"), Some("4000"), "MONTH"), None);
        assert_eq!(read(Some("many"), None, "MONTH"), None);
        assert_eq!(read(None, None, "MONTH"), None);
        assert_eq!(read(Some("5000"), None, "WEEK"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(typed in ".{0,60}", odd in "[0-9.k千万薪\\-元/月年天以上]{0,30}") {
            Pay::from_typed(&typed);
            Pay::from_typed(&odd);
            Pay::from_schema(Some(&odd), Some(&typed), "MONTH");
        }
    }
}
