"""With everything kept, pydicom reads the same elements, VRs and bytes at every depth from every output."""

import _common as common

FLOORS = (150, 25_000)
# Without the shared corpus; its registry files have fewer large Data Sets.
REGISTRY_FLOORS = (280, 20_000)
KEEP = {"preset": "none", "clean_frames": False, "(0008,0018)": "keep", "(0020,000D)": "keep", "(0020,000E)": "keep"}


def main():
    common.compare("kept", {"general": KEEP}, common.floors(FLOORS, REGISTRY_FLOORS))


if __name__ == "__main__":
    main()
