//! Tables of events: one event a line with what comes of it, every refusal, the same event again.

use super::*;
use proptest::prelude::*;

const START: Position = Position::planned(100, 1_000);

/// Runs `events` on a planned envelope (due at 100, of no use from 1000) and shows each result.
#[track_caller]
fn check(events: &[(Event, &str)]) {
    let mut at = START;
    for (line, (event, expected)) in events.iter().enumerate() {
        let shown = match at.after(*event) {
            Ok(next) => {
                at = next;
                next.state.name().to_owned()
            }
            Err(refusal) => format!("{refusal:?}"),
        };
        assert_eq!(&shown, expected, "line {line}: {event:?} at {at:?}");
    }
}

const fn came(now: i64) -> Event {
    Event::TimeCame { now }
}

const fn claim(now: i64) -> Event {
    Event::Claim { now, lease_until: now + 60 }
}

const fn intend(fence: u64) -> Event {
    Event::Intend { fence, now: 120 }
}

#[test]
fn the_straight_way() {
    check(&[
        (came(99), "NotYet"),
        (claim(100), "NotInThisState"),
        (came(100), "due"),
        (came(100), "NotInThisState"),
        (claim(99), "NotYet"),
        (claim(110), "claimed"),
        (claim(110), "NotInThisState"),
        (came(2_000), "NotInThisState"),
        (intend(2), "StaleFence"),
        (intend(1), "sending"),
        (intend(1), "NotInThisState"),
        (Event::Accept { fence: 0 }, "StaleFence"),
        (Event::Accept { fence: 1 }, "accepted"),
        (Event::Accept { fence: 1 }, "NotInThisState"),
        (Event::Deliver, "delivered"),
        (Event::Deliver, "NotInThisState"),
        (Event::Bounce, "bounced"),
        (Event::Bounce, "NotInThisState"),
    ]);
}

#[test]
fn what_came_back_goes_once_more_while_it_is_of_use() {
    let sent = [(came(100), "due"), (claim(100), "claimed"), (intend(1), "sending")];
    let check = |events: &[(Event, &str)]| check(&[&sent, events].concat());
    check(&[
        (Event::SendElsewhere { now: 300 }, "NotInThisState"),
        (Event::Accept { fence: 1 }, "accepted"),
        (Event::SendElsewhere { now: 300 }, "NotInThisState"),
        (Event::Bounce, "bounced"),
        (Event::SendElsewhere { now: 1_000 }, "PastUse"),
        (Event::SendElsewhere { now: 300 }, "deferred"),
        (Event::Deliver, "NotInThisState"),
        (came(300), "due"),
    ]);
    // A report that it arrived settles what was unknown.
    check(&[
        (Event::LoseSight { fence: 1 }, "unknown"),
        (Event::SendAgain { until: 400 }, "deferred"),
        (Event::Deliver, "delivered"),
        (came(400), "NotInThisState"),
    ]);
    check(&[(Event::LoseSight { fence: 1 }, "unknown"), (Event::Deliver, "delivered")]);
}

#[test]
fn deferred_throttled_rejected() {
    check(&[
        (came(100), "due"),
        (claim(100), "claimed"),
        (intend(1), "sending"),
        (Event::Defer { fence: 1, until: 300 }, "deferred"),
        (Event::Defer { fence: 1, until: 300 }, "NotInThisState"),
        (came(299), "NotYet"),
        (came(300), "due"),
        (claim(300), "claimed"),
        (intend(1), "StaleFence"),
        (intend(2), "sending"),
        (Event::Throttle { fence: 1, until: 400 }, "StaleFence"),
        (Event::Throttle { fence: 2, until: 400 }, "throttled"),
        (came(400), "due"),
        (claim(400), "claimed"),
        (intend(3), "sending"),
        (Event::Reject { fence: 3 }, "rejected"),
        (Event::Reject { fence: 3 }, "NotInThisState"),
        (came(2_000), "NotInThisState"),
        (Event::Retry { now: 1_000 }, "PastUse"),
        (Event::Retry { now: 500 }, "due"),
        (Event::Retry { now: 500 }, "NotInThisState"),
    ]);
}

#[test]
fn before_the_call_it_may_be_dropped_or_put_back() {
    let to_claimed = [(came(100), "due"), (claim(100), "claimed")];
    let check = |events: &[(Event, &str)]| check(&[&to_claimed, events].concat());
    check(&[
        (Event::Rest { fence: 9, until: 500 }, "StaleFence"),
        (Event::Rest { fence: 1, until: 500 }, "due"),
        (Event::Rest { fence: 1, until: 500 }, "NotInThisState"),
        (claim(499), "NotYet"),
        (claim(500), "claimed"),
    ]);
    check(&[
        (Event::Cancel { fence: 1 }, "cancelled"),
        (Event::Cancel { fence: 1 }, "NotInThisState"),
    ]);
    check(&[(Event::Suppress { fence: 1 }, "suppressed"), (came(2_000), "NotInThisState")]);
    check(&[(Event::Reject { fence: 1 }, "rejected")]);
    check(&[(Event::Accept { fence: 1 }, "NotInThisState")]);
    check(&[(Event::Intend { fence: 1, now: 1_000 }, "PastUse"), (came(1_000), "NotInThisState")]);
    check(&[
        (Event::HolderGone { now: 159, restart: false }, "LeaseRuns"),
        (Event::HolderGone { now: 160, restart: false }, "due"),
        (Event::HolderGone { now: 160, restart: false }, "NotInThisState"),
        (came(1_000), "expired"),
        (came(1_000), "NotInThisState"),
    ]);
}

