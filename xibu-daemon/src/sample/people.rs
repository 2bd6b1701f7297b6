//! Made-up names, ids, phones and offices. Nobody and nothing here exists.

use xibu_core::intake::id_number::check_digit;

use super::numbers::Numbers;

/// The 38 counties of 2023 and the three zones that have project offices without a GB code.
const COUNTIES: [(&str, Option<&str>); 41] = [
    ("万州区", Some("500101")),
    ("涪陵区", Some("500102")),
    ("渝中区", Some("500103")),
    ("大渡口区", Some("500104")),
    ("江北区", Some("500105")),
    ("沙坪坝区", Some("500106")),
    ("九龙坡区", Some("500107")),
    ("南岸区", Some("500108")),
    ("北碚区", Some("500109")),
    ("綦江区", Some("500110")),
    ("大足区", Some("500111")),
    ("渝北区", Some("500112")),
    ("巴南区", Some("500113")),
    ("黔江区", Some("500114")),
    ("长寿区", Some("500115")),
    ("江津区", Some("500116")),
    ("合川区", Some("500117")),
    ("永川区", Some("500118")),
    ("南川区", Some("500119")),
    ("璧山区", Some("500120")),
    ("铜梁区", Some("500151")),
    ("潼南区", Some("500152")),
    ("荣昌区", Some("500153")),
    ("开州区", Some("500154")),
    ("梁平区", Some("500155")),
    ("武隆区", Some("500156")),
    ("城口县", Some("500229")),
    ("丰都县", Some("500230")),
    ("垫江县", Some("500231")),
    ("忠县", Some("500233")),
    ("云阳县", Some("500235")),
    ("奉节县", Some("500236")),
    ("巫山县", Some("500237")),
    ("巫溪县", Some("500238")),
    ("石柱土家族自治县", Some("500240")),
    ("秀山土家族苗族自治县", Some("500241")),
    ("酉阳土家族苗族自治县", Some("500242")),
    ("彭水苗族土家族自治县", Some("500243")),
    ("两江新区", None),
    ("重庆高新区", None),
    ("万盛经开区", None),
];

const TOWNS: [&str; 12] = [
    "青禾镇",
    "白鹭乡",
    "石桥镇",
    "云溪镇",
    "柏林镇",
    "双河乡",
    "金竹镇",
    "花园镇",
    "龙泉乡",
    "松坪镇",
    "向阳镇",
    "沙湾镇",
];

const BODIES: [&str; 6] =
    ["人民政府", "中心小学", "卫生院", "农业服务中心", "便民服务中心", "初级中学"];

const UNIVERSITIES: [&str; 8] = [
    "渝州样例大学",
    "嘉陵样例师范大学",
    "巴山样例工学院",
    "缙云样例农业大学",
    "长江样例医科大学",
    "山城样例财经学院",
    "武陵样例民族学院",
    "歌乐样例外国语学院",
];

const DEPARTMENTS: [&str; 6] =
    ["教育学院", "农学院", "信息工程学院", "文学与新闻学院", "经济管理学院", "护理学院"];

const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "罗", "高", "郑", "梁", "谢", "冉",
];

const GIVEN: [&str; 32] = [
    "子", "雨", "欣", "浩", "一", "诗", "文", "博", "佳", "思", "明", "嘉", "俊", "泽", "梦", "可",
    "天", "晓", "宇", "梓", "涵", "琪", "鑫", "洋", "婷", "磊", "静", "敏", "强", "丽", "军", "艳",
];

/// A university with its departments' names.
pub(super) struct University {
    pub(super) name: &'static str,
    pub(super) departments: Vec<&'static str>,
}

/// A county with its units' names.
pub(super) struct County {
    /// From 1.
    pub(super) number: usize,
    pub(super) name: &'static str,
    pub(super) gb_code: Option<&'static str>,
    pub(super) units: Vec<String>,
}

impl County {
    pub(super) fn office(&self) -> String {
        format!("{}项目办", self.name)
    }
}

/// Somebody made up.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) mail: String,
    pub(super) id_number: String,
    pub(super) male: bool,
    /// Year, month, day.
    pub(super) birth: (usize, usize, usize),
}

pub(super) fn universities(count: usize) -> Vec<University> {
    UNIVERSITIES
        .iter()
        .take(count)
        .enumerate()
        .map(|(index, name)| {
            let departments =
                (0..3 + index % 3).map(|d| DEPARTMENTS[(index + d) % DEPARTMENTS.len()]).collect();
            University { name, departments }
        })
        .collect()
}

pub(super) fn counties(count: usize, units: usize) -> Vec<County> {
    let count = count.min(COUNTIES.len());
    (0..count)
        .map(|index| {
            let (name, gb_code) = COUNTIES[index];
            let share = units * (index + 1) / count - units * index / count;
            let units = (0..share).map(|unit| unit_name(name, index, unit)).collect();
            County { number: index + 1, name, gb_code, units }
        })
        .collect()
}

/// Most units are named with their county; some are not, and then several counties have one of
/// that name.
fn unit_name(county: &str, index: usize, unit: usize) -> String {
    let town = TOWNS[(unit + index) % TOWNS.len()];
    let body = BODIES[(unit / TOWNS.len() + unit) % BODIES.len()];
    if unit == 0 {
        format!("{town}中心{body}", body = "卫生院")
    } else {
        format!("{county}{town}{body}")
    }
}

/// Hands out people, each once.
#[derive(Default)]
pub(super) struct People {
    count: usize,
}

impl People {
    /// People whose numbers begin behind `count`.
    pub(super) const fn beginning_at(count: usize) -> Self {
        Self { count }
    }

    /// Somebody new; `mail` is the part before `@`, under `domain`.
    pub(super) fn next(&mut self, numbers: &mut Numbers, mail: Option<&str>) -> Person {
        self.count += 1;
        let name = match numbers.below(4) {
            0 => format!("{}{}", numbers.one_of(&SURNAMES), numbers.one_of(&GIVEN)),
            _ => format!(
                "{}{}{}",
                numbers.one_of(&SURNAMES),
                numbers.one_of(&GIVEN),
                numbers.one_of(&GIVEN)
            ),
        };
        let birth = (1998 + numbers.below(6), 1 + numbers.below(12), 1 + numbers.below(28));
        let sequence = self.count % 1000;
        let mail = match mail {
            Some(local) => format!("{local}@office.test"),
            None => format!("v{:05}@volunteer.test", self.count),
        };
        // Ten years of births times a thousand sequences never meet: the count moves the day too.
        let day = 1 + (birth.2 + self.count / 1000) % 28;
        let birth = (birth.0, birth.1, day);
        Person {
            name,
            phone: format!("154{:08}", self.count),
            mail,
            id_number: id_number(birth, sequence),
            male: sequence % 2 == 1,
            birth,
        }
    }
}

/// A well-formed id on the region code 999999, which was never issued.
fn id_number((year, month, day): (usize, usize, usize), sequence: usize) -> String {
    let body = format!("999999{year:04}{month:02}{day:02}{sequence:03}0");
    let mut places = [b'0'; 18];
    for (place, byte) in places.iter_mut().zip(body.bytes()) {
        *place = byte;
    }
    places[17] = check_digit(&places);
    String::from_utf8_lossy(&places).into_owned()
}
