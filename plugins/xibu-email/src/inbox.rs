//! The mailbox: one look at what is new, with a wait for it where the server can.
//!
//! Nothing is deleted and nothing marked: the folder is opened for reading only. A look ends as
//! soon as it found something, so that the host keeps it; the connection stays for the next.
//!
//! **A mail that kills the process** must not come again for ever. The host says how often a look
//! from here was lost; then mails are taken one a look, and one that was taken alone and killed is
//! set aside unread. What it is not: it takes no mail apart (`reading`).

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use xibu_plugin_sdk::message::{Item, Level};
use xibu_plugin_sdk::{Moment, NotDone, Sink};

use crate::configuration::Inbox;
use crate::mark::Mark;
use crate::reading::{self, Raw};

mod cursor;
mod session;

use cursor::Cursor;
use session::{Fetched, Open, Trouble};

/// Time left for the last words of a look.
const RESERVE: Duration = Duration::from_secs(2);
/// Waiting for less is not begun.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// So many mails a look, and so many bytes: the host keeps all of a look at once.
const MAILS_MAX: usize = 200;
const BYTES_MAX: usize = 48 << 20;
/// So long mails are taken in although others wait for the plugin.
const TAKING_MAX: Duration = Duration::from_secs(2);
/// When to look again after a look that found something, or waited.
const SOON_SECONDS: u64 = 1;
/// The longest look: what it found is not kept before its end.
const LOOK_MAX: Duration = Duration::from_secs(20 * 60);

/// What is kept from one look to the next.
#[derive(Default)]
pub(crate) struct Mailbox {
    open: Option<Open>,
    /// A large mail whose beginning is here.
    begun: Option<Fetched>,
}

impl Mailbox {
    /// One look.
    pub(crate) async fn look(
        &mut self,
        inbox: &Inbox,
        mark: &Mark,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let ends = Instant::now() + moment.deadline.saturating_sub(RESERVE).min(LOOK_MAX);
        let mut look = Look {
            inbox,
            mark,
            ends,
            begun: Instant::now(),
            now_unix_ms: moment.now_unix_ms,
            lost: moment.lost,
            cursor: Cursor::read(cursor),
            again: inbox.every_seconds,
            told: 0,
            sink,
        };
        // A connection kept from before may have died: then once more with a new one.
        let was_open = self.open.is_some();
        let mut seen = look.through(self).await;
        if was_open && look.told == 0 && matches!(seen, Err(Trouble::Broken(_))) {
            seen = look.through(self).await;
        }
        match seen {
            Ok(()) => {}
            // What came is kept; the rest comes with the next look.
            Err(_) if look.told > 0 => look.again = SOON_SECONDS,
            Err(Trouble::Broken(detail) | Trouble::Refused(detail)) => {
                return Err(NotDone::Failed(detail));
            }
        }
        let cursor = look.cursor.written();
        look.sink.emit(&Item::Polled { cursor, again_after_seconds: look.again }, &[])
    }
}

/// One look on its way.
struct Look<'a, 's> {
    inbox: &'a Inbox,
    mark: &'a Mark,
    ends: Instant,
    begun: Instant,
    now_unix_ms: i64,
    /// How often in a row such a look ended the process.
    lost: u32,
    cursor: Cursor,
    /// When to look again, in seconds.
    again: u64,
    /// Mails told of so far.
    told: usize,
    sink: &'a mut Sink<'s>,
}

impl Look<'_, '_> {
    async fn through(&mut self, mailbox: &mut Mailbox) -> Result<(), Trouble> {
        let kept = mailbox.open.take();
        let mut open = match kept {
            Some(open) => open,
            None => within(self.ends, Open::of(self.inbox)).await?,
        };
        let place = within(self.ends, open.look_in(&self.inbox.folder)).await?;
        if self.cursor.moves_to(place.validity) {
            self.sink
                .log(Level::Warning, "the mailbox was numbered anew: the last days come again");
            mailbox.begun = None;
        }
        let waits = self.inbox.idle && open.can_wait();
        if waits {
            // The next look waits on, also where this one is wanted elsewhere before it began to.
            self.again = SOON_SECONDS;
        }
        loop {
            let query = self.cursor.query(self.now_unix_ms, self.inbox.days_back);
            let mut new = within(self.ends, open.search(&query)).await?;
            new.retain(|uid| *uid > self.cursor.uid);
            if new.is_empty() {
                // From here on everything is new.
                self.cursor.begin(place.next.map(|next| next.saturating_sub(1)));
            } else {
                self.take(&mut open, &new, mailbox).await?;
                self.again = SOON_SECONDS;
                break;
            }
            let left = self.ends.saturating_duration_since(Instant::now());
            if !waits || left < WAIT_MIN || self.sink.cancelled() {
                break;
            }
            let ended = open.wait(self.ends, || self.sink.cancelled()).await?;
            if !ended {
                break;
            }
        }
        mailbox.open = Some(open);
        Ok(())
    }

