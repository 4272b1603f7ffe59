//! Pages about what a provider offers, in Markdown, from the schemas: one for the provider block, one for each resource,
//! data source and function.
//!
//! Pure functions from schema to text. Where pages lie, what their examples are and how they are kept up to date is the
//! provider's business.

mod facts;

use crate::registry::Import;
use crate::schema::{Attribute, Block, Mode, NestedBlock, Parameter, Schema, Signature};

/// What a page says beyond the schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// A configuration that works as it stands.
    pub example: &'a str,
    /// Attributes that are the provider's alone, whatever the schema must allow.
    pub read_only: &'a [&'a str],
    /// What else there is to know of import ids.
    pub import: &'a str,
    /// Where the page's subject is not what its users may expect, each a piece of Markdown, under this heading.
    pub differences: (&'a str, &'a [String]),
}

/// The page of a managed resource.
pub fn resource(name: &str, schema: &Schema, import: &Import, about: &About<'_>) -> String {
    let mut page = start(name, schema, about);
    if let Some(timeouts) = schema.block.blocks.get(TIMEOUTS) {
        page.heading(2, "Timeouts");
        page.paragraph("The block `timeouts` says how long to wait for an operation, as in `90s`, `5m` or `1h30m`.");
        let operations = timeouts.block.attributes.keys().map(|operation| format!("- `{operation}`"));
        page.list(operations);
    }
    page.heading(2, "Import");
    page.import(name, import, about.import);
    page.finish(about)
}

/// The page of a data source.
pub fn data_source(name: &str, schema: &Schema, about: &About<'_>) -> String {
    start(name, schema, about).finish(about)
}

/// The page of the provider block.
pub fn provider(name: &str, schema: &Schema, about: &About<'_>) -> String {
    start(name, schema, about).finish(about)
}

/// The page of a function of the provider with the local name `provider`.
pub fn function(provider: &str, name: &str, signature: &Signature, about: &About<'_>) -> String {
    let mut page = Page::new(name);
    page.paragraph(&signature.description);
    page.example(about.example);
    page.heading(2, "Signature");
    let words = |parameter: &Parameter| format!("{}: {}", parameter.name, facts::type_words(&parameter.ty));
    let parameters = signature.parameters.iter().map(words).collect::<Vec<_>>().join(", ");
    let returns = facts::type_words(&signature.returns);
    page.code("text", &format!("provider::{provider}::{name}({parameters}) → {returns}"));
    page.heading(2, "Arguments");
    let arguments = signature.parameters.iter().map(|parameter| {
        let null = if parameter.nullable { ", may be null" } else { "" };
        let ty = facts::type_words(&parameter.ty);
        item(&parameter.name, &format!("{ty}{null}"), &parameter.description, &[])
    });
    page.list(arguments);
    page.finish(about)
}

const TIMEOUTS: &str = "timeouts";
/// From so many attributes with the same words on they are named together.
const ALIKE: usize = 40;

fn start(name: &str, schema: &Schema, about: &About<'_>) -> Page {
    let mut page = Page::new(name);
    page.paragraph(&schema.block.description);
    page.example(about.example);
    let is_argument =
        |name: &str, attribute: &Attribute| attribute.mode != Mode::Computed && !about.read_only.contains(&name);
    page.heading(2, "Arguments");
    let attributes = &schema.block.attributes;
    let arguments: Vec<_> = attributes.iter().filter(|(name, a)| is_argument(name, a)).collect();
    let blocks = schema.block.blocks.iter().filter(|(name, _)| *name != TIMEOUTS);
    let items = in_order(&arguments).chain(blocks.clone().map(|(name, nested)| block_item(name, nested)));
    let mut items = items.peekable();
    if items.peek().is_none() {
        page.paragraph("There are none.");
    }
    page.list(items);
    for (name, nested) in blocks {
        page.block(name, nested);
    }
    let computed = attributes.iter().filter(|(name, a)| !is_argument(name, a));
    let computed: Vec<_> = computed.map(|(name, a)| item(name, &facts::kind(a, true), &a.description, &[])).collect();
    if !computed.is_empty() {
        page.heading(2, "Attributes");
        page.paragraph("Beside the arguments:");
        page.list(computed.into_iter());
    }
    page
}

/// Required arguments first; otherwise by name.
fn in_order<'a>(arguments: &'a [(&'a String, &'a Attribute)]) -> impl Iterator<Item = String> {
    let is_required = |(_, attribute): &&(&String, &Attribute)| attribute.mode == Mode::Required;
    let required = arguments.iter().filter(is_required);
    let optional = arguments.iter().filter(move |argument| !is_required(argument));
    required.chain(optional).map(|(name, a)| item(name, &facts::kind(a, false), &a.description, &facts::rules(a)))
}

