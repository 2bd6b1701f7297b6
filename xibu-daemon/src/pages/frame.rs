//! What every page has: head, style, the headers that let a browser do nothing but show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Response;
use crate::seal::sha256;

/// Readable on a phone, and on A4 when printed.
const STYLE: &str = "body{font-family:sans-serif;line-height:1.6;max-width:45em;margin:0 auto;\
padding:1em;color:#111;background:#fff}h1{font-size:1.3em}h2{font-size:1.1em;margin:1.2em 0 .2em}\
dl{margin:0;display:grid;grid-template-columns:5em 1fr}dt{color:#555}dd{margin:0;\
overflow-wrap:anywhere}label{display:inline-block;margin:0 1em .5em 0}input{font:inherit;\
max-width:9em}button{font:inherit;padding:.5em 1.5em;margin:.5em 1em .5em 0}footer{margin-top:2em;\
border-top:1px solid #999;color:#555;font-size:.9em}@page{size:A4;margin:2cm}\
@media print{form,nav{display:none}body{max-width:none;padding:0}h2,dl{break-inside:avoid}}";

/// A page of our own frame. `indexed`: whether search engines may keep it.
pub(super) fn page(
    office: &str,
    status: u16,
    title: &str,
    indexed: bool,
    content: &Markup,
) -> Response {
    let body = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (content)
                footer { p { (office) } }
            }
        }
    };
    let style = STANDARD.encode(sha256(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let mut headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff".to_owned()),
        // A link with a token must not travel on to the next site.
        ("referrer-policy", "no-referrer".to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    if !indexed {
        headers.push(("x-robots-tag", "noindex".to_owned()));
    }
    Response { status, headers, body: body.into_string() }
}

/// A page that says why not.
pub(super) fn refused(office: &str, status: u16, why: &str) -> Response {
    page(office, status, "打不开", false, &html! { p { (why) } })
}

/// The path is ours, the method is not.
pub(super) fn method_not_allowed(office: &str, allowed: &str) -> Response {
    let mut response = refused(office, 405, "不支持这种操作。");
    response.headers.push(("allow", allowed.to_owned()));
    response
}
