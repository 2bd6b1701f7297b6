//! One message as mail: headers, text, attachments.
//!
//! Message-ID is made from the message's key, so every attempt of one message carries the same;
//! Date is the host's time. What it is not: it sends nothing.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message as Mail, MultiPart, SinglePart};
use xibu_plugin_sdk::message::{Attachment, Message};

use crate::configuration::Configuration;
use crate::mark::Mark;

/// Why a message cannot be made into mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Its address is no mail address.
    Address,
    /// An attachment's bytes are missing.
    AttachmentMissing,
    /// Where it says "no more of these" is no address of the web.
    Unsubscribe,
    /// The mail cannot be put together.
    Content,
}

/// A mail ready to go.
pub(crate) struct Ready {
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

/// Puts a message together.
pub(crate) fn make(
    (configuration, mark): (&Configuration, &Mark),
    message: &Message,
    blobs: &[&[u8]],
    now_unix_ms: i64,
) -> Result<Ready, Unfit> {
    // Mail servers that take other letters in addresses are rare; a look-alike letter is likelier.
    if !message.address.is_ascii() {
        return Err(Unfit::Address);
    }
    let to: Address = message.address.parse().map_err(|_| Unfit::Address)?;
    let name = Some(one_line(&message.recipient)).filter(|name| !name.is_empty());
    let mut builder = Mail::builder()
        .from(configuration.from.clone())
        .to(Mailbox::new(name, to.clone()))
        .subject(one_line(&message.subject))
        .date(date(now_unix_ms))
        .message_id(Some(format!("<{}@{}>", mark.of(&message.key), configuration.domain)))
        .header(AutoSubmitted);
    if let Some(address) = &message.unsubscribe {
        let unsubscribe = Unsubscribe::new(address).ok_or(Unfit::Unsubscribe)?;
        if unsubscribe.may_be_one_click() {
            builder = builder.header(OneClick);
        }
        builder = builder.header(unsubscribe);
    }
    let text = SinglePart::plain(message.text.clone());
    let mail = if message.attachments.is_empty() {
        builder.singlepart(text)
    } else {
        let mut parts = MultiPart::mixed().singlepart(text);
        for attachment in &message.attachments {
            parts = parts.singlepart(part(attachment, blobs)?);
        }
        builder.multipart(parts)
    };
    Ok(Ready { to, bytes: mail.map_err(|_| Unfit::Content)?.formatted() })
}

fn date(now_unix_ms: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now_unix_ms).unwrap_or(0))
}

fn part(attachment: &Attachment, blobs: &[&[u8]]) -> Result<SinglePart, Unfit> {
    let bytes = blobs.get(attachment.blob as usize).ok_or(Unfit::AttachmentMissing)?;
    let name = one_line(&attachment.file_name).replace(['/', '\\'], "_");
    // Base64 whatever it is: a text file's line ends must arrive as they are.
    let body = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64)
        .map_err(|_| Unfit::Content)?;
    Ok(SinglePart::builder()
        // RFC 2231 here, which every current program reads …
        .header(ContentDisposition::attachment(&name))
        // … and RFC 2047 there, which old ones look for.
        .header(NamedType::new(&attachment.media_type, &name))
        .body(body))
}

/// Text for a header: no line breaks or other control characters, which could end the header.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

/// RFC 3834: nobody's holiday notice is to answer us.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// RFC 2369: where the reader says "no more of these".
#[derive(Clone)]
struct Unsubscribe {
    address: String,
}

impl Unsubscribe {
    /// Longer ones would not fit a line (RFC 5322, 2.1.1).
    const LENGTH_MAX: usize = 900;

    /// None where it is no http(s) address, or holds a character that could end the header.
    fn new(address: &str) -> Option<Self> {
        let of_the_web = ["https://", "http://"].iter().any(|start| address.starts_with(start));
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',' | '"');
        let fits = of_the_web && address.chars().all(plain) && address.len() <= Self::LENGTH_MAX;
        fits.then(|| Self { address: address.to_owned() })
    }

    /// RFC 8058 allows one click over https alone.
    fn may_be_one_click(&self) -> bool {
        self.address.starts_with("https://")
    }
}

impl Header for Unsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self { address: value.trim_matches(['<', '>', ' ']).to_owned() })
    }

    fn display(&self) -> HeaderValue {
        // On a line of its own and never folded: an address has no place to break.
        let value = format!("<{}>", self.address);
        HeaderValue::dangerous_new_pre_encoded(Self::name(), value.clone(), value)
    }
}

/// RFC 8058: the mail program may say it for the reader, by one POST and without a look.
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".into())
    }
}

/// A media type with the file's name as encoded words.
#[derive(Clone)]
struct NamedType {
    value: String,
}

impl NamedType {
    fn new(media_type: &str, name: &str) -> Self {
        let known = ContentType::parse(media_type).is_ok() && media_type.is_ascii();
        let media_type = if known { media_type } else { "application/octet-stream" };
        let quoted = if name.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\') {
            name.to_owned()
        } else {
            encoded_words(name)
        };
        Self { value: format!("{media_type};\r\n name=\"{quoted}\"") }
    }
}

impl Header for NamedType {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Type")
    }

    fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self { value: value.to_owned() })
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.value.clone(), self.value.clone())
    }
}

/// RFC 2047: words of at most 75 characters, no letter cut in two.
fn encoded_words(text: &str) -> String {
    // 45 bytes are 60 characters in base64, and 12 more around them.
    const BYTES_MAX: usize = 45;
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, left) = rest.split_at(rest.floor_char_boundary(BYTES_MAX));
        words.push(format!("=?UTF-8?B?{}?=", STANDARD.encode(word)));
        rest = left;
    }
    words.join("\r\n ")
}