    /// Takes what is new, in order, as much as one look may hold.
    async fn take(
        &mut self,
        open: &mut Open,
        new: &[u32],
        mailbox: &mut Mailbox,
    ) -> Result<(), Trouble> {
        let Some((first, last)) = new.first().copied().zip(new.last().copied()) else {
            return Ok(());
        };
        if self.lost > 0 {
            self.sink.log(Level::Warning, "a mail ended the process: now one at a time");
        }
        // One that was taken alone and ended the process would do so again.
        let was_alone = self.cursor.careful_until >= first || self.lost > 1;
        if self.lost > 0 {
            self.cursor.careful_until = self.cursor.careful_until.max(last);
        }
        if self.lost > 0 && was_alone {
            if let Some(fetched) = self.fetch(open, first, &mut mailbox.begun).await? {
                self.tell(&fetched, true)?;
            }
            self.cursor.set_aside(first);
            self.told += 1;
            return Ok(());
        }
        let count = if self.cursor.careful_until >= first { 1 } else { MAILS_MAX };
        let mut bytes = 0;
        for uid in new.iter().copied().take(count) {
            // Whoever waits for the plugin gets it soon.
            let is_wanted = self.begun.elapsed() > TAKING_MAX && self.sink.cancelled();
            if bytes >= BYTES_MAX || (self.told > 0 && is_wanted) {
                break;
            }
            // One that was deleted meanwhile has no bytes.
            if let Some(fetched) = self.fetch(open, uid, &mut mailbox.begun).await? {
                bytes += fetched.bytes.len();
                self.tell(&fetched, false)?;
            }
            self.cursor.uid = uid;
            self.told += 1;
        }
        Ok(())
    }

    async fn fetch(
        &mut self,
        open: &mut Open,
        uid: u32,
        begun: &mut Option<Fetched>,
    ) -> Result<Option<Fetched>, Trouble> {
        let validity = self.cursor.validity;
        let known = begun.take().filter(|begun| begun.is(validity, uid));
        let mut fetched = match known {
            Some(begun) => begun,
            None => {
                let size = within(self.ends, open.size(uid)).await?;
                let Some(size) = size else { return Ok(None) };
                Fetched::of(validity, uid, size, self.inbox.bytes_max)
            }
        };
        while !fetched.is_all() {
            let more = within(self.ends, open.more(&mut fetched)).await;
            if let Err(trouble) = more {
                // What is here stays for the next look.
                *begun = Some(fetched);
                return Err(trouble);
            }
        }
        Ok(Some(fetched))
    }

    fn tell(&mut self, fetched: &Fetched, unread: bool) -> Result<(), Trouble> {
        let raw = Raw {
            bytes: &fetched.bytes,
            is_whole: fetched.is_whole,
            received_unix_ms: fetched.received_unix_ms.unwrap_or(self.now_unix_ms),
        };
        let read = if unread { reading::set_aside(raw) } else { reading::read(raw, self.mark) };
        self.cursor.saw(raw.received_unix_ms);
        let blobs: Vec<&[u8]> = read.blobs.iter().map(Vec::as_slice).collect();
        let taken = self.sink.emit(&read.item, &blobs);
        if taken.is_err() {
            // Over a limit of the frame: then whole, as one file.
            let aside = reading::set_aside(raw);
            let blobs: Vec<&[u8]> = aside.blobs.iter().map(Vec::as_slice).collect();
            let taken = self.sink.emit(&aside.item, &blobs);
            taken.map_err(|_| Trouble::Refused("the host takes no mail".into()))?;
        }
        Ok(())
    }
}

async fn within<T>(
    ends: Instant,
    doing: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    match timeout_at(ends, doing).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::Broken("the mailbox did not answer in time".into())),
    }
}
