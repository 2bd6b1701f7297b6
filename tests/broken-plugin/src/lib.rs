//! A plugin that falls over on request: which call, after how many items, and how, by its
//! settings. For tests only.
//!
//! `describe` comes before any settings, so its fault is read from a file `describe_fault` beside
//! the loaded copy. What it is not: no example of a plugin.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use rustix::process::{Signal, getpid, kill_process};
use xibu_plugin_sdk::cells::{PackedValue, pack};
use xibu_plugin_sdk::message::{
    Arrived, Attachment, Capability, Descriptor, Item, Level, Message, Outcome, Workbook,
    WorkbookFormat,
};
use xibu_plugin_sdk::{Hook, Moment, NotDone, Plugin, Settings, Sink};

xibu_plugin_sdk::export!(Broken);

struct Broken {
    /// In which call.
    call: String,
    /// After so many items.
    after: usize,
    /// How.
    fault: String,
    /// From whom it brings messages.
    from: String,
    /// Lines of a table that comes with each message; `{id}` stands for the message's own.
    file: String,
}

impl Plugin for Broken {
    fn describe() -> Descriptor {
        let fault = described_fault().unwrap_or_default();
        fall_over(&fault);
        Descriptor {
            id: "broken".into(),
            title: "坏插件".into(),
            version: "1".into(),
            capabilities: vec![
                Capability::Notify,
                Capability::Workbook,
                Capability::Receipts,
                Capability::Intake,
            ],
            settings_schema: serde_json::json!({"properties": {"token": {"writeOnly": true}}}),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        let table: serde_json::Map<String, serde_json::Value> = settings.read()?;
        let word = |key: &str| table.get(key).and_then(|v| v.as_str()).unwrap_or_default();
        let after = table.get("after").and_then(serde_json::Value::as_u64).unwrap_or(0);
        let broken = Self {
            call: word("call").into(),
            after: usize::try_from(after).map_err(NotDone::because)?,
            fault: word("fault").into(),
            from: word("from").into(),
            file: word("file").into(),
        };
        broken.reach("configure", 0)?;
        Ok(broken)
    }

    fn deliver(
        &mut self,
        _: Moment,
        messages: Vec<Message>,
        _: &[&[u8]],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        for (index, message) in messages.iter().enumerate() {
            self.reach("deliver", index)?;
            let index = u32::try_from(index).map_err(NotDone::because)?;
            sink.delivered(index, Outcome::Accepted { reference: message.key.clone() })?;
        }
        sink.log(Level::Info, "delivered");
        Ok(())
    }

    fn read_workbook(
        &mut self,
        _: Moment,
        file_name: &str,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        sink.emit(&Item::SheetBegins { name: file_name.into(), hidden: false }, &[])?;
        self.reach("read_workbook", 0)?;
        let mut cells = Vec::new();
        pack(&mut cells, 0, 0, PackedValue::Number(bytes.len() as f64));
        sink.emit(&Item::Cells, &[&cells])?;
        sink.emit(&Item::SheetEnds { merges: vec![] }, &[])
    }

    fn write_workbook(
        &mut self,
        _: Moment,
        _: Workbook,
        _: WorkbookFormat,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        self.reach("write_workbook", 0)?;
        sink.emit(&Item::Written, &[b"bytes"])
    }

    /// Each look brings three messages, numbered through; the cursor is the last number. The first
    /// of a look is the last of the one before: a source that repeats itself. A cursor that is a
    /// word asks for one of the host's services instead.
    fn poll(
        &mut self,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let Ok(last) = cursor.unwrap_or("0").parse::<u64>() else {
            return self.serve(moment, cursor.unwrap_or_default(), sink);
        };
        for (items, number) in (last.max(1)..=last + 2).enumerate() {
            self.reach("poll", items)?;
            self.bring(moment, &number.to_string(), &format!("第{number}条"), sink)?;
        }
        self.reach("poll", 3)?;
        let cursor = (last + 2).to_string();
        sink.emit(&Item::Polled { cursor, again_after_seconds: 3_600 }, &[])
    }

    /// The body is a message's id, and a fault where it is one's name.
    fn hook(
        &mut self,
        moment: Moment,
        hook: Hook,
        body: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let body = String::from_utf8_lossy(body).into_owned();
        fall_over(&body);
        self.bring(moment, &format!("hook-{body}"), &body, sink)?;
        let media_type = "text/plain".to_owned();
        let answer = format!("{} {}?{} {body}", hook.method, hook.path, hook.query);
        sink.emit(&Item::HookAnswered { status: 202, media_type }, &[answer.as_bytes()])
    }
}

impl Broken {
    /// Asks for the service that `word` names, and says in the cursor what came of it.
    fn serve(&self, moment: Moment, word: &str, sink: &mut Sink<'_>) -> Result<(), NotDone> {
        self.reach("poll", 0)?;
        let cursor = match word {
            "count" => {
                let before = sink.state("polls")?.unwrap_or_default();
                sink.set_state("polls", &[&before[..], b"I"].concat())?;
                let after = sink.state("polls")?.unwrap_or_default();
                String::from_utf8(after).map_err(NotDone::because)?
            }
            "fail after a put" => {
                sink.set_state("polls", b"lost")?;
                return Err(NotDone::because("after the put"));
            }
            "panic after a put" => {
                sink.set_state("polls", b"lost")?;
                panic!("张三 13800000000");
            }
            "over the quota" => return sink.set_state("polls", &[1; 70_000]),
            "undeclared" => return sink.secret("call").map(|_| ()),
            "secret" => format!("{:?}", sink.secret("token")?.map(|it| it.len())),
            "until cancelled" => {
                while !sink.cancelled() {
                    std::thread::yield_now();
                }
                "cancelled".to_owned()
            }
            "remaining" => {
                let left = sink.remaining().ok_or(NotDone::because("the host does not say"))?;
                format!("{}", left <= moment.deadline && left > moment.deadline / 2)
            }
            other => other.to_owned(),
        };
        sink.emit(&Item::Polled { cursor, again_after_seconds: 60 }, &[])
    }

