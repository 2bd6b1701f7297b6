//! Reports and replies as Tencent Cloud pushes them, and as they are pulled.
//! <https://cloud.tencent.com/document/product/382/5807>,
//! <https://cloud.tencent.com/document/product/382/5809>

use serde_json::Value;
use xibu_plugin_sdk::message::{Arrived, Fate, Item, Receipt};

use super::codes;
use crate::civil;
use crate::door::{Came, Push, id_of, some_text, text};
use crate::phone::as_sender;

pub(crate) fn read(what: Came, push: &Push<'_>) -> Result<Vec<Item>, &'static str> {
    let list = push.json_list().ok_or("it is no JSON")?;
    let read = match what {
        Came::Reports => pushed_report,
        Came::Replies => pushed_reply,
    };
    // One that is not understood fails the push as a whole: it comes again rather than be lost.
    list.iter().map(|entry| read(entry, push.now_unix_ms)).collect()
}

/// An entry of a pull, which says by its fields what it is.
pub(super) fn pulled(entry: &Value, now_unix_ms: i64) -> Result<Item, &'static str> {
    if entry["ReplyContent"].is_string() {
        let number = some_text(&entry["PhoneNumber"]).or(some_text(&entry["SubscriberNumber"]));
        let country = some_text(&entry["CountryCode"]);
        let number = number.ok_or("a reply without a number")?;
        let words = text(&entry["ReplyContent"]);
        return Ok(reply(&number, country.as_deref(), &words, &entry["ReplyTime"], now_unix_ms));
    }
    let state = text(&entry["ReportStatus"]);
    report(
        &state,
        &text(&entry["Description"]),
        some_text(&entry["SerialNo"]),
        some_text(&entry["SessionContext"]),
        &entry["UserReceiveTime"],
        now_unix_ms,
    )
}

fn pushed_report(entry: &Value, now_unix_ms: i64) -> Result<Item, &'static str> {
    let state = text(&entry["report_status"]);
    let (code, sid) = (text(&entry["errmsg"]), some_text(&entry["sid"]));
    report(&state, &code, sid, None, &entry["user_receive_time"], now_unix_ms)
}

fn report(
    state: &str,
    code: &str,
    reference: Option<String>,
    key: Option<String>,
    time: &Value,
    now_unix_ms: i64,
) -> Result<Item, &'static str> {
    let fate = match state {
        "SUCCESS" => Fate::Delivered,
        "FAIL" => codes::failed(code),
        _ => return Err("a report without its status"),
    };
    if key.is_none() && reference.is_none() {
        return Err("a report without its number");
    }
    let at_unix_ms = civil::milliseconds(time).unwrap_or(now_unix_ms);
    Ok(Item::Receipt(Receipt { key, reference, at_unix_ms, fate }))
}

fn pushed_reply(entry: &Value, now_unix_ms: i64) -> Result<Item, &'static str> {
    let number = some_text(&entry["mobile"]).ok_or("a reply without `mobile`")?;
    let words = entry["text"].as_str().ok_or("a reply without `text`")?;
    let country = some_text(&entry["nationcode"]);
    Ok(reply(&number, country.as_deref(), words, &entry["time"], now_unix_ms))
}

/// The vendor numbers no reply: the same words from the same number in the same second are one,
/// whether pulled or pushed.
fn reply(number: &str, country: Option<&str>, words: &str, time: &Value, now_unix_ms: i64) -> Item {
    let from = as_sender(number, country);
    let received = civil::milliseconds(time);
    let second = received.map_or_else(|| text(time), |at| at.to_string());
    Item::Arrived(Arrived {
        id: id_of(&["tencent", &from, &second, words]),
        from,
        received_unix_ms: received.unwrap_or(now_unix_ms),
        text: words.to_owned(),
        ..Arrived::default()
    })
}
