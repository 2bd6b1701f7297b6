//! An .xlsx marked by editing its parts: sheets with marked cells, their notes, the styles, what
//! points to what. Every other part is copied as it is packed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};

use xibu_plugin_sdk::message::SheetOut;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::notes::{self, Earlier};
use super::parts::{Parts, Relations, typed};
use super::sheet::{Copy, Seen, Wishes, scan};
use super::strings::{self, Strings};
use super::styles::{self, Colour};
use super::summary;
use super::workbook::{Tabs, opening_in_front, tabs};
use crate::read::package::{self, Contents};
use crate::read::{SHEET_NAME_MAX, Stop};

mod annotate;

const TYPES: &str = "[Content_Types].xml";

/// The workbook with what is wished of its sheets, by name, and a summary in front.
pub(super) fn marked(
    bytes: &[u8],
    wishes: &BTreeMap<String, Wishes>,
    front: Option<&SheetOut>,
) -> Result<Vec<u8>, Stop> {
    let mut package = package::open(bytes)?;
    package::inspect(&mut package, Contents::Xlsx)?;
    let mut job = Job::open(Parts::of(package)?)?;
    let sheets = job.look(wishes, front.is_some())?;
    job.read_strings()?;
    job.mark(sheets, wishes, front)?;
    job.packed()
}

/// A workbook being marked.
struct Job<'b, 'w> {
    parts: Parts<'b>,
    path: String,
    book: Vec<u8>,
    tabs: Tabs,
    relations: Relations,
    /// The type of a relation to a sheet: the others are of its family.
    like: String,
    strings: Strings,
    strings_at: Option<usize>,
    /// Parts by entry that are written anew.
    changed: BTreeMap<usize, Vec<u8>>,
    /// Sheets by entry that are copied with changes.
    copies: BTreeMap<usize, Copy<'w>>,
    new: Vec<(String, Vec<u8>)>,
    kinds: Vec<(String, &'static str)>,
    drawings: bool,
}

/// A sheet that was looked through.
struct Looked<'w> {
    /// Which tab it is.
    tab: usize,
    path: String,
    at: usize,
    wishes: &'w Wishes,
    seen: Seen,
    /// Its notes without those of an earlier answer, where there are such.
    notes: Option<Vec<u8>>,
    earlier: Earlier,
}

static NO_WISHES: Wishes = Wishes::none();

impl<'b, 'w> Job<'b, 'w> {
    fn open(mut parts: Parts<'b>) -> Result<Self, Stop> {
        let missing = || Stop::damaged("a part of the workbook is missing");
        let root = Relations::read(&mut parts, "")?;
        let named = root.by_kind("officeDocument").and_then(|relation| relation.path.clone());
        let path = named.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let book = parts.held(&path)?.ok_or_else(missing)?;
        let relations = Relations::read(&mut parts, &path)?;
        let like = relations.by_kind("worksheet").ok_or_else(missing)?.kind.clone();
        let strings_at = relations.by_kind("sharedStrings").and_then(|one| one.path.as_deref());
        let strings_at = strings_at.and_then(|path| parts.index(path));
        Ok(Self {
            tabs: tabs(&book)?,
            parts,
            path,
            book,
            relations,
            like,
            strings: Strings::default(),
            strings_at,
            changed: BTreeMap::new(),
            copies: BTreeMap::new(),
            new: Vec::new(),
            kinds: Vec::new(),
            drawings: false,
        })
    }