fn block_item(name: &str, nested: &NestedBlock) -> String {
    let rules = [facts::block_rules(nested), vec![format!("See [below](#{name}).")]].concat();
    item(name, &facts::block_kind(nested), &nested.block.description, &rules)
}

fn item(name: &str, kind: &str, description: &str, rules: &[String]) -> String {
    let sentences: Vec<_> = [one_line(description)].into_iter().chain(rules.iter().cloned()).collect();
    let text = sentences.iter().filter(|sentence| !sentence.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    let dash = if text.is_empty() { "" } else { ": " };
    format!("- `{name}` ({kind}){dash}{text}")
}

/// Lines of one paragraph belong together; a paragraph of its own stays one, inside its list item.
fn one_line(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n  ")
}

/// A page in the making: pieces with empty lines between them.
struct Page(Vec<String>);

impl Page {
    fn new(title: &str) -> Self {
        Self(vec![format!("# {title}")])
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.0.push(format!("{} {text}", "#".repeat(level)));
    }

    fn paragraph(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.push(text.to_owned());
        }
    }

    fn code(&mut self, language: &str, text: &str) {
        self.0.push(format!("```{language}\n{}\n```", text.trim_end()));
    }

    fn example(&mut self, text: &str) {
        if !text.is_empty() {
            self.heading(2, "Example");
            self.code("terraform", text);
        }
    }

    fn list(&mut self, items: impl Iterator<Item = String>) {
        let items: Vec<_> = items.collect();
        if !items.is_empty() {
            self.0.push(items.join("\n"));
        }
    }

    /// A nested block, then the blocks in it.
    fn block(&mut self, path: &str, nested: &NestedBlock) {
        // The anchor that Markdown makes of the heading is the path without its dots.
        self.heading(3, &format!("`{path}`"));
        let Block { attributes, blocks, .. } = &nested.block;
        let mut texts = attributes.values().map(|attribute| &attribute.description);
        let first = texts.next();
        if attributes.len() >= ALIKE && texts.all(|text| Some(text) == first) {
            self.paragraph(&first.map(|text| one_line(text)).unwrap_or_default());
            self.paragraph(&attributes.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
            return;
        }
        let (arguments, computed): (Vec<_>, Vec<_>) = attributes.iter().partition(|(_, a)| a.mode != Mode::Computed);
        let inner = blocks.iter().map(|(name, nested)| {
            let rules = [facts::block_rules(nested), vec![format!("See [below](#{}{name}).", path.replace('.', ""))]];
            item(name, &facts::block_kind(nested), &nested.block.description, &rules.concat())
        });
        let computed = computed.iter().map(|(name, a)| item(name, &facts::kind(a, false), &a.description, &[]));
        self.list(in_order(&arguments).chain(inner).chain(computed));
        for (name, nested) in blocks {
            self.block(&format!("{path}.{name}"), nested);
        }
    }

    fn import(&mut self, name: &str, import: &Import, more: &str) {
        let placeholder = import.id.replace(['{', '}'], "").to_uppercase();
        let brackets = if import.id.contains('[') { "; what is in brackets goes if there is none" } else { "" };
        self.paragraph(&format!(
            "By `{}`, with the attributes in braces put in{brackets}.{}{more}",
            import.id,
            space(more)
        ));
        self.code("console", &format!("terraform import {name}.example {placeholder}"));
        let Some(identity) = import.identity else { return };
        let code = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let text = match (identity.required, identity.optional) {
            (required, []) => code(required),
            ([], optional) => format!("{}, if they are not the provider's own", code(optional)),
            (required, optional) => {
                format!("{}, and {} if they are not the provider's own", code(required), code(optional))
            }
        };
        self.paragraph(&format!("Terraform 1.12 and newer can also import it by its identity: {text}."));
        let attributes = identity.required.iter().map(|name| format!("    {name} = \"{}\"\n", name.to_uppercase()));
        let attributes = attributes.collect::<String>();
        let text = format!("import {{\n  to = {name}.example\n  identity = {{\n{attributes}  }}\n}}");
        self.code("terraform", &text);
    }

    fn finish(mut self, about: &About<'_>) -> String {
        let (heading, differences) = about.differences;
        if !differences.is_empty() {
            self.heading(2, heading);
            self.list(differences.iter().map(|difference| format!("- {difference}")));
        }
        self.0.join("\n\n") + "\n"
    }
}

const fn space(more: &str) -> &'static str {
    if more.is_empty() { "" } else { " " }
}

#[cfg(test)]
mod tests;
