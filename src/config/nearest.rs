//! The nearest known word, for messages about unknown ones.

/// The known word with the least distance; of equals the first. Known words must not be empty.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> &'a str {
    // A hostile word of a megabyte is no typing error: its beginning decides.
    let word: String = word.chars().take(64).collect();
    known.iter().copied().min_by_key(|candidate| distance(&word, candidate)).unwrap_or_default()
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. Words
/// that differ by more than 64 in length count as that far apart.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(128).collect(), b.chars().take(128).collect());
    if a.len().abs_diff(b.len()) > 64 {
        return a.len().abs_diff(b.len());
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differ = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + differ);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_word() {
        let known = ["keep", "safe", "remove", "clear", "set(value)", "truncdate"];
        for (word, expected) in [("keepall", "keep"), ("clera", "clear"), ("truncate", "truncdate")] {
            assert_eq!(nearest(word, &known), expected);
        }
    }

    #[test]
    fn swapped_neighbours_are_one_step() {
        assert_eq!(distance("gneral", "general"), 1);
        assert_eq!(distance("genearl", "general"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
