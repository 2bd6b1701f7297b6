//! A small made-up city as two CSV files, of which every person and address is known to the test.
//!
//! Independent of the demo's sample data, so that a mistake there is not repeated here.

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct City {
    /// Counties.
    pub counties: usize,
    /// Units in each county; each has one volunteer.
    pub units: usize,
}

impl City {
    /// 通讯录 in UTF-8: the city's office, its counties, their units.
    pub(crate) fn directory(&self) -> String {
        let mut text =
            "单位名称,单位类别,上级单位,负责人,负责人邮箱,联系人,联系人邮箱\n".to_owned();
        let mut line = |name: &str, kind: &str, above: &str, mail: &str| {
            text +=
                &format!("{name},{kind},{above},赵{name},head-{mail},钱{name},contact-{mail}\n");
        };
        line("试验市项目办", "市项目办", "", "city@office.test");
        for county in 1..=self.counties {
            let office = county_name(county);
            line(&office, "区县项目办", "试验市项目办", &format!("c{county}@county.test"));
            for unit in 1..=self.units {
                let mail = format!("c{county}u{unit}@unit.test");
                line(&unit_name(county, unit), "服务单位", &office, &mail);
            }
        }
        text
    }

    /// 花名册: one volunteer a unit, in service 2025 to 2028.
    pub(crate) fn roster(&self) -> String {
        let mut text = "姓名,性别,身份证号,服务县,服务单位,服务期\n".to_owned();
        let mut number = 0;
        for county in 1..=self.counties {
            for unit in 1..=self.units {
                number += 1;
                let (id, name) = (id_number(number), unit_name(county, unit));
                let county = county_name(county);
                text += &format!("孙{number},男,{id},{county},{name},2025年8月至2028年7月\n");
            }
        }
        text
    }

    /// A roster with one more volunteer of the first unit; `order` from 1 makes each another
    /// person.
    pub(crate) fn newcomer(&self, order: usize) -> String {
        let taken = self.counties * self.units;
        let (id, county, unit) = (id_number(taken + order), county_name(1), unit_name(1, 1));
        let name = taken + order;
        format!(
            "姓名,性别,身份证号,服务县,服务单位,服务期\n\
             孙{name},男,{id},{county},{unit},2025年8月至2028年7月\n"
        )
    }

    /// The mail address of every unit's contact.
    pub(crate) fn unit_contacts(&self) -> Vec<String> {
        let units = |county| (1..=self.units).map(move |unit| (county, unit));
        let every = (1..=self.counties).flat_map(units);
        every.map(|(county, unit)| format!("contact-c{county}u{unit}@unit.test")).collect()
    }
}

/// The name of a county's office.
pub(crate) fn county_name(county: usize) -> String {
    format!("试验第{county}区项目办")
}

/// The name of a unit.
pub(crate) fn unit_name(county: usize, unit: usize) -> String {
    format!("试验第{county}区第{unit}中学")
}

/// A valid number on a region code never issued; the last digit of the order is odd, a man's.
fn id_number(order: usize) -> String {
    let (day, of_day) = (order / 400 + 1, order % 400);
    assert!(day <= 31, "at most 12,400 volunteers");
    let body = format!("999999200001{day:02}{:03}", of_day * 2 + 1);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    body + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize]
}
