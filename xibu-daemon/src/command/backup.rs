//! `backup` and `restore`: everything into one file, and back into a folder without data.
//!
//! The work is [`crate::backup`]'s; here stands only what a person is told.

use std::path::Path;

use super::Context;
use super::arguments::{Backup, Restore};
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::backup::{self, BackupError, Stage};

/// Progress is told at every so many per cent.
const STEP_PER_CENT: u8 = 25;

/// Runs `backup`.
pub(super) async fn make(options: &Backup, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let (now, data) = (office.clock.now(), office.settings.data());
    let mut progress = Progress::new(options.json);
    let configuration = office.settings.file();
    let made = {
        let mut tell = |stage| progress.tell(stage, &mut context.screen);
        backup::make(&office.store, data, configuration, &options.file, now, &mut tell).await
    };
    let manifest = made.map_err(failure)?;
    office.store.close().await;
    if options.json {
        context.screen.json(&manifest);
        return Ok(Exit::Done);
    }
    let path = options.file.display();
    let text = context.screen.pick("已备份并核对", "backed up and checked").to_owned();
    let (changes, documents) = (manifest.sequence, manifest.documents);
    let counted = match context.language() {
        crate::language::Language::Chinese => format!("变更 {changes} 条，文件 {documents} 个"),
        crate::language::Language::English => format!("{changes} changes, {documents} documents"),
    };
    context.screen.marked(Mark::Good, format!("{text}: {path} ({counted})"));
    let warning = context.screen.pick(
        "备份没有加密，里面有密钥：谁拿到它就能看到全部个人信息，请与数据一样妥善保管；\
         口令文件和插件库不在里面",
        "the backup is not encrypted and the key lies in it: whoever has it can read everything, \
         so keep it as safe as the data; password files and plugin libraries are not in it",
    );
    let warning = warning.to_owned();
    context.screen.marked(Mark::Warning, warning);
    Ok(Exit::Done)
}

/// Runs `restore`.
pub(super) async fn put_back(options: &Restore, context: &mut Context) -> Outcome {
    // Without a configuration the zone is the default one; it only dates the hold.
    let zone = context.settings().map_or(chrono_tz::Asia::Shanghai, |settings| settings.zone());
    let now = crate::failpoint::clock(zone).now();
    let target = absolute(&options.dir)?;
    let mut progress = Progress::new(options.json);
    let restored = {
        let mut tell = |stage| progress.tell(stage, &mut context.screen);
        backup::restore(&options.file, &target, now, &mut tell).await
    };
    let restored = restored.map_err(failure)?;
    if options.json {
        context.screen.json(&restored);
        return Ok(Exit::Findings);
    }
    let data = restored.data.display();
    let text = context.screen.pick("已还原并核对", "put back and checked").to_owned();
    context.screen.marked(Mark::Good, format!("{text}: {data}"));
    if let Some(path) = restored.configuration.filter(|_| !restored.configuration_in_use) {
        let text = context.screen.pick(
            "备份里的配置没有启用，放在",
            "the configuration of the backup is not in use; it lies at",
        );
        let text = text.to_owned();
        context.screen.marked(Mark::Warning, format!("{text} {}", path.display()));
    }
    let text = context.screen.pick(
        "信件已扣住：备份之后发出的信不在记录里，请先看 `release --list`，再用 `release` 放行。\
         备份之后删除过的人又回来了，请重新 `erase`。插件要重新放好并批准，口令文件要重新放好",
        "everything is held: what was sent after the backup is not in the record, so look at \
         `release --list` before `release`. Whoever was erased since is back: run `erase` again. \
         Put plugin libraries and password files back in place",
    );
    let text = text.to_owned();
    context.screen.marked(Mark::Warning, text);
    Ok(Exit::Findings)
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::file(path, error))
}

/// Tells whoever sits at a terminal how far it is.
struct Progress {
    silent: bool,
    last: Option<Stage>,
}

impl Progress {
    fn new(json: bool) -> Self {
        Self { silent: json, last: None }
    }

    fn tell(&mut self, stage: Stage, screen: &mut Screen) {
        let rounded = match stage {
            Stage::Packing(done) => Stage::Packing(done - done % STEP_PER_CENT),
            Stage::ReadingBack(done) => Stage::ReadingBack(done - done % STEP_PER_CENT),
            other => other,
        };
        if self.silent || !screen.is_terminal() || self.last == Some(rounded) {
            return;
        }
        self.last = Some(rounded);
        let text = match rounded {
            Stage::Copying => screen.pick("复制数据库…", "copying the database…").to_owned(),
            Stage::Checking => screen.pick("核对…", "checking…").to_owned(),
            Stage::Packing(done) => format!("{} {done} %", screen.pick("打包", "packing")),
            Stage::ReadingBack(done) => format!("{} {done} %", screen.pick("读回", "reading")),
        };
        screen.marked(Mark::Faint, text);
    }
}

fn failure(error: BackupError) -> Failure {
    let english = error.to_string();
    let chinese = match &error {
        BackupError::IsThere(path) => {
            format!("{} 已存在；备份不会覆盖任何文件，请换一个名字", path.display())
        }
        BackupError::HasData(path) => {
            format!("{} 里已有数据；请还原到没有数据的文件夹", path.display())
        }
        BackupError::NotSound(why) => format!("数据有损坏，没有备份；请先查明：{why}"),
        BackupError::NotWhole(why) => format!("这不是完整的备份，没有还原：{why}"),
        BackupError::TooNew(layout) => {
            format!("备份的格式 {layout} 比本程序新；请用新版 xibu-daemon 还原")
        }
        BackupError::Store(_) | BackupError::File { .. } => format!("数据用不了：{english}"),
    };
    Failure::new(Exit::Data, chinese, english)
}
