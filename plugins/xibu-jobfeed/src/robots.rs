//! robots.txt (RFC 9309): whether a path may be asked for, and how slowly.
//!
//! Crawl-delay is no part of the RFC, but many sites say it. What it is not: no sitemap, and
//! nothing is fetched here.

use std::time::Duration;

/// The RFC asks that at least this much is read.
const BYTES_MAX: usize = 500 * 1024;

/// A site that asks for longer does not want us often; a day's polling would stop otherwise.
const DELAY_MAX: Duration = Duration::from_secs(3600);

/// What a site's robots.txt says to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// The pause it asks for between two requests.
    pub(crate) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// As in the file, percent-encoding brought to one form.
    pattern: String,
}

#[derive(Default)]
struct Group {
    ours: bool,
    everybodys: bool,
    robots: Robots,
}

impl Robots {
    /// Reads the file for the product token `us`, in lower case.
    pub(crate) fn parse(bytes: &[u8], us: &str) -> Robots {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(BYTES_MAX)]);
        let mut groups: Vec<Group> = Vec::new();
        let mut in_names = false;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !in_names {
                    groups.push(Group::default());
                }
                in_names = true;
                if let Some(group) = groups.last_mut() {
                    let name = value.to_ascii_lowercase();
                    group.everybodys |= name == "*";
                    group.ours |= !us.is_empty() && product(&name) == us;
                }
                continue;
            }
            let Some(group) = groups.last_mut() else { continue };
            match key.as_str() {
                "allow" | "disallow" => {
                    in_names = false;
                    // An empty Disallow allows everything: no rule.
                    if !value.is_empty() {
                        let rule = Rule { allow: key == "allow", pattern: normalised(value) };
                        group.robots.rules.push(rule);
                    }
                }
                "crawl-delay" => {
                    in_names = false;
                    let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
                    let delay = seconds.map(|s| Duration::from_secs_f64(s.min(1e6)).min(DELAY_MAX));
                    group.robots.delay = delay.or(group.robots.delay);
                }
                _ => {}
            }
        }
        // All groups that name us count together; else all that name everybody.
        let named = groups.iter().any(|group| group.ours);
        let mut found = Robots::default();
        for group in groups {
            if if named { group.ours } else { group.everybodys } {
                found.rules.extend(group.robots.rules);
                found.delay = found.delay.max(group.robots.delay);
            }
        }
        found
    }

    /// Whether a path with its query may be asked for: the longest rule that fits says, of equal
    /// ones the one that allows.
    pub(crate) fn allows(&self, path_and_query: &str) -> bool {
        let path = normalised(path_and_query);
        if path == "/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        fitting.max_by_key(|rule| (rule.pattern.len(), rule.allow)).is_none_or(|rule| rule.allow)
    }
}

fn product(name: &str) -> &str {
    let end = name.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &name[..end.unwrap_or(name.len())]
}

/// `*` stands for anything, `$` at the end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !to_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if to_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Percent-encoding in one form: what needs none is plain, everything else `%XX` in upper case.
fn normalised(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
        let (byte, long) = match (bytes[at], hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (byte, _, _) => (byte, 1),
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if unreserved || long == 1 && byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        at += long;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(file: &str, allowed: &[&str], refused: &[&str]) {
        let robots = Robots::parse(file.as_bytes(), "xibu-jobfeed");
        for path in allowed {
            assert!(robots.allows(path), "{path} is refused by\n{file}");
        }
        for path in refused {
            assert!(!robots.allows(path), "{path} is allowed by\n{file}");
        }
    }

    #[test]
    fn the_longest_rule_of_our_group_says() {
        check("", &["/a"], &[]);
        check("User-agent: *\nDisallow:", &["/a"], &[]);
        check("User-agent: *\nDisallow: /", &["/robots.txt"], &["/", "/a"]);
        check("user-agent:*\nDISALLOW:/a # ours", &["/b"], &["/a", "/a/b", "/ab"]);
        check("User-agent: *\nDisallow: /a\nAllow: /a/b", &["/a/b/c"], &["/a/c"]);
        check("User-agent: *\nDisallow: /a\nAllow: /a", &["/a"], &[]);
        // A group that names us hides the one for everybody, however the name is written.
        check(
            "User-agent: *\nDisallow: /\n\nUser-agent: Xibu-JobFeed/2\nDisallow: /b",
            &["/a"],
            &["/b"],
        );
        check("User-agent: other\nDisallow: /", &["/a"], &[]);
        // One group for several, and two groups for one.
        check("User-agent: other\nUser-agent: xibu-jobfeed\nDisallow: /a", &["/b"], &["/a"]);
        check(
            "User-agent: xibu-jobfeed\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: xibu-jobfeed\nDisallow: /b",
            &["/c"],
            &["/a", "/b"],
        );
        check("Disallow: /", &["/a"], &[]);
        check("\u{feff}User-agent: *\r\nDisallow: /a\r\n", &["/b"], &["/a"]);
    }

    #[test]
    fn stars_and_ends() {
        check("User-agent: *\nDisallow: /*.php", &["/a.html"], &["/a.php", "/b/a.php?x"]);
        check("User-agent: *\nDisallow: /*.php$", &["/a.php?x"], &["/a.php"]);
        check("User-agent: *\nDisallow: /a$", &["/ab", "/a/b"], &["/a"]);
        check("User-agent: *\nDisallow: /a*b*c", &["/acb"], &["/a1b2c3"]);
        check("User-agent: *\nDisallow: *", &[], &["/a"]);
        check("User-agent: *\nDisallow: /*?", &["/a"], &["/a?b"]);
    }

    #[test]
    fn percent_encoding_is_one() {
        check("User-agent: *\nDisallow: /招聘", &["/a"], &["/%E6%8B%9B%e8%81%98/1", "/招聘"]);
        check("User-agent: *\nDisallow: /%61b", &["/b"], &["/ab", "/%61b"]);
        check("User-agent: *\nDisallow: /a%2Fb", &["/a/b"], &["/a%2fb"]);
    }

    #[test]
    fn delays() {
        let delay = |file: &str| Robots::parse(file.as_bytes(), "xibu-jobfeed").delay;
        assert_eq!(delay("User-agent: *\nCrawl-delay: 10"), Some(Duration::from_secs(10)));
        assert_eq!(delay("User-agent: *\nCrawl-delay: 0.5"), Some(Duration::from_millis(500)));
        assert_eq!(delay("User-agent: *\nCrawl-delay: 1e300"), Some(DELAY_MAX));
        assert_eq!(delay("User-agent: *\nCrawl-delay: -1"), None);
        assert_eq!(delay("User-agent: *\nCrawl-delay: NaN"), None);
        assert_eq!(delay("User-agent: other\nCrawl-delay: 10"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(file in "(user-agent:|disallow:|allow:|crawl-delay:|\\*|\\$|/|%|\\n|.){0,80}", path in ".{0,30}") {
            Robots::parse(file.as_bytes(), "xibu-jobfeed").allows(&path);
        }

        #[test]
        fn a_pattern_without_signs_is_a_prefix(pattern in "/[a-z/]{0,8}", path in "/[a-z/]{0,8}") {
            let file = format!("User-agent: *\nDisallow: {pattern}");
            let robots = Robots::parse(file.as_bytes(), "xibu-jobfeed");
            prop_assert_eq!(robots.allows(&path), !path.starts_with(&pattern));
        }
    }
}
