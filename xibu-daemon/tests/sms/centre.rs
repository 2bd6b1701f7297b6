//! Starts the SMS centre of `tests/checkers/smsc.js` and listens to what it says.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Centre {
    child: Child,
    commands: ChildStdin,
    events: Receiver<Value>,
    pub(crate) port: u16,
}

impl Centre {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Over TLS, with its key and certificate.
    pub(crate) fn start_over_tls(key: &Path, certificate: &Path) -> Self {
        Self::start_with(&[key, certificate])
    }

    fn start_with(files: &[&Path]) -> Self {
        let target = Path::new(crate::library::DAEMON).ancestors().nth(2).unwrap();
        let modules = target.join("node/node_modules");
        assert!(
            modules.exists(),
            "{} is missing: run tests/run, which makes it",
            modules.display()
        );
        let mut child = Command::new("node")
            .arg(crate::build::root().join("tests/checkers/smsc.js"))
            .args(files)
            .env("NODE_PATH", modules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, events) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if tell.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let commands = child.stdin.take().unwrap();
        let mut centre = Self { child, commands, events, port: 0 };
        centre.port = centre.next("listening")["port"].as_u64().unwrap() as u16;
        centre
    }

    /// The next event of this kind; others are passed over.
    pub(crate) fn next(&self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect(kind);
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Everything that was said so far and not yet heard.
    pub(crate) fn heard(&self) -> Vec<Value> {
        self.events.try_iter().collect()
    }

    pub(crate) fn command(&mut self, command: &Value) {
        writeln!(self.commands, "{command}").unwrap();
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
