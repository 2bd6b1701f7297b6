//! Reading the sources into [`Settings`], collecting every problem on the way.
//!
//! Not which keys exist: that is [`super::keys`].

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use xibu_core::office::OfficeId;

use super::keys;
use super::plugin::{Carried, Origin, Plugin, Table};
use super::{Problem, Problems, Settings};

const PREFIX: &str = "XIBU";
const MEMORY_MAX_MEGABYTES: i64 = 256;

/// See [`Settings::read`].
pub(super) fn read(
    file: Option<&Path>,
    variables: HashMap<String, String>,
) -> (Settings, Problems) {
    let mut reader = Reader {
        problems: Vec::new(),
        config: Config::default(),
        file,
        variables: BTreeSet::new(),
    };
    let mut builder = Config::builder();
    if let Some(source) = reader.file_source() {
        builder = builder.add_source(source);
    }
    builder = builder.add_source(reader.environment(variables));
    match builder.build() {
        Ok(config) => reader.config = config,
        Err(error) => reader.complain_of(&error),
    }
    let settings = reader.settings();
    (settings, Problems(reader.problems))
}

/// The sources, and what was found wrong with them so far.
pub(super) struct Reader<'a> {
    problems: Vec<Problem>,
    pub(super) config: Config,
    file: Option<&'a Path>,
    /// Names of the variables in use; the `config` crate forgets where a value within a table came
    /// from.
    variables: BTreeSet<String>,
}

