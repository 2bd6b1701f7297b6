//! The years in the box: rest days and make-up working days as the State Council announced them.
//!
//! References: 国务院办公厅关于YYYY年部分节假日安排的通知, one a year, cited by its address; 2015,
//! 2019 and 2020 have a second one. Numbers are left out where copies contradict each other.
//! Checked with: PyPI chinesecalendar 1.11.0, all 6,574 days; addresses and the names of joined
//! festivals as the repositories NateScarlet/holiday-cn and vacanza/holidays cite them. Limits: a
//! weekend that adjoins a festival carries its name where the notice counts it among the days off;
//! for 2023-12-30 and 31 (与周末连休) the checker decided. A day is listed in the calendar year in
//! which it lies: 2011-12-31 was announced with the year 2012. Not law: what an office does on top
//! of these days is its own affair.

/// Days off without a break, within one month: month, first day, last day, festival.
type Rest = (u32, u32, u32, &'static str);

/// A Saturday or Sunday on which offices work: month, day, the festival it makes up for.
type Work = (u32, u32, &'static str);

/// A year of the box.
pub(super) struct BuiltInYear {
    pub(super) year: i32,
    pub(super) sources: &'static [&'static str],
    pub(super) rest: &'static [Rest],
    pub(super) work: &'static [Work],
}

#[rustfmt::skip]
pub(super) const YEARS: [BuiltInYear; 18] = [
    BuiltInYear {
        year: 2009,
        sources: &[
            "https://www.gov.cn/gongbao/content/2008/content_1175823.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (1, 25, 31, "春节"), (4, 4, 6, "清明节"), (5, 1, 3, "劳动节"),
            (5, 28, 30, "端午节"), (10, 1, 8, "国庆节、中秋节"),
        ],
        work: &[
            (1, 4, "元旦"), (1, 24, "春节"), (2, 1, "春节"), (5, 31, "端午节"), (9, 27, "国庆节、中秋节"),
            (10, 10, "国庆节、中秋节"),
        ],
    },
    BuiltInYear {
        year: 2010,
        sources: &[
            "https://www.gov.cn/gongbao/content/2009/content_1487011.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 13, 19, "春节"), (4, 3, 5, "清明节"), (5, 1, 3, "劳动节"),
            (6, 14, 16, "端午节"), (9, 22, 24, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (2, 20, "春节"), (2, 21, "春节"), (6, 12, "端午节"), (6, 13, "端午节"), (9, 19, "中秋节"),
            (9, 25, "中秋节"), (9, 26, "国庆节"), (10, 9, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2011,
        sources: &[
            "https://www.gov.cn/gongbao/content/2010/content_1765282.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 2, 8, "春节"), (4, 3, 5, "清明节"), (4, 30, 30, "劳动节"),
            (5, 1, 2, "劳动节"), (6, 4, 6, "端午节"), (9, 10, 12, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (1, 30, "春节"), (2, 12, "春节"), (4, 2, "清明节"), (10, 8, "国庆节"), (10, 9, "国庆节"),
            (12, 31, "元旦"),
        ],
    },
    BuiltInYear {
        year: 2012,
        sources: &[
            "https://www.gov.cn/gongbao/content/2011/content_2020918.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (1, 22, 28, "春节"), (4, 2, 4, "清明节"), (4, 29, 30, "劳动节"),
            (5, 1, 1, "劳动节"), (6, 22, 24, "端午节"), (9, 30, 30, "中秋节、国庆节"),
            (10, 1, 7, "中秋节、国庆节"),
        ],
        work: &[
            (1, 21, "春节"), (1, 29, "春节"), (3, 31, "清明节"), (4, 1, "清明节"), (4, 28, "劳动节"),
            (9, 29, "中秋节、国庆节"),
        ],
    },
    BuiltInYear {
        year: 2013,
        sources: &[
            "https://www.gov.cn/gongbao/content/2012/content_2292057.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 9, 15, "春节"), (4, 4, 6, "清明节"), (4, 29, 30, "劳动节"),
            (5, 1, 1, "劳动节"), (6, 10, 12, "端午节"), (9, 19, 21, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (1, 5, "元旦"), (1, 6, "元旦"), (2, 16, "春节"), (2, 17, "春节"), (4, 7, "清明节"),
            (4, 27, "劳动节"), (4, 28, "劳动节"), (6, 8, "端午节"), (6, 9, "端午节"), (9, 22, "中秋节"),
            (9, 29, "国庆节"), (10, 12, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2014,
        sources: &[
            "https://www.gov.cn/gongbao/content/2014/content_2561299.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (1, 31, 31, "春节"), (2, 1, 6, "春节"), (4, 5, 7, "清明节"),
            (5, 1, 3, "劳动节"), (6, 2, 2, "端午节"), (9, 8, 8, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (1, 26, "春节"), (2, 8, "春节"), (5, 4, "劳动节"), (9, 28, "国庆节"), (10, 11, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2015,
        sources: &[
            "https://www.gov.cn/gongbao/content/2015/content_2799019.htm",
            "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知（国发明电〔2015〕1号）",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 18, 24, "春节"), (4, 5, 6, "清明节"), (5, 1, 1, "劳动节"),
            (6, 20, 22, "端午节"), (9, 3, 5, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
            (9, 27, 27, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (1, 4, "元旦"), (2, 15, "春节"), (2, 28, "春节"),
            (9, 6, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"), (10, 10, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2016,
        sources: &[
            "https://www.gov.cn/gongbao/content/2016/content_2979719.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (2, 7, 13, "春节"), (4, 4, 4, "清明节"), (5, 1, 2, "劳动节"),
            (6, 9, 11, "端午节"), (9, 15, 17, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (2, 6, "春节"), (2, 14, "春节"), (6, 12, "端午节"), (9, 18, "中秋节"), (10, 8, "国庆节"),
            (10, 9, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2017,
        sources: &[
            "https://www.gov.cn/gongbao/content/2016/content_5148793.htm",
        ],
        rest: &[
            (1, 1, 2, "元旦"), (1, 27, 31, "春节"), (2, 1, 2, "春节"), (4, 2, 4, "清明节"),
            (5, 1, 1, "劳动节"), (5, 28, 30, "端午节"), (10, 1, 8, "国庆节、中秋节"),
        ],
        work: &[
            (1, 22, "春节"), (2, 4, "春节"), (4, 1, "清明节"), (5, 27, "端午节"),
            (9, 30, "国庆节、中秋节"),
        ],
    },
    BuiltInYear {
        year: 2018,
        sources: &[
            "https://www.gov.cn/gongbao/content/2017/content_5248221.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (2, 15, 21, "春节"), (4, 5, 7, "清明节"), (4, 29, 30, "劳动节"),
            (5, 1, 1, "劳动节"), (6, 18, 18, "端午节"), (9, 24, 24, "中秋节"), (10, 1, 7, "国庆节"),
            (12, 30, 31, "元旦"),
        ],
        work: &[
            (2, 11, "春节"), (2, 24, "春节"), (4, 8, "清明节"), (4, 28, "劳动节"), (9, 29, "国庆节"),
            (9, 30, "国庆节"), (12, 29, "元旦"),
        ],
    },
    BuiltInYear {
        year: 2019,
        sources: &[
            "https://www.gov.cn/gongbao/content/2018/content_5350046.htm",
            "http://www.gov.cn/zhengce/content/2019-03/22/content_5375877.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (2, 4, 10, "春节"), (4, 5, 7, "清明节"), (5, 1, 4, "劳动节"),
            (6, 7, 9, "端午节"), (9, 13, 15, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (2, 2, "春节"), (2, 3, "春节"), (4, 28, "劳动节"), (5, 5, "劳动节"), (9, 29, "国庆节"),
            (10, 12, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2020,
        sources: &[
            "https://www.gov.cn/gongbao/content/2019/content_5459138.htm",
            "http://www.gov.cn/zhengce/content/2020-01/27/content_5472352.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (1, 24, 31, "春节"), (2, 1, 2, "春节"), (4, 4, 6, "清明节"),
            (5, 1, 5, "劳动节"), (6, 25, 27, "端午节"), (10, 1, 8, "国庆节、中秋节"),
        ],
        work: &[
            (1, 19, "春节"), (4, 26, "劳动节"), (5, 9, "劳动节"), (6, 28, "端午节"),
            (9, 27, "国庆节、中秋节"), (10, 10, "国庆节、中秋节"),
        ],
    },
    BuiltInYear {
        year: 2021,
        sources: &[
            "https://www.gov.cn/gongbao/content/2020/content_5567750.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 11, 17, "春节"), (4, 3, 5, "清明节"), (5, 1, 5, "劳动节"),
            (6, 12, 14, "端午节"), (9, 19, 21, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (2, 7, "春节"), (2, 20, "春节"), (4, 25, "劳动节"), (5, 8, "劳动节"), (9, 18, "中秋节"),
            (9, 26, "国庆节"), (10, 9, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2022,
        sources: &[
            "https://www.gov.cn/gongbao/content/2021/content_5651728.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (1, 31, 31, "春节"), (2, 1, 6, "春节"), (4, 3, 5, "清明节"),
            (4, 30, 30, "劳动节"), (5, 1, 4, "劳动节"), (6, 3, 5, "端午节"), (9, 10, 12, "中秋节"),
            (10, 1, 7, "国庆节"), (12, 31, 31, "元旦"),
        ],
        work: &[
            (1, 29, "春节"), (1, 30, "春节"), (4, 2, "清明节"), (4, 24, "劳动节"), (5, 7, "劳动节"),
            (10, 8, "国庆节"), (10, 9, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2023,
        sources: &[
            "https://www.gov.cn/gongbao/content/2023/content_5736714.htm",
        ],
        rest: &[
            (1, 1, 2, "元旦"), (1, 21, 27, "春节"), (4, 5, 5, "清明节"), (4, 29, 30, "劳动节"),
            (5, 1, 3, "劳动节"), (6, 22, 24, "端午节"), (9, 29, 30, "中秋节、国庆节"),
            (10, 1, 6, "中秋节、国庆节"), (12, 30, 31, "元旦"),
        ],
        work: &[
            (1, 28, "春节"), (1, 29, "春节"), (4, 23, "劳动节"), (5, 6, "劳动节"), (6, 25, "端午节"),
            (10, 7, "中秋节、国庆节"), (10, 8, "中秋节、国庆节"),
        ],
    },
    BuiltInYear {
        year: 2024,
        sources: &[
            "https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (2, 10, 17, "春节"), (4, 4, 6, "清明节"), (5, 1, 5, "劳动节"),
            (6, 10, 10, "端午节"), (9, 15, 17, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (2, 4, "春节"), (2, 18, "春节"), (4, 7, "清明节"), (4, 28, "劳动节"), (5, 11, "劳动节"),
            (9, 14, "中秋节"), (9, 29, "国庆节"), (10, 12, "国庆节"),
        ],
    },
    BuiltInYear {
        year: 2025,
        sources: &[
            "https://www.gov.cn/zhengce/content/202411/content_6986382.htm",
        ],
        rest: &[
            (1, 1, 1, "元旦"), (1, 28, 31, "春节"), (2, 1, 4, "春节"), (4, 4, 6, "清明节"),
            (5, 1, 5, "劳动节"), (5, 31, 31, "端午节"), (6, 1, 2, "端午节"), (10, 1, 8, "国庆节、中秋节"),
        ],
        work: &[
            (1, 26, "春节"), (2, 8, "春节"), (4, 27, "劳动节"), (9, 28, "国庆节、中秋节"),
            (10, 11, "国庆节、中秋节"),
        ],
    },
    BuiltInYear {
        year: 2026,
        sources: &[
            "https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm",
        ],
        rest: &[
            (1, 1, 3, "元旦"), (2, 15, 23, "春节"), (4, 4, 6, "清明节"), (5, 1, 5, "劳动节"),
            (6, 19, 21, "端午节"), (9, 25, 27, "中秋节"), (10, 1, 7, "国庆节"),
        ],
        work: &[
            (1, 4, "元旦"), (2, 14, "春节"), (2, 28, "春节"), (5, 9, "劳动节"), (9, 20, "国庆节"),
            (10, 10, "国庆节"),
        ],
    },
];
