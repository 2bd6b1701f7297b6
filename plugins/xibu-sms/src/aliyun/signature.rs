//! ACS3-HMAC-SHA256.
//! <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use sha2::{Digest, Sha256};

use super::{Access, VERSION};
use crate::civil;
use crate::http::host_field;
use crate::unkept::random;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// RFC 3986: everything but letters, digits and these four.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request's address with its parameters, and its header fields.
pub(super) struct Signed {
    pub(super) url: Url,
    pub(super) fields: Vec<(&'static str, String)>,
}

/// Signs a call whose parameters stand in the query and whose body is empty.
pub(super) fn sign(
    access: &Access,
    endpoint: &Url,
    action: &str,
    parameters: &[(&str, String)],
    now_unix_ms: i64,
) -> Signed {
    let query = canonical_query(parameters);
    let content = hex::encode(Sha256::digest(b""));
    // By name, as they are signed.
    let mut fields = vec![
        ("host", host_field(endpoint)),
        ("x-acs-action", action.to_owned()),
        ("x-acs-content-sha256", content.clone()),
        ("x-acs-date", civil::utc(now_unix_ms, "%Y-%m-%dT%H:%M:%SZ")),
        ("x-acs-signature-nonce", format!("{:016x}{:016x}", random(), random())),
        ("x-acs-version", VERSION.to_owned()),
    ];
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = fields.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{content}");
    let to_sign = format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(canonical)));
    let signature = hex::encode(hmac(access.key_secret.as_bytes(), to_sign.as_bytes()));
    let authorization = format!(
        "{ALGORITHM} Credential={},SignedHeaders={names},Signature={signature}",
        access.key_id
    );
    fields.push(("authorization", authorization));
    fields.push(("accept", "application/json".into()));
    let mut url = endpoint.clone();
    url.set_path("/");
    url.set_query(Some(&query));
    Signed { url, fields }
}

fn canonical_query(parameters: &[(&str, String)]) -> String {
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let mut pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// HMAC-SHA256 of a message under a key of any length.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length is taken; without one there would be no signature, and no vendor takes
    // that.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_and_ordered() {
        let parameters = [("b", "1 +/~".to_owned()), ("a", "短信".to_owned())];
        assert_eq!(canonical_query(&parameters), "a=%E7%9F%AD%E4%BF%A1&b=1%20%2B%2F~");
    }

    /// The query of the address is, byte for byte, the one that was signed.
    #[test]
    fn the_address_does_not_escape_a_second_time() {
        let access = Access { key_id: "id".into(), key_secret: "secret".into() };
        let endpoint = Url::parse("http://127.0.0.1:8080").unwrap();
        let parameters = [("TemplateParam", r#"{"a":"'短信' (1) %|"}"#.to_owned())];
        let signed = sign(&access, &endpoint, "SendSms", &parameters, 0);
        assert_eq!(signed.url.query(), Some(canonical_query(&parameters).as_str()));
        assert_eq!(signed.fields[0], ("host", "127.0.0.1:8080".to_owned()));
        assert_eq!(signed.fields[3].1, "1970-01-01T00:00:00Z");
        let nonce = |signed: &Signed| signed.fields[4].1.clone();
        let again = sign(&access, &endpoint, "SendSms", &parameters, 0);
        assert_ne!(nonce(&signed), nonce(&again));
    }
}
