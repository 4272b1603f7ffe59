//! Filters: a name and values, of which one must fit; all filters of a call must.

use serde::Deserialize;

/// A filter of a call.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    #[serde(default)]
    pub(crate) name: String,
    /// A filter without values lets nothing through.
    #[serde(default)]
    value: Vec<String>,
}

impl Filter {
    /// Whether what a thing has under the filter's name fits. Values are case-sensitive.
    pub(crate) fn fits(&self, found: &str) -> bool {
        self.value.iter().any(|pattern| matches(pattern, found))
    }
}

/// Whether a text fits a pattern, in which `*` stands for any text, `?` for any character, and `\` takes the meaning off the
/// character behind it.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // Where the last star was, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, from));
                at += 1;
            }
            Some(token) if token.takes(text[from]) => {
                at += 1;
                from += 1;
            }
            Some(_) | None => {
                let Some((back, taken)) = star else { return false };
                star = Some((back, taken + 1));
                at = back + 1;
                from = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|token| matches!(token, Token::Any))
}

#[derive(Clone, Copy)]
enum Token {
    /// Any text.
    Any,
    /// Any character.
    One,
    /// This character.
    Exactly(char),
}

impl Token {
    fn takes(self, character: char) -> bool {
        match self {
            Self::Exactly(expected) => expected == character,
            Self::One => true,
            Self::Any => false,
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Exactly(characters.next().unwrap_or('\\')),
            other => Token::Exactly(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_text() {
        for (pattern, text, expected) in [
            ("us-east-1a", "us-east-1a", true),
            ("us-east-1a", "us-east-1b", false),
            ("us-east-1?", "us-east-1b", true),
            ("us-east-1?", "us-east-1", false),
            ("*", "", true),
            ("", "", true),
            ("*-az1", "use1-az1", true),
            ("use1-*", "use1-az1", true),
            ("*e*1*", "use1-az1", true),
            ("*e*2*", "use1-az1", false),
            ("a*b*c", "aXbXbXc", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"a\", r"a\", true),
            ("US-EAST-1A", "us-east-1a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
