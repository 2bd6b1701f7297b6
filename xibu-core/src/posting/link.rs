//! A link reduced to what names the page, so that the same page is known again.
//!
//! Not a URL parser: what is no http(s) link is none. The fragment stays, because many sites put
//! their pages behind `#/`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Parameters that say where a reader came from and not what they see.
const TRACKING: &[&str] =
    &["spm", "from", "share", "fromuid", "source", "ref", "scene", "timestamp"];

/// None where the link is no page of its own: no http(s), or a site's front page.
pub(super) fn normalised(link: &str) -> Option<String> {
    let link = link.trim();
    let lower = link.get(..8).unwrap_or(link).to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &link[8..]
    } else if lower.starts_with("http://") {
        &link[7..]
    } else {
        return None;
    };
    if rest.len() > 2_000 {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
    let host = host.trim_end_matches(":443").trim_end_matches(":80").trim_start_matches("www.");
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.trim_end_matches('/');
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !name.starts_with("utm_") && !TRACKING.contains(&name)
        })
        .collect();
    pairs.sort_unstable();
    let fragment = if fragment == "top" { "" } else { fragment };
    if host.is_empty() || path.is_empty() && pairs.is_empty() && fragment.is_empty() {
        return None;
    }
    Some(format!("{host}{path}?{}#{fragment}", pairs.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_page_is_known_again() {
        let page = normalised("https://rsj.test/a/1?id=2");
        for link in [
            "http://rsj.test/a/1?id=2",
            "HTTPS://WWW.RSJ.test:443/a/1/?id=2",
            " https://rsj.test/a/1?utm_source=x&id=2&spm=a.b ",
            "https://rsj.test/a/1?id=2#top",
        ] {
            assert_eq!(normalised(link), page, "{link}");
        }
        for link in ["https://rsj.test/a/1?id=3", "https://rsj.test/a/1?id=2#/job/3"] {
            assert_ne!(normalised(link), page, "{link}");
        }
    }

    #[test]
    fn a_front_page_names_no_posting() {
        for link in ["https://rsj.test/", "https://rsj.test", "", "mailto:a@b.test", "https:///a"] {
            assert_eq!(normalised(link), None, "{link}");
        }
    }
}
