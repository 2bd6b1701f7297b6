//! Configurations as people write them, and every word they are answered.

use std::fs;

use serde_json::{Map, Value, json};

use super::{SAMPLE, Secret, Settings, keys};
use crate::language::Language;

/// Loads `toml` (with `variables`) from a folder that holds a password file, and shows what came
/// of it: the problems in English, the folder's name cut off, or `fine`.
fn outcome(toml: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("xibu.toml");
    fs::write(&file, toml).unwrap();
    fs::write(folder.path().join("password.txt"), "geheim\n").unwrap();
    fs::write(folder.path().join("form.toml"), super::FORM).unwrap();
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
         xibu.toml, plugin.email.library: the path of the plugin's library is missing; \
         a plugin that is a program has `program`",
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

fn mail_schema() -> Value {
    json!({
        "additionalProperties": false,
        "required": ["host"],
        "properties": {
            "host": {"type": "string"},
            "port": {"type": "integer", "maximum": 65535},
            "password": {"type": "string", "writeOnly": true},
            "ca_file": {"type": "string"},
            "words": {"type": "array", "items": {"type": "string"}},
            "sms": {"properties": {"token": {"type": "string", "writeOnly": true}, "on": {"type": "boolean"}}},
        },
    })
}

/// What a plugin's table amounts to by a schema: its settings and secrets, or the problems, with
/// the folder's name cut off.
fn resolved(table: &str, variables: &[(&str, &str)], schema: &Value) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("xibu.toml");
    fs::write(folder.path().join("password.txt"), "geheim\n").unwrap();
    let toml = format!("[plugin.email]\nlibrary = \"x.so\"\n[plugin.email.settings]\n{table}");
    fs::write(&file, toml).unwrap();
    let variables = variables.iter().map(|(name, value)| {
        (format!("XIBU__PLUGIN__EMAIL__SETTINGS__{name}"), (*value).to_owned())
    });
    let settings = Settings::load(Some(&file), variables).unwrap();
    assert!(!format!("{settings:?}").contains("geheim"), "{settings:?}");
    let resolved =
        settings.plugin("email").unwrap().table().resolve(schema).map_err(|problems| {
            assert!(problems.0.iter().all(|it| !it.line(Language::Chinese).contains("geheim")));
            problems.to_string().replace(&format!("{}/", folder.path().display()), "")
        })?;
    assert!(!format!("{resolved:?}").contains("geheim"), "{resolved:?}");
    let secrets: Map<String, Value> = resolved
        .secrets
        .iter()
        .map(|(key, secret)| (key.clone(), json!(secret.as_ref().map(Secret::expose))))
        .collect();
    Ok(json!([resolved.settings, secrets]))
}

#[track_caller]
fn check_resolved(table: &str, variables: &[(&str, &str)], expected: Value) {
    assert_eq!(resolved(table, variables, &mail_schema()), Ok(expected));
}

#[track_caller]
fn check_refused(table: &str, variables: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(resolved(table, variables, &mail_schema()), Err(expected.join("\n")));
}

#[test]
fn secrets_are_what_the_schema_says_and_come_from_a_file_or_the_environment() {
    check_resolved(
        "host = 'h'\nport = 25\nca_file = 'ca.pem'\npassword_file = 'password.txt'\n",
        &[],
        json!([
            {"host": "h", "port": 25, "ca_file": "ca.pem"},
            {"password": "geheim", "sms.token": null},
        ]),
    );
    check_resolved(
        "host = 'h'\npassword_file = 'password.txt'\n[plugin.email.settings.sms]\n\
         token_file = 'password.txt'\n",
        &[("PASSWORD", "123456"), ("PORT", "2525"), ("WORDS", "a, b"), ("SMS__ON", "true")],
        json!([
            {"host": "h", "port": 2525, "words": ["a", "b"], "sms": {"on": true}},
            {"password": "123456", "sms.token": "geheim"},
        ]),
    );
    // A text that reads as a number is what the schema says: a text.
    check_resolved(
        "",
        &[("HOST", "10"), ("SMS__TOKEN", "7")],
        json!([{"host": "10", "sms": {}}, {"password": null, "sms.token": "7"}]),
    );
}

#[test]
fn everything_wrong_with_a_table_is_told_with_its_place_and_never_its_value() {
    check_refused(
        "hots = 'geheim'\nport = 'geheim'\npassword = 'geheim'\n[plugin.email.settings.sms]\n\
         token_file = 'nowhere'\n",
        &[],
        &[
            "xibu.toml, plugin.email.settings.host: is missing and must be set",
            "xibu.toml, plugin.email.settings.hots: no such key; did you mean `host`",
            "xibu.toml, plugin.email.settings.password: keep secrets out of this file; \
             set password_file = \"FILE\" or XIBU__PLUGIN__EMAIL__SETTINGS__PASSWORD",
            "xibu.toml, plugin.email.settings.port: wrong type: expected a whole number",
            "xibu.toml, plugin.email.settings.sms.token_file: the secret's file nowhere \
             cannot be read (No such file or directory (os error 2))",
        ],
    );
    check_refused(
        "host = 'h'",
        &[("PORT", "70000")],
        &[
            "XIBU__PLUGIN__EMAIL__SETTINGS__PORT, plugin.email.settings.port: expected 65535 or less",
        ],
    );
}

#[test]
fn without_a_schema_secrets_are_told_by_their_usual_names() {
    let schema = Value::Null;
    let found = resolved("password_file = 'password.txt'\nport = 25\n", &[], &schema);
    assert_eq!(found, Ok(json!([{"password": "geheim", "port": 25}, {}])));
    let found = resolved("x = 1", &[("PASSWORD", "123456"), ("PORT", "2525")], &schema);
    assert_eq!(found, Ok(json!([{"password": "123456", "port": 2525, "x": 1}, {}])));
    let found = resolved("token = 'geheim'", &[], &schema).unwrap_err();
    assert!(found.contains("keep secrets out of this file; set token_file"), "{found}");
}

#[test]
fn a_plugin_is_a_library_or_a_program() {
    check("[plugin.a]\nprogram = \"a.py\"\narguments = [\"-v\"]\n", &[], "fine");
    check(
        "[plugin.a]\nprogram = \"a.py\"\nlibrary = \"a.so\"\n",
        &[],
        "xibu.toml, plugin.a.program: set either `library` or `program`, not both",
    );
    check(
        "[plugin.a]\nlibrary = \"a.so\"\narguments = []\n",
        &[],
        "xibu.toml, plugin.a.arguments: only a plugin with a `program` is started with arguments",
    );
    check(
        "[plugin.a]\nprogramm = \"a.py\"\nlibrary = \"a.so\"\n",
        &[],
        "xibu.toml, plugin.a.programm: no such key; did you mean `plugin.a.program`",
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
