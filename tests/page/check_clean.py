"""Checks cleaned files against their originals: each parses, and holds nothing of the original's identity.

Reads a list of {"original", "output"} paths as JSON from standard input; writes what it found as JSON.
What is looked for, as bytes and outside Pixel Data: Patient's Name (and its longer parts), Patient ID, birth date
(unless it is 1 January, which is what a shortened date looks like), and the Study, Series and SOP Instance UIDs.
"""

import json
import pathlib
import re
import sys
import zlib

import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
from _decoders import decoded, same  # noqa: E402
from pixels import only_dropped  # noqa: E402

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
SHORTEST = 4  # shorter values are found by chance; for them only the Attribute itself is compared


def raw_value(data_set, keyword):
    element = data_set.get_item(pydicom.datadict.tag_for_keyword(keyword)) if keyword in data_set else None
    value = getattr(element, "value", None)
    value = value if isinstance(value, bytes) else str(value or "").encode()
    return value.strip(b" \0")


def identity(original):
    found = {keyword: [raw_value(original, keyword)] for keyword in ("PatientName", "PatientID", "PatientBirthDate", *UIDS)}
    found["PatientName"] += [part for part in re.split(rb"[\^= ]", found["PatientName"][0]) if len(part) > SHORTEST]
    found["PatientBirthDate"] = [date for date in found["PatientBirthDate"] if not date.endswith(b"0101")]
    return {keyword: [value for value in values if value] for keyword, values in found.items()}


def bytes_outside_pixels(path, data_set):
    with open(path, "rb") as file:
        content = file.read()
    if data_set.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian:
        start = 144 + data_set.file_meta.FileMetaInformationGroupLength
        content = content[:start] + zlib.decompress(content[start:], -zlib.MAX_WBITS)
    for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData"):
        if keyword in data_set and len(data_set[keyword].value) > 0:
            content = content.replace(data_set[keyword].value, b"")
    return content


def check(pair):
    original = pydicom.dcmread(pair["original"], force=True)
    output = pydicom.dcmread(pair["output"])  # not forced: what was written must say that it is DICOM
    output.walk(lambda *_: None)  # every element is decoded
    content = bytes_outside_pixels(pair["output"], output)
    leaks, searched = [], 0
    for keyword, values in identity(original).items():
        if values and raw_value(output, keyword) == values[0]:
            leaks.append(f"{keyword} is unchanged")
        for value in values:
            if len(value) >= SHORTEST:
                searched += 1
                if value in content:
                    leaks.append(f"{keyword} is still in the file")
    return {"leaks": leaks, "searched": searched, "syntax": str(output.file_meta.TransferSyntaxUID),
            "pixels": pixels_are_same(original, output)}


def pixels_are_same(original, output):
    """Native pixels byte by byte, but for what stands behind the last frame. Compressed images may have lost what no
    decoder needs: they decode to the same, and those that no decoder here reads have the same significant parts."""
    if "PixelData" not in original:
        return True
    if not output["PixelData"].is_undefined_length:
        return original.PixelData.startswith(output.PixelData) and len(output.PixelData) > 0
    before = decoded(original)
    return only_dropped(original.PixelData, output.PixelData) if before is None else same(before, decoded(output))


json.dump([check(pair) for pair in json.load(sys.stdin)], sys.stdout)
