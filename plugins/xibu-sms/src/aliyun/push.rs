//! `SmsReport` and `SmsUp` as Aliyun pushes them: JSON arrays.
//! <https://help.aliyun.com/document_detail/101867.html>

use serde_json::Value;
use xibu_plugin_sdk::message::{Arrived, Fate, Item, Receipt};

use super::codes;
use crate::civil;
use crate::door::{Came, Push, id_of, some_text, text};
use crate::phone::as_sender;

pub(crate) fn read(what: Came, push: &Push<'_>) -> Result<Vec<Item>, &'static str> {
    let list = push.json_list().ok_or("it is no JSON array")?;
    let read = match what {
        Came::Reports => report,
        Came::Replies => reply,
    };
    // One that is not understood fails the push as a whole: it comes again rather than be lost.
    list.iter().map(|entry| read(entry, push.now_unix_ms)).collect()
}

fn report(entry: &Value, now_unix_ms: i64) -> Result<Item, &'static str> {
    let fate = match text(&entry["success"]).as_str() {
        "true" => Fate::Delivered,
        "false" => codes::failed(&text(&entry["err_code"])),
        _ => return Err("a report without `success`"),
    };
    let (key, reference) = (some_text(&entry["out_id"]), some_text(&entry["biz_id"]));
    if key.is_none() && reference.is_none() {
        return Err("a report without `out_id` and `biz_id`");
    }
    let at_unix_ms = civil::milliseconds(&entry["report_time"]).unwrap_or(now_unix_ms);
    Ok(Item::Receipt(Receipt { key, reference, at_unix_ms, fate }))
}

fn reply(entry: &Value, now_unix_ms: i64) -> Result<Item, &'static str> {
    let number = some_text(&entry["phone_number"]).ok_or("a reply without `phone_number`")?;
    let words = entry["content"].as_str().ok_or("a reply without `content`")?;
    let time = text(&entry["send_time"]);
    let id = match some_text(&entry["sequence_id"]) {
        Some(sequence) => id_of(&["aliyun", &sequence, &number, words]),
        None => id_of(&["aliyun", &time, &number, words]),
    };
    Ok(Item::Arrived(Arrived {
        id,
        from: as_sender(&number, None),
        received_unix_ms: civil::of_text(&time).unwrap_or(now_unix_ms),
        text: words.to_owned(),
        ..Arrived::default()
    }))
}
