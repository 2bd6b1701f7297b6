//! `plugin describe` and what `check-config` knows of plugins' own tables: for every plugin of the
//! house and both example programs, the sample made from a plugin's schema is a configuration that
//! is accepted, as it stands and with everything switched on.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The plugins of the house and the example programs.
fn all() -> Vec<(&'static str, PathBuf)> {
    let libraries = [
        ("email", "xibu-email"),
        ("spreadsheet", "xibu-spreadsheet"),
        ("sms", "xibu-sms"),
        ("jobfeed", "xibu-jobfeed"),
    ];
    let libraries = libraries.map(|(id, package)| (id, library::build(package)));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/plugins");
    let programs = [("webhook", "webhook.py"), ("append", "append.sh")];
    let programs = programs.map(|(id, name)| (id, examples.join(name)));
    libraries.into_iter().chain(programs).collect()
}

/// An office's folder with one plugin in it.
struct Office {
    folder: tempfile::TempDir,
    id: &'static str,
    carried: String,
}

impl Office {
    fn with(id: &'static str, file: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        fs::copy(file, folder.path().join(name)).unwrap();
        let kind = if name.ends_with(".so") { "library" } else { "program" };
        Self { folder, id, carried: format!("{kind} = \"{name}\"") }
    }

    /// Runs a command with this as the plugin's part of the configuration.
    fn run(&self, plugin: &str, words: &[&str]) -> (i32, String, String) {
        let whole = format!("[office]\nserves = [\"O1\"]\n\n{plugin}");
        fs::write(self.folder.path().join("xibu.toml"), whole).unwrap();
        let output = Command::new(library::DAEMON)
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("LANG", "zh_CN.UTF-8")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn bare(&self) -> String {
        format!("[plugin.{}]\n{}\n", self.id, self.carried)
    }

    #[track_caller]
    fn check_accepted(&self, plugin: &str) {
        let (code, shown, errors) = self.run(plugin, &["check-config", "--json"]);
        assert_eq!(code, 0, "{plugin}\n{shown}{errors}");
        let summary: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(summary["checked"], serde_json::json!([self.id]), "{summary}");
    }
}

#[test]
fn every_sample_is_a_configuration_as_it_stands_and_with_everything_switched_on() {
    for (id, file) in all() {
        let office = Office::with(id, &file);
        let (code, shown, _) = office.run(&office.bare(), &["plugin", "describe", id, "--json"]);
        let told: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!((code, &told["approved"], &told["sample"]), (1, &false.into(), &Value::Null));
        office.run(&office.bare(), &["plugin", "approve", id]);
        let (code, shown, errors) =
            office.run(&office.bare(), &["plugin", "describe", id, "--json"]);
        assert_eq!(code, 0, "{id}: {shown}{errors}");
        let told: Value = serde_json::from_str(&shown).unwrap();
        let kind = office.carried.split(' ').next().unwrap();
        assert_eq!((&told["carrier"], &told["approved"]), (&kind.into(), &true.into()), "{id}");
        assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
        let sample = told["sample"].as_str().unwrap();
        for line in sample.lines().filter(|line| line.contains("_file = ")) {
            let name = line.split('"').nth(1).unwrap();
            if !name.starts_with('/') {
                fs::write(office.folder.path().join(name), "geheim\n").unwrap();
            }
        }
        office.check_accepted(sample);
        let on = sample.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        office.check_accepted(&on.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn people_are_shown_who_it_is_and_a_sample() {
    let (id, file) = all().remove(0);
    let office = Office::with(id, &file);
    let (_, shown, _) = office.run(&office.bare(), &["plugin", "describe", id]);
    assert!(shown.contains("未批准") && shown.contains("plugin approve email"), "{shown}");
    office.run(&office.bare(), &["plugin", "approve", id]);
    let (code, shown, _) = office.run(&office.bare(), &["plugin", "describe", id]);
    assert_eq!(code, 0);
    for words in [
        "xibu-email",
        "电子邮件",
        env!("CARGO_PKG_VERSION"),
        "发消息",
        "库文件",
        "已批准",
        "[plugin.email.settings]",
        "# 发信服务器\nhost = \"smtp.office.test\"",
        "#password_file = \"password.txt\"",
        "# 1 到 65535\n#port = 465",
    ] {
        assert!(shown.contains(words), "{shown}\nlacks {words}");
    }
    let (code, _, errors) = office.run(&office.bare(), &["plugin", "describe", "emial"]);
    assert_eq!(code, 2);
    assert!(errors.contains("emial") && errors.contains("email"), "{errors}");
}

#[test]
fn check_config_tells_everything_wrong_with_a_plugins_table_once_it_may_be_asked() {
    let (id, file) = all().remove(0);
    let office = Office::with(id, &file);
    let wrong = office.bare()
        + "[plugin.email.settings]\nhots = \"geheim\"\nport = 70000\npassword = \"geheim\"\n\
           from = \"a@b.test\"\nsecurity = \"ssl\"\n";
    let (code, shown, _) = office.run(&wrong, &["check-config"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("未批准的插件，它们自己的设置没有检查: email"), "{shown}");
    // No data is made by a check.
    assert!(!office.folder.path().join("data").exists());
    office.run(&wrong, &["plugin", "approve", id]);
    let (code, shown, errors) = office.run(&wrong, &["check-config"]);
    assert_eq!(code, 3, "{shown}{errors}");
    let folder = format!("{}/", office.folder.path().canonicalize().unwrap().display());
    assert_eq!(
        errors.replace(&folder, ""),
        "xibu.toml，plugin.email.settings.host：缺少这一项，必须填写\n\
         xibu.toml，plugin.email.settings.hots：没有这一项；是否想写 `host`\n\
         xibu.toml，plugin.email.settings.password：密码不要写在配置文件里；\
         请写 password_file = \"文件\"，或用环境变量 XIBU__PLUGIN__EMAIL__SETTINGS__PASSWORD\n\
         xibu.toml，plugin.email.settings.port：应在 1 到 65535 之间\n\
         xibu.toml，plugin.email.settings.security：只能是下列之一：tls、starttls、plain\n"
    );
    let (code, shown, _) = office.run(&wrong, &["--lang", "en", "check-config", "--json"]);
    assert_eq!((code, shown.lines().count()), (3, 5), "{shown}");
    // A key of ours that is wrong hides none of them.
    let both = wrong.clone() + "[lisen]\naddress = \"127.0.0.1:1\"\n";
    let (code, _, errors) = office.run(&both, &["check-config"]);
    assert_eq!((code, errors.lines().count()), (3, 6), "{errors}");
    assert!(errors.contains("lisen") && errors.contains("settings.port"), "{errors}");
    assert!(!shown.contains("geheim"), "{shown}");
    let first: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    assert_eq!(first["key"], "plugin.email.settings.host");
}