    fn bring(
        &self,
        moment: Moment,
        id: &str,
        text: &str,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let file = self.file.replace("{id}", id);
        let attachment = Attachment {
            file_name: "table.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            blob: 0,
        };
        let arrived = Arrived {
            id: id.to_owned(),
            attachments: if file.is_empty() { Vec::new() } else { vec![attachment] },
            from: self.from.clone(),
            received_unix_ms: moment.now_unix_ms,
            text: text.to_owned(),
            ..Arrived::default()
        };
        let blobs: &[&[u8]] = if file.is_empty() { &[] } else { &[file.as_bytes()] };
        sink.emit(&Item::Arrived(arrived), blobs)
    }

    fn reach(&self, call: &str, items: usize) -> Result<(), NotDone> {
        if self.call == call && items >= self.after {
            if self.fault == "fail" {
                return Err(NotDone::because("it was told to"));
            }
            fall_over(&self.fault);
        }
        Ok(())
    }
}

/// The worker's first argument is the library, as it was copied.
fn described_fault() -> Option<String> {
    let line = fs::read_to_string("/proc/self/cmdline").ok()?;
    let library = PathBuf::from(line.split('\0').nth(2)?);
    fs::read_to_string(library.with_file_name("describe_fault")).ok()
}

fn fall_over(fault: &str) {
    match fault {
        "panic" => panic!("张三 13800000000"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "kill" => raise(Signal::KILL),
        // The first one only takes away the handler by which Rust reports an overflow.
        "segfault" => loop {
            raise(Signal::SEGV);
        },
        "overflow" => drop(overflow(0)),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "hang" => loop {
            std::thread::park();
        },
        "eat_memory" => eat_memory(),
        "print" => print_garbage("/proc/self/fd/1"),
        "spoil" => (3..10).for_each(|fd| print_garbage(&format!("/proc/self/fd/{fd}"))),
        _ => {}
    }
}

fn raise(signal: Signal) {
    let _ = kill_process(getpid(), signal);
}

#[expect(unconditional_recursion, reason = "that is the fault")]
fn overflow(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 1024]);
    overflow(depth + 1) + room[0]
}

fn eat_memory() {
    let mut eaten = Vec::new();
    loop {
        eaten.push(std::hint::black_box(vec![1u8; 1 << 20]));
    }
}

/// Into whatever lies behind that number; what cannot be written to is left alone.
fn print_garbage(path: &str) {
    if let Ok(mut file) = OpenOptions::new().write(true).open(path) {
        let _ = file.write_all(&[b'\xff'; 64]);
        let _ = file.write_all(b"\n");
    }
}
