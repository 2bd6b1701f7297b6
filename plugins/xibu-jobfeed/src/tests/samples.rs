//! Feeds and pages in the manner of notices of public institutions. Every name is made up.

pub(super) const TITLE: &str = "重庆市万州区2026年第二季度公开招聘事业单位工作人员公告";

pub(super) const TEXT: &str = "现公开招聘事业单位工作人员58名。\n\
     一、招聘范围：面向全国普通高校毕业生和服务基层项目人员。\n\
     学历要求\t大专及以上\n\
     二、报名时间：2026年6月8日9:00至6月15日18:00。";

const MARKUP: &str = "<p>现公开招聘事业单位工作人员58名。</p>\
     <p>一、招聘范围：面向全国普通高校毕业生和服务基层项目人员。</p>\
     <table><tr><td>学历要求</td><td>大专及以上</td></tr></table>\
     <p>二、报名时间：2026年6月8日9:00至6月15日18:00。</p>";

pub(super) fn rss() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>人社局公开招聘</title><link>/</link><description>公告</description>\
         <item><title>{TITLE}</title><link>/zwxx/58.html</link><guid>rsj-2026-058</guid>\
         <pubDate>Mon, 01 Jun 2026 09:00:00 +0800</pubDate>\
         <description><![CDATA[{MARKUP}]]></description></item>\
         <item><title>某某医院招聘护士</title><link>/zwxx/59.html</link><guid>rsj-2026-059</guid>\
         <description>学历要求：大专</description></item>\
         </channel></rss>"
    )
}

pub(super) fn atom() -> String {
    let escaped = MARKUP.replace('<', "&lt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\
         <title>人社局公开招聘</title><id>rsj</id><updated>2026-06-01T09:00:00+08:00</updated>\
         <entry><title>{TITLE}</title><id>rsj-2026-058</id><link href=\"/zwxx/58.html\"/>\
         <published>2026-06-01T09:00:00+08:00</published><updated>2026-06-02T09:00:00+08:00</updated>\
         <summary>公告</summary><content type=\"html\">{escaped}</content></entry>\
         <entry><title>某某医院招聘护士</title><id>rsj-2026-059</id><link href=\"/zwxx/59.html\"/>\
         <updated>2026-06-01T09:00:00+08:00</updated><content>学历要求：大专</content></entry>\
         </feed>"
    )
}

pub(super) fn json_feed() -> String {
    serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "人社局公开招聘",
        "items": [
            {
                "id": "rsj-2026-058",
                "url": "/zwxx/58.html",
                "title": TITLE,
                "content_html": MARKUP,
                "date_published": "2026-06-01T09:00:00+08:00"
            },
            {"id": "rsj-2026-059", "url": "/zwxx/59.html", "title": "某某医院招聘护士", "content_text": "学历要求：大专"}
        ]
    })
    .to_string()
}

/// Two postings: one in a graph that points to its employer, one in a list of another block.
pub(super) fn page() -> String {
    let graph = serde_json::json!({
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "@id": "#employer", "name": "某某医院"},
            {
                "@type": ["Thing", "http://schema.org/JobPosting"],
                "title": "护士",
                "description": "<p>学历要求：大专及以上</p><p>专业要求：护理</p>",
                "datePosted": "2026-06-01",
                "validThrough": "2026-06-30",
                "url": "/jobs/hs-1",
                "identifier": {"@type": "PropertyValue", "value": "hs-1"},
                "employmentType": ["FULL_TIME", "CONTRACTOR"],
                "hiringOrganization": {"@id": "#employer"},
                "jobLocation": [
                    {"@type": "Place", "address": {"addressRegion": "重庆市", "addressLocality": "万州区"}},
                    {"@type": "Place", "address": {"addressLocality": "开州区"}}
                ],
                "baseSalary": {
                    "@type": "MonetaryAmount",
                    "currency": "CNY",
                    "value": {"minValue": 5000, "maxValue": 7000, "unitText": "MONTH"}
                },
                "totalJobOpenings": 2
            }
        ]
    });
    // A raw line end inside a string, as templates leave it.
    let list =
        "[{\"@type\": \"JobPosting\", \"title\": \"会计\", \"description\": \"学历：\n本科\"}]";
    format!(
        "<!DOCTYPE html><html><head><title>招聘</title>\
         <script type=\"application/ld+json\">{graph}</script>\
         <script type=\"application/ld+json; charset=utf-8\"><!--\n{list}\n--></script>\
         <script>var x = 1;</script></head><body><p>招聘</p></body></html>"
    )
}
