//! SMPP against an SMS centre written by others, npm `smpp`.

use std::time::Instant;

use serde_json::{Value, json};
use xibu_daemon::carrier::Carrier;
use xibu_plugin_abi::message::{Blame, Fate, Item, Outcome};

use crate::centre::Centre;
use crate::certificate;
use crate::library::{Place, place};
use crate::{LONG, deliver, message, poll};

fn settings(port: u16) -> Value {
    json!({
        "provider": "smpp", "host": "127.0.0.1", "port": port, "security": "plain",
        "system_id": "xmb", "password": "smpp-pw", "source": "10690000", "timeout": 3,
        "connections": 2, "template": [{"kind": "*", "text": "${text}"}],
    })
}

async fn carrier(place: &Place, settings: Value) -> Carrier {
    Carrier::start(place.settings(settings), place.host.clone()).await.unwrap()
}

/// Polls without keeping anything until so many items are there.
async fn poll_until(carrier: &Carrier, count: usize) -> (Vec<Item>, String) {
    let begun = Instant::now();
    loop {
        let (items, cursor) = poll(carrier, None).await;
        if items.len() >= count {
            return (items, cursor);
        }
        assert!(begun.elapsed() < LONG, "only {items:?}");
        tokio::task::yield_now().await;
    }
}

fn words(outcomes: &[Outcome]) -> Vec<&'static str> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Deferred { blame: Blame::Channel, .. } => "deferred channel",
        Outcome::Deferred { .. } => "deferred",
        Outcome::Throttled { .. } => "throttled",
        Outcome::Rejected { blame: Blame::Address, .. } => "rejected address",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Unknown => "unknown",
    };
    outcomes.iter().map(word).collect()
}

#[tokio::test]
async fn seventy_seven_letters_are_two_parts_and_one_receipt() {
    let (place, centre) = (place("xibu-sms"), Centre::start());
    let carrier = carrier(&place, settings(centre.port)).await;
    let text: String =
        "请于二〇二六年六月二十六日前报送安全情况。".chars().cycle().take(77).collect();
    let outcomes = deliver(&carrier, vec![message("k1", "15400000001", &text)]).await;
    let Outcome::Accepted { reference } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(reference, "smsc-1,smsc-2");
    assert_eq!(centre.next("bind"), json!({"event": "bind", "known": true, "version": 0x34}));
    let mut whole = String::new();
    let mut references = Vec::new();
    for number in 1..=2 {
        let part = centre.next("submit_sm");
        assert_eq!((&part["to"], &part["from"]), (&json!("8615400000001"), &json!("10690000")));
        assert_eq!((&part["ton"], &part["npi"]), (&json!(1), &json!(1)));
        assert_eq!((&part["esm_class"], &part["data_coding"]), (&json!(0x40), &json!(8)));
        assert_eq!(part["registered_delivery"], 1);
        let header = part["udh"][0].as_str().unwrap().to_owned();
        assert_eq!(&header[..4], "0003");
        assert_eq!(&header[6..], format!("020{number}"));
        references.push(header[4..6].to_owned());
        whole += part["text"].as_str().unwrap();
    }
    assert_eq!(references[0], references[1]);
    assert_eq!(whole, text);
    // Two receipts for two parts are one for the message.
    let (items, cursor) = poll_until(&carrier, 1).await;
    let [Item::Receipt(receipt)] = &items[..] else { panic!("{items:?}") };
    assert_eq!((receipt.key.as_deref(), &receipt.fate), (Some("k1"), &Fate::Delivered));
    assert_eq!(receipt.reference.as_ref(), Some(reference));
    assert_eq!(receipt.at_unix_ms, 1_781_483_460_000);
    let taken = centre.heard().iter().filter(|one| one["event"] == "deliver_sm_resp").count();
    assert_eq!(taken, 0, "the centre hears nothing before the host has kept it");
    assert_eq!(poll(&carrier, Some(&cursor)).await.0, []);
    for _ in 0..2 {
        assert_eq!(centre.next("deliver_sm_resp")["status"], 0);
    }
    carrier.stop().await;
}

