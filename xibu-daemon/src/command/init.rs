//! `init`: a folder to begin with — commented configuration, plugin libraries, sample workbooks.
//!
//! It records nothing and leaves every file alone that is there.

use super::arguments::Init;
use super::outcome::{Exit, Outcome};
use super::screen::Mark;
use super::{CONFIGURATION_FILE, Context, folder};
use crate::settings::SAMPLE;

/// The house's own plugins, by the name of their library.
const LIBRARIES: [&str; 2] = ["xibu_email", "xibu_spreadsheet"];

/// Runs it.
pub(super) fn run(options: &Init, context: &mut Context) -> Outcome {
    let dir = &options.dir;
    for part in ["", "inbox", "plugins"] {
        folder::make_private(&dir.join(part))?;
    }
    let file = dir.join(CONFIGURATION_FILE);
    let written = folder::write_new(&file, SAMPLE.as_bytes())?;
    report(context, &file, written);
    for name in LIBRARIES {
        let library = folder::library_beside_program(name)?;
        let copy = folder::copy_library(&library, &dir.join("plugins"))?;
        report(context, &copy, true);
    }
    next_steps(context, &file);
    Ok(Exit::Done)
}

fn report(context: &mut Context, path: &std::path::Path, written: bool) {
    let path = path.display();
    let screen = &mut context.screen;
    match written {
        true => screen.line(format!("{} {path}", screen.pick("已写入", "wrote"))),
        false => {
            let text = format!("{} {path}", screen.pick("已有，未动", "left alone"));
            screen.marked(Mark::Faint, text);
        }
    }
}

fn next_steps(context: &mut Context, file: &std::path::Path) {
    let file = file.display();
    let screen = &mut context.screen;
    let heading = screen.pick("接下来", "next").to_owned();
    screen.heading(heading);
    for (chinese, english, command) in [
        ("改好配置后检查", "check what you set", "check-config"),
        ("批准邮件插件", "approve the mail plugin", "plugin approve email"),
        ("批准表格插件", "approve the workbook plugin", "plugin approve spreadsheet"),
        ("读入通讯录", "read your directory", "import 通讯录.xlsx"),
        ("运行", "run", "run"),
    ] {
        let text = screen.pick(chinese, english).to_owned();
        screen.line(format!("  {text}: xibu-daemon {command} --config {file}"));
    }
}
