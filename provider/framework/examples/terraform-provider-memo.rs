//! A whole provider in one file: notes, kept as text files in a directory.
//!
//! Small enough to read in one go, and what the tests drive with the real terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::{computed, computed_block, list_block, optional, required, timeouts};
use tf_framework::{
    Applied, Attr, Blocks, Change, Check, Context, DataSource, Diagnostic, Diagnostics, Failure, Function,
    FunctionError, Host, Plan, Provider, Registry, Resource, Timeouts,
};

fn main() -> ExitCode {
    tf_framework::serve::<Memo>()
}

/// Keeps notes in a directory.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Memo {
    /// Where the notes are.
    #[schemars(extend("tf" = required()))]
    directory: Attr<String>,
}

/// The directory of the notes; none while it is not known.
struct Shelf(Option<PathBuf>);

impl Shelf {
    fn file(&self, title: &str) -> Result<PathBuf, Diagnostics> {
        match &self.0 {
            Some(directory) => Ok(directory.join(format!("{title}.txt"))),
            None => Err(Diagnostics::error("Directory is not known yet", "Apply what provides it first.")),
        }
    }
}

impl Provider for Memo {
    const ADDRESS: &'static str = "registry.terraform.io/example/memo";
    type Client = Shelf;

    fn registry() -> Registry<Shelf> {
        Registry::new().resource::<Note>().data_source::<NoteCount>().function::<Shorten>()
    }

    async fn configure(config: Self, _: &Host) -> Result<Shelf, Diagnostics> {
        Ok(Shelf(config.directory.into_known().map(PathBuf::from)))
    }
}

/// One note.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Note {
    /// The note's title.
    #[schemars(extend("tf" = computed()))]
    id: Attr<String>,
    /// What the note is filed under.
    #[schemars(extend("tf" = required().force_new().pattern("^[a-z]+$")))]
    title: Attr<String>,
    /// What it says.
    #[schemars(extend("tf" = optional().default("").same_when("case")))]
    body: Attr<String>,
    /// How much it matters.
    #[schemars(extend("tf" = optional().range(0..=10)))]
    weight: Attr<f64>,
    /// How long it is.
    #[schemars(extend("tf" = computed().volatile()))]
    bytes: Attr<i64>,
    /// Words to find it by.
    #[schemars(extend("tf" = optional().each(Check::length(1..))))]
    keywords: Attr<BTreeSet<String>>,
    /// Whatever else there is to say.
    #[schemars(extend("tf" = optional()))]
    labels: Attr<BTreeMap<String, String>>,
    /// Other notes.
    #[schemars(extend("tf" = list_block()))]
    reference: Blocks<Reference>,
    /// How it looks.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    style: Blocks<Style>,
    #[schemars(extend("tf" = timeouts(&["create", "delete"])))]
    timeouts: Timeouts,
}

/// A pointer to another note.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Reference {
    /// The other note's title.
    #[schemars(extend("tf" = required()))]
    title: Attr<String>,
    /// Where it is.
    #[schemars(extend("tf" = computed()))]
    file: Attr<String>,
}

/// How a note looks.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Style {
    /// The paper's colour.
    #[schemars(extend("tf" = required().one_of(&["white", "yellow"])))]
    paper: Attr<String>,
    /// The pen; a pencil unless chosen.
    #[schemars(extend("tf" = tf_framework::flags::optional_computed()))]
    pen: Attr<String>,
}

impl Note {
    fn write(mut self, shelf: &Shelf) -> Applied<Self> {
        let file = shelf.file(self.title.text())?;
        if self.body.text() == "unwritable" {
            return Err(Diagnostic::error("Note cannot be written", "Write something else.").at("body").into());
        }
        std::fs::write(&file, self.body.text()).map_err(|e| io_error(&e))?;
        self.id = self.title.clone();
        self.bytes = i64::try_from(self.body.text().len()).ok().into();
        for reference in self.reference.iter_mut() {
            reference.file = shelf.file(reference.title.text())?.display().to_string().into();
        }
        if self.style.is_unknown() {
            self.style = Blocks::one(Style { paper: "white".into(), pen: "pencil".into() });
        }
        Ok(self)
    }
}

