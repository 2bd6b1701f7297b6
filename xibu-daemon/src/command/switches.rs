//! `release` and `pause`: what a person does about sending. Recording goes on either way.
//!
//! They work whether or not the daemon runs; it reads the switches at each tick.

use super::Context;
use super::arguments::{Pause, Release};
use super::office::Office;
use super::outbox;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::outbox::State;
use crate::store::{EnvelopeFilter, Store};

/// Runs `release`: shows what is held, then lets it go.
pub(super) async fn release(options: Release, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let state = office.store.state().await.map_err(Failure::data)?;
    let Some(hold) = state.held else {
        let text = context.screen.pick("没有扣住的信件", "nothing is held").to_owned();
        context.screen.line(text);
        return Ok(Exit::Done);
    };
    let filter =
        EnvelopeFilter { states: vec![State::Planned, State::Due], ..EnvelopeFilter::default() };
    let envelopes = office.store.envelopes(&filter).await.map_err(Failure::data)?;
    let number = envelopes.len();
    let name = super::words::hold_name(hold, context.language());
    let text = match context.language() {
        crate::language::Language::Chinese => format!("扣住 {number} 封信，原因：{name}"),
        crate::language::Language::English => format!("{number} messages held, because: {name}"),
    };
    context.screen.marked(Mark::Warning, text);
    let world = office.world().await?;
    outbox::table(&envelopes, &world, &mut context.screen);
    if options.list {
        return Ok(Exit::Findings);
    }
    office.store.release(office.clock.now()).await.map_err(Failure::data)?;
    let text = context
        .screen
        .pick(
            "已放行，服务在运行的话一分钟内发出",
            "released; a running service sends within a minute",
        )
        .to_owned();
    context.screen.marked(Mark::Good, text);
    Ok(Exit::Done)
}

/// Runs `pause`.
pub(super) async fn pause(options: Pause, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let now = office.clock.now();
    office.store.set_paused(!options.resume, now).await.map_err(Failure::data)?;
    let text = match options.resume {
        false => context.screen.pick(
            "已暂停发送，照常记录；恢复用 pause --resume",
            "sending is paused, recording goes on; `pause --resume` sends again",
        ),
        true => context.screen.pick("已恢复发送", "sending again"),
    };
    let text = text.to_owned();
    context.screen.line(text);
    Ok(Exit::Done)
}
