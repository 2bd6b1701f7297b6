//! `init`: a folder to begin with — commented configuration, plugin libraries, blank workbooks.
//!
//! It records nothing and leaves every file alone that is there.

use std::path::Path;

use super::arguments::Init;
use super::import::{Scratch, house_plugin};
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use super::{CONFIGURATION_FILE, Context, folder, reading};
use crate::clock::Clock;
use crate::settings::SAMPLE;
use crate::workbook::{directory_template, roster_template, wishes_template};

/// The house's own plugins, by the name of their library.
const LIBRARIES: [&str; 4] = ["xibu_email", "xibu_spreadsheet", "xibu_sms", "xibu_jobfeed"];
/// Where the blank workbooks go.
const WORKBOOKS: &str = "样表";

/// Runs it.
pub(super) async fn run(options: &Init, context: &mut Context) -> Outcome {
    let dir = &options.dir;
    for part in ["", "inbox", "plugins", WORKBOOKS] {
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
    workbooks(&dir.join(WORKBOOKS), context).await?;
    next_steps(context, dir);
    Ok(Exit::Done)
}

/// Blank workbooks with the headings that are understood.
async fn workbooks(dir: &Path, context: &mut Context) -> Result<(), Failure> {
    let scratch = Scratch::make()?;
    let plugin = house_plugin(&scratch)?;
    let now = Clock::real(chrono_tz::Asia::Shanghai).now().unix_ms;
    for (name, workbook) in [
        ("通讯录.xlsx", directory_template()),
        ("花名册.xlsx", roster_template()),
        ("求职意向登记表.xlsx", wishes_template()),
    ] {
        let path = dir.join(name);
        let bytes = reading::write(&plugin, &workbook, now).await?;
        let written = folder::write_new(&path, &bytes)?;
        report(context, &path, written);
    }
    plugin.stop().await;
    Ok(())
}

fn report(context: &mut Context, path: &Path, written: bool) {
    let path = path.display();
    let screen = &mut context.screen;
    match written {
        true => {
            let text = screen.pick("已写入", "wrote").to_owned();
            screen.line(format!("{text} {path}"));
        }
        false => {
            let text = screen.pick("已有，未动", "left alone").to_owned();
            screen.marked(Mark::Faint, format!("{text} {path}"));
        }
    }
}

fn next_steps(context: &mut Context, dir: &Path) {
    let program = super::program();
    let file = dir.join(CONFIGURATION_FILE);
    let (file, directory) = (file.display(), dir.join(WORKBOOKS).join("通讯录.xlsx"));
    let import = format!("import {}", directory.display());
    let screen = &mut context.screen;
    let heading = screen.pick("接下来", "next").to_owned();
    screen.heading(heading);
    for (chinese, english, command) in [
        ("按说明改好配置，检查", "edit the configuration, check it", "check-config"),
        ("批准表格插件", "approve the workbook plugin", "plugin approve spreadsheet"),
        ("批准邮件插件", "approve the mail plugin", "plugin approve email"),
        ("填好通讯录，读入", "fill in the directory, read it", import.as_str()),
        ("运行", "run", "run"),
    ] {
        let text = screen.pick(chinese, english).to_owned();
        screen.line(format!("  {text}:\n    {program} {command} --config {file}"));
    }
}
