//! What vendors forbid in a text, and how many parts it takes.
//!
//! The rules, as the vendors' pages had them: Tencent Cloud 正文模板审核标准
//! (<https://cloud.tencent.com/document/product/382/39023>, 2025-06-17): no
//! 【】, no symbols such as
//! ¥★^&√※, 500 characters with the signature, no recruitment, no QQ, groups or
//! WeChat, no surveys,
//! no personal mobile numbers, no links in variables; Aliyun 短信模板规范
//! (<https://help.aliyun.com/document_detail/108253.html>) and 短信内容规范 forbid the same
//! signature marks, recruitment, chat groups and links in variables. Huawei, Volcengine and Qiniu
//! agree on all of it.
//!
//! What it is not: 党政、涉政 content is forbidden as well and no list of words can tell it; the
//! vendor's own check stays.

use std::sync::LazyLock;

use regex::Regex;

use crate::template::{Filled, Template};

/// What one vendor allows.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The longest value of a variable, in characters.
    pub(crate) variable_chars_max: Option<usize>,
    /// The most parts a text may take.
    pub(crate) parts_max: usize,
    /// Whether words are checked at all: a government line has rules of its own.
    pub(crate) check_words: bool,
    /// Whether a text of Latin letters alone is sent in the small alphabet.
    pub(crate) small_alphabet: bool,
    /// What the vendor puts before the text.
    pub(crate) signature: String,
}

/// The longest text with its signature, in characters.
const TEXT_CHARS_MAX: usize = 500;

/// A rule that is broken, in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Signature,
    Symbol(char),
    Recruitment,
    ChatGroup,
    Survey,
    MobileNumber,
    Link,
    LinkInVariable(String),
    VariableTooLong(String, usize),
    TextTooLong,
    TooManyParts(usize),
}

impl Broken {
    /// The named reason, and what of it; never a value.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Signature => "signature_only_from_vendor: the text has 【 or 】".into(),
            Self::Symbol(symbol) => format!("symbol_not_allowed: {symbol}"),
            Self::Recruitment => "recruitment_not_allowed".into(),
            Self::ChatGroup => "chat_group_not_allowed".into(),
            Self::Survey => "survey_not_allowed".into(),
            Self::MobileNumber => "personal_mobile_number_not_allowed".into(),
            Self::Link => "link_not_allowed".into(),
            Self::LinkInVariable(name) => format!("link_in_variable_not_allowed: {name}"),
            Self::VariableTooLong(name, max) => {
                format!("variable_too_long: {name} has more than {max} characters")
            }
            Self::TextTooLong => format!("text_too_long: over {TEXT_CHARS_MAX} characters"),
            Self::TooManyParts(parts) => format!("too_many_parts: {parts}"),
        }
    }
}

const RECRUITMENT: [&str; 14] = [
    "招聘", "诚聘", "急聘", "招工", "招人", "面试", "应聘", "求职", "简历", "兼职", "月薪", "年薪",
    "高薪", "薪资",
];
const CHAT_GROUPS: [&str; 9] =
    ["加群", "进群", "入群", "QQ", "扣扣", "微信", "加微", "公众号", "企鹅号"];
const SURVEYS: [&str; 2] = ["问卷", "有奖调查"];
const SYMBOLS: [char; 7] = ['¥', '￥', '★', '^', '&', '√', '※'];

/// `www.`, a scheme, or a name with a common ending.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)https?://|www\.|[a-z0-9-]+\.(com|cn|net|org|gov|edu|top|vip|cc|me|io|info|xyz|shop|link|ltd|test)([^a-z0-9]|$)",
    )
    .ok()
});
/// Eleven digits with hyphens or spaces, first 1, second 3 to 9.
static MOBILE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(^|[^0-9])1[3-9][0-9]([ -]?[0-9]){8}([^0-9]|$)").ok());

