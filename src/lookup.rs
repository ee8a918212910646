//! The table of `@lookup(column)@`: CSV text (RFC 4180) whose rows are found by a value of the file.

use crate::error::{Code, Error, Place};
use crate::sorted::sort_by_key;
use crate::text::{marked, unmarked};

/// The columns of a crosswalk: their cells are in the form of docs/CROSSWALK.md.
const CROSSWALK: [&str; 2] = ["id_old", "id_new"];

/// A table that is given beside the settings. What is in it appears in no error and no report.
#[derive(Clone)]
pub struct Lookup {
    /// The first row: the names of the columns, without spaces around them.
    columns: Vec<String>,
    /// The other rows, each with the line that it begins in and as many cells as there are columns.
    rows: Vec<(u32, Vec<String>)>,
}

/// The rows of a table by the cells of one column, with the columns that entries name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// The columns, as entries name them.
    pub(crate) columns: Vec<String>,
    /// By key, in order: the cells of these columns; of a crosswalk nothing for what is bytes and no text.
    pub(crate) rows: Vec<(String, Vec<Option<String>>)>,
}

impl Lookup {
    /// Reads a table: the first row names the columns, commas or semicolons stand between cells.
    ///
    /// ```
    /// let table = lethe::Lookup::parse("PatientID;new\r\n4711;\"S;01\"\r\n").unwrap();
    /// assert_eq!(table.len(), 1);
    /// ```
    ///
    /// # Errors
    /// [`Code::Settings`] with the line, if the text is no table.
    pub fn parse(text: &str) -> Result<Lookup, Error> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let lines =
            text.split_inclusive('\n').map(|line| line.strip_suffix("\r\n").map_or([line, ""], |line| [line, "\n"]));
        let text: String = lines.flatten().collect();
        let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let count = |separator: char| head.matches(separator).count();
        let mut rows = read(&text, if count(';') > count(',') { ';' } else { ',' })?;
        if rows.is_empty() {
            return Err(at(1, "it is empty; the first row names the columns"));
        }
        let (_, head) = rows.remove(0);
        let columns: Vec<String> = head.iter().map(|name| name.trim().to_owned()).collect();
        match rows.iter().find(|(_, cells)| cells.len() != columns.len()) {
            Some((line, _)) => Err(at(*line, "the row has another number of cells than the first one")),
            None => Ok(Lookup { columns, rows }),
        }
    }

    /// How many rows there are below the names of the columns.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row below the names of the columns.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of a column; none if there is no such column, or two.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        let mut found = self.columns.iter().enumerate().filter(|(_, column)| column.as_str() == name.trim());
        let (number, _) = found.next()?;
        found.next().is_none().then_some(number)
    }

    fn is_crosswalk(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|name| CROSSWALK.contains(&name.as_str()))
    }

    /// The named columns, of which there are such, with their rows found by a column. Empty keys find nothing.
    ///
    /// # Errors
    /// With the line of a row whose key stands in a row above.
    pub(crate) fn by(&self, column: usize, names: &[&str]) -> Result<Index, Error> {
        let is_crosswalk = self.is_crosswalk(column);
        let key = |(_, cells): &(u32, Vec<String>)| {
            let cell = cells.get(column)?.trim();
            // The mark that keeps a spreadsheet from taking the cell for a formula; others are part of the key.
            let sign = marked(cell).filter(|(c, _)| is_crosswalk && matches!(c, '=' | '+' | '-' | '@'));
            Some(sign.map_or_else(|| cell.to_owned(), |(c, rest)| format!("{c}{rest}")))
        };
        let keys = self.rows.iter().map(|row| (key(row).unwrap_or_default(), row));
        let keys = sort_by_key(keys.filter(|(key, _)| !key.is_empty()).collect());
        let twice = keys.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
        if let Some([_, (_, (line, _))]) = twice {
            return Err(at(*line, "the row has the same key as one above it; keep one"));
        }
        let columns: Vec<(&str, usize)> = names.iter().filter_map(|name| Some((*name, self.column(name)?))).collect();
        let cell = |cells: &[String], column| {
            let cell = cells.get(column)?;
            if self.is_crosswalk(column) { unmarked(cell) } else { Some(cell.clone()) }
        };
        let row = |cells: &[String]| columns.iter().map(|(_, column)| cell(cells, *column)).collect();
        Ok(Index {
            columns: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows: keys.into_iter().map(|(key, (_, cells))| (key, row(cells))).collect(),
        })
    }
}

impl Index {
    /// The value in a column of the row that a key finds.
    pub(crate) fn get(&self, key: &str, column: &str) -> Option<String> {
        let at = self.rows.binary_search_by(|(own, _)| own.as_str().cmp(key)).ok()?;
        let column = self.columns.iter().position(|own| own == column)?;
        self.rows.get(at)?.1.get(column)?.clone()
    }
}

impl std::fmt::Debug for Lookup {
    /// Says nothing of what is in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Index {
    /// Says nothing of what is in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").finish_non_exhaustive()
    }
}

/// Where in a cell a character stands.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quotation mark in a quoted cell: its end, or the first of two that stand for one.
    Closed,
}

