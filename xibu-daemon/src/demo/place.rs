//! The demo's folder: made new, or one of an earlier demo, never anybody else's.
//!
//! What is in it belongs to the demo and is told apart by a mark file; nothing outside is touched.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::folder;
use crate::command::outcome::{Exit, Failure};

const MARK: &str = ".xibu-demo";
const MARK_TEXT: &str = "This folder was made by `xibu-daemon demo`; the next demo empties it.\n";
/// What a demo puts into its folder, and so what the next one may take away.
const PARTS: [&str; 9] = [
    "data",
    "plugins",
    "mail",
    "sheets",
    "inbox",
    "report",
    "xibu.toml",
    "hook.secret",
    "timeline.jsonl",
];

/// Where the demo's things are.
pub(super) struct Place {
    /// The folder itself.
    pub(super) root: PathBuf,
}

impl Place {
    /// Makes the folder, or empties the one of an earlier demo.
    ///
    /// # Errors
    /// Where the folder holds anything else, or cannot be written.
    pub(super) fn prepare(root: &Path) -> Result<Self, Failure> {
        let mark = root.join(MARK);
        let is_foreign = root.exists() && !mark.is_file() && !is_empty(root);
        if is_foreign {
            let path = root.display();
            return Err(Failure::new(
                Exit::Usage,
                format!("{path} 里已有别的文件，演示不会动它；请用 --dir 换一个文件夹"),
                format!(
                    "{path} holds other files, which the demo leaves alone; choose another --dir"
                ),
            ));
        }
        folder::make_private(root)?;
        folder::write_new(&mark, MARK_TEXT.as_bytes())?;
        for part in PARTS {
            let path = root.join(part);
            let removed = match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
                Ok(_) => fs::remove_file(&path),
                Err(_) => Ok(()),
            };
            removed.map_err(|error| Failure::file(&path, error))?;
        }
        let place = Self { root: root.to_owned() };
        for part in ["plugins", "mail", "sheets", "inbox", "report"] {
            folder::make_private(&place.root.join(part))?;
        }
        Ok(place)
    }

    /// The configuration.
    pub(super) fn configuration(&self) -> PathBuf {
        self.root.join("xibu.toml")
    }

    /// The secret that the SMS gateway was given.
    pub(super) fn hook_secret(&self) -> PathBuf {
        self.root.join("hook.secret")
    }

    /// The plugin libraries' own folder.
    pub(super) fn plugins(&self) -> PathBuf {
        self.root.join("plugins")
    }

    /// Where the mail server keeps what it takes.
    pub(super) fn mail(&self) -> PathBuf {
        self.root.join("mail")
    }

    /// The workbooks that offices hand in.
    pub(super) fn sheets(&self) -> PathBuf {
        self.root.join("sheets")
    }

    /// The forms made at the end.
    pub(super) fn report(&self) -> PathBuf {
        self.root.join("report")
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Place;

    #[test]
    fn an_earlier_demo_is_emptied_and_anything_else_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/demo");
        let place = Place::prepare(&root).unwrap();
        fs::write(place.mail().join("old.eml"), "x").unwrap();
        fs::write(root.join("mine.txt"), "x").unwrap();
        Place::prepare(&root).unwrap();
        assert!(!place.mail().join("old.eml").exists());
        assert!(root.join("mine.txt").exists());
        let foreign = folder.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("data"), "precious").unwrap();
        assert!(Place::prepare(&foreign).is_err());
        assert_eq!(fs::read_to_string(foreign.join("data")).unwrap(), "precious");
    }
}
