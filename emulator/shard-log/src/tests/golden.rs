//! Golden scripts: text files of commands and answers that say how a log behaves, run against the engine.
//!
//! A line that begins with `> ` is a command; what follows it, up to an empty line, is its answer. A test writes the script
//! anew from the answers it gets and compares the two, so a change of behaviour shows as a difference of texts.

use std::fmt::Write as _;

use super::*;
use crate::log::Trim;

/// The log of a script; its segments take some 400 bytes.
struct Stage {
    fs: Arc<Faulty>,
    store: Store,
    log: Result<Arc<dyn Log>>,
}

impl Stage {
    async fn on(fs: Arc<Faulty>) -> Self {
        let store = open(&fs, LAZY, 400);
        let log = store.open(&id()).await;
        Self { fs, store, log }
    }

    async fn run(&mut self, command: &str) -> Result<String> {
        let words: Vec<_> = command.split(' ').collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        match words[0] {
            "create" => {
                self.log = self.store.create(&id()).await;
                return self.log.clone().map(|_| String::new());
            }
            "kill" => {
                *self = Self::on(self.fs.after_kill()).await;
                return self.log.clone().map(|_| String::new());
            }
            "close" => return self.store.close().await.map(|()| String::new()),
            "damage" => return Ok(self.store.damage().iter().map(damage).collect()),
            "files" => return Ok(files(&self.fs)),
            "cut" => {
                let newest = segments(&self.fs).pop().unwrap();
                self.fs.edit(&newest, |content| content.truncate(content.len() - usize::try_from(number(1)).unwrap()));
                return Ok(String::new());
            }
            "flip" => {
                let file = Path::new("/store/logs/log").join(format!("{:020}.segment", number(1)));
                self.fs.edit(&file, |content| content[usize::try_from(number(2)).unwrap()] ^= 1);
                return Ok(String::new());
            }
            _ => {}
        }
        let log = self.log.clone()?;
        match words[..] {
            ["append", _, ref payloads @ ..] => {
                let payloads: Vec<_> = payloads.iter().map(|payload| payload.as_bytes()).collect();
                let appended = append(&*log, number(1), &payloads).await?;
                Ok(format!("{} arrived at {}\n", appended.first.0, secs(appended.arrival)))
            }
            ["read", _] => {
                let page = log.read(Offset(number(1)), ALL).await?;
                let mut answer: String = page.records().map(|stored| record(&stored)).collect();
                writeln!(answer, "read on at {}", page.next.0).unwrap();
                Ok(answer)
            }
            ["seek", _] => Ok(format!("{}\n", log.seek(at(number(1))).await?.0)),
            ["trim", "before", _] => log.trim(Trim::Before(Offset(number(2)))).await.map(|()| String::new()),
            ["trim", "older", _] => log.trim(Trim::Older(at(number(2)))).await.map(|()| String::new()),
            ["seal"] => log.seal().await.map(|_| String::new()),
            ["bounds"] => {
                let bounds = log.bounds();
                let sealed = if bounds.sealed { ", sealed" } else { "" };
                Ok(format!("from {} to {}{sealed}\n", bounds.first.0, bounds.next.0))
            }
            _ => panic!("no command: {command}"),
        }
    }
}

fn secs(arrival: Timestamp) -> u64 {
    arrival.as_millis() / 1000
}

fn record(record: &Record) -> String {
    format!("{} {} {}\n", record.offset.0, secs(record.arrival), String::from_utf8_lossy(&record.payload))
}

fn damage(damage: &crate::Damage) -> String {
    let lost = damage.lost.as_ref().map_or(String::new(), |lost| format!(", lost {}..{}", lost.start.0, lost.end.0));
    format!("{:?} in {}: {} bytes at {}{lost}\n", damage.kind, damage.file, damage.bytes, damage.position)
}

fn files(fs: &Faulty) -> String {
    let file = |path: PathBuf| {
        let length = fs.edit(&path, |content| content.len());
        format!("{} {length} bytes\n", path.file_name().unwrap().to_string_lossy())
    };
    segments(fs).into_iter().map(file).collect()
}

async fn check(script: &str) {
    let mut stage = Stage::on(Arc::new(Faulty::default())).await;
    let mut actual = String::new();
    let mut in_answer = false;
    for line in script.lines() {
        in_answer &= !line.is_empty() && !line.starts_with("> ");
        if in_answer {
            continue;
        }
        writeln!(actual, "{line}").unwrap();
        if let Some(command) = line.strip_prefix("> ") {
            in_answer = true;
            match stage.run(command).await {
                Ok(answer) => actual.push_str(&answer),
                Err(error) => writeln!(actual, "error: {error}").unwrap(),
            }
        }
    }
    assert!(actual == script, "the script says\n{script}\nand the engine\n{actual}");
}

#[tokio::test]
async fn append_and_read() {
    check(include_str!("golden/append_and_read.txt")).await;
}

#[tokio::test]
async fn rotate() {
    check(include_str!("golden/rotate.txt")).await;
}

#[tokio::test]
async fn trim() {
    check(include_str!("golden/trim.txt")).await;
}

#[tokio::test]
async fn seal() {
    check(include_str!("golden/seal.txt")).await;
}

#[tokio::test]
async fn torn_tail() {
    check(include_str!("golden/torn_tail.txt")).await;
}

#[tokio::test]
async fn flipped_bit() {
    check(include_str!("golden/flipped_bit.txt")).await;
}