    /// Looks through the sheets: all of them where a string is to be masked, since only then it is
    /// known which strings nobody else shows.
    fn look(
        &mut self,
        wishes: &'w BTreeMap<String, Wishes>,
        has_front: bool,
    ) -> Result<Vec<Looked<'w>>, Stop> {
        let masks = wishes.values().any(Wishes::masks_any);
        let mut looked = Vec::new();
        for (tab, named) in self.tabs.list.iter().enumerate() {
            let Some(relation) = self.relations.by_id(&named.relation) else { continue };
            let Some(path) = relation.path.clone().filter(|_| relation.is("worksheet")) else {
                continue;
            };
            let Some(at) = self.parts.index(&path) else { continue };
            let name: String = named.name.chars().take(SHEET_NAME_MAX).collect();
            let wishes = wishes.get(&name).unwrap_or(&NO_WISHES);
            if !masks && !has_front && wishes.cells.is_empty() {
                continue;
            }
            let (notes, earlier) = match annotate::notes_part(&mut self.parts, &path)? {
                Some((_, part)) => notes::without_earlier(&part)?.unzip(),
                None => (None, None),
            };
            let earlier = earlier.unwrap_or_default();
            let strings = masks.then_some(&mut self.strings);
            let seen = scan(self.parts.stream(at)?, wishes, &earlier.cells, strings)?;
            looked.push(Looked { tab, path, at, wishes, seen, notes, earlier });
        }
        Ok(looked)
    }

    fn read_strings(&mut self) -> Result<(), Stop> {
        match self.strings_at.filter(|_| self.strings.any_masked()) {
            Some(at) => self.strings.read(self.parts.stream(at)?),
            None => Ok(()),
        }
    }

    fn mark(
        &mut self,
        sheets: Vec<Looked<'w>>,
        wishes: &'w BTreeMap<String, Wishes>,
        front: Option<&SheetOut>,
    ) -> Result<(), Stop> {
        let mut wanted: BTreeSet<(u32, Colour)> = BTreeSet::new();
        for sheet in &sheets {
            let cells = sheet.wishes.cells.iter();
            wanted.extend(cells.filter_map(|(&(row, column), wish)| {
                Some((sheet.seen.style(row, column), wish.colour()?))
            }));
            let earlier = sheet.earlier.cells.iter();
            wanted.extend(
                earlier.map(|(row, column)| (sheet.seen.style(*row, *column), Colour::Cleared)),
            );
        }
        let masks = wishes.values().any(Wishes::masks_any);
        let styled = match wanted.is_empty() && front.is_none() {
            true => None,
            false => Some(self.style(&wanted, front.is_some())?),
        };
        let before = match front {
            Some(front) => self.summary_before(&sheets, front)?,
            None => None,
        };
        for sheet in sheets {
            if before != Some(sheet.at) {
                self.sheet(sheet, styled.as_ref(), front.is_some(), masks)?;
            }
        }
        if let (Some(front), Some(styled)) = (front, styled) {
            self.front(front, styled.summary, before)?;
        }
        Ok(())
    }

    /// Extends the styles, or makes them where the workbook has none.
    fn style(
        &mut self,
        wanted: &BTreeSet<(u32, Colour)>,
        with_summary: bool,
    ) -> Result<styles::Styled, Stop> {
        let path = self.relations.by_kind("styles").and_then(|relation| relation.path.clone());
        let at = path.as_deref().and_then(|path| self.parts.index(path));
        let mut styled = match (at, &path) {
            (Some(_), Some(path)) => {
                let part = self.parts.held(path)?.unwrap_or_default();
                styles::extended(&part, wanted, with_summary)?
            }
            _ => styles::extended(styles::NO_STYLES, wanted, with_summary)?,
        };
        let part = std::mem::take(&mut styled.part);
        match at {
            Some(at) => drop(self.changed.insert(at, part)),
            None => {
                let path = self.parts.reserve("xl/styles", ".xml");
                self.relations.add(&self.like, "styles", &path)?;
                self.kinds.push((path.clone(), "styles"));
                self.new.push((path, part));
            }
        }
        Ok(styled)
    }

    fn sheet(
        &mut self,
        sheet: Looked<'w>,
        styled: Option<&styles::Styled>,
        closes: bool,
        masks: bool,
    ) -> Result<(), Stop> {
        let Looked { path, at, wishes, seen, notes, earlier, .. } = sheet;
        let mut styles = BTreeMap::new();
        if let Some(styled) = styled {
            for &(row, column) in &earlier.cells {
                let style = styled.of(seen.style(row, column), Colour::Cleared);
                styles.insert((row, column), style);
            }
        }
        let mut words = BTreeMap::new();
        for (&(row, column), wish) in &wishes.cells {
            if let (Some(colour), Some(styled)) = (wish.colour(), styled) {
                styles.insert((row, column), styled.of(seen.style(row, column), colour));
            }
            if !wish.note.is_empty() {
                words.insert((row, column), format!("{}{}", notes::OURS, wish.note));
            }
        }
        let drawing = match words.is_empty() && notes.is_none() {
            true => None,
            false => self.notes(&path, &seen, notes, &earlier, &words)?,
        };
        let closed = closes && seen.selected;
        if !styles.is_empty() || masks && wishes.masks_any() || closed {
            self.copies.insert(at, Copy { wishes, seen, styles, drawing, closed });
        }
        Ok(())
    }

    /// The namespace of relations.
    fn family(&self) -> &str {
        self.like.rsplit_once('/').map_or("", |(family, _)| family)
    }

    /// Keeps the relations of a part where some were added.
    fn point(&mut self, relations: Relations) {
        if let Some((path, part)) = relations.changed() {
            match self.parts.index(&path) {
                Some(at) => drop(self.changed.insert(at, part)),
                None => self.new.push((path, part)),
            }
        }
    }

    /// The entry of the summary that an earlier answer put in front: it has the name and the first
    /// words of this one.
    fn summary_before(
        &mut self,
        sheets: &[Looked<'_>],
        front: &SheetOut,
    ) -> Result<Option<usize>, Stop> {
        let first = sheets.first().filter(|sheet| {
            sheet.tab == 0 && self.tabs.list.first().is_some_and(|tab| tab.name == front.name)
        });
        let Some(first) = first else { return Ok(None) };
        let words = match (first.seen.first_string, self.strings_at) {
            (Some(number), Some(at)) => strings::one(self.parts.stream(at)?, number)?,
            _ => first.seen.first_words.clone(),
        };
        let ours = front.cells.iter().find(|cell| (cell.row, cell.column) == (0, 0));
        let is_ours = ours.is_some_and(|cell| match &cell.value {
            xibu_plugin_sdk::message::CellOutValue::Text(text) => *text == words,
            _ => false,
        });
        Ok(is_ours.then_some(first.at))
    }

    /// Puts the summary in front, or in the place of an earlier one.
    fn front(&mut self, front: &SheetOut, look: u32, before: Option<usize>) -> Result<(), Stop> {
        let part = summary::part(front, look);
        let at = self.parts.index(&self.path).unwrap_or(0);
        if let Some(before) = before {
            self.changed.insert(before, part);
            self.changed.insert(at, opening_in_front(&self.book)?);
            return Ok(());
        }
        let path = self.parts.reserve("xl/worksheets/sheet", ".xml");
        let relation = self.relations.add(&self.like, "worksheet", &path)?;
        let name = self.tabs.free_name(&front.name);
        self.changed.insert(at, self.tabs.with_front(&self.book, &name, &relation, self.family())?);
        self.kinds.push((path.clone(), "worksheet"));
        self.new.push((path, part));
        Ok(())
    }

    /// The package as it is now.
    fn packed(mut self) -> Result<Vec<u8>, Stop> {
        let relations =
            std::mem::replace(&mut self.relations, Relations::read(&mut self.parts, "")?);
        self.point(relations);
        if !self.kinds.is_empty() || self.drawings {
            let missing = || Stop::damaged("a part of the workbook is missing");
            let types = self.parts.held(TYPES)?.ok_or_else(missing)?;
            let types = typed(&types, &self.kinds, self.drawings)?;
            let at = self.parts.index(TYPES).ok_or_else(missing)?;
            self.changed.insert(at, types);
        }
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..self.parts.packed_count() {
            let name = self.parts.name(at).to_owned();
            let copies_strings = self.strings_at == Some(at) && self.strings.any_masked();
            if let Some(part) = self.changed.remove(&at) {
                zip.start_file(name, options).map_err(package::damaged)?;
                zip.write_all(&part).map_err(Stop::damaged)?;
            } else if let Some(copy) = self.copies.remove(&at) {
                zip.start_file(name, options).map_err(package::damaged)?;
                copy.write(self.parts.stream(at)?, &mut zip, &self.strings)?;
            } else if copies_strings {
                zip.start_file(name, options).map_err(package::damaged)?;
                self.strings.copy(self.parts.stream(at)?, &mut zip)?;
            } else {
                zip.raw_copy_file(self.parts.packed(at)?).map_err(package::damaged)?;
            }
        }
        for (path, part) in self.new {
            zip.start_file(path, options).map_err(package::damaged)?;
            zip.write_all(&part).map_err(Stop::damaged)?;
        }
        Ok(zip.finish().map_err(package::damaged)?.into_inner())
    }
}
