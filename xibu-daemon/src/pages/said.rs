//! The two pages by which a reader says something: no more of these, and whether it is wanted.
//!
//! Pure: what the token stands for was looked up before.

use maud::{Markup, html};
use xibu_core::consent::Purpose;

use super::{Answered, Query, Said, frame};
use crate::store::LinkHolder;

/// `/stop/…`: a GET shows one button; a POST stops, and so does a mail program's one click
/// (RFC 8058).
pub(super) fn stop(office: &str, holder: Option<LinkHolder>, method: &str) -> Answered {
    let Some(LinkHolder { person, purpose }) = holder else { return dead(office) };
    match method {
        "GET" | "HEAD" => {
            let content = html! {
                p { "点下面的按钮后，不再向您发送：" (what(purpose)) "。不影响其他服务。" }
                form method="post" { button { "停止接收" } }
                p { "没有点按钮之前，一切照旧。" }
            };
            frame::page(office, 200, "停止接收", false, &content).into()
        }
        "POST" => {
            let content = html! {
                p { "已停止，不再向您发送：" (what(purpose)) "。" }
                p { "以后想重新接收，请告知本办。" }
            };
            let response = frame::page(office, 200, "已停止接收", false, &content);
            Answered { response, said: Some(Said { person, purpose, given: false }) }
        }
        _ => frame::method_not_allowed(office, "GET, HEAD, POST").into(),
    }
}

/// `/answer/…`: a GET shows two buttons; a POST with `answer=yes` or `answer=no` says so.
pub(super) fn question(
    office: &str,
    holder: Option<LinkHolder>,
    method: &str,
    form: Query,
) -> Answered {
    let Some(LinkHolder { person, purpose }) = holder else { return dead(office) };
    let ask = |status| frame::page(office, status, "是否愿意接收", false, &asking(purpose));
    match (method, form.get("answer")) {
        ("GET" | "HEAD", _) => ask(200).into(),
        ("POST", answer @ ("yes" | "no")) => {
            let given = answer == "yes";
            let content = match given {
                true => html! {
                    p { "谢谢，已记下您愿意：" (what(purpose)) "。" }
                    p { "随时可以停止：每封信的末尾都有“停止接收”。" }
                },
                false => html! { p { "已记下您不愿意：" (what(purpose)) "。本办不会再问。" } },
            };
            let response = frame::page(office, 200, "已记下", false, &content);
            Answered { response, said: Some(Said { person, purpose, given }) }
        }
        ("POST", _) => ask(400).into(),
        _ => frame::method_not_allowed(office, "GET, HEAD, POST").into(),
    }
}

fn asking(purpose: Purpose) -> Markup {
    html! {
        p { "是否愿意：" (what(purpose)) "？" }
        form method="post" {
            button name="answer" value="yes" { "愿意" }
            button name="answer" value="no" { "不愿意" }
        }
        p { "只用于这一用途，不提供给用人单位；同意后随时可以撤回。没有点按钮之前，视为没有答复。" }
    }
}

/// The same for a token that is none and for one of somebody whose data is gone.
fn dead(office: &str) -> Answered {
    frame::refused(office, 404, "链接不完整或已失效。请从邮件里完整复制链接，或致电本办。").into()
}

const fn what(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::JobInformation => "接收就业信息（每个工作日最多一封邮件）",
        other => other.title(),
    }
}
