//! Markup to plain text, line by line; cells of a table row parted by tabs.
//!
//! What it is not: no layout; what a browser hides by style is shown.

use scraper::node::Node;
use scraper::{ElementRef, Html};

use ego_tree::iter::Edge;

use crate::nesting;

/// More text than this is no job advertisement.
const CHARS_MAX: usize = 100_000;

/// The text of a piece of markup; text without markup comes out with its lines.
pub(crate) fn from_markup(markup: &str) -> String {
    if !markup.contains('<') && !markup.contains('&') {
        return tidy(markup);
    }
    if nesting::is_too_deep(markup) {
        return tidy(&nesting::without_tags(markup));
    }
    let parsed = Html::parse_fragment(markup);
    from_element(parsed.root_element())
}

/// The text of an element.
pub(crate) fn from_element(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    // How deep inside what is not shown, and inside a cell, where only the row ends a line.
    let (mut hidden, mut cell) = (0_usize, 0_usize);
    for edge in element.traverse() {
        if out.len() > CHARS_MAX * 4 {
            break;
        }
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if hidden == 0 => {
                    out.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
                }
                Node::Element(element) => {
                    let name = element.name();
                    hidden += usize::from(is_hidden(name));
                    cell += usize::from(is_cell(name));
                    out.push_str(before(name, cell > 0));
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    let name = element.name();
                    hidden -= usize::from(is_hidden(name));
                    cell -= usize::from(is_cell(name));
                    out.push_str(after(name, cell > 0));
                }
            }
        }
    }
    tidy(&out)
}

fn is_hidden(name: &str) -> bool {
    matches!(name, "script" | "style" | "head" | "template" | "noscript" | "svg" | "title")
}

fn is_cell(name: &str) -> bool {
    matches!(name, "td" | "th")
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "table"
            | "tr"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "dt"
            | "dd"
            | "dl"
            | "pre"
            | "blockquote"
            | "br"
            | "hr"
            | "tbody"
            | "caption"
    )
}

fn before(name: &str, in_cell: bool) -> &'static str {
    match is_block(name) {
        true if in_cell => " ",
        true => "\n",
        false => "",
    }
}

fn after(name: &str, in_cell: bool) -> &'static str {
    match is_cell(name) {
        true => "\t",
        false => before(name, in_cell),
    }
}

/// One space at most, no empty lines, bounded.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for line in text.lines() {
        let cells: Vec<String> = line
            .split('\t')
            .map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let line = cells.join("\t");
        let line = line.trim_end_matches('\t');
        if line.trim().is_empty() {
            continue;
        }
        count += line.chars().count();
        if count > CHARS_MAX {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_becomes_lines() {
        #[track_caller]
        fn check(markup: &str, expected: &str) {
            assert_eq!(from_markup(markup), expected, "{markup}");
        }
        check("", "");
        check("a\n\n  b", "a\nb");
        check("<p>学历要求：本科</p><p>专业：<b>会计学</b></p>", "学历要求：本科\n专业：会计学");
        check("一<br>二<br/>三", "一\n二\n三");
        check("5&nbsp;000&lt;元&gt;", "5 000<元>");
        check("<script>x</script><style>y</style>z", "z");
        check("<ul><li>一<li>二</ul>", "一\n二");
        check(
            "<table><tr><td>学历</td><td><p>本科</p><p>学士</p></td></tr><tr><td>专业</td><td>法学</td></tr></table>",
            "学历\t本科 学士\n专业\t法学",
        );
        check("a < b", "a < b");
    }

    #[test]
    fn deep_and_long_markup_ends() {
        let deep = "<div>".repeat(20_000) + "x";
        assert_eq!(from_markup(&deep), "x");
        let long = "长\n".repeat(CHARS_MAX * 2);
        assert!(from_markup(&long).chars().count() <= CHARS_MAX * 2);
    }

    proptest! {
        #[test]
        fn nothing_panics(markup in "(<[a-z/]{0,6}>|td|&[a-z#0-9]{0,4};?|.){0,60}") {
            from_markup(&markup);
        }
    }
}