fn finds(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Checks a template's own words, when the settings are read.
///
/// # Errors
/// The first rule it breaks.
pub(crate) fn check_template(rules: &Rules, template: &Template) -> Result<(), Broken> {
    if rules.check_words { check_words(&template.words()) } else { Ok(()) }
}

/// Checks a text with its values, before it is sent; answers how many parts it takes.
///
/// # Errors
/// The first rule it breaks.
pub(crate) fn check(rules: &Rules, filled: &Filled) -> Result<Parts, Broken> {
    if rules.check_words {
        for (name, value) in &filled.values {
            if finds(&LINK, value) {
                return Err(Broken::LinkInVariable(name.clone()));
            }
        }
        check_words(&filled.text)?;
    }
    if let Some(max) = rules.variable_chars_max {
        let long = filled.values.iter().find(|(_, value)| value.chars().count() > max);
        if let Some((name, _)) = long {
            return Err(Broken::VariableTooLong(name.clone(), max));
        }
    }
    let whole = format!("{}{}", rules.signature, filled.text);
    if whole.chars().count() > TEXT_CHARS_MAX {
        return Err(Broken::TextTooLong);
    }
    let parts = Parts::of(&whole, rules.small_alphabet);
    if parts.count > rules.parts_max { Err(Broken::TooManyParts(parts.count)) } else { Ok(parts) }
}

fn check_words(text: &str) -> Result<(), Broken> {
    if text.contains(['【', '】']) {
        return Err(Broken::Signature);
    }
    if let Some(symbol) = text.chars().find(|letter| SYMBOLS.contains(letter)) {
        return Err(Broken::Symbol(symbol));
    }
    let upper: String =
        text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    match () {
        () if has(&RECRUITMENT) => Err(Broken::Recruitment),
        () if has(&CHAT_GROUPS) => Err(Broken::ChatGroup),
        () if has(&SURVEYS) => Err(Broken::Survey),
        () if finds(&MOBILE, text) => Err(Broken::MobileNumber),
        () if finds(&LINK, text) => Err(Broken::Link),
        () => Ok(()),
    }
}

/// How a text is cut for the air: 70 units of UCS-2 in one part or 67 in each of several; 160 or
/// 153 of the small alphabet. 3GPP TS 23.038, TS 23.040 §9.2.3.24.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) count: usize,
    /// Whether it goes in the small alphabet.
    pub(crate) small: bool,
}

impl Parts {
    pub(crate) fn of(text: &str, small_alphabet: bool) -> Self {
        let septets = if small_alphabet { septets(text) } else { None };
        let (small, units, single, each) = match septets {
            Some(septets) => (true, septets, 160, 153),
            None => (false, text.encode_utf16().count(), 70, 67),
        };
        let count = if units <= single { 1 } else { units.div_ceil(each) };
        Self { count: count.max(1), small }
    }
}

