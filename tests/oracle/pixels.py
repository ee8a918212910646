"""Under the preset default Pixel Data decodes to the same pixels, and is bit-identical where nothing is to be dropped."""

import _common as common

FLOORS = (100, 180)
PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
# Fewer decoded files than this means that a decoder is missing.
FLOOR_DECODED = 60


def decoded(dataset):
    """The pixels, or None where pydicom cannot decode them."""
    try:
        return dataset.pixel_array
    except Exception:  # decoders raise whatever they raise
        return None


def significant(value):
    """The images of encapsulated JPEG, each without application data, comments and what follows it."""
    at, images = 8 + int.from_bytes(value[4:8], "little"), []
    while at + 8 <= len(value) and value[at : at + 4] == b"\xfe\xff\x00\xe0":
        length = int.from_bytes(value[at + 4 : at + 8], "little")
        fragment = value[at + 8 : at + 8 + length]
        if images and not fragment.startswith(b"\xff\xd8"):
            images[-1] += fragment
        else:
            images.append(fragment)
        at += 8 + length
    images = [image(stream) for stream in images]
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
            for tag in tags:
                assertions += 1
                before = common.raw(original.get_item(tag))
                after = common.raw(output.get_item(tag)) if tag in output else b""
                # Where a decoder is at hand, decoding below is the judge as well.
                if before != after and not (after and only_dropped(before, after)):
                    failures.append(f"{name}: {tag:08X} lost more than what no decoder needs")
            pixels = decoded(original)
            if pixels is None:
                continue
            after = decoded(output)
            decodes += 1
            assertions += 1
            if after is None or pixels.shape != after.shape or pixels.dtype != after.dtype or (pixels != after).any():
                failures.append(f"{name}: decodes to other pixels")
    print(f"pixels: {decodes} files decoded")
    if decodes < FLOOR_DECODED:
        failures.append(f"fewer than {FLOOR_DECODED} files decoded")
    common.report("pixels", files, assertions, failures, FLOORS)


if __name__ == "__main__":
    main()
