"""Decoders of Pixel Data: pydicom with its plugins, and imagecodecs for what these do not read."""

import imagecodecs
import numpy
from pydicom.encaps import generate_frames

DECODERS = (
    imagecodecs.jpeg8_decode,
    imagecodecs.jpegsof3_decode,
    imagecodecs.jpeg2k_decode,
    imagecodecs.jpegxl_decode,
)


def decoded(dataset):
    """The pixels, or None where no decoder reads them."""
    try:
        return dataset.pixel_array
    except Exception:  # decoders raise whatever they raise
        pass
    try:
        count = int(dataset.get("NumberOfFrames") or 1)
        return numpy.stack([frame(bytes_) for bytes_ in generate_frames(dataset.PixelData, number_of_frames=count)])
    except Exception:
        return None


def frame(data):
    """One image, by the first decoder that reads it."""
    for decoder in DECODERS:
        try:
            return decoder(data)
        except Exception:
            continue
    raise ValueError("no decoder reads it")


def same(one, other):
    return one is not None and other is not None and one.dtype == other.dtype and numpy.array_equal(one, other)
