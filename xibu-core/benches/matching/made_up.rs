//! People and postings that do not exist, the same for the same size.
//!
//! People: 20 % 大专, 68 % 本科, 10 % 硕士, 2 % not known; one or two of 320 majors; none to three wished
//! places of 1,200 counties in 30 provinces (a fifth of those who wish want no other); kinds, posts
//! and pay for two in three; nine in ten are volunteers.
//!
//! Postings are text, read by the product: three in ten ask for no major, the others for one to
//! five or for a class; one in fifty is reserved for 服务基层项目人员, one in thirty has expired.

use chrono::{Days, NaiveDate};
use xibu_core::education::Education;
use xibu_core::person::PersonId;
use xibu_core::posting::{EmploymentKind, RawPosting};
use xibu_core::profile::Profile;
use xibu_core::region::Region;

pub(crate) struct Market {
    pub(crate) profiles: Vec<Profile>,
    pub(crate) raw: Vec<RawPosting>,
}

const MAJORS: [&str; 40] = [
    "法学",
    "会计学",
    "财务管理",
    "汉语言文学",
    "英语",
    "护理学",
    "临床医学",
    "软件工程",
    "土木工程",
    "计算机科学与技术",
    "市场营销",
    "工商管理",
    "行政管理",
    "社会工作",
    "思想政治教育",
    "学前教育",
    "小学教育",
    "体育教育",
    "音乐学",
    "美术学",
    "环境设计",
    "动物医学",
    "农学",
    "园林",
    "园艺",
    "水利水电工程",
    "测绘工程",
    "电子信息工程",
    "通信工程",
    "电气工程及其自动化",
    "机械工程",
    "环境工程",
    "食品科学与工程",
    "化学",
    "生物科学",
    "数学与应用数学",
    "旅游管理",
    "物流管理",
    "人力资源管理",
    "新闻学",
];
/// Not in the table of classes: vocational majors and directions, which fit by name only.
const MORE: [&str; 8] = ["", "技术", "教育", "管理", "与应用", "方向班", "工艺", "（师范）"];
const CLASSES: [&str; 8] =
    ["计算机类", "法学类", "中国语言文学类", "教育学类", "工学", "医学", "管理学", "会计"];
const PROVINCES: [&str; 30] = [
    "北京",
    "天津",
    "河北",
    "山西",
    "内蒙古",
    "辽宁",
    "吉林",
    "黑龙江",
    "上海",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "广西",
    "海南",
    "四川",
    "贵州",
    "云南",
    "西藏",
    "陕西",
    "甘肃",
    "青海",
    "宁夏",
    "新疆",
];
const DIGITS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
const POSTS: [&str; 20] = [
    "会计",
    "教师",
    "护士",
    "医生",
    "文员",
    "行政",
    "出纳",
    "社工",
    "客服",
    "销售",
    "工程师",
    "程序员",
    "设计师",
    "司机",
    "法务",
    "人事",
    "编辑",
    "翻译",
    "检验",
    "管理员",
];

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 2).unwrap()
}

impl Market {
    pub(crate) fn made_up(people: u32, postings: u32) -> Self {
        Self {
            profiles: (1..=people).map(profile).collect(),
            raw: (0..postings).map(raw).collect(),
        }
    }
}

/// A stream of choices that depends on one number only.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % u64::from(end)) as u32
    }

    /// Small numbers more often than large ones, as majors and cities are.
    fn uneven(&mut self, end: u32) -> u32 {
        self.below(end).min(self.below(end))
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }
}

fn major(dice: &mut Dice) -> String {
    let more = MORE[dice.uneven(8) as usize];
    format!("{}{more}", MAJORS[dice.uneven(40) as usize])
}

/// Province, city and county by number; each province has 4 cities of 10 counties, and their names
/// come again in other provinces.
fn county(number: u32) -> String {
    let digit = |at: u32| DIGITS[at as usize];
    let (city, county) = (digit(number / 10 % 4), digit(number % 10));
    format!("{}{city}江市{city}{county}山县", PROVINCES[number as usize / 40])
}

fn profile(number: u32) -> Profile {
    let mut dice = Dice(u64::from(number));
    let mut profile = Profile::new(PersonId(number));
    profile.education = match dice.below(50) {
        0 => None,
        1..=10 => Some(Education::JuniorCollege),
        11..=15 => Some(Education::Master),
        _ => Some(Education::Bachelor),
    };
    for _ in 0..1 + dice.below(8) / 7 {
        profile.majors.extend(xibu_core::major::list(&major(&mut dice)));
    }
    for _ in 0..dice.below(4) {
        let county = county(dice.below(1_200));
        // One wish in three is for the city, one in three for the province.
        let mut region = Region::from_typed(&county).unwrap();
        let coarse = dice.below(3);
        if coarse > 0 {
            region.county = None;
        }
        if coarse > 1 {
            region.city = None;
        }
        profile.places.push(region);
    }
    profile.places_only = dice.below(5) == 0;
    if dice.below(3) > 0 {
        profile.kinds.push(dice.pick(&EmploymentKind::ALL));
        profile.posts.push(dice.pick(&POSTS).to_owned());
        profile.pay_min = Some(3_000 + dice.below(11) * 500);
    }
    profile.grassroots = dice.below(10) > 0;
    profile.serves_until = today().checked_add_days(Days::new(u64::from(dice.below(800))));
    profile
}

fn raw(number: u32) -> RawPosting {
    let mut dice = Dice(u64::from(number) << 32);
    let kind = ["事业单位", "公司", "国有企业", "社区工作者", "公益性岗位"][dice.below(5) as usize];
    let reserved = if dice.below(50) == 0 { "定向招聘服务基层项目人员" } else { "" };
    let title = format!("某{kind}招聘{}{reserved}（{number}）", dice.pick(&POSTS));
    let mut lines = Vec::new();
    lines.push(match dice.below(10) {
        0 => "学历要求：不限".into(),
        1..=4 => "学历要求：大专及以上".into(),
        5..=8 => "学历要求：本科及以上".into(),
        _ => String::from("学历要求：硕士研究生及以上"),
    });
    lines.push(match dice.below(10) {
        0..=2 => "专业要求：不限".into(),
        3 => format!("专业要求：{}", dice.pick(&CLASSES)),
        _ => {
            let names: Vec<String> = (0..1 + dice.below(5)).map(|_| major(&mut dice)).collect();
            let related = if dice.below(4) == 0 { "等相关专业" } else { "" };
            format!("专业要求：{}{related}", names.join("、"))
        }
    });
    lines.push(format!("工作地点：{}", county(dice.below(1_200))));
    let low = 3 + dice.below(6);
    lines.push(format!("薪资待遇：{low}千-{}千/月", low + dice.below(4)));
    if dice.below(10) == 0 {
        lines.push("同等条件下服务基层项目人员优先".into());
    }
    let day = if dice.below(30) == 0 { "6月1日" } else { "6月20日" };
    lines.push(format!("报名截止时间：2026年{day}17:00"));
    RawPosting {
        source: "源".into(),
        id: number.to_string(),
        title,
        link: format!("https://jobs.test/{number}"),
        published: NaiveDate::from_ymd_opt(2026, 5, 20),
        text: lines.join("\n"),
        fields: Default::default(),
    }
}
