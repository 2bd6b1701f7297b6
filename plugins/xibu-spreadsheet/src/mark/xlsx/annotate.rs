//! The notes of a sheet, their drawing, and what points to both.

use std::collections::BTreeMap;

use super::Job;
use crate::mark::drawing;
use crate::mark::notes::{self, Earlier};
use crate::mark::parts::{Parts, Relations};
use crate::mark::sheet::Seen;
use crate::read::Stop;

impl Job<'_, '_> {
    /// Puts notes to a sheet; the relation to their drawing where the sheet had none.
    pub(super) fn notes(
        &mut self,
        path: &str,
        seen: &Seen,
        cleared: Option<Vec<u8>>,
        earlier: &Earlier,
        words: &BTreeMap<(u32, u32), String>,
    ) -> Result<Option<(String, String)>, Stop> {
        let mut relations = Relations::read(&mut self.parts, path)?;
        let (at, part) = notes_part(&mut self.parts, path)?.unzip();
        let (part, new) = notes::added(cleared.or(part), words)?;
        match at {
            Some(at) => drop(self.changed.insert(at, part)),
            None => {
                let path = self.parts.reserve("xl/comments", ".xml");
                relations.add(&self.like, "comments", &path)?;
                self.kinds.push((path.clone(), "comments"));
                self.new.push((path, part));
            }
        }
        let mut put_in = None;
        let lost = || Stop::damaged("a drawing of notes that is not there");
        match &seen.drawing {
            Some(id) => {
                let path = relations.by_id(id).and_then(|relation| relation.path.clone());
                let at = path.and_then(|path| Some((self.parts.index(&path)?, path)));
                let (at, path) = at.ok_or_else(lost)?;
                let part = self.parts.held(&path)?.unwrap_or_default();
                let part = drawing::without_boxes(&part, &earlier.gone);
                self.changed.insert(at, drawing::with_boxes(part, &new, words)?);
            }
            None => {
                let part = drawing::with_boxes(drawing::NO_BOXES.into(), &new, words)?;
                let path = self.parts.reserve("xl/drawings/vmlDrawing", ".vml");
                let id = relations.add(&self.like, "vmlDrawing", &path)?;
                put_in = Some((id, self.family().to_owned()));
                self.new.push((path, part));
                self.drawings = true;
            }
        }
        self.point(relations);
        Ok(put_in)
    }
}

/// The part with a sheet's notes, and which entry it is.
pub(super) fn notes_part(
    parts: &mut Parts<'_>,
    sheet: &str,
) -> Result<Option<(usize, Vec<u8>)>, Stop> {
    let relations = Relations::read(parts, sheet)?;
    let path = relations.by_kind("comments").and_then(|relation| relation.path.clone());
    let Some((path, at)) = path.and_then(|path| parts.index(&path).map(|at| (path, at))) else {
        return Ok(None);
    };
    Ok(parts.held(&path)?.map(|part| (at, part)))
}