impl Reader<'_> {
    /// The file, once it has been seen to parse and its keys have been checked.
    fn file_source(&mut self) -> Option<File<config::FileSourceFile, FileFormat>> {
        let path = self.file?;
        if !path.is_file() {
            self.complain(
                "",
                "没有这个文件；用 `xibu-daemon init 目录` 可生成一份带说明的配置",
                "there is no such file; `xibu-daemon init DIR` writes a commented one",
            );
            return None;
        }
        let source = File::from(path).format(FileFormat::Toml);
        match source.collect() {
            Ok(table) => {
                for unknown in keys::unknown(&table) {
                    self.complain_unknown(&self.place(), &unknown);
                }
                Some(source)
            }
            Err(error) => {
                self.complain_of(&error);
                None
            }
        }
    }

    /// The environment without the variables that nobody knows.
    fn environment(&mut self, variables: HashMap<String, String>) -> Environment {
        let mut known = Map::new();
        let mut names: Vec<_> = variables.into_iter().collect();
        names.sort();
        for (name, value) in names {
            let Some(key) = name.strip_prefix(&format!("{PREFIX}__")) else { continue };
            let path: Vec<String> = key.to_lowercase().split("__").map(str::to_owned).collect();
            match keys::unknown_path(&path) {
                Some(unknown) => self.complain_unknown(&name, &unknown),
                None => {
                    self.variables.insert(name.clone());
                    known.insert(name, value);
                }
            }
        }
        Environment::with_prefix(PREFIX).prefix_separator("__").separator("__").source(Some(known))
    }

    fn settings(&mut self) -> Settings {
        let zone = self.parsed("office.zone", "Asia/Shanghai", "Asia/Shanghai");
        let serves = self.serves();
        let data = self.text("office.data").unwrap_or_else(|| "data".to_owned());
        let data = self.beside_file(&data);
        let inbox = self.text("office.inbox").filter(|path| !path.is_empty());
        let inbox = inbox.map(|path| self.beside_file(&path));
        let plugins = self.plugins();
        let channels = super::doors::channels(self, &plugins);
        let channel_limits = super::doors::limits(self);
        let listen = super::doors::listen(self);
        let rulebook = super::rulebook::read(self);
        Settings {
            file: self.file.map(Path::to_owned),
            zone: zone.unwrap_or(chrono_tz::Asia::Shanghai),
            serves,
            data,
            inbox,
            plugins,
            channels,
            channel_limits,
            listen,
            rulebook,
        }
    }

    fn serves(&mut self) -> Vec<OfficeId> {
        let mut found = Vec::new();
        for text in self.texts("office.serves").unwrap_or_else(|| vec!["O1".to_owned()]) {
            match text.parse() {
                Ok(office) => found.push(office),
                Err(_) => self.complain(
                    "office.serves",
                    &format!("`{text}` 不是单位编号；单位编号写作 O1、O17"),
                    &format!("`{text}` is not an office number; write it as O1 or O17"),
                ),
            }
        }
        if found.is_empty() {
            self.complain(
                "office.serves",
                "至少要写一个单位编号，例如 [\"O1\"]",
                "name at least one office, e.g. [\"O1\"]",
            );
        }
        found
    }

    fn plugins(&mut self) -> Vec<Plugin> {
        let tables = match self.config.get::<Map<String, Value>>("plugin") {
            Ok(tables) => tables,
            Err(ConfigError::NotFound(_)) => return Vec::new(),
            Err(error) => {
                self.complain_of(&error);
                return Vec::new();
            }
        };
        let mut ids: Vec<String> = tables.into_keys().collect();
        ids.sort();
        ids.into_iter().filter_map(|id| self.plugin(id)).collect()
    }

    fn plugin(&mut self, id: String) -> Option<Plugin> {
        let carried = self.carried(&id);
        let key = format!("plugin.{id}.memory_max_megabytes");
        let megabytes = self.number(&key).unwrap_or(MEMORY_MAX_MEGABYTES);
        if !(16..=16_384).contains(&megabytes) {
            self.complain(
                &key,
                &format!("应在 16 到 16384 之间，现为 {megabytes}"),
                &format!("expected 16 to 16384, found {megabytes}"),
            );
        }
        let table = self.plugin_table(&id);
        let memory_max_bytes = u64::try_from(megabytes).unwrap_or(0) * 1024 * 1024;
        Some(Plugin { id, carried: carried?, memory_max_bytes, table })
    }

    /// Its library or its program: one of the two.
    fn carried(&mut self, id: &str) -> Option<Carried> {
        let (library_key, program_key) =
            (format!("plugin.{id}.library"), format!("plugin.{id}.program"));
        let arguments_key = format!("plugin.{id}.arguments");
        let (library, program) = (self.text(&library_key), self.text(&program_key));
        let arguments = self.texts(&arguments_key);
        match (library, program) {
            (Some(library), None) => {
                if arguments.is_some() {
                    self.complain(
                        &arguments_key,
                        "只有用 program 启动的插件才有启动参数",
                        "only a plugin with a `program` is started with arguments",
                    );
                }
                Some(Carried::Library(self.beside_file(&library)))
            }
            (None, Some(program)) => Some(Carried::Program {
                path: self.beside_file(&program),
                arguments: arguments.unwrap_or_default(),
            }),
            (Some(_), Some(_)) => {
                self.complain(
                    &program_key,
                    "library 和 program 只能写一个",
                    "set either `library` or `program`, not both",
                );
                None
            }
            (None, None) => {
                self.complain(
                    &library_key,
                    "没有写插件库文件的路径；插件若是一个程序，请写 program",
                    "the path of the plugin's library is missing; \
                     a plugin that is a program has `program`",
                );
                None
            }
        }
    }

    /// Its own table as written; what it means is known once the plugin has described itself.
    fn plugin_table(&mut self, id: &str) -> Table {
        let prefix = format!("plugin.{id}.settings");
        let table = self.config.get::<Map<String, Value>>(&prefix).unwrap_or_default();
        let mut variables = BTreeSet::new();
        for name in &self.variables {
            let key = name.trim_start_matches(PREFIX).trim_start_matches("__").to_lowercase();
            let key = key.replace("__", ".");
            if let Some(below) = key.strip_prefix(&format!("{prefix}.")) {
                variables.insert(below.to_owned());
            }
        }
        let origin =
            Origin { place: self.place(), folder: self.beside_file(""), prefix, variables };
        Table::read(table.into_iter().map(|(key, value)| (key, json(value.kind))).collect(), origin)
    }

    // ── single values ──

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let found = self.config.get::<String>(key);
        self.kept(found)
    }

    pub(super) fn number(&mut self, key: &str) -> Option<i64> {
        let found = self.config.get::<i64>(key);
        self.kept(found)
    }

    /// A list of texts; a single text is split at commas, as an environment variable must be.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        if let Ok(Value { kind: ValueKind::String(text), .. }) = self.config.get::<Value>(key) {
            let parts = text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty());
            return Some(parts.map(str::to_owned).collect());
        }
        let found = self.config.get::<Vec<String>>(key);
        self.kept(found)
    }

    fn parsed<T: std::str::FromStr>(&mut self, key: &str, default: &str, like: &str) -> Option<T> {
        let text = self.text(key).unwrap_or_else(|| default.to_owned());
        let value = text.parse().ok();
        if value.is_none() {
            self.complain(
                key,
                &format!("`{text}` 不能识别；例如 {like}"),
                &format!("`{text}` is not understood; an example is {like}"),
            );
        }
        value
    }

    fn kept<T>(&mut self, found: Result<T, ConfigError>) -> Option<T> {
        match found {
            Ok(value) => Some(value),
            Err(ConfigError::NotFound(_)) => None,
            Err(error) => {
                self.complain_of(&error);
                None
            }
        }
    }

    // ── places and complaints ──

    fn place(&self) -> String {
        self.file.map_or_else(|| "xibu.toml".to_owned(), |path| path.display().to_string())
    }

    pub(super) fn beside_file(&self, path: &str) -> PathBuf {
        let joined = self.file.and_then(Path::parent).unwrap_or(Path::new("")).join(path);
        // Absolute, because a plugin's process works in another folder.
        std::path::absolute(&joined).unwrap_or(joined)
    }

    /// A problem in a file that a key names, with its line where it is known.
    pub(super) fn complain_in(&mut self, file: &Path, line: Option<usize>, text: &str) {
        let place = file.display().to_string();
        let line_zh = line.map_or_else(String::new, |line| format!("第{line}行："));
        let line_en = line.map_or_else(String::new, |line| format!("line {line}: "));
        self.problems.push(Problem {
            place,
            key: String::new(),
            chinese: format!("{line_zh}{text}"),
            english: format!("{line_en}{text}"),
        });
    }

    pub(super) fn complain(&mut self, key: &str, chinese: &str, english: &str) {
        let place = match variable(key) {
            variable if self.variables.contains(&variable) => variable,
            _ => self.place(),
        };
        self.problems.push(Problem {
            place,
            key: key.to_owned(),
            chinese: chinese.to_owned(),
            english: english.to_owned(),
        });
    }

    fn complain_unknown(&mut self, place: &str, unknown: &keys::Unknown) {
        let (chinese, english) = match &unknown.nearest {
            Some(name) => (
                format!("没有这一项；是否想写 `{name}`"),
                format!("no such key; did you mean `{name}`"),
            ),
            None => (
                "没有这一项；可用的项见 `xibu-daemon init` 生成的样例".to_owned(),
                "no such key; the sample written by `xibu-daemon init` lists them all".to_owned(),
            ),
        };
        let key = unknown.key.clone();
        self.problems.push(Problem { place: place.to_owned(), key, chinese, english });
    }

    /// A failure of the `config` crate, whose texts carry no secret: it shows the offending value
    /// only where a type is wrong, which a secret's text cannot be.
    pub(super) fn complain_of(&mut self, error: &ConfigError) {
        let (place, key) = match error {
            ConfigError::Type { origin, key, .. } | ConfigError::At { origin, key, .. } => {
                (origin.clone(), key.clone().unwrap_or_default())
            }
            ConfigError::FileParse { uri, .. } => (uri.clone(), String::new()),
            _ => (None, String::new()),
        };
        let place = match place.as_deref() {
            Some("the environment") => variable(&key),
            _ => self.place(),
        };
        let (chinese, english) = match error {
            ConfigError::Type { unexpected, expected, .. } => (
                format!("值的类型不对：应为 {expected}，现为 {unexpected}"),
                format!("wrong type: expected {expected}, found {unexpected}"),
            ),
            ConfigError::FileParse { cause, .. } => {
                let cause = without_excerpt(&cause.to_string());
                (format!("不是正确的 TOML：{cause}"), format!("not valid TOML: {cause}"))
            }
            other => (format!("{other}"), format!("{other}")),
        };
        self.problems.push(Problem { place, key, chinese, english });
    }
}

/// A parser's message without the lines it quotes, which may hold a secret.
pub(super) fn without_excerpt(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| !line.contains('|')).collect::<Vec<_>>().join(": ")
}

/// The environment variable that sets `key`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}__{}", key.to_uppercase().replace('.', "__"))
}

/// A value as JSON.
pub(super) fn json(kind: ValueKind) -> serde_json::Value {
    use serde_json::Value as Json;
    match kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(value) => Json::from(value),
        ValueKind::I64(value) => Json::from(value),
        ValueKind::U64(value) => Json::from(value),
        ValueKind::I128(value) => Json::from(i64::try_from(value).unwrap_or(i64::MAX)),
        ValueKind::U128(value) => Json::from(u64::try_from(value).unwrap_or(u64::MAX)),
        ValueKind::Float(value) => Json::from(value),
        ValueKind::String(text) => Json::String(text),
        ValueKind::Table(table) => {
            table.into_iter().map(|(key, value)| (key, json(value.kind))).collect()
        }
        ValueKind::Array(items) => items.into_iter().map(|value| json(value.kind)).collect(),
    }
}
