//! A place of work by its Chinese name, as far as it is written: province, city, county.
//!
//! What it is not: no gazetteer and no codes. Names of provinces and of Chongqing's districts and
//! counties are known, everything else goes by its ending (市, 州, 区, 县, 旗). Codes change and are
//! reused; names as written are what both sides have.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

mod names;

/// A place as written, each name without its ending (重庆 for 重庆市).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// 省, 自治区, 直辖市.
    pub province: Option<String>,
    /// 地级市, 自治州; a name without ending counts as one.
    pub city: Option<String>,
    /// 区, 县, 旗, 县级市.
    pub county: Option<String>,
}

impl Region {
    /// Reads one place; what follows the county (street, building) is left out. None where no name
    /// is clear.
    ///
    /// ```
    /// use xibu_core::region::Region;
    /// let region = Region::from_typed("重庆市万州区江南大道2号").unwrap();
    /// assert_eq!(region.province.as_deref(), Some("重庆"));
    /// assert_eq!(region.county.as_deref(), Some("万州"));
    /// ```
    pub fn from_typed(typed: &str) -> Option<Region> {
        names::read(&text::tight(typed))
    }

    /// Reads several, parted by `、`, `，`, `/` and the like; those that are not clear are left
    /// out.
    pub fn list(typed: &str) -> Vec<Region> {
        let mut found: Vec<Region> = Vec::new();
        let plain = text::plain(typed);
        let parts = plain.split(['、', ',', '，', ';', '；', '/', '|', ' ', '或', '及', '和']);
        for part in parts.take(40) {
            if let Some(region) = Region::from_typed(part)
                && !found.contains(&region)
            {
                found.push(region);
            }
        }
        found
    }

    /// The names told, from large to small.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.province, &self.city, &self.county].into_iter().filter_map(|name| name.as_deref())
    }

    /// The smallest name told; empty only for a region without any.
    pub fn finest(&self) -> &str {
        self.names().last().unwrap_or_default()
    }

    /// Whether work at `place` is work where this wish says: the wish's smallest name is among the
    /// place's, and no larger name told by both differs.
    ///
    /// A place that says less than the wish (重庆 for a wish of 万州) does not fulfil it.
    pub fn holds(&self, place: &Region) -> bool {
        let finest = self.finest();
        if finest.is_empty() || !place.names().any(|name| name == finest) {
            return false;
        }
        let agrees = |own: &Option<String>, theirs: &Option<String>| match (own, theirs) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        let same_province = agrees(&self.province, &place.province);
        let both_counties = self.county.is_some() && place.county.is_some();
        same_province && (!both_counties || agrees(&self.city, &place.city))
    }

    /// As it is said to a reader.
    pub fn sentence(&self) -> Sentence {
        let names: Vec<&str> = self.names().collect();
        Sentence::new(names.concat(), names.join(" "))
    }
}
