"""Under the preset default Pixel Data is bit-identical in every output, and decodes to the same pixels."""

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


def main():
    files = assertions = decodes = 0
    failures = []
    with common.Outputs({"general": {"preset": "default"}}) as outputs:
        for name, original, output in outputs.pairs():
            tags = [tag for tag in PIXELS if tag in original]
            if not tags:
                continue
            files += 1
            for tag in tags:
                assertions += 1
                same = tag in output and common.raw(original.get_item(tag)) == common.raw(output.get_item(tag))
                if not same:
                    failures.append(f"{name}: {tag:08X} is not bit-identical")
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
