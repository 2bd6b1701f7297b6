//! The command line's help in Chinese, by command and option.
//!
//! Only texts; a test sees to it that none is missing.

use clap::Command;

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// Commands by their full name, without the program's.
const COMMANDS: &[(&str, &str)] = &[
    (
        "",
        "谁该在什么时候报什么，依据渝项目办发〔2009〕22号逐月跟踪，只提醒该提醒的人，只提醒一次。",
    ),
    ("demo", "用虚构数据离线演示一个市的一个月"),
    ("init", "在新文件夹里生成带说明的配置和样表"),
    ("run", "运行服务"),
    ("check-config", "检查配置，一次说全所有问题"),
    ("status", "谁欠报、谁迟报、什么被扣住、什么没发成"),
    ("explain", "说明为什么该报、为什么发、为什么不发，附推算过程"),
    ("calendar", "工作日与放假调休"),
    ("deadlines", "一年各月的开始日、截止日、目标日和最后时刻"),
    ("intake", "试读一个表格，不入库：可收的行，退回的行及其位置和原因"),
    ("import", "读入表格并入库"),
    ("template", "生成一个单位一个月的报告单，带该单位人员和请求编号"),
    ("outbox", "信件：待发、已发、没发成"),
    ("outbox list", "列出信件"),
    ("outbox show", "看一封信及其发送经过"),
    ("outbox retry", "把没发成的信再发一次"),
    ("arrivals", "来信：等人处理的，以及作为什么收下的"),
    ("arrivals list", "列出等人处理的来信"),
    ("arrivals show", "看一封来信的原文"),
    ("arrivals take", "按来信所说收下"),
    ("arrivals drop", "来信不作处理"),
    ("token", "单位自有程序报送用的令牌：生成、列出、作废"),
    ("release", "放行被扣住的信件"),
    ("pause", "停止发送，照常记录；--resume 恢复发送"),
    ("plugin", "插件：列出、说明、批准"),
    ("plugin list", "列出插件、指纹、是否已批准"),
    ("plugin describe", "说明一个插件是什么，并给出它的配置样例"),
    ("plugin approve", "批准插件（库文件或程序）的当前版本"),
    ("consent", "登记某人同意或撤回某项用途"),
    ("consent list", "谁同意了什么、从何时起、怎么表示的"),
    ("feed", "试读一个招聘信息源，不入库：读出了什么、从哪里读出"),
    ("postings", "已收入的招聘信息"),
    ("postings list", "列出今天可报名的招聘信息"),
    ("postings show", "看一条招聘信息：每一项从哪里读出，有哪些来源"),
    ("simulate", "推演若干天里会发的每一封信，一封也不发出"),
    ("backup", "把全部数据存成一个核对过的文件，服务不必停"),
    ("restore", "把备份还原到没有数据的文件夹；放行之前不发信"),
    ("erase", "删除一个人的姓名、手机、邮箱和身份证号；数字都留着"),
];