#[test]
fn to_somebody_erased_nothing_is_called_any_more() {
    check(&[(Event::Erase, "suppressed"), (Event::Erase, "NotInThisState")]);
    check(&[
        (came(100), "due"),
        (claim(100), "claimed"),
        (Event::Erase, "suppressed"),
        (intend(1), "NotInThisState"),
    ]);
    // What was called is settled by whoever called; sent again it is not, because of its reader.
    check(&[
        (came(100), "due"),
        (claim(100), "claimed"),
        (intend(1), "sending"),
        (Event::Erase, "NotInThisState"),
        (Event::Defer { fence: 1, until: 300 }, "deferred"),
        (Event::Erase, "suppressed"),
    ]);
}

#[test]
fn unknown_is_sent_once_more_and_then_waits_for_a_person() {
    check(&[
        (came(100), "due"),
        (claim(100), "claimed"),
        (intend(1), "sending"),
        (Event::LoseSight { fence: 0 }, "StaleFence"),
        (Event::LoseSight { fence: 1 }, "unknown"),
        (Event::LoseSight { fence: 1 }, "NotInThisState"),
        (came(2_000), "NotInThisState"),
        (Event::SendAgain { until: 1_000 }, "PastUse"),
        (Event::SendAgain { until: 200 }, "deferred"),
        (Event::SendAgain { until: 200 }, "NotInThisState"),
        (came(200), "due"),
        (claim(200), "claimed"),
        (intend(2), "sending"),
        (Event::HolderGone { now: 201, restart: false }, "LeaseRuns"),
        (Event::HolderGone { now: 201, restart: true }, "unknown"),
        (Event::SendAgain { until: 300 }, "WaitsForAPerson"),
        (Event::Retry { now: 400 }, "due"),
        (claim(400), "claimed"),
        (intend(3), "sending"),
        (Event::LoseSight { fence: 3 }, "unknown"),
        (Event::SendAgain { until: 500 }, "deferred"),
    ]);
    check(&[
        (came(100), "due"),
        (claim(100), "claimed"),
        (intend(1), "sending"),
        (Event::LoseSight { fence: 1 }, "unknown"),
        (Event::Acknowledge, "acknowledged"),
        (Event::Acknowledge, "NotInThisState"),
    ]);
}

#[test]
fn throttled_uses_no_attempt() {
    let sending = [came(100), claim(100), intend(1)]
        .into_iter()
        .fold(START, |at, event| at.after(event).unwrap());
    assert_eq!(sending.attempts, 1);
    assert_eq!(sending.after(Event::Throttle { fence: 1, until: 9 }).unwrap().attempts, 0);
    assert_eq!(sending.after(Event::Defer { fence: 1, until: 9 }).unwrap().attempts, 1);
}

#[test]
fn states_read_as_they_are_written() {
    for state in State::ALL {
        assert_eq!(State::named(state.name()), Some(state));
    }
    assert_eq!(State::named("gone"), None);
}

fn any_event() -> impl Strategy<Value = Event> {
    let fence = 0u64..4;
    let time = 0i64..1_200;
    prop_oneof![
        time.clone().prop_map(|now| Event::TimeCame { now }),
        time.clone().prop_map(|now| Event::Claim { now, lease_until: now + 60 }),
        (fence.clone(), time.clone()).prop_map(|(fence, until)| Event::Rest { fence, until }),
        (fence.clone(), time.clone()).prop_map(|(fence, now)| Event::Intend { fence, now }),
        fence.clone().prop_map(|fence| Event::Accept { fence }),
        (fence.clone(), time.clone()).prop_map(|(fence, until)| Event::Defer { fence, until }),
        (fence.clone(), time.clone()).prop_map(|(fence, until)| Event::Throttle { fence, until }),
        fence.clone().prop_map(|fence| Event::Reject { fence }),
        fence.clone().prop_map(|fence| Event::LoseSight { fence }),
        (time.clone(), any::<bool>()).prop_map(|(now, restart)| Event::HolderGone { now, restart }),
        time.clone().prop_map(|until| Event::SendAgain { until }),
        time.clone().prop_map(|now| Event::SendElsewhere { now }),
        time.prop_map(|now| Event::Retry { now }),
        fence.clone().prop_map(|fence| Event::Suppress { fence }),
        fence.prop_map(|fence| Event::Cancel { fence }),
        Just(Event::Deliver),
        Just(Event::Bounce),
        Just(Event::Acknowledge),
    ]
}

proptest! {
    /// Sending is entered only from claimed with the newest fence and before its use has passed,
    /// and left only by the holder or because the holder is gone: the call is never made without a
    /// durable intent.
    #[test]
    fn whatever_happens(events in proptest::collection::vec(any_event(), 0..60)) {
        let mut at = START;
        let mut accepted = false;
        for event in events {
            let Ok(next) = at.after(event) else { continue };
            prop_assert!(next.fence >= at.fence);
            if next.state == State::Sending {
                let Event::Intend { fence, now } = event else { panic!("{event:?}") };
                prop_assert!(at.state == State::Claimed && fence == at.fence);
                prop_assert!(now < at.expires_at);
            }
            if at.state == State::Sending {
                let settled = matches!(
                    event,
                    Event::Accept { .. } | Event::Defer { .. } | Event::Throttle { .. }
                        | Event::Reject { .. } | Event::LoseSight { .. } | Event::HolderGone { .. }
                );
                prop_assert!(settled, "{:?}", event);
            }
            // Nothing the channel took is ever sent again, unless it came back and a person or the
            // policy says so.
            accepted |= next.state == State::Accepted;
            if matches!(event, Event::Retry { .. } | Event::SendElsewhere { .. }) {
                accepted = false;
            }
            prop_assert!(!(accepted && matches!(next.state, State::Claimed | State::Sending)));
            at = next;
        }
    }
}
