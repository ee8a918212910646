"""Text planted in the compressed images of real files, where no decoder looks, is gone from the output, and the pixels are
the same; with `clean_frames` off it stays, so the search can find it."""

import pathlib
import struct
import tempfile
import zlib

import _common as common
import imagecodecs
import numpy
import pydicom
from _decoders import decoded, same
from pydicom.encaps import encapsulate, generate_frames

FLOORS = (100, 300)
# What decoders look at.
KEYWORDS = (
    "SOPClassUID", "SOPInstanceUID", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
    "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData",
)
SECRET = b"PLANTED^VALUE^OF^A^NAME!"
JPEG_XL = "1.2.840.10008.1.2.4.110"
# pydicom writes no Transfer Syntax that it does not know.
STAND_IN = "1.2.840.10008.1.2.4.100"


def segment(code, body):
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def box(kind, body):
    return struct.pack(">I4s", len(body) + 8, kind) + body


def jpeg(frame):
    yield "COM", frame[:2] + segment(0xFE, SECRET) + frame[2:]
    yield "APP1", frame[:2] + segment(0xE1, b"Exif\0\0" + SECRET) + frame[2:]
    yield "behind EOI", frame + SECRET


def first_segment_end(stream):
    return 4 + int.from_bytes(stream[4:6], "big")


def jpeg_2000(frame):
    stream = bytes(frame[: frame.rindex(b"\xff\xd9") + 2])
    comment = segment(0x64, b"\0\1" + SECRET)
    main = first_segment_end(stream)
    part = stream.index(b"\xff\x90", main)
    longer = struct.pack(">I", int.from_bytes(stream[part + 6 : part + 10], "big") + len(comment))
    in_part = stream[:part] + stream[part : part + 6] + longer + stream[part + 10 : part + 12] + comment + stream[part + 12 :]
    tlm = segment(0x55, b"\0\x40" + longer)
    header = box(b"jp2h", box(b"ihdr", struct.pack(">IIHBBBB", 8, 8, 1, 7, 7, 0, 0)) + box(b"colr", b"\1\0\0\0\0\0\x11"))
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    yield "COM", stream[:main] + comment + stream[main:]
    yield "COM in a tile-part", in_part
    yield "COM in a tile-part with TLM", in_part[:part] + tlm + in_part[part:]
    yield "boxes", start + box(b"uuid", SECRET) + header + box(b"xml ", SECRET) + box(b"jp2c", stream) + box(b"xml ", SECRET)
    yield "behind EOC", stream + SECRET


def jpeg_xl(stream):
    text = box(b"Exif", b"\0\0\0\0" + SECRET) + box(b"xml ", SECRET) + box(b"brob", b"xml " + SECRET)
    start = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    half = len(stream) // 2
    yield "boxes", start + text + box(b"jxlc", stream) + text
    parts = box(b"jxlp", b"\0\0\0\0" + stream[:half]), box(b"jxlp", b"\x80\0\0\1" + stream[half:])
    yield "boxes and parts", start + text + parts[0] + text + parts[1] + text


def rle(frame):
    count = int.from_bytes(frame[:4], "little")
    offsets = [*struct.unpack(f"<{count}I", frame[4 : 4 + 4 * count]), len(frame)]
    header, body = struct.pack("<I", count), SECRET
    for start, end in zip(offsets, offsets[1:]):
        header += struct.pack("<I", 64 + len(body))
        body += frame[start:end] + SECRET
    yield "slack", (header + SECRET)[:64].ljust(64, b"\0") + body
    yield "behind the last segment", frame + SECRET


def deflated(frame):
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    stream.decompress(frame)
    end = len(frame) - len(stream.unused_data)
    yield "behind the stream", frame[:end] + SECRET


def plants(dataset):
    """Names of channels, and the frames with something planted in the first."""
    syntax = dataset.file_meta.TransferSyntaxUID
    known = {"1.2.840.10008.1.2.5": rle, "1.2.840.10008.1.2.8.1": deflated, STAND_IN: jpeg_xl}
    count = int(dataset.get("NumberOfFrames") or 1)
    first, *others = list(generate_frames(dataset.PixelData, number_of_frames=count))
    magic = {b"\xff\xd8": jpeg, b"\xff\x4f": jpeg_2000}
    plant = known.get(syntax) or magic.get(bytes(first[:2]))
    for name, frame in plant(bytes(first)) if plant else ():
        yield name, [frame, *others]


def image_alone(dataset):
    """What decoders look at of a file; pydicom cannot write all that it reads."""
    image = pydicom.Dataset()
    image.file_meta = pydicom.dataset.FileMetaDataset()
    image.file_meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    for keyword in KEYWORDS:
        if keyword in dataset:
            setattr(image, keyword, dataset[keyword].value)
    return image


def images():
    """Encapsulated images of the corpus that a decoder reads, by path."""
    for path in sorted(common.corpus().rglob("*")):
        dataset = common.read(path) if path.is_file() else None
        try:
            encapsulated = dataset is not None and dataset.file_meta.TransferSyntaxUID.is_encapsulated
        except (AttributeError, ValueError):
            continue
        if encapsulated and "PixelData" in dataset and decoded(dataset) is not None:
            yield path.name, image_alone(dataset)
    # None is at hand: the first of the others, encoded anew.
    dataset = image_alone(pydicom.dcmread(next(common.corpus().rglob("CT_small.dcm"))))
    pixels = numpy.frombuffer(dataset.PixelData, numpy.uint16).reshape(dataset.Rows, dataset.Columns)
    encoded = imagecodecs.jpegxl_encode(pixels, lossless=True)
    stream = encoded[encoded.index(b"jxlc") + 4 :] if encoded[:2] == b"\0\0" else encoded
    dataset.PixelRepresentation = 0
    dataset.PixelData = encapsulate([stream])
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(STAND_IN)
    yield "JPEG XL", dataset


def plant(folder):
    """Writes files with planted text; their pixels by name."""
    pixels = {}
    for number, (name, dataset) in enumerate(images()):
        whole = decoded(dataset)
        for channel, frames in plants(dataset):
            dataset.PixelData = encapsulate(frames, has_bot=len(frames) > 1)
            dataset["PixelData"].VR = "OB"
            dataset["PixelData"].is_undefined_length = True
            path = f"{number} {name}, {channel}"
            dataset.save_as(folder / path, enforce_file_format=False)
            data = (folder / path).read_bytes()
            (folder / path).write_bytes(data.replace(STAND_IN.encode(), JPEG_XL.encode()))
            pixels[path] = whole
    return pixels


def main():
    assertions = 0
    failures = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        pixels = plant(folder)
        for clean in (True, False):
            with common.Outputs({"general": {"clean_frames": clean}}, folder) as outputs:
                for name, whole in pixels.items():
                    output = outputs.by_input.get(name)
                    if output is None:
                        failures.append(f"{name}: no output")
                        continue
                    assertions += 1
                    if (SECRET in output.read_bytes()) == clean:
                        failures.append(f"{name}: {'still there' if clean else 'not found where it stays'}")
                    if clean:
                        assertions += 1
                        if not same(whole, decoded(pydicom.dcmread(output))):
                            failures.append(f"{name}: decodes to other pixels")
    common.report("planted", len(pixels), assertions, failures, FLOORS)


if __name__ == "__main__":
    main()
