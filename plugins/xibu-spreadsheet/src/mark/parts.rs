//! The parts of a package: where they are, what points to what, what kind each is.

use std::io::{BufReader, Cursor, Read};

use quick_xml::events::Event;
use zip::read::ZipFile;

use super::edit::{self, escaped};
use crate::read::package::{self, Package};
use crate::read::{Stop, attribute};

/// The most bytes of a part that is held whole.
const HELD_BYTES_MAX: u64 = 16 << 20;

/// The parts by name.
pub(super) struct Parts<'b> {
    package: Package<'b>,
    /// Of what is packed, then of parts to come.
    names: Vec<String>,
}

/// A part being read.
pub(super) type Stream<'p, 'b> = BufReader<ZipFile<'p, Cursor<&'b [u8]>>>;

impl<'b> Parts<'b> {
    pub(super) fn of(mut package: Package<'b>) -> Result<Self, Stop> {
        let mut names = Vec::with_capacity(package.len());
        for index in 0..package.len() {
            let entry = package.by_index_raw(index).map_err(package::damaged)?;
            names.push(entry.name().map_err(package::damaged)?.into_owned());
        }
        Ok(Self { package, names })
    }

    /// Which entry holds a part; names of parts know no case.
    pub(super) fn index(&self, path: &str) -> Option<usize> {
        self.names.iter().position(|name| name.eq_ignore_ascii_case(path))
    }

    /// How many entries the package has.
    pub(super) fn packed_count(&self) -> usize {
        self.package.len()
    }

    /// A part as it is packed.
    pub(super) fn packed(&mut self, index: usize) -> Result<ZipFile<'_, Cursor<&'b [u8]>>, Stop> {
        self.package.by_index_raw(index).map_err(package::damaged)
    }

    pub(super) fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    pub(super) fn stream(&mut self, index: usize) -> Result<Stream<'_, 'b>, Stop> {
        Ok(BufReader::new(self.package.by_index(index).map_err(package::damaged)?))
    }

    /// A part whole, without a mark of its byte order; none where it is not there.
    pub(super) fn held(&mut self, path: &str) -> Result<Option<Vec<u8>>, Stop> {
        let Some(index) = self.index(path) else { return Ok(None) };
        let mut part = Vec::new();
        let stream = self.stream(index)?;
        stream.take(HELD_BYTES_MAX + 1).read_to_end(&mut part).map_err(Stop::damaged)?;
        if part.len() as u64 > HELD_BYTES_MAX {
            return Err(Stop::too_large("a part that must be held whole"));
        }
        if part.starts_with(b"\xef\xbb\xbf") {
            part.drain(..3);
        }
        Ok(Some(part))
    }

    /// The first name of this shape that no part has, such as `xl/comments1.xml`, kept for a part
    /// to come.
    pub(super) fn reserve(&mut self, stem: &str, end: &str) -> String {
        let mut number = 1_usize;
        loop {
            let name = format!("{stem}{number}{end}");
            if self.index(&name).is_none() {
                self.names.push(name.clone());
                return name;
            }
            number += 1;
        }
    }
}

/// Where the relations of a part stand.
pub(super) fn relations_of(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match folder {
        "" => format!("_rels/{name}.rels"),
        folder => format!("{folder}/_rels/{name}.rels"),
    }
}

/// What a part points to.
pub(super) struct Relations {
    /// The part that points.
    of: String,
    part: Vec<u8>,
    list: Vec<Relation>,
    added: bool,
}

/// One of them.
pub(super) struct Relation {
    pub(super) id: String,
    /// Its type as written.
    pub(super) kind: String,
    /// The part it points to; none where that lies outside.
    pub(super) path: Option<String>,
}

impl Relation {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.rsplit('/').next() == Some(kind)
    }
}

const NO_RELATIONS: &[u8] = br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>"#;

impl Relations {
    /// The relations of the part at `of`, empty where it has none.
    pub(super) fn read(parts: &mut Parts<'_>, of: &str) -> Result<Self, Stop> {
        let part = parts.held(&relations_of(of))?.unwrap_or_else(|| NO_RELATIONS.to_vec());
        let mut list = Vec::new();
        edit::each(&part, |event| {
            let (Event::Start(element) | Event::Empty(element)) = event else { return Ok(()) };
            if edit::is(&element, "Relationship") {
                let said = |name| attribute(&element, name).map(Option::unwrap_or_default);
                let outside = said("TargetMode")?.eq_ignore_ascii_case("external");
                let path = (!outside).then_some(resolved(of, &said("Target")?));
                list.push(Relation { id: said("Id")?, kind: said("Type")?, path });
            }
            Ok(())
        })?;
        Ok(Self { of: of.to_owned(), part, list, added: false })
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Relation> {
        self.list.iter().find(|relation| relation.id == id)
    }

    pub(super) fn by_kind(&self, kind: &str) -> Option<&Relation> {
        self.list.iter().find(|relation| relation.is(kind))
    }

    /// Adds one, of a type in the family of `like`; its id.
    pub(super) fn add(&mut self, like: &str, kind: &str, path: &str) -> Result<String, Stop> {
        let family = like.rsplit_once('/').map_or(like, |(family, _)| family);
        let kind = format!("{family}/{kind}");
        let number = |relation: &Relation| relation.id.strip_prefix("rId")?.parse::<u32>().ok();
        let last = self.list.iter().filter_map(number).max().unwrap_or(0);
        let id = format!("rId{}", last.saturating_add(1));
        let line = format!(
            "<Relationship Id=\"{id}\" Type=\"{}\" Target=\"/{}\"/>",
            escaped(&kind),
            escaped(path)
        );
        self.part = edit::append(&self.part, "Relationships", 1, |prefix| {
            line.replacen('<', &format!("<{prefix}"), 1)
        })?;
        self.list.push(Relation { id: id.clone(), kind, path: Some(path.to_owned()) });
        self.added = true;
        Ok(id)
    }

    /// The part as it is now, with its path; none where nothing was added.
    pub(super) fn changed(self) -> Option<(String, Vec<u8>)> {
        self.added.then(|| (relations_of(&self.of), self.part))
    }
}

/// The path a target names, seen from the part that points.
fn resolved(from: &str, target: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut path: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

/// `[Content_Types].xml` with these parts and, where asked for, the drawings' extension.
pub(super) fn typed(
    types: &[u8],
    parts: &[(String, &'static str)],
    drawings: bool,
) -> Result<Vec<u8>, Stop> {
    let mut knows_drawings = false;
    edit::each(types, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && edit::is(&element, "Default")
        {
            let extension = attribute(&element, "Extension")?.unwrap_or_default();
            knows_drawings |= extension.eq_ignore_ascii_case("vml");
        }
        Ok(())
    })?;
    let add_drawings = drawings && !knows_drawings;
    edit::append(types, "Types", 0, |prefix| {
        let mut lines = String::new();
        if add_drawings {
            lines.push_str(&format!(
                "<{prefix}Default Extension=\"vml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>"
            ));
        }
        for (path, kind) in parts {
            let path = escaped(path);
            lines.push_str(&format!(
                "<{prefix}Override PartName=\"/{path}\" ContentType=\"application/\
                 vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml\"/>"
            ));
        }
        lines
    })
}
