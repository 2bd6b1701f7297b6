//! Configurations as people write them, and every word they are answered.

use std::fs;

use super::{SAMPLE, Settings, keys};

/// Loads `toml` (with `variables`) from a folder that holds a password file, and shows what came
/// of it: the problems in English, the folder's name cut off, or `fine`.
fn outcome(toml: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("xibu.toml");
    fs::write(&file, toml).unwrap();
    fs::write(folder.path().join("password.txt"), "geheim\n").unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let loaded = Settings::load(Some(&file), variables);
    let folder = format!("{}/", folder.path().display());
    loaded.map_or_else(|problems| problems.to_string().replace(&folder, ""), |_| "fine".to_owned())
}

#[track_caller]
fn check(toml: &str, variables: &[(&str, &str)], expected: &str) {
    assert_eq!(outcome(toml, variables), expected);
}

#[test]
fn the_sample_is_right_and_names_every_key() {
    check(SAMPLE, &[], "fine");
    for key in keys::KEYS {
        let last = key.rsplit('.').find(|part| !matches!(*part, "*" | "**" | "[]")).unwrap();
        assert!(SAMPLE.contains(last), "the sample does not name {key}");
    }
}

/// Every line that only needs its `# ` taken off is a setting that works.
#[test]
fn the_sample_is_right_with_every_example_switched_on() {
    let lines = SAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest,
        _ => line,
    });
    let on = lines.collect::<Vec<_>>().join("\n");
    let found = outcome(&on, &[]);
    // Only the year's file is not there.
    assert!(found.lines().count() == 1 && found.contains("calendar_years"), "{found}");
}

#[test]
fn every_problem_is_told_in_one_pass_with_its_place() {
    check(
        "[office]\nzon = \"Asia/Shanghai\"\nserves = [\"17\"]\n[plugin.email]\nlibary = \"x.so\"\n",
        &[("XIBU__OFFICE__DATTA", "x"), ("XIBU__OFFICE__ZONE", "Asia/Chongching")],
        "xibu.toml, office.zon: no such key; did you mean `office.zone`\n\
         xibu.toml, plugin.email.libary: no such key; did you mean `plugin.email.library`\n\
         XIBU__OFFICE__DATTA, office.datta: no such key; did you mean `office.data`\n\
         XIBU__OFFICE__ZONE, office.zone: `Asia/Chongching` is not understood; \
         an example is Asia/Shanghai\n\
         xibu.toml, office.serves: `17` is not an office number; write it as O1 or O17\n\
         xibu.toml, office.serves: name at least one office, e.g. [\"O1\"]\n\
         xibu.toml, plugin.email.library: the path of the plugin's library is missing",
    );
}

#[test]
fn a_key_on_the_wrong_level_is_led_home() {
    check("serves = [\"O1\"]", &[], "xibu.toml, serves: no such key; did you mean `office.serves`");
    check(
        "[[parameter]]\nnmae = \"report_due_day\"\n",
        &[],
        "xibu.toml, parameter[].nmae: no such key; did you mean `parameter[].name`\n\
         xibu.toml, parameter[0]: `value` is missing",
    );
}

#[test]
fn parameters_are_checked_by_the_core() {
    let entry = "[[parameter]]\nfrom = 2026-01-01\nset_by = \"市项目办\"\nreason = \"试行\"\n";
    check(&format!("{entry}name = \"report_due_day\"\nvalue = 4\n"), &[], "fine");
    check(
        &format!("{entry}name = \"report_due_dya\"\nvalue = 4\n"),
        &[],
        "xibu.toml, parameter[0]: no parameter is called `report_due_dya`; \
         the nearest is `report_due_day`",
    );
    check(
        &format!("{entry}name = \"report_due_day\"\nvalue = 32\n"),
        &[],
        "xibu.toml, parameter[0]: report_due_day: expected a day of the month, 1 to 31, found 32",
    );
}

#[test]
fn a_broken_file_is_told_without_quoting_it() {
    let found = outcome("[plugin.email.settings]\npassword = \"geheim", &[]);
    assert!(found.starts_with("xibu.toml: not valid TOML: "), "{found}");
    assert!(!found.contains("geheim"), "{found}");
}

#[test]
fn secrets_come_from_a_file_or_the_environment_and_are_never_shown() {
    const PLUGIN: &str = "[plugin.email]\nlibrary = \"x.so\"\n[plugin.email.settings]\n";
    let bare = outcome(&format!("{PLUGIN}password = \"geheim\"\n"), &[]);
    assert_eq!(
        bare,
        "xibu.toml, plugin.email.settings.password: keep secrets out of this file; \
         set password_file = \"FILE\" or XIBU__PLUGIN__EMAIL__SETTINGS__PASSWORD"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("xibu.toml");
    fs::write(folder.path().join("password"), "geheim\n").unwrap();
    fs::write(&file, format!("{PLUGIN}password_file = \"password\"\nport = 25\n")).unwrap();
    let load = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Settings::load(Some(&file), variables).unwrap()
    };
    let settings = load(&[]);
    let plugin = settings.plugin("email").unwrap();
    assert_eq!(
        plugin.table_with_secrets(),
        serde_json::json!({ "password": "geheim", "port": 25 })
    );
    assert!(!format!("{settings:?}").contains("geheim"), "{settings:?}");
    let settings = load(&[
        ("XIBU__PLUGIN__EMAIL__SETTINGS__PASSWORD", "123456"),
        ("XIBU__PLUGIN__EMAIL__SETTINGS__PORT", "2525"),
    ]);
    assert_eq!(
        settings.plugin("email").unwrap().table_with_secrets(),
        serde_json::json!({ "password": "123456", "port": 2525 })
    );
}

#[test]
fn the_environment_stands_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("xibu.toml");
    fs::write(&file, "[office]\nserves = [\"O1\"]\ndata = \"a\"\n").unwrap();
    let variables = [("XIBU__OFFICE__SERVES", "O2,O3"), ("XIBU__OFFICE__DATA", "b")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::load(Some(&file), variables.into_iter()).unwrap();
    let serves: Vec<String> = settings.serves().iter().map(ToString::to_string).collect();
    assert_eq!(serves, ["O2", "O3"]);
    assert_eq!(settings.data(), folder.path().join("b"));
}
