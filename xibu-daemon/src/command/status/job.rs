//! The part of `status` about job information: what the last look came to, and for whom it came to
//! nothing and why.

use super::{Found, Line};
use crate::clock::rfc3339;
use crate::command::office::Office;
use crate::command::outcome::Failure;
use crate::command::screen::Screen;
use crate::store::{DigestDay, DigestFigures, Store};

pub(super) async fn look(office: &Office) -> Result<Option<DigestDay>, Failure> {
    office.store.digest_day(None).await.map_err(Failure::data)
}

pub(super) fn print_json(found: &Found, screen: &mut Screen) {
    if let Some(look) = &found.job {
        let at = rfc3339(look.at, found.zone);
        screen.json(&Line::JobInformation { at, figures: &look.figures });
    }
}

pub(super) fn print(found: &Found, screen: &mut Screen) {
    let Some(DigestDay { at, figures, .. }) = &found.job else { return };
    let DigestFigures {
        with_profile,
        no_consent,
        no_mail_address,
        nothing_new,
        planned,
        asked,
        postings,
    } = figures;
    let heading = screen.pick("就业信息", "job information").to_owned();
    screen.heading(format!("{heading} ({})", at.format("%Y-%m-%d %H:%M")));
    let line = match screen.language {
        crate::language::Language::Chinese => format!(
            "  可报名 {postings} 条；有求职意向 {with_profile} 人：推送 {planned} 人，\
             没有新的 {nothing_new} 人 (nothing_new)，未同意 {no_consent} 人 (no_consent)，\
             没有邮箱 {no_mail_address} 人 (no_mail_address)；询问是否愿意 {asked} 人"
        ),
        crate::language::Language::English => format!(
            "  {postings} open; {with_profile} people with wishes: {planned} get a digest, \
             {nothing_new} nothing_new, {no_consent} no_consent, \
             {no_mail_address} no_mail_address; {asked} asked"
        ),
    };
    screen.line(line);
}
