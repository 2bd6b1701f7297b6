//! How a place's name is taken apart.
//!
//! Source of the names: the provinces of the People's Republic, and the 38 districts and counties
//! of Chongqing as they stood in 2024; both are common knowledge and carry no code.

use alloc::string::String;

use super::Region;

/// Provinces with the name as short as it is used, and the full one.
const PROVINCES: &[(&str, &str)] = &[
    ("北京", "北京市"),
    ("天津", "天津市"),
    ("上海", "上海市"),
    ("重庆", "重庆市"),
    ("河北", "河北省"),
    ("山西", "山西省"),
    ("内蒙古", "内蒙古自治区"),
    ("辽宁", "辽宁省"),
    ("吉林", "吉林省"),
    ("黑龙江", "黑龙江省"),
    ("江苏", "江苏省"),
    ("浙江", "浙江省"),
    ("安徽", "安徽省"),
    ("福建", "福建省"),
    ("江西", "江西省"),
    ("山东", "山东省"),
    ("河南", "河南省"),
    ("湖北", "湖北省"),
    ("湖南", "湖南省"),
    ("广东", "广东省"),
    ("广西", "广西壮族自治区"),
    ("海南", "海南省"),
    ("四川", "四川省"),
    ("贵州", "贵州省"),
    ("云南", "云南省"),
    ("西藏", "西藏自治区"),
    ("陕西", "陕西省"),
    ("甘肃", "甘肃省"),
    ("青海", "青海省"),
    ("宁夏", "宁夏回族自治区"),
    ("新疆", "新疆维吾尔自治区"),
    ("香港", "香港特别行政区"),
    ("澳门", "澳门特别行政区"),
    ("台湾", "台湾省"),
];

/// Chongqing's districts and counties without their ending.
const CHONGQING: &[&str] = &[
    "万州",
    "涪陵",
    "渝中",
    "大渡口",
    "江北",
    "沙坪坝",
    "九龙坡",
    "南岸",
    "北碚",
    "綦江",
    "大足",
    "渝北",
    "巴南",
    "黔江",
    "长寿",
    "江津",
    "合川",
    "永川",
    "南川",
    "璧山",
    "铜梁",
    "潼南",
    "荣昌",
    "开州",
    "梁平",
    "武隆",
    "城口",
    "丰都",
    "垫江",
    "忠县",
    "云阳",
    "奉节",
    "巫山",
    "巫溪",
    "石柱",
    "秀山",
    "酉阳",
    "彭水",
];

/// Endings of a county's name that stand behind the peoples it is named after.
const AUTONOMOUS: &str = "自治";

/// Marks between the parts of a place: 重庆-渝北区, 成都·高新区.
const MARKS: [char; 7] = ['-', '·', '—', '–', '>', '\\', '.'];

pub(super) fn read(tight: &str) -> Option<Region> {
    // Longer than any address worth reading.
    if tight.chars().count() > 60 {
        return None;
    }
    let tight = tight.trim_start_matches("中国").trim_start_matches(MARKS);
    let (province, rest) = match province(tight) {
        Some((province, rest)) => (Some(province), rest.trim_start_matches(MARKS)),
        None => (None, tight),
    };
    let (city, rest) = match cut(rest, &["自治州", "地区", "盟", "市"]) {
        Some((name, rest)) if !is_chongqing_county(name) => {
            (Some(String::from(name)), rest.trim_start_matches(MARKS))
        }
        _ => (None, rest),
    };
    let county = county(rest);
    let mut region = Region { province, city, county };
    if region.city.is_none() && region.county.is_none() {
        bare(rest, &mut region);
    }
    if region.province.is_none() && region.county.as_deref().is_some_and(is_only_in_chongqing) {
        let in_chongqing = region.city.as_deref().is_none_or(|city| city == "重庆");
        region.province = in_chongqing.then(|| String::from("重庆"));
    }
    region.names().next()?;
    Some(region)
}

fn province(tight: &str) -> Option<(String, &str)> {
    let (short, full) = PROVINCES.iter().find(|(short, _)| tight.starts_with(short))?;
    let rest = tight
        .strip_prefix(full)
        .or_else(|| tight.strip_prefix(short)?.strip_prefix("自治区"))
        .or_else(|| {
            let rest = tight.strip_prefix(short)?;
            // 吉林市 and 海南州 are cities within a province of the other or the same name.
            let city = rest.starts_with(['市', '州']) && !matches!(*short, "北京" | "天津");
            (!city).then_some(rest)
        })?;
    Some((String::from(*short), rest))
}

/// The name before the first of these endings, if it is a name: two to twelve characters, Chinese.
fn cut<'a>(rest: &'a str, endings: &[&str]) -> Option<(&'a str, &'a str)> {
    for ending in endings {
        // From the second character on: 市中区 begins with an ending.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let Some(at) = rest.get(first..).and_then(|behind| behind.find(ending)) else { continue };
        let name = &rest[..first + at];
        let behind = &rest[first + at + ending.len()..];
        // 高新区, 沙坪坝区: another ending before it means that this one is further inside.
        let plain = name.chars().all(is_chinese) && !name.contains(['区', '县', '路', '街']);
        if plain && (2..=12).contains(&name.chars().count()) {
            return Some((name, behind));
        }
    }
    None
}

fn county(rest: &str) -> Option<String> {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let behind = rest.get(first..)?;
    let at = behind.find(['区', '县', '旗', '市'])?;
    let name = &rest[..first + at];
    let ending = behind[at..].chars().next()?;
    let long = name.chars().count();
    if !name.chars().all(is_chinese) || !(1..=15).contains(&long) {
        return None;
    }
    // 石柱土家族自治县: the name before the people; 忠县 keeps its ending, being one sign long.
    if let Some(before) = name.strip_suffix(AUTONOMOUS) {
        let known = CHONGQING.iter().find(|known| before.starts_with(*known));
        let kept = known.map_or(before, |known| *known);
        return (!kept.is_empty()).then(|| String::from(kept));
    }
    let mut kept = String::from(name);
    if long == 1 {
        kept.push(ending);
    }
    // 园区, 小区, 校区, 社区, 景区 are parts of a street's address.
    (!(ending == '区' && name.ends_with(['园', '小', '校', '社', '景', '城', '厂', '地'])))
        .then_some(kept)
}

/// A name without any ending: 成都, 万州.
fn bare(rest: &str, region: &mut Region) {
    let name = rest.split(MARKS).next().unwrap_or_default();
    let rest = rest[name.len()..].trim_start_matches(MARKS);
    if !name.chars().all(is_chinese) || !(2..=6).contains(&name.chars().count()) {
        return;
    }
    if ["不限", "全国", "各地", "面议", "详见", "若干", "其他", "远程", "居家", "待定", "附件"]
        .iter()
        .any(|word| name.contains(word))
        || name.ends_with([
            '路', '街', '号', '楼', '省', '国', '外', '地', '县', '区', '表', '室', '镇', '乡',
        ])
    {
        return;
    }
    if is_chongqing_county(name) {
        region.county = Some(String::from(name));
    } else {
        region.city = Some(String::from(name));
        region.county = county(rest);
    }
}

fn is_chongqing_county(name: &str) -> bool {
    CHONGQING.contains(&name)
}

/// 江北 is also in Ningbo, 南岸 and 长寿 are words elsewhere; a bare one is not settled by us.
fn is_only_in_chongqing(name: &str) -> bool {
    is_chongqing_county(name) && !matches!(name, "江北" | "南岸" | "长寿")
}

fn is_chinese(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}
