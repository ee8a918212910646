//! JSON objects as lists of entries that know their place in the text.
//!
//! serde_json reads the text; keys and values borrow from it, so that their addresses, less the
//! text's, are their offsets. A key with escapes cannot borrow: its value's place stands for it.

use super::SettingsWarning;
use crate::error::{Code, Error, Place};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// The entries of an object, each key once, in the text's order.
pub(super) struct Entries<'a> {
    ruler: Ruler<'a>,
    entries: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// An entry of an object.
pub(super) struct Item<'a> {
    ruler: &'a Ruler<'a>,
    /// The key, without its quotes.
    pub(super) key: &'a str,
    key_offset: usize,
    value: &'a str,
}

/// A text value: its content, and where it stands.
pub(super) struct Text<'a> {
    /// The content, without quotes and escapes.
    pub(super) content: Cow<'a, str>,
    /// Offset of the content, where it stands in the text as it is.
    offset: Option<usize>,
}

impl<'a> Entries<'a> {
    /// The entries of a whole settings text.
    pub(super) fn of_text(text: &'a str) -> Result<Self, Error> {
        let ruler = Ruler::new(text);
        let raw: &RawValue = serde_json::from_str(text).map_err(|e| ruler.syntax_error(text, &e))?;
        if !raw.get().starts_with('{') {
            return Err(
                ruler.error(ruler.offset(raw.get()), "expected an object of sections, such as {\"general\": {}}")
            );
        }
        Self::of_object(ruler, raw.get())
    }

    fn of_object(ruler: Ruler<'a>, object: &'a str) -> Result<Self, Error> {
        let List(entries) = serde_json::from_str(object).map_err(|e| ruler.syntax_error(object, &e))?;
        Ok(Entries { ruler, entries })
    }

    /// The entries one by one.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.entries.iter().map(|(key, value)| {
            let value = value.get();
            let key_offset = match key {
                Cow::Borrowed(key) => self.ruler.offset(key) - 1,
                Cow::Owned(_) => self.ruler.offset(value),
            };
            Item { ruler: &self.ruler, key, key_offset, value }
        })
    }
}

impl<'a> Item<'a> {
    /// The value's entries. The value must be an object.
    pub(super) fn object(&self, expected: &str) -> Result<Entries<'a>, Error> {
        if !self.value.starts_with('{') {
            return Err(self.error(expected));
        }
        Entries::of_object(Ruler::new(self.ruler.text), self.value)
    }

    /// The value's text.
    pub(super) fn text(&self) -> Result<Text<'a>, Error> {
        if !self.value.starts_with('"') {
            return Err(self.error("expected text in double quotes"));
        }
        let inner = &self.value[1..self.value.len() - 1];
        if !inner.contains('\\') {
            return Ok(Text { content: Cow::Borrowed(inner), offset: Some(self.ruler.offset(inner)) });
        }
        let content = serde_json::from_str(self.value).map_err(|e| self.ruler.syntax_error(self.value, &e))?;
        Ok(Text { content: Cow::Owned(content), offset: None })
    }

    /// The value as JSON, if it is no text.
    pub(super) fn literal(&self) -> Option<&'a str> {
        (!self.value.starts_with('"')).then_some(self.value)
    }

    /// Line and column of the key.
    pub(super) fn position(&self) -> (u32, u32) {
        self.ruler.position(self.key_offset)
    }

    /// An error at the value. Names the key.
    pub(super) fn error(&self, message: impl fmt::Display) -> Error {
        self.ruler.error(self.ruler.offset(self.value), format!("{}: {message}", Named(self.key)))
    }

    /// An error at a byte within a text value. Names the key.
    pub(super) fn error_in(&self, text: &Text<'_>, at: usize, message: impl fmt::Display) -> Error {
        let offset = text.offset.map_or(self.ruler.offset(self.value), |offset| offset + at);
        self.ruler.error(offset, format!("{}: {message}", Named(self.key)))
    }

    /// An error at the key. Names the key.
    pub(super) fn error_at_key(&self, message: impl fmt::Display) -> Error {
        self.ruler.error(self.key_offset, format!("{}: {message}", Named(self.key)))
    }

    /// A warning at the key. Names the key.
    pub(super) fn warning(&self, message: impl fmt::Display) -> SettingsWarning {
        let (line, column) = self.position();
        SettingsWarning { line, column, message: format!("{}: {message}", Named(self.key)) }
    }
}

/// A key in a message: quoted, control characters escaped, not longer than a line.
struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(64) {
            Some((cut, _)) => write!(f, "{:?}…", &self.0[..cut]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// Tells line and column of an offset.
struct Ruler<'a> {
    text: &'a str,
    /// The last answer: entries come in order, so that the text is measured once, not once an entry.
    last: Cell<(usize, u32, u32)>,
}

impl<'a> Ruler<'a> {
    fn new(text: &'a str) -> Self {
        Ruler { text, last: Cell::new((0, 1, 1)) }
    }

    /// Where a part of the text begins.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }

    /// Line and column (in characters) of a byte, both from 1.
    fn position(&self, offset: usize) -> (u32, u32) {
        let (mut at, mut line, mut column) = self.last.get();
        if offset < at {
            (at, line, column) = (0, 1, 1);
        }
        for c in self.text[at..].chars() {
            if at + c.len_utf8() > offset {
                break;
            }
            at += c.len_utf8();
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        self.last.set((at, line, column));
        (line, column)
    }

    fn error(&self, offset: usize, message: impl Into<Cow<'static, str>>) -> Error {
        let (line, column) = self.position(offset);
        Error::new(Code::Settings, message).at(Place::Text { line, column })
    }

    /// serde_json's error about a part of the text, with its place in the whole.
    fn syntax_error(&self, part: &str, error: &serde_json::Error) -> Error {
        // Its columns count bytes; a column of 0 is the line break before.
        let line_start = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let within = (line_start + error.column().saturating_sub(1)).min(part.len());
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let message = match message {
            "key must be a string" => {
                "expected a key in double quotes (no comments, no comma after the last entry)".into()
            }
            other => other.replace("EOF", "end of text"),
        };
        self.error(self.offset(part) + within, format!("no valid JSON: {message}"))
    }
}

/// An object's entries as serde_json yields them.
struct List<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = List<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<'de>, A::Error> {
                let mut list = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    list.push((key, map.next_value()?));
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A key that borrows from the text where it can.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
