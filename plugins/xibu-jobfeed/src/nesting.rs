//! How deep markup is nested, found without parsing it.
//!
//! An HTML parser takes time by the square of the depth: four megabytes of `<div>` would take it
//! hours. What it is not: no parser; it only counts, and rather too much than too little.

/// As deep as browsers go.
const DEPTH_MAX: usize = 512;

/// What closes itself, or what the next of its kind closes.
const FLAT: &[&str] = &[
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr",
    "track", "wbr",
];

/// Whether markup is nested deeper than a parser should be asked to follow.
pub(crate) fn is_too_deep(markup: &str) -> bool {
    let mut depth = 0_usize;
    for tag in markup.split('<').skip(1) {
        let (name, closing) = match tag.strip_prefix('/') {
            Some(name) => (name, true),
            None => (tag, false),
        };
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = &name[..end];
        if name.is_empty() || FLAT.iter().any(|flat| name.eq_ignore_ascii_case(flat)) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// The words between the tags, a line each; for what no parser should follow.
pub(crate) fn without_tags(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    for part in markup.split('<') {
        let words = part.split_once('>').map_or(part, |(_, words)| words);
        out.push_str(words);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_open_counts() {
        for (markup, expected) in [
            ("<div>".repeat(512), false),
            ("<div>".repeat(513), true),
            ("<DIV class=a>".repeat(513), true),
            ("<div></div>".repeat(9_999), false),
            ("<li><p><br>a<td>".repeat(9_999), false),
            ("<".repeat(9_999), false),
            (format!("{}{}", "<b>".repeat(400), "</b>".repeat(400)).repeat(9), false),
        ] {
            assert_eq!(is_too_deep(&markup), expected, "{}", &markup[..20]);
        }
    }
}
