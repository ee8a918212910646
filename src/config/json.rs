//! JSON objects as lists of entries that know their place in the text.
//!
//! serde_json checks the text; what it found to be legal is cut into keys and values here, which borrow from it, so that
//! their addresses, less the text's, are their offsets. A key with escapes cannot borrow: its value's place stands for it.
//! (Its own maps and texts link the reading and printing of floating-point numbers, of which settings have none.)

use super::SettingsWarning;
use crate::error::{Code, Error, Place};
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{self, Write};
use std::str::Chars;

/// The entries of an object, each key once, in the text's order.
pub(super) struct Entries<'a> {
    ruler: Ruler<'a>,
    entries: Vec<(Cow<'a, str>, &'a str)>,
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
        let _: IgnoredAny = serde_json::from_str(text).map_err(|e| ruler.syntax_error(text, &e))?;
        let value = text.trim_ascii();
        if !value.starts_with('{') {
            return Err(ruler.error(ruler.offset(value), "expected an object of sections, such as {\"general\": {}}"));
        }
        Self::of_object(ruler, value)
    }

    fn of_object(ruler: Ruler<'a>, object: &'a str) -> Result<Self, Error> {
        let mut entries = Vec::new();
        let mut rest = object.get(1..).unwrap_or_default().trim_ascii_start();
        while let Some(quoted) = rest.strip_prefix('"') {
            let key = before_quote(quoted);
            let colon = quoted.get(key.len() + 1..).unwrap_or_default().trim_ascii_start();
            let value = first_value(colon.get(1..).unwrap_or_default().trim_ascii_start());
            entries.push((ruler.unescaped(key)?, value));
            let end = ruler.offset(value) + value.len() - ruler.offset(object);
            let comma = object.get(end..).unwrap_or_default().trim_ascii_start();
            rest = comma.get(1..).unwrap_or_default().trim_ascii_start();
        }
        Ok(Entries { ruler, entries })
    }

    /// The entries one by one.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.entries.iter().map(|(key, value)| {
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

    /// The values of a list, each under the list's key.
    pub(super) fn list(&self, expected: &str) -> Result<Vec<Item<'a>>, Error> {
        let Some(inner) = self.value.strip_prefix('[') else { return Err(self.error(expected)) };
        let mut items = Vec::new();
        let mut rest = inner.trim_ascii_start();
        while !rest.is_empty() && !rest.starts_with(']') {
            let value = first_value(rest);
            items.push(Item { value, ..*self });
            let comma = rest.get(value.len()..).unwrap_or_default().trim_ascii_start();
            rest = comma.strip_prefix(',').unwrap_or_default().trim_ascii_start();
        }
        Ok(items)
    }

    /// The value's text.
    pub(super) fn text(&self) -> Result<Text<'a>, Error> {
        let inner = self.value.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let inner = inner.ok_or_else(|| self.error("expected text in double quotes"))?;
        let content = self.ruler.unescaped(inner)?;
        let offset = matches!(content, Cow::Borrowed(_)).then(|| self.ruler.offset(inner));
        Ok(Text { content, offset })
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

/// A key in a message: quoted, not longer than a line.
struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(64) {
            Some((cut, _)) => write!(f, "{}…", Quoted(self.0.get(..cut).unwrap_or_default())),
            None => Quoted(self.0).fmt(f),
        }
    }
}

/// A text in quotes as `{:?}` writes it, which takes 4 KB of tables along for what can be printed in any script. Escaped is
/// what would break the line, show nothing or turn the text around.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '\0' => f.write_str("\\0")?,
                '\'' => f.write_char(c)?,
                '\0'..='\u{A0}' | '\u{AD}' | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}' => escape(c, f)?,
                '\u{205F}'..='\u{206F}' | '\u{3000}' | '\u{FEFF}' => escape(c, f)?,
                _ => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

fn escape(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    c.escape_default().try_for_each(|c| f.write_char(c))
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
        for c in self.text.get(at..).unwrap_or_default().chars() {
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

    /// A text without its escapes; it borrows where there are none.
    fn unescaped<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Error> {
        if !text.as_bytes().contains(&b'\\') {
            return Ok(Cow::Borrowed(text));
        }
        let wrong = |(at, what)| self.error(self.offset(text) + at, format!("no valid JSON: {what}"));
        unescaped(text).map(Cow::Owned).map_err(wrong)
    }

    /// serde_json's error about a part of the text, with its place in the whole.
    fn syntax_error(&self, part: &str, error: &serde_json::Error) -> Error {
        // Its columns count bytes; a column of 0 is the line break before.
        let line_start = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let within = (line_start + error.column().saturating_sub(1)).min(part.len());
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        let (end, message) = match message.strip_prefix("EOF") {
            _ if message == "key must be a string" => {
                ("", "expected a key in double quotes (no comments, no comma after the last entry)")
            }
            Some(rest) => ("end of text", rest),
            None => ("", message),
        };
        self.error(self.offset(part) + within, format!("no valid JSON: {end}{message}"))
    }
}

/// What stands before the closing quote of a text that has begun.
fn before_quote(text: &str) -> &str {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// The value at the beginning of the rest of an object or list, without white space behind it.
fn first_value(rest: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0u32, false, false);
    let end = rest.bytes().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' | b'}' | b']' if depth == 0 => return true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        false
    });
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim_ascii_end()
}

/// A text without its escapes; else where it is wrong, and what. serde_json has checked all but pairs of surrogates.
fn unescaped(text: &str) -> Result<String, (usize, &'static str)> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        let c = match chars.next().unwrap_or_default() {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode(&mut chars).map_err(|(left, message)| (text.len() - left, message))?,
            itself => itself,
        };
        out.push(c);
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(out)
}

/// The character of `\u` and its digits, which may be one half of a pair. Errors count bytes from the text's end.
fn unicode(chars: &mut Chars<'_>) -> Result<char, (usize, &'static str)> {
    let unit = |chars: &mut Chars<'_>| chars.by_ref().take(4).fold(0, |n, c| n << 4 | c.to_digit(16).unwrap_or(0));
    let lone = |chars: &Chars<'_>| (chars.as_str().len() + 1, "lone leading surrogate in hex escape");
    let first = unit(chars);
    let number = if let 0xD800..=0xDBFF = first {
        let left = chars.as_str();
        let Some(second) = left.strip_prefix("\\u") else {
            return Err((left.len() - usize::from(left.starts_with('\\')), "unexpected end of hex escape"));
        };
        *chars = second.chars();
        let second = unit(chars);
        if !(0xDC00..=0xDFFF).contains(&second) {
            return Err(lone(chars));
        }
        0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00))
    } else {
        first
    };
    char::from_u32(number).ok_or_else(|| lone(chars))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_the_standard_library_does() {
        let ascii = (0..0x80).map(char::from);
        let others = "\u{80}\u{A0}\u{AD}\u{200B}\u{202E}\u{2066}\u{3000}\u{FEFF}é\u{411}\u{65E5}\u{1F600}…";
        for c in ascii.chain(others.chars()) {
            let text = format!("a{c}b");
            assert_eq!(Quoted(&text).to_string(), format!("{text:?}"));
        }
    }
}