/// Options by command and name; the first match of the name alone is used where no command is
/// given.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("", "lang", "显示语言：zh 或 en（不写则按 LANG）"),
    ("", "config", "配置文件（不写则用当前文件夹的 xibu.toml，如有）"),
    ("", "json", "按行输出 JSON，键为英文"),
    ("", "help", "显示帮助"),
    ("", "version", "显示版本"),
    ("demo", "dir", "演示用的文件夹；须是新的、空的，或以前演示留下的（不写则为 xibu-demo）"),
    ("demo", "seed", "虚构数据的种子；种子相同，结果相同"),
    ("init", "dir", "写到哪个文件夹；已有的文件不动"),
    ("run", "redirect_to", "试用：所有信件都改发到这个地址"),
    ("status", "at", "截至这个时间，例如 2026-06-26T12:00:00（不写则为现在）"),
    (
        "explain",
        "id",
        "欠报、提醒、信件或就业信息的编号，例如 county_monthly_return/O17/2026-06、\
         digest/P12/2026-06-26",
    ),
    ("calendar", "from", "第一天"),
    ("calendar", "to", "最后一天（含）"),
    ("deadlines", "year", "哪一年"),
    ("intake", "files", "表格文件：.xlsx、.xls、.ods、.docx、.csv，或装有它们的 .zip；可写多个"),
    ("intake", "answer", "另把标出问题的表格写到这里：新文件，或已有的文件夹"),
    ("template", "office", "报送单位的编号，例如 O57"),
    ("template", "period", "月份，例如 2026-06（不写则为本月）"),
    ("template", "out", "写到哪个文件夹，没有就新建（不写则为当前文件夹）"),
    ("template", "csv", "另写一份 .csv"),
    ("import", "files", "表格文件：.xlsx、.xls、.ods、.docx、.csv，或装有它们的 .zip；可写多个"),
    ("import", "received_at", "收到的时间，用来判断是否迟报（不写则按文件的修改时间）"),
    ("outbox list", "state", "只列这一状态的，例如 accepted、unknown、rejected"),
    ("outbox show", "key", "信件编号"),
    ("outbox retry", "key", "信件编号"),
    ("arrivals list", "all", "不等人处理的也列出"),
    ("arrivals show", "id", "来信编号，例如 A7"),
    ("arrivals show", "files", "把附件存进这个文件夹"),
    ("arrivals take", "id", "来信编号，例如 A7"),
    (
        "arrivals take",
        "taken_as",
        "它说的是：files（读入附件）、nil（安全无事）、incident（事故）、acknowledged:2026-06-26",
    ),
    ("arrivals take", "from", "号码不认识时，说明是谁发的，例如 P12"),
    ("arrivals drop", "id", "来信编号，例如 A7"),
    ("token", "office", "哪个单位的程序，例如 O3"),
    ("token", "new", "生成一个令牌，只显示这一次"),
    ("token", "list", "列出该单位的令牌（不显示令牌本身）"),
    ("token", "revoke", "作废这个编号的令牌"),
    ("release", "list", "只看被扣住的，不放行"),
    ("pause", "resume", "恢复发送"),
    ("plugin describe", "id", "插件在配置里的名字"),
    ("plugin approve", "id", "插件在配置里的名字"),
    ("consent", "person", "谁，例如 P12"),
    ("consent", "purpose", "用途，例如 job_information（接收就业信息）"),
    ("consent", "given", "本人同意"),
    ("consent", "withdrawn", "本人不同意，或不再同意"),
    ("feed", "source", "文件，或以 http://、https:// 开头的地址"),
    ("feed", "whom", "另说明是否适合此人及理由，例如 P12"),
    ("postings list", "all", "也列出已截止和已撤下的"),
    ("postings show", "posting", "招聘信息编号，例如 J12"),
    ("postings show", "whom", "另说明是否适合此人及理由，例如 P12"),
    ("simulate", "from", "第一天；从这天起记录过的变更按当时的时间进来"),
    ("simulate", "to", "最后一天（含）"),
    ("backup", "file", "要生成的 .zip 文件，不能已存在；没有加密，密钥就在里面"),
    ("restore", "file", "备份文件"),
    ("restore", "dir", "项目办的文件夹；没有就新建，里面不能有数据"),
    ("erase", "person", "人员编号，例如 P12；写 - 则从标准输入读手机、邮箱、身份证号或姓名"),
    ("erase", "dry_run", "只说会删什么、留什么"),
    ("erase", "end_service", "志愿者还在岗的，先把服务记到今天为止"),
];

const AFTER: &str = "初次使用请试 `xibu-daemon demo`：一分钟看完一个市的一个月，不联网。\n\n\
    退出码：0 完成；1 完成，但有要看的事；2 命令写错；3 配置有误；4 数据用不了或找不到；\
    5 插件缺失、未批准或出错。";

/// `command` with Chinese texts.
pub(super) fn over(command: Command) -> Command {
    described(command.after_help(AFTER), "")
}

fn described(mut command: Command, name: &str) -> Command {
    command = command.help_template(TEMPLATE).subcommand_help_heading("命令");
    command = command
        .disable_help_flag(true)
        .arg(clap::Arg::new("help").short('h').long("help").action(clap::ArgAction::Help));
    if let Some((_, about)) = COMMANDS.iter().find(|(known, _)| *known == name) {
        command = command.about(*about).long_about(*about);
    }
    let options: Vec<clap::Id> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
    for id in options {
        command = command.mut_arg(&id, |arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let arg = arg.help_heading(heading);
            match option(name, id.as_str()) {
                Some(help) => {
                    let takes_value = arg.get_action().takes_values();
                    let arg = arg.help(help).long_help(help);
                    if takes_value { arg.hide_default_value(true) } else { arg }
                }
                None => arg,
            }
        });
    }
    let below: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for below in below {
        let whole = if name.is_empty() { below.clone() } else { format!("{name} {below}") };
        command = command.mut_subcommand(&below, |command| described(command, &whole));
    }
    command
}

fn option(command: &str, id: &str) -> Option<&'static str> {
    OPTIONS
        .iter()
        .find(|(owner, known, _)| *owner == command && *known == id)
        .or_else(|| OPTIONS.iter().find(|(owner, known, _)| owner.is_empty() && *known == id))
        .map(|(_, _, help)| *help)
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::{COMMANDS, option, over};
    use crate::command::arguments::Arguments;

    #[track_caller]
    fn check(command: &Command, name: &str) {
        assert!(COMMANDS.iter().any(|(known, _)| *known == name), "no Chinese text for `{name}`");
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            assert!(option(name, id).is_some(), "no Chinese text for `{name}` {id}");
        }
        for below in command.get_subcommands() {
            check(below, format!("{name} {}", below.get_name()).trim());
        }
    }

    #[test]
    fn every_command_and_option_has_a_chinese_text() {
        check(&Arguments::command(), "");
    }

    #[test]
    fn the_chinese_command_line_is_sound() {
        over(Arguments::command()).debug_assert();
    }
}
