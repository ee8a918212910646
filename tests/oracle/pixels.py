"""Under the preset default Pixel Data decodes to the same pixels, and is bit-identical where nothing is to be dropped."""

import _common as common
from _decoders import decoded, same

FLOORS = (100, 180)
PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
# Fewer decoded files than this means that a decoder is missing.
FLOOR_DECODED = 110


def significant(value):
    """The images of encapsulated JPEG and JPEG 2000, each without application data, comments and what follows it."""
    at, images = 8 + int.from_bytes(value[4:8], "little"), []
    while at + 8 <= len(value) and value[at : at + 4] == b"\xfe\xff\x00\xe0":
        length = int.from_bytes(value[at + 4 : at + 8], "little")
        fragment = value[at + 8 : at + 8 + length]
        if images and fragment[:2] not in (b"\xff\xd8", b"\xff\x4f"):
            images[-1] += fragment
        else:
            images.append(fragment)
        at += 8 + length
    images = [(codestream if stream[:2] == b"\xff\x4f" else image)(stream) for stream in images]
    return images if images and all(images) else None


def image(stream):
    """The marker segments and scans of a JPEG image, or None if it is none."""
    kept, at = [], 2
    while stream[:2] == b"\xff\xd8" and stream[at : at + 1] == b"\xff":
        code, length = stream[at + 1], int.from_bytes(stream[at + 2 : at + 4], "big")
        if code == 0xDA:
            end = stream.find(b"\xff\xd9", at)
            return (kept, stream[at:end]) if end > at else None
        if code != 0xFE and not 0xE0 <= code <= 0xEF:
            kept.append(stream[at : at + 2 + length])
        at += 2 + length
    return None


def codestream(stream):
    """The marker segments and tile-parts of a JPEG 2000 codestream without its comments, or None if it is none."""
    kept, at, end = [], 2, None
    while stream[at : at + 1] == b"\xff":
        code, length = stream[at + 1], int.from_bytes(stream[at + 2 : at + 4], "big")
        if code == 0xD9:
            return kept
        if code == 0x93:
            kept.append(stream[at:end])
            at, end = end, None
            continue
        if code == 0x90:
            end = at + int.from_bytes(stream[at + 6 : at + 10], "big") if any(stream[at + 6 : at + 10]) else stream.rfind(b"\xff\xd9")
            kept.append(stream[at : at + 6] + stream[at + 10 : at + 12])
        # Lengths of tile-parts are optional.
        elif code not in (0x64, 0x55):
            kept.append(stream[at : at + 2 + length])
        at += 2 + length
    return None


def only_dropped(before, after):
    """Whether the output has the images, or the first bytes, of the original."""
    images = significant(before)
    return images == significant(after) if images else before.startswith(after)


def main():
    files = assertions = decodes = 0
    failures = []
    with common.Outputs({"general": common.DEFAULT}) as outputs:
        for name, original, output in outputs.pairs():
            tags = [tag for tag in PIXELS if tag in original]
            if not tags:
                continue
            files += 1
            pixels = decoded(original)
            for tag in tags:
                assertions += 1
                before = common.raw(original.get_item(tag))
                after = common.raw(output.get_item(tag)) if tag in output else b""
                # Of formats that are not taken apart here, decoding below is the judge.
                judged = pixels is not None and len(after) < len(before) and significant(before) is None
                if before != after and not (after and (judged or only_dropped(before, after))):
                    failures.append(f"{name}: {tag:08X} lost more than what no decoder needs")
            if pixels is None:
                continue
            decodes += 1
            assertions += 1
            if not same(pixels, decoded(output)):
                failures.append(f"{name}: decodes to other pixels")
    print(f"pixels: {decodes} files decoded")
    if decodes < FLOOR_DECODED:
        failures.append(f"fewer than {FLOOR_DECODED} files decoded")
    common.report("pixels", files, assertions, failures, FLOORS)


if __name__ == "__main__":
    main()