#[tokio::test]
async fn a_refusal_and_a_cut_line_have_their_outcomes_and_the_next_call_goes_on() {
    let (place, centre) = (place("xibu-sms"), Centre::start());
    let carrier = carrier(&place, settings(centre.port)).await;
    for (number, expected) in [
        ("15400000001", "accepted"),
        ("15400000011", "rejected address"),
        ("15400000058", "throttled"),
        ("15400000001", "accepted"),
        ("15400000090", "unknown"),
        ("15400000001", "accepted"),
        ("15400000091", "unknown"),
        ("15400000001", "accepted"),
    ] {
        let outcomes = deliver(&carrier, vec![message("k", number, "安全情况待报送。")]).await;
        assert_eq!(words(&outcomes), [expected], "{number}: {outcomes:?}");
        assert!(!format!("{outcomes:?}").contains(number));
    }
    // A throttled centre rests for the whole batch; what can never go is told all the same.
    let batch = [("58", "一"), ("01", "二"), ("01", "😀")];
    let batch = batch.map(|(last, text)| message("k", &format!("154000000{last}"), text));
    let mut one_lane = settings(centre.port);
    one_lane["connections"] = json!(1);
    let single = self::carrier(&place, one_lane).await;
    assert_eq!(words(&deliver(&single, batch.to_vec()).await), ["throttled"; 3]);
    let odd = deliver(&carrier, vec![message("k", "15400000001", "😀")]).await;
    assert_eq!(words(&odd), ["rejected"]);
    single.stop().await;
    carrier.stop().await;
}

#[tokio::test]
async fn a_centre_that_is_not_there_or_knows_us_not_defers() {
    let (place, centre) = (place("xibu-sms"), Centre::start());
    let mut wrong = settings(centre.port);
    wrong["password"] = json!("guessed");
    let stranger = carrier(&place, wrong).await;
    let outcomes = deliver(&stranger, vec![message("k", "15400000001", "一")]).await;
    let Outcome::Deferred { blame: Blame::Channel, detail } = &outcomes[0] else { panic!() };
    assert!(detail.contains("the bind was refused: EsmeRbindfail"), "{detail}");
    assert!(!detail.contains("guessed"));
    stranger.stop().await;
    let port = centre.port;
    drop(centre);
    let alone = carrier(&place, settings(port)).await;
    let outcomes = deliver(&alone, vec![message("k", "15400000001", "一")]).await;
    let Outcome::Deferred { blame: Blame::Channel, detail } = &outcomes[0] else { panic!() };
    assert!(detail.contains("not reached: Connection refused"), "{detail}");
    alone.stop().await;
}

