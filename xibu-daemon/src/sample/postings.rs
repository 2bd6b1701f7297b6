//! Made-up job advertisements, as a personnel bureau's feed and a job site's page tell them.
//!
//! Employers are called 样例 and their addresses end in `.test`. The two sources tell some of the
//! posts twice, in their own words, as real ones do.

use chrono::{Days, NaiveDate};

use super::numbers::Numbers;

/// One post as its source tells it.
#[derive(Clone, Debug)]
pub struct SamplePosting {
    /// Its number, from 1; the same in both sources.
    pub number: usize,
    /// The day it is published.
    pub published: NaiveDate,
    /// The last day to apply.
    pub deadline: NaiveDate,
    /// Whether the personnel bureau's feed tells it.
    pub in_feed: bool,
    /// Whether the job site's page tells it.
    pub on_page: bool,
    /// Title.
    pub title: String,
    employer: String,
    place: &'static str,
    pay: (usize, usize),
    education: &'static str,
    major: &'static str,
    heads: usize,
    reserved: bool,
}

impl SamplePosting {
    /// The announcement's heading; sites that reprint it keep it.
    fn heading(&self) -> String {
        format!("{}公开招聘{}{}人公告", self.employer, self.title, self.heads)
    }
}

const PLACES: [&str; 8] = [
    "重庆市万州区",
    "重庆市江北区",
    "重庆市沙坪坝区",
    "重庆市永川区",
    "重庆市黔江区",
    "重庆市忠县",
    "重庆市云阳县",
    "重庆市巫山县",
];

/// What is wanted: title, kind of employer, major, education.
const POSTS: [(&str, &str, &str, &str); 10] = [
    ("语文教师", "样例中学", "汉语言文学", "本科及以上"),
    ("数学教师", "样例小学", "数学与应用数学", "本科及以上"),
    ("乡村医生", "样例卫生院", "临床医学", "大专及以上"),
    ("护士", "样例人民医院", "护理学", "大专及以上"),
    ("农业技术员", "样例农业服务中心", "农学", "本科及以上"),
    ("综合管理岗", "样例街道办事处", "不限", "本科及以上"),
    ("软件工程师", "样例软件有限公司", "计算机类", "本科及以上"),
    ("财务专员", "样例供销集团", "会计学", "大专及以上"),
    ("文字编辑", "样例文化传媒有限公司", "新闻传播学类", "本科"),
    ("项目助理", "样例乡村振兴有限公司", "不限", "大专及以上"),
];

/// `count` posts published from `from` on, a few each day; the same seed gives the same.
pub fn postings(seed: u64, from: NaiveDate, count: usize) -> Vec<SamplePosting> {
    let mut numbers = Numbers::new(seed ^ 0x6a6f_6273);
    (1..=count)
        .map(|number| {
            let (title, employer, major, education) = *numbers.one_of(&POSTS);
            let place = *numbers.one_of(&PLACES);
            let published = from + Days::new((number * 18 / count.max(1)) as u64);
            let low = 4_000 + 500 * numbers.below(9);
            let told = numbers.below(10);
            SamplePosting {
                number,
                published,
                deadline: published + Days::new(7 + numbers.below(25) as u64),
                in_feed: told < 7,
                on_page: told >= 5,
                title: title.to_owned(),
                employer: format!("{}{employer}", place.trim_start_matches("重庆市")),
                place,
                pay: (low, low + 1_000 + 500 * numbers.below(5)),
                education,
                major,
                heads: 1 + numbers.below(5),
                reserved: numbers.below(5) == 0,
            }
        })
        .collect()
}

/// The personnel bureau's RSS as of `today`, in GB2312 as many still are.
pub fn rss(postings: &[SamplePosting], site: &str, today: NaiveDate) -> Vec<u8> {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"gb2312\"?>\n<rss version=\"2.0\"><channel>\
         <title>样例市人事考试公告</title><link>{site}/</link><description>公开招聘</description>\n"
    );
    for post in postings.iter().filter(|post| post.in_feed && post.published <= today) {
        let (low, high) = post.pay;
        let reserved = if post.reserved {
            "本岗位面向服务基层项目人员（含西部计划志愿者）。<br/>"
        } else {
            ""
        };
        let (year, deadline) = (post.deadline.format("%Y"), post.deadline.format("%-m月%-d日"));
        xml.push_str(&format!(
            "<item><title>{heading}</title>\
             <link>{site}/gg/{number}.html</link><guid>gg-{number}</guid>\
             <pubDate>{published} 09:00:00 +0800</pubDate><description><![CDATA[\
             招聘单位：{employer}<br/>招聘岗位：{title}<br/>工作地点：{place}<br/>\
             招聘人数：{heads}人<br/>学历要求：{education}<br/>专业要求：{major}<br/>\
             薪资待遇：{low}-{high}元/月<br/>{reserved}报名截止时间：{year}年{deadline}17:00]]>\
             </description></item>\n",
            heading = post.heading(),
            employer = post.employer,
            title = post.title,
            heads = post.heads,
            number = post.number,
            published = post.published.format("%a, %d %b %Y"),
            place = post.place,
            education = post.education,
            major = post.major,
        ));
    }
    xml.push_str("</channel></rss>\n");
    encoding_rs::GBK.encode(&xml).0.into_owned()
}

/// The job site's page as of `today`, with schema.org's JobPosting in JSON-LD.
pub fn page(postings: &[SamplePosting], site: &str, today: NaiveDate) -> String {
    let shown = postings.iter().filter(|post| post.on_page && post.published <= today);
    let graph: Vec<serde_json::Value> = shown
        .map(|post| {
            serde_json::json!({
                "@type": "JobPosting",
                "identifier": {"value": format!("job-{}", post.number)},
                "title": post.heading(),
                "url": format!("{site}/jobs/{}", post.number),
                "datePosted": post.published.to_string(),
                "validThrough": format!("{}T17:00:00+08:00", post.deadline),
                "hiringOrganization": {"@type": "Organization", "name": post.employer},
                "jobLocation": {"@type": "Place", "address": {"addressRegion": "重庆市",
                    "addressLocality": post.place.trim_start_matches("重庆市")}},
                "baseSalary": {"@type": "MonetaryAmount", "currency": "CNY", "value": {
                    "minValue": post.pay.0, "maxValue": post.pay.1, "unitText": "MONTH"}},
                "educationRequirements": post.education,
                "qualifications": format!("专业要求：{}", post.major),
                "totalJobOpenings": post.heads,
            })
        })
        .collect();
    let graph = serde_json::json!({"@context": "https://schema.org", "@graph": graph});
    format!(
        "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><title>样例就业网</title>\
         <script type=\"application/ld+json\">{graph}</script></head><body><h1>最新职位</h1>\
         </body></html>\n"
    )
}
