//! A file that came, read by the workbook plugin; an archive is read file by file, each by a call
//! of its own, so that one bad file stops no other.

use std::collections::VecDeque;
use std::time::Duration;

use xibu_core::intake::{SheetKind, recognise};
use xibu_plugin_abi::message::Unreadable;

use super::reading::{self, Answer, Inside};
use super::{Arrival, Reading, WITHIN};
use crate::carrier::{CallLost, Carrier};
use crate::clock::Now;

/// How long one file may take to be read, in real time.
const READ_MAX: Duration = Duration::from_secs(60);
/// How deep archives may lie in archives: one in another.
const DEPTH_MAX: u32 = 2;
/// The most files that one arrival may hold, over all its archives.
const FILES_MAX: usize = 1_000;
/// The most bytes of them.
const FILE_BYTES_MAX: usize = 96 << 20;

/// A file with what the workbook plugin made of it.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// The file, as if it had come by itself.
    pub arrival: Arrival,
    /// What it holds.
    pub reading: Reading,
}

impl FileRead {
    /// Its name within the archive it came in, if it came in one.
    pub fn inside(&self) -> Option<String> {
        self.arrival.file_name.split_once(WITHIN).map(|(_, inside)| inside.to_owned())
    }

    fn names_offices(&self) -> bool {
        let Reading::Sheets(sheets) = &self.reading else { return false };
        let kinds = sheets.iter().filter(|read| !read.hidden);
        let mut kinds = kinds.filter_map(|read| recognise(&read.sheet));
        kinds.any(|seen| seen.kind == SheetKind::Directory)
    }
}

/// Has the workbook plugin read what came: one file, or those of an archive, directories of
/// offices first since the others lean on them.
///
/// # Errors
/// The plugin was lost over the file itself; it may be tried again. A file of an archive that
/// brings the plugin down is unreadable, and the others are read.
pub async fn read(
    carrier: &Carrier,
    arrival: Arrival,
    now: Now,
) -> Result<Vec<FileRead>, CallLost> {
    let mut archive =
        Archive { carrier, now, read: Vec::new(), left: VecDeque::new(), lost: false };
    archive.left.push_back(Left { arrival, depth: 0, unreadable: None });
    while let Some(left) = archive.left.pop_front() {
        archive.one(left).await?;
    }
    archive.read.sort_by_key(|file| !file.names_offices());
    Ok(archive.read)
}

/// A file that is still to be read.
struct Left {
    arrival: Arrival,
    depth: u32,
    /// Why it could not be taken out.
    unreadable: Option<Unreadable>,
}

struct Archive<'c> {
    carrier: &'c Carrier,
    now: Now,
    read: Vec<FileRead>,
    left: VecDeque<Left>,
    /// Whether a file of the archive brought the plugin down.
    lost: bool,
}

impl Archive<'_> {
    async fn one(&mut self, left: Left) -> Result<(), CallLost> {
        let Left { arrival, depth, unreadable } = left;
        let unread = |why, detail: &str| Reading::Unreadable { why, detail: detail.to_owned() };
        let reading = match unreadable {
            Some(why) => unread(why, "it could not be taken out of its archive"),
            None => match self.ask(&arrival, depth).await? {
                Answer::Sheets(sheets) => Reading::Sheets(sheets),
                Answer::Unreadable(why, detail) => Reading::Unreadable { why, detail },
                Answer::Archive(_) if depth == DEPTH_MAX => {
                    unread(Unreadable::NestedTooDeep, "an archive too deep within archives")
                }
                Answer::Archive(files) if !self.has_room(&files) => {
                    unread(Unreadable::TooLarge, "more files than one arrival may hold")
                }
                Answer::Archive(files) => {
                    self.take_out(&arrival, depth, files);
                    return Ok(());
                }
            },
        };
        self.read.push(FileRead { arrival, reading });
        Ok(())
    }

    async fn ask(&mut self, arrival: &Arrival, depth: u32) -> Result<Answer, CallLost> {
        let name = arrival.file_name.rsplit(WITHIN).next().unwrap_or_default();
        let (bytes, now) = (arrival.bytes.clone(), self.now.unix_ms);
        match reading::read(self.carrier, name, bytes, now, READ_MAX).await {
            Ok(answer) => Ok(answer),
            // Once the plugin fell over one of these files, it may rest before it comes back; the
            // files behind wait for a person rather than for it.
            Err(lost) if depth > 0 && (self.lost || lost.may_have_acted()) => {
                self.lost = true;
                let detail = "it brought the plugin down".to_owned();
                Ok(Answer::Unreadable(Unreadable::Unknown, detail))
            }
            Err(lost) => Err(lost),
        }
    }

    fn has_room(&self, files: &[Inside]) -> bool {
        let count = self.read.len() + self.left.len() + files.len();
        let read = self.read.iter().map(|file| &file.arrival);
        let left = self.left.iter().map(|left| &left.arrival);
        let held: usize = read.chain(left).map(|arrival| arrival.bytes.len()).sum();
        let more: usize = files.iter().map(|file| file.bytes.len()).sum();
        count <= FILES_MAX && held + more <= FILE_BYTES_MAX
    }

    /// Puts the files of an archive where the archive stood, as if each had come by itself.
    fn take_out(&mut self, archive: &Arrival, depth: u32, files: Vec<Inside>) {
        for file in files.into_iter().rev() {
            let arrival = Arrival {
                file_name: format!("{}{WITHIN}{}", archive.file_name, file.file_name),
                bytes: file.bytes,
                received_at: archive.received_at,
                by: archive.by.clone(),
            };
            let unreadable = file.unreadable;
            self.left.push_front(Left { arrival, depth: depth + 1, unreadable });
        }
    }
}
