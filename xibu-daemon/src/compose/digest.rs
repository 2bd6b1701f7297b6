//! 就业信息: the letter with what fits somebody and why, and the question whether it is wanted.
//!
//! Every line says what the notice says and nothing more; what it does not say is left out, never
//! guessed. At the end stand the two ways out: no more of these, and everything there is. It knows
//! no address and sends nothing; what is in it was chosen by `job::choice`.

use xibu_core::posting::{Posting, PostingSource};

use super::{Letter, Rendered, sender, words};
use crate::job::DigestItem;

/// Our pages, as links of one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Where this reader, and nobody else, stops or answers.
    pub own: String,
    /// Every posting; the same for everybody.
    pub all: String,
}

/// Sources named with one posting; more are counted.
const SOURCES_MAX: usize = 3;

/// A digest.
pub(super) fn letter(letter: &Letter<'_>, items: &[DigestItem], pages: Option<&Pages>) -> Rendered {
    let mut text = greeting(letter);
    text.push_str(&format!(
        "\n根据您登记的求职意向，今天有{}条招聘信息可能适合您。\n",
        items.len()
    ));
    for (index, item) in items.iter().enumerate() {
        text.push_str(&format!("\n{}、{}", words::number(index + 1), one(item)));
    }
    text.push_str(
        "\n以上信息来自所列来源，由系统自动摘录，可能有误或已变动，以发布单位公告为准。\
         招聘单位向您收费的，请勿相信。\n",
    );
    match pages {
        Some(pages) => {
            text.push_str(&format!("\n停止接收：{}\n全部招聘信息：{}\n", pages.own, pages.all))
        }
        None => text.push_str(
            "\n停止接收：直接回复本邮件“退订”，或致电本办。\n\
             全部招聘信息：可向本办索取。\n",
        ),
    }
    text.push_str(&signed(letter));
    text.push_str(
        "\n本信由系统代发。您此前同意接收就业信息，随时可以停止，停止后不影响其他服务。\n",
    );
    Rendered {
        subject: format!("【西部计划】{}条招聘信息，含推荐理由", items.len()),
        text,
        kind: "digest".to_owned(),
        unsubscribe: pages.map(|pages| pages.own.clone()),
        ..Rendered::default()
    }
}

/// Whether the reader wants digests. Sent once; no answer is no.
pub(super) fn question(letter: &Letter<'_>, pages: Option<&Pages>) -> Rendered {
    let mut text = greeting(letter);
    text.push_str(
        "\n本办为志愿者和往届志愿者摘录与其专业、学历和意向地区相符的招聘信息，\
         每个工作日最多一封邮件。\n\
         向您发送须征得您的同意：是否愿意接收？\n",
    );
    match pages {
        Some(pages) => text.push_str(&format!(
            "\n请打开以下链接选择“愿意”或“不愿意”：\n{}\n也可直接回复本邮件“同意”或“不同意”。\n\
             全部招聘信息随时可看：{}\n",
            pages.own, pages.all
        )),
        None => text.push_str("\n请直接回复本邮件“同意”或“不同意”，或致电本办。\n"),
    }
    text.push_str(
        "\n用途：只用于为您筛选招聘信息，不提供给用人单位。同意后随时可以撤回；\
         不答复视为不同意，本办不会再问。\n\
         尚未登记求职意向的，同意后请向本办索取《求职意向登记表》，登记后才能筛选。\n",
    );
    text.push_str(&signed(letter));
    text.push_str("\n本信由系统代发。\n");
    Rendered {
        subject: "【西部计划】是否愿意接收就业信息".to_owned(),
        text,
        kind: "question".to_owned(),
        ..Rendered::default()
    }
}

fn greeting(letter: &Letter<'_>) -> String {
    match letter.recipient {
        "" => "您好：\n".to_owned(),
        name => format!("{name}，您好：\n"),
    }
}

fn signed(letter: &Letter<'_>) -> String {
    format!("\n{}\n{}\n", sender(letter, None), words::day_with_year(letter.at.date()))
}

/// One posting, a line for each thing that it says.
fn one(item: &DigestItem) -> String {
    let mut text = format!("{}\n", line(item.posting.title()));
    for (name, value) in facts(&item.posting) {
        text.push_str(&format!("   {name}：{value}\n"));
    }
    let why: Vec<String> = item.why.iter().map(|why| why.sentence().zh).collect();
    if !why.is_empty() {
        text.push_str(&format!("   为什么推荐：{}\n", why.join("；")));
    }
    text
}

/// What a posting says, in the order in which it is read; shared with the pages.
pub(crate) fn facts(posting: &Posting) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut say = |name, value: Option<String>| {
        if let Some(value) = value.map(|value| line(&value)).filter(|value| !value.is_empty()) {
            facts.push((name, value));
        }
    };
    say("单位", posting.employer.as_ref().map(|told| told.value.clone()));
    say("类别", posting.kind.as_ref().map(|told| told.value.sentence().zh));
    let places = posting.places.as_ref().map(|told| &told.value);
    say(
        "地点",
        places.map(|places| {
            places.iter().map(|place| place.sentence().zh).collect::<Vec<_>>().join("、")
        }),
    );
    say("薪资", posting.pay.as_ref().map(|told| told.value.sentence().zh));
    say("学历", posting.education.as_ref().map(|told| told.value.sentence().zh));
    say("专业", posting.majors.as_ref().map(|told| told.value.sentence().zh));
    say("人数", posting.head_count.as_ref().map(|told| format!("{}人", told.value)));
    let deadline = posting.deadline.as_ref().map(|told| told.value.sentence().zh);
    say("报名截止", deadline.or_else(|| Some("公告未写明，请尽快查看".to_owned())));
    say("详情", Some(posting.link().to_owned()));
    say("来源", Some(sources(&posting.sources)));
    facts
}

fn sources(sources: &[PostingSource]) -> String {
    let mut names: Vec<&str> = sources.iter().map(|source| source.source.as_str()).collect();
    names.dedup();
    match names.len() {
        0..=SOURCES_MAX => names.join("、"),
        several => format!("{}等{several}处", names[..SOURCES_MAX].join("、")),
    }
}

/// What a stranger wrote stays on its line.
fn line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
