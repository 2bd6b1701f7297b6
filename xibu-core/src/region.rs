//! A place of work by its Chinese name, as far as it is written: province, city, county.
//!
//! What it is not: no gazetteer and no codes. Names of provinces and of Chongqing's districts and
//! counties are known, everything else goes by its ending (市, 州, 区, 县, 旗). Codes change and
//! are reused; names as written are what both sides have.

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

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let shown = Region::from_typed(typed).map_or("none".into(), |region| {
            let part = |part: &Option<String>| part.clone().unwrap_or("-".into());
            format!("{} {} {}", part(&region.province), part(&region.city), part(&region.county))
        });
        assert_eq!(shown, expected, "{typed}");
    }

    #[test]
    fn places_as_postings_write_them() {
        check("重庆", "重庆 - -");
        check("重庆市", "重庆 - -");
        check("重庆市万州区", "重庆 - 万州");
        check("重庆-渝北区", "重庆 - 渝北");
        check("重庆市渝北区龙溪街道新牌坊一路2号", "重庆 - 渝北");
        check("万州", "重庆 - 万州");
        check("万州区", "重庆 - 万州");
        check("石柱土家族自治县", "重庆 - 石柱");
        check("忠县", "重庆 - 忠县");
        check("江北区", "- - 江北");
        check("四川省成都市武侯区", "四川 成都 武侯");
        check("成都市", "- 成都 -");
        check("成都", "- 成都 -");
        check("成都·高新区", "- 成都 高新");
        check("湖北省恩施土家族苗族自治州利川市", "湖北 恩施土家族苗族 利川");
        check("贵州省遵义市", "贵州 遵义 -");
        check("广州市天河区", "- 广州 天河");
        check("北京市朝阳区", "北京 - 朝阳");
        check("内蒙古自治区呼和浩特市", "内蒙古 呼和浩特 -");
        check("广西南宁市", "广西 南宁 -");
        check("吉林省吉林市", "吉林 吉林 -");
    }

    #[test]
    fn what_is_no_place_is_none() {
        for typed in ["自治县", "不限", "全国", "详见附件", "若干", "", "123", "?", "本单位指定地"]
        {
            check(typed, "none");
        }
    }

    #[test]
    fn several_places() {
        let names: Vec<String> =
            Region::list("万州、重庆市渝北区，成都/万州").iter().map(|r| r.sentence().zh).collect();
        assert_eq!(names, ["重庆万州", "重庆渝北", "成都"]);
    }

    #[test]
    fn a_wish_holds_where_it_names_the_place() {
        #[track_caller]
        fn check(wish: &str, place: &str, expected: bool) {
            let read = |typed| Region::from_typed(typed).unwrap();
            assert_eq!(read(wish).holds(&read(place)), expected, "{wish} {place}");
        }
        check("重庆", "重庆市万州区", true);
        check("万州", "重庆市万州区", true);
        check("重庆市万州区", "万州", true);
        check("重庆市万州区", "重庆", false);
        check("渝北", "重庆市万州区", false);
        check("成都", "四川省成都市武侯区", true);
        check("四川", "成都市", false);
        check("北京市朝阳区", "辽宁省朝阳市", false);
        check("江北区", "重庆市江北区", true);
        check("宁波市江北区", "重庆市江北区", true);
    }

    proptest! {
        #[test]
        fn nothing_panics(any in ".{0,60}", odd in "[重庆万州市区县省自治州·、 -]{0,20}") {
            for typed in [&any, &odd] {
                let all = Region::list(typed);
                prop_assert!(all.iter().all(|region| !region.finest().is_empty()));
                if let Some(region) = Region::from_typed(typed) {
                    prop_assert!(region.holds(&region));
                }
            }
        }
    }
}
