//! Which plugin carries which channel, what may go by it, and where the listener stands.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::read::Reader;
use super::{Listen, Plugin};
use crate::delivery::ChannelLimits;

/// Channels by name: the value of a person that is the address.
const CHANNELS: [&str; 2] = ["mail", "phone"];

/// Plugins by channel, the preferred first.
pub(super) fn channels(
    reader: &mut Reader<'_>,
    plugins: &[Plugin],
) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for channel in CHANNELS {
        let key = format!("channel.{channel}");
        let mut carried_by: Vec<String> = Vec::new();
        for plugin in reader.texts(&key).unwrap_or_default() {
            if !plugins.iter().any(|known| known.id() == plugin) {
                reader.complain(
                    &key,
                    &format!("没有名为 `{plugin}` 的插件；请先写 [plugin.{plugin}]"),
                    &format!("no plugin is called `{plugin}`; add a [plugin.{plugin}] table"),
                );
            } else if !carried_by.contains(&plugin) {
                carried_by.push(plugin);
            }
        }
        if !carried_by.is_empty() {
            found.insert(channel.to_owned(), carried_by);
        }
    }
    found
}

/// What may go by each channel.
pub(super) fn limits(reader: &mut Reader<'_>) -> BTreeMap<String, ChannelLimits> {
    let mut found = BTreeMap::new();
    for channel in CHANNELS {
        let mut limit = |name: &str| {
            let key = format!("channel_limits.{channel}.{name}");
            let number = reader.number(&key)?;
            let most = u32::try_from(number).ok().filter(|most| *most > 0);
            if most.is_none() {
                reader.complain(
                    &key,
                    &format!("应是大于 0 的整数，现为 {number}；不限就去掉这一项"),
                    &format!(
                        "expected a number above 0, found {number}; leave it out for no limit"
                    ),
                );
            }
            most
        };
        let limits = ChannelLimits {
            per_day: limit("per_day"),
            per_person_per_day: limit("per_person_per_day"),
            per_minute: limit("per_minute"),
        };
        if limits.is_any() {
            found.insert(channel.to_owned(), limits);
        }
    }
    found
}

/// The listener; none where no address is set.
pub(super) fn listen(reader: &mut Reader<'_>) -> Option<Listen> {
    let public_url = public_url(reader);
    let text = reader.text("listen.address").filter(|text| !text.is_empty())?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        reader.complain(
            "listen.address",
            &format!("`{text}` 不是地址；写作 127.0.0.1:8080"),
            &format!("`{text}` is no address; write it as 127.0.0.1:8080"),
        );
        return None;
    };
    Some(Listen { address, public_url })
}

fn public_url(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.text("listen.public_url").filter(|text| !text.is_empty())?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let whole = host.is_some_and(|host| {
        !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "?#@".contains(c))
    });
    if !whole {
        reader.complain(
            "listen.public_url",
            &format!("`{text}` 不是网址；写作 https://xibu.office.test"),
            &format!("`{text}` is no address on the web; write it as https://xibu.office.test"),
        );
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}