fn io_error(error: &std::io::Error) -> Diagnostics {
    Diagnostics::error("Note is out of reach", format!("{error}. Check the provider's directory."))
}

impl Resource for Note {
    const TYPE: &'static str = "memo_note";
    type Client = Shelf;

    async fn plan(_: &Context<Shelf>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        plan.planned.id = plan.planned.title.clone();
        Ok(())
    }

    async fn create(cx: &Context<Shelf>, planned: Self, _: Self) -> Applied<Self> {
        let state = planned.write(cx.client())?;
        if state.body.text() == "patience" {
            // Whatever takes long listens for the user's wish to stop, and says what exists by then.
            cx.stopping().await;
            let stopped = Diagnostic::error("Stopped while the ink dried", "Apply again.");
            return Err(Failure::leaving(state, stopped));
        }
        Ok(state)
    }

    async fn read(cx: &Context<Shelf>, mut state: Self) -> Result<Option<Self>, Diagnostics> {
        let file = cx.client().file(state.id.text())?;
        match std::fs::read_to_string(file) {
            Ok(body) => {
                state.bytes = i64::try_from(body.len()).ok().into();
                state.title = state.id.clone();
                state.body = body.into();
                Ok(Some(state))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error(&error)),
        }
    }

    async fn update(cx: &Context<Shelf>, change: Change<Self>) -> Applied<Self> {
        change.planned.write(cx.client())
    }

    async fn delete(cx: &Context<Shelf>, state: Self) -> Result<(), Failure<Self>> {
        match std::fs::remove_file(cx.client().file(state.id.text())?) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error(&error).into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn import(_: &Context<Shelf>, id: &str) -> Result<Self, Diagnostics> {
        Ok(Self {
            id: id.into(),
            title: Attr::Null,
            body: Attr::Null,
            weight: Attr::Null,
            bytes: Attr::Null,
            keywords: Attr::Null,
            labels: Attr::Null,
            reference: Blocks::none(),
            style: Blocks::none(),
            timeouts: Timeouts::default(),
        })
    }
}

/// How many notes there are.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct NoteCount {
    /// Only notes whose titles begin so.
    #[schemars(extend("tf" = optional().default("")))]
    prefix: Attr<String>,
    /// How many there are.
    #[schemars(extend("tf" = computed()))]
    notes: Attr<i64>,
}

impl DataSource for NoteCount {
    const TYPE: &'static str = "memo_note_count";
    type Client = Shelf;

    async fn read(cx: &Context<Shelf>, mut config: Self) -> Result<Self, Diagnostics> {
        let file = cx.client().file("x")?;
        let directory = file.parent().map_or_else(PathBuf::new, PathBuf::from);
        let entries = std::fs::read_dir(directory).map_err(|e| io_error(&e))?;
        let titles = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let found = titles.filter(|title| title.starts_with(config.prefix.text())).count();
        config.notes = i64::try_from(found).ok().into();
        Ok(config)
    }
}

/// Cuts text short.
#[derive(Debug, Deserialize, JsonSchema)]
struct Shorten {
    /// The text.
    text: String,
    /// How many characters to keep.
    length: i64,
    /// What to put in the place of the rest; nothing if null.
    ellipsis: Option<String>,
}

impl Function for Shorten {
    const NAME: &'static str = "shorten";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        let length =
            usize::try_from(self.length).map_err(|_| FunctionError::new("must not be negative").at("length"))?;
        match self.text.char_indices().nth(length) {
            None => Ok(self.text),
            Some((end, _)) => Ok(self.text[..end].to_owned() + &self.ellipsis.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_schema_is_one() {
        tf_framework::check::<super::Memo>().unwrap();
    }
}