/// The rows of a text that are no empty lines, each with the line it begins in (RFC 4180 2).
fn read(text: &str, separator: char) -> Result<Vec<(u32, Vec<String>)>, Error> {
    let (mut rows, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut state, mut begins, mut line) = (State::Start, 1, 1);
    for c in text.chars().chain(['\n']) {
        line += u32::from(c == '\n');
        state = match (state, c) {
            (State::Quoted, '"') => State::Closed,
            (State::Closed, '"') | (State::Quoted, _) => {
                cell.push(c);
                State::Quoted
            }
            (_, '\n') => {
                cells.push(std::mem::take(&mut cell));
                let row = std::mem::take(&mut cells);
                if row.iter().any(|cell| !cell.trim().is_empty()) {
                    rows.push((begins, row));
                }
                begins = line;
                State::Start
            }
            (_, c) if c == separator => {
                cells.push(std::mem::take(&mut cell));
                State::Start
            }
            (State::Start, '"') => State::Quoted,
            (State::Closed, _) => return Err(at(begins, "text stands behind a closing quotation mark")),
            (_, '"') => return Err(at(begins, "a quotation mark stands inside a cell that does not begin with one")),
            _ => {
                cell.push(c);
                State::Plain
            }
        };
    }
    if state == State::Quoted { Err(at(begins, "a quotation mark is not closed")) } else { Ok(rows) }
}

/// An error at a line of the table.
fn at(line: u32, message: &'static str) -> Error {
    Error::new(Code::Settings, message).at(Place::Table(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> Index {
        let table = Lookup::parse(text).unwrap();
        let column = table.column("id").unwrap();
        let names: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        table.by(column, &names).unwrap()
    }

    #[test]
    fn cells_are_found_by_key_and_column() {
        let texts = [
            "id,new name,x\n1,A,\n2,B,b\n",
            "\u{FEFF}id,new name,x\r\n1,A,\r\n2,B,b",
            "x; id ;new name\n\n;1;A\n b;2;B\n;;\n",
            "\"id\",\"new name\",\"x\"\r\n\"1\",\"A\",\"\"\r\n\" 2 \",\"B\",\"b\"\r\n",
        ];
        for text in texts {
            let index = index(text);
            let get = |key| index.get(key, "new name").unwrap();
            assert_eq!((get("1"), get("2")), ("A".into(), "B".into()), "{text}");
            assert_eq!(index.get("1", "x").as_deref(), Some(""));
            for (key, column) in [("3", "x"), ("", "x"), ("1", "y"), ("id", "x")] {
                assert_eq!(index.get(key, column), None);
            }
        }
    }

    #[test]
    fn quoted_cells_hold_anything() {
        let index = index("id,a\r\n\"x,1\",\"say \"\"hi\"\"\"\r\ny,\"two\r\nlines; one cell\"\r\nz,\"\"\r\n");
        assert_eq!(index.get("x,1", "a").as_deref(), Some("say \"hi\""));
        assert_eq!(index.get("y", "a").as_deref(), Some("two\nlines; one cell"));
        assert_eq!(index.get("z", "a").as_deref(), Some(""));
    }

    #[test]
    fn marks_of_a_crosswalk_are_taken_back_and_those_of_other_tables_stay() {
        let text = "id_old,id_new,note\n\\x2D1,\\x3D7,\\x3D\n\\xFC,\\xFC,\n\\x5Cb,a\\x5Cb,\n";
        let table = Lookup::parse(text).unwrap();
        let index = table.by(0, &["id_new", "note"]).unwrap();
        assert_eq!(index.get("-1", "id_new").as_deref(), Some("=7"));
        assert_eq!(index.get("-1", "note").as_deref(), Some("\\x3D"));
        assert_eq!(index.get("\\x5Cb", "id_new").as_deref(), Some("a\\b"));
        assert_eq!((index.get("\\xFC", "note").as_deref(), index.get("\\xFC", "id_new")), (Some(""), None));
    }

    #[test]
    fn what_is_no_table_is_an_error_with_its_line_and_without_its_text() {
        let cases = [
            ("", 1, "it is empty; the first row names the columns"),
            ("\n \n", 1, "it is empty; the first row names the columns"),
            ("id,a\n1,Doe\n2,Doe,x\n", 3, "the row has another number of cells than the first one"),
            ("id,a\n1\n", 2, "the row has another number of cells than the first one"),
            ("id,a\n\n1,\"Doe\n2,b\n", 3, "a quotation mark is not closed"),
            ("id,a\n1,Doe\"x\n", 2, "a quotation mark stands inside a cell that does not begin with one"),
            ("id,a\n1,\"Doe\"x\n", 2, "text stands behind a closing quotation mark"),
        ];
        for (text, line, message) in cases {
            let error = Lookup::parse(text).unwrap_err();
            assert_eq!(error.to_string(), format!("lookup table, line {line}: {message}"), "{text:?}");
        }
    }

    #[test]
    fn a_key_stands_once() {
        let table = Lookup::parse("id,a\n4711,\"x\ny\"\n,b\n,c\n12,d\n 4711 ,e\n").unwrap();
        let error = table.by(0, &[]).unwrap_err();
        assert_eq!(error.place(), &Place::Table(7));
        assert!(!error.to_string().contains("4711"));
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(
            format!("{:?} {:?}", Lookup::parse("id,a\n1,b").unwrap(), index("id,a\n1,b")),
            "Lookup { .. } Index { .. }"
        );
    }
}
