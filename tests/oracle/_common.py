"""What the oracles share: the corpus, the engine's outputs, and pydicom's view of a Data Set, element by element.

Where pydicom does more than read, its view is brought back to the bytes of the file:

- it converts (0008,0005) while it reads: that one is compared as text without padding
- looking into a Sequence converts Attributes that its VRs depend on, such as Pixel Representation (0028,0103): all
  elements of a level are taken raw before any of its Sequences is looked into
- of empty elements in Implicit VR it fills in some VRs: where the file states none, the dictionary's is compared
- a public Sequence whose VR says UN is read as one; a private one is compared as bytes
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEY = "07" * 32
NOW = "20260517101530123"

# The preset default, with an output for what it refuses as risky: the oracles look at values, not at that.
TAKEN = {"risk_documents": "blank", "risk_slide_label": "pass", "risk_burned_in": "pass"}
DEFAULT = {"preset": "default", **TAKEN}

# Structures that are never copied: group lengths, groups that do not belong in a Data Set, padding behind it.
NEVER_COPIED = "group lengths, groups 0000 to 0007 and FFFF, (FFFC,FFFC)"

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


def corpus():
    """The corpus that CORPUS names, the shared one where it exists, else what `cargo xtask corpus` made."""
    for folder in (os.environ.get("CORPUS"), ROOT.parent / "shared" / "corpus", ROOT / "target" / "corpus"):
        if folder and pathlib.Path(folder).is_dir():
            return pathlib.Path(folder).resolve()
    sys.exit("no corpus: run `cargo xtask corpus`")


def floors(shared, registry):
    """How many files and assertions must run with the shared corpus, and with that of the registries."""
    return registry if corpus() == (ROOT / "target" / "corpus").resolve() else shared


def binary():
    """The command, or the example that does the same for one file."""
    for name in (os.environ.get("LETHE"), ROOT / "target" / "release" / "lethe"):
        if name and pathlib.Path(name).is_file():
            return pathlib.Path(name)
    sys.exit("no command: run `cargo build --release --features cli`")


class Outputs:
    """The engine's outputs of a folder, the corpus if none is named, under some settings, by path of the input below it."""

    def __init__(self, settings, source=None):
        self.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(self.folder.name)
        (base / "settings.json").write_text(json.dumps(settings))
        source = self.source = source or corpus()
        run = subprocess.run(
            [binary(), source, base / "out", "--config", base / "settings.json", "--key", KEY, "--now", NOW]
            + ["--crosswalk", base / "links", "--quiet"],
            capture_output=True,
            text=True,
        )
        if run.returncode not in (0, 2):
            sys.exit(f"the command failed: {run.stderr}")
        self.by_input = {}
        with open(base / "links" / "files.csv", newline="", encoding="utf-8-sig") as rows:
            for row in csv.DictReader(rows):
                if not row["output"]:
                    continue
                self.by_input[_below(row["source"], source)] = base / "out" / row["output"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def pairs(self):
        """Name, original and output of every file that has an output and that pydicom reads."""
        for name, output in sorted(self.by_input.items()):
            original = read(self.source / name)
            if original is not None:
                yield name, original, pydicom.dcmread(output)


def _below(path, folder):
    path = pathlib.Path(path)
    return str(path.relative_to(folder) if path.is_absolute() else path)


def read(path):
    """The file as pydicom reads it, or None."""
    try:
        dataset = pydicom.dcmread(path, force=True)
        return dataset if len(dataset) else None
    except Exception:  # pydicom raises whatever its parsers raise
        return None


def never_copied(tag):
    return tag.element == 0 or tag.group < 8 or tag.group == 0xFFFF or tag == 0xFFFCFFFC


def is_sequence(item):
    """Whether an element, read or still raw, is a Sequence of a public Attribute or says itself that it is one."""
    if item.VR == "SQ":
        return True
    if item.VR in (None, "UN") and not item.tag.is_private:
        return known_vr(item.tag) == "SQ" and not isinstance(item.value, str)
    return False


def known_vr(tag):
    try:
        return dictionary_VR(tag)
    except KeyError:
        return None


def flatten(dataset, path=""):
    """Every element at every depth as path, VR and raw bytes; Sequences as their number of Items."""
    lines = []
    # All first: pydicom converts some elements when it looks into Sequences.
    items = {tag: dataset.get_item(tag) for tag in sorted(dataset.keys()) if not never_copied(tag)}
    for tag, item in items.items():
        here = f"{path}({tag.group:04X},{tag.element:04X})"
        if is_sequence(item):
            inside = dataset[tag].value or []
            lines.append((here, "SQ", len(inside)))
            for number, inner in enumerate(inside):
                lines += flatten(inner, f"{here}[{number}].")
        else:
            # Implicit VR states none; pydicom fills in some.
            lines.append((here, item.VR or known_vr(tag) or "UN", raw(item)))
    return lines


def raw(item):
    """An element's bytes as they stand in the file, but for the character set, which pydicom reads on its own."""
    if item.tag == 0x00080005:
        value = item.value or ""
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        return (text if isinstance(text, str) else "\\".join(text)).strip(" \0").encode("latin-1")
    if isinstance(item, RawDataElement):
        return item.value or b""
    if item.value is None or len(item.value) == 0:
        return b""
    if isinstance(item.value, bytes):
        return item.value
    raise TypeError(f"{item.tag} {item.VR} was converted")


def differences(expected, found, limit=5):
    """What differs between two flattened Data Sets, without values."""
    expected, found = ({path: rest for path, *rest in lines} for lines in (expected, found))
    lines = [f"missing {path}" for path in expected.keys() - found.keys()]
    lines += [f"unexpected {path}" for path in found.keys() - expected.keys()]
    for path in expected.keys() & found.keys():
        if expected[path] != found[path]:
            (vr, value), (other_vr, other) = expected[path], found[path]
            size = lambda v: v if isinstance(v, int) else f"{len(v)} bytes"
            lines.append(f"{path}: {vr} {size(value)} became {other_vr} {size(other)}")
    return sorted(lines)[:limit]


def control():
    """The comparison must be able to fail: on a byte, a VR, an element too many or too few."""
    lines = [("(0010,0010)", "PN", b"A"), ("(0040,0275)", "SQ", 1), ("(0040,0275)[0].(0040,0007)", "LO", b"B")]
    assert not differences(lines, list(lines))
    for other in (("(0010,0010)", "PN", b"a"), ("(0010,0010)", "LO", b"A"), ("(0040,0275)", "SQ", 2)):
        assert differences(lines, [other if line[0] == other[0] else line for line in lines]), other
    assert differences(lines, lines[1:]) and differences(lines[1:], lines)


def compare(name, settings, floors, edit=lambda dataset: None):
    """Holds every output under some settings against its original, on which pydicom does `edit`, element by element."""
    files = assertions = 0
    failures = []
    with Outputs(settings) as outputs:
        for path, original, output in outputs.pairs():
            edit(original)
            expected = flatten(original)
            different = differences(expected, flatten(output))
            if different:
                failures.append(f"{path}: {'; '.join(different)}")
            files += 1
            assertions += len(expected)
    report(name, files, assertions, failures, floors)


def report(name, files, assertions, failures, floors):
    """Prints the figures; exits with the failures, or if fewer ran than must."""
    control()
    print(f"{name}: {files} files, {assertions} assertions")
    print(f"# inputs {files}\n# assertions {assertions}")
    if failures:
        sys.exit("\n".join(failures))
    if files < floors[0] or assertions < floors[1]:
        sys.exit(f"{name}: at least {floors[0]} files and {floors[1]} assertions must run")
    print("# pass 1")