#[tokio::test]
async fn what_people_write_comes_whole_and_under_one_id() {
    let (place, mut centre) = (place("xibu-sms"), Centre::start());
    let carrier = carrier(&place, settings(centre.port)).await;
    // A look binds, so that the centre has somebody to deliver to.
    assert_eq!(poll(&carrier, None).await.0, []);
    let say = |parts: Value| {
        json!({"do": "reply", "from": "8615400000001", "to": "10690000", "reference": 7,
            "parts": parts})
    };
    centre.command(&say(json!(["7Q42 安全无事"])));
    centre.command(&say(json!(["本月在岗五人，安全", "无事。"])));
    let (items, first) = poll_until(&carrier, 2).await;
    let text = |item: &Item| match item {
        Item::Arrived(arrived) => {
            assert_eq!(arrived.from, "15400000001");
            (arrived.text.clone(), arrived.id.clone())
        }
        other => panic!("{other:?}"),
    };
    let (short, short_id) = text(&items[0]);
    let (long, long_id) = text(&items[1]);
    assert_eq!((short.as_str(), long.as_str()), ("7Q42 安全无事", "本月在岗五人，安全无事。"));
    assert_ne!(short_id, long_id);
    // Not kept yet: they come again as they were, and the centre has heard nothing.
    let (again, second) = poll(&carrier, None).await;
    assert_eq!(
        again.iter().map(text).collect::<Vec<_>>(),
        [(short, short_id.clone()), (long, long_id)]
    );
    assert_ne!(first, second);
    // Kept, but the line is cut before the centre is told: it delivers again, under the same id.
    centre.command(&json!({"do": "cut"}));
    centre.next("closed");
    let begun = Instant::now();
    let mut cursor = second;
    loop {
        let (items, next) = poll(&carrier, Some(&cursor)).await;
        cursor = next;
        if items.is_empty() {
            break;
        }
        assert!(begun.elapsed() < LONG);
    }
    centre.next("bind");
    centre.command(&say(json!(["7Q42 安全无事"])));
    let (items, cursor) = poll_until(&carrier, 1).await;
    assert_eq!(text(&items[0]).1, short_id);
    assert_eq!(poll(&carrier, Some(&cursor)).await.0, []);
    assert_eq!(centre.next("deliver_sm_resp")["status"], 0);
    carrier.stop().await;
}

#[tokio::test]
async fn a_number_that_cannot_be_reached_is_told_by_its_receipt() {
    let (place, centre) = (place("xibu-sms"), Centre::start());
    let carrier = carrier(&place, settings(centre.port)).await;
    let batch = vec![
        message("k1", "15400000005", "安全情况待报送。"),
        message("k2", "15400000001", "ASCII only, in one part"),
    ];
    assert_eq!(words(&deliver(&carrier, batch).await), ["accepted", "accepted"]);
    let (items, _) = poll_until(&carrier, 2).await;
    let mut fates: Vec<(String, String)> = items
        .iter()
        .map(|item| match item {
            Item::Receipt(receipt) => (receipt.key.clone().unwrap(), format!("{:?}", receipt.fate)),
            other => panic!("{other:?}"),
        })
        .collect();
    fates.sort();
    assert!(fates[0].1.contains("blame: Address"), "{fates:?}");
    assert_eq!(fates[1], ("k2".into(), "Delivered".into()));
    let sent: Vec<Value> = [centre.next("submit_sm"), centre.next("submit_sm")].into();
    let small = sent.iter().find(|one| one["to"] == "8615400000001").unwrap();
    assert_eq!((&small["data_coding"], &small["udh"]), (&json!(0), &json!(null)));
    assert_eq!(small["text"], "ASCII only, in one part");
    carrier.stop().await;
}

#[tokio::test]
async fn over_tls_with_the_offices_own_authority_and_not_without() {
    let place = place("xibu-sms");
    let folder = tempfile::tempdir().unwrap();
    let issued = certificate::issue();
    let write = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let (key, server) = (write("key.pem", &issued.key), write("server.pem", &issued.server));
    let authority = write("ca.pem", &issued.authority);
    let centre = Centre::start_over_tls(&key, &server);
    let mut tls = settings(centre.port);
    tls["security"] = "tls".into();
    tls["host"] = "localhost".into();
    let untrusting = carrier(&place, tls.clone()).await;
    let outcomes = deliver(&untrusting, vec![message("k1", "15400000001", "报送")]).await;
    assert_eq!(words(&outcomes), ["deferred channel"], "{outcomes:?}");
    tls["ca_file"] = authority.to_str().unwrap().into();
    let trusting = carrier(&place, tls).await;
    let outcomes = deliver(&trusting, vec![message("k2", "15400000001", "报送")]).await;
    assert_eq!(words(&outcomes), ["accepted"], "{outcomes:?}");
    assert_eq!(centre.next("bind")["known"], true);
    assert_eq!(centre.next("submit_sm")["to"], "8615400000001");
}