/// The length in the small alphabet, or none where a letter is not in it.
fn septets(text: &str) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
        ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€";
    text.chars().try_fold(0, |sum, letter| match letter {
        letter if BASIC.contains(letter) => Some(sum + 1),
        letter if EXTENDED.contains(letter) => Some(sum + 2),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Typed;

    fn rules() -> Rules {
        Rules {
            variable_chars_max: Some(12),
            parts_max: 3,
            check_words: true,
            small_alphabet: false,
            signature: "【市项目办】".into(),
        }
    }

    fn filled(text: &str, values: &[(&str, &str)]) -> Filled {
        let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Filled { code: String::new(), text: text.into(), values: values.collect() }
    }

    /// Text, and the named reason or `ok`.
    const TEXTS: [(&str, &str); 26] = [
        ("您有一份2026年6月报告单待报送，请于6月26日前回复“安全无事”或上报情况。", "ok"),
        ("在岗人数请一并报送。", "ok"),
        ("服务岗位如有变化请更新。", "ok"),
        ("编号7Q42，请回复。", "ok"),
        ("请于2026.6.26前报送", "ok"),
        ("咨询电话023-67770000", "ok"),
        ("【市项目办】请报送", "signature_only_from_vendor"),
        ("请报送】", "signature_only_from_vendor"),
        ("请报送★", "symbol_not_allowed"),
        ("A&B", "symbol_not_allowed"),
        ("补贴￥100", "symbol_not_allowed"),
        ("某公司招聘志愿者", "recruitment_not_allowed"),
        ("招 聘会", "recruitment_not_allowed"),
        ("请参加面试", "recruitment_not_allowed"),
        ("投递简历", "recruitment_not_allowed"),
        ("请加群", "chat_group_not_allowed"),
        ("加qq咨询", "chat_group_not_allowed"),
        ("关注微信", "chat_group_not_allowed"),
        ("请填写问卷", "survey_not_allowed"),
        ("联系15400000001", "personal_mobile_number_not_allowed"),
        ("联系154-0000-0001。", "personal_mobile_number_not_allowed"),
        ("联系154 0000 0001", "personal_mobile_number_not_allowed"),
        ("打开http://office.test", "link_not_allowed"),
        ("打开www.office", "link_not_allowed"),
        ("打开xmb.gov.cn查看", "link_not_allowed"),
        ("打开XMB.COM查看", "link_not_allowed"),
    ];

    #[test]
    fn what_vendors_forbid_is_refused_with_the_rule_as_the_reason() {
        for (text, expected) in TEXTS {
            let reason = match check(&rules(), &filled(text, &[])) {
                Ok(_) => "ok".to_owned(),
                Err(broken) => broken.reason(),
            };
            assert!(reason.split(':').next() == Some(expected), "{text}: {reason}");
            let typed = Typed { kind: "a".into(), code: String::new(), text: text.into() };
            let of_template = check_template(&rules(), &Template::read(&typed).unwrap());
            assert_eq!(of_template.is_ok(), expected == "ok", "{text}");
            let lenient = Rules { check_words: false, ..rules() };
            assert!(check(&lenient, &filled(text, &[])).is_ok(), "{text}");
        }
    }

    #[test]
    fn values_have_rules_of_their_own() {
        let reason = |values| check(&rules(), &filled("请报送", values)).unwrap_err().reason();
        assert_eq!(
            reason(&[("period", "一二三四五六七八九十一二三")]),
            "variable_too_long: period has more than 12 characters"
        );
        assert_eq!(reason(&[("link", "a.test/x")]), "link_in_variable_not_allowed: link");
        assert!(check(&rules(), &filled("请报送", &[("a", "一二三四五六七八九十一二")])).is_ok());
        let long = "长".repeat(494);
        let lenient = Rules { parts_max: 100, ..rules() };
        assert!(check(&lenient, &filled(&long, &[])).is_ok());
        let longer = filled(&format!("{long}长"), &[]);
        assert_eq!(check(&lenient, &longer), Err(Broken::TextTooLong));
        assert_eq!(check(&rules(), &filled(&long, &[])), Err(Broken::TooManyParts(8)));
    }

    #[test]
    fn parts_are_counted_as_they_are_billed() {
        let table = [
            ("长", 1, 1),
            ("长", 70, 1),
            ("长", 71, 2),
            ("长", 134, 2),
            ("长", 135, 3),
            ("长", 77, 2),
            ("a", 160, 1),
            ("a", 161, 2),
            ("a", 306, 2),
            ("a", 307, 3),
            ("{", 80, 1),
            ("{", 81, 2),
            ("é", 160, 1),
            ("😀", 35, 1),
            ("😀", 36, 2),
            ("", 0, 1),
        ];
        for (letter, times, expected) in table {
            assert_eq!(Parts::of(&letter.repeat(times), true).count, expected, "{letter} {times}");
        }
        // Vendors of the mainland count seventy letters whatever they are.
        assert_eq!(Parts::of(&"a".repeat(71), false), Parts { count: 2, small: false });
    }
}
