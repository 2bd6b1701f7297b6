//! A page of a mail to lines of text: blocks become lines, what is quoted is marked with `> ` as
//! in plain mail.
//!
//! What it is not: no browser; styles are passed over. Linear in its input, whatever stands there.

/// Deeper quotations look alike.
const QUOTED_MAX: usize = 20;

/// To text.
pub(super) fn to_text(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        page.words(&rest[..at]);
        rest = page.tag(&rest[at..]);
    }
    page.words(rest);
    page.out.trim_matches(['\n', ' ']).to_owned()
}

#[derive(Default)]
struct Page {
    out: String,
    quoted: usize,
    /// Within this element nothing is shown.
    hidden: Option<&'static str>,
    /// A space came and nothing after it.
    space: bool,
    /// Line breaks stand as they are.
    as_is: bool,
    /// No further comment ends: looked once to the end.
    endless_comment: bool,
    /// Nor does any further tag.
    endless_tag: bool,
}

const HIDDEN: [&str; 6] = ["head", "style", "script", "title", "template", "noscript"];
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "hr",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "dd",
    "dt",
    "center",
];

impl Page {
    /// Takes what begins with `<`; gives what follows it.
    fn tag<'a>(&mut self, text: &'a str) -> &'a str {
        if text.starts_with("<!--") && !self.endless_comment {
            match text.find("-->") {
                Some(end) => return &text[end + 3..],
                None => self.endless_comment = true,
            }
        }
        let begins = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let end = if begins && !self.endless_tag { text.find('>') } else { None };
        let Some(end) = end else {
            self.endless_tag |= begins;
            self.words("<");
            return &text[1..];
        };
        let inner = &text[1..end];
        let closes = inner.starts_with('/');
        let inner = inner.trim_start_matches('/');
        let length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let name = inner[..length].to_ascii_lowercase();
        self.element(&name, closes);
        &text[end + 1..]
    }

    fn element(&mut self, name: &str, closes: bool) {
        if let Some(hidden) = self.hidden {
            if name == "body" || (closes && name == hidden) {
                self.hidden = None;
            }
            return;
        }
        if let Some(hidden) = HIDDEN.iter().find(|hidden| **hidden == name).filter(|_| !closes) {
            self.hidden = Some(hidden);
            return;
        }
        if matches!(name, "td" | "th") {
            self.space = true;
        }
        if !BLOCKS.contains(&name) {
            return;
        }
        match name {
            "br" => self.break_line(),
            _ => self.end_line(),
        }
        match name {
            "blockquote" if closes => self.quoted = self.quoted.saturating_sub(1),
            "blockquote" => self.quoted = (self.quoted + 1).min(QUOTED_MAX),
            "pre" => self.as_is = !closes,
            "hr" => {
                self.words("________");
                self.end_line();
            }
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (letter, length) = entity(rest).unwrap_or((letter, letter.len_utf8()));
            rest = &rest[length..];
            match letter {
                '\n' if self.as_is => self.break_line(),
                letter if letter.is_whitespace() => self.space = true,
                letter => self.letter(letter),
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if self.out.is_empty() || self.out.ends_with('\n') {
            self.out.push_str(&"> ".repeat(self.quoted));
        } else if self.space {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push(letter);
    }

    /// A new line, unless one has just begun.
    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.break_line();
        }
        self.space = false;
    }

    /// A new line; of several empty ones two stay.
    fn break_line(&mut self) {
        if !self.out.ends_with("\n\n\n") {
            self.out.push('\n');
        }
        self.space = false;
    }
}

/// A character reference at the beginning: the letter and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(10).position(|byte| byte == b';')?;
    let name = &inner[..end];
    let letter = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "middot" => '·',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).unwrap_or(' ')
        }
    };
    Some((letter, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_a_reader_sees_them() {
        let table = [
            ("安全无事", "安全无事"),
            ("<p>安全无事&nbsp;7341</p><p>张三</p>", "安全无事 7341\n张三"),
            ("安全<br>无事", "安全\n无事"),
            ("<div>安全\n 无事</div>\n<div>张三</div>", "安全 无事\n张三"),
            ("<html><head><title>x</title><style>p{}</style></head><body>安全</body>", "安全"),
            ("安全<!-- 不看 > 的 -->无事", "安全无事"),
            ("安全<blockquote><div>问</div><div>答</div></blockquote>完", "安全\n> 问\n> 答\n完"),
            ("a<blockquote>b<blockquote>c</blockquote></blockquote>", "a\n> b\n> > c"),
            ("<table><tr><td>一</td><td>二</td></tr><tr><td>三</td></tr></table>", "一 二\n三"),
            ("1 &lt; 2 &#38; &#x5B89; &nosuch; 3 < 4", "1 < 2 & 安 &nosuch; 3 < 4"),
            ("<pre>一\n二</pre>", "一\n二"),
            ("<script>安全</script>", ""),
            ("a<hr>b", "a\n________\nb"),
            ("一<br><br><br><br><br>二", "一\n\n\n二"),
        ];
        for (html, expected) in table {
            assert_eq!(to_text(html), expected, "{html}");
        }
    }

    #[test]
    fn nothing_makes_it_slow() {
        let begun = std::time::Instant::now();
        for piece in ["<", "<!--", "<a \"", "&", "<blockquote>", "<script>", "</", "&#x"] {
            to_text(&piece.repeat(30_000));
        }
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}
