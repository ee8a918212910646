"""Real edits: names emptied, group 0010 and private groups removed, at all depths, equal what pydicom does to the file.

Names are emptied by `clear`, which also inserts them where a top level lacks them; pydicom does the same here.
"""

import _common as common
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.tag import Tag

FLOORS = (150, 20_000)
UIDS = ("(0008,0018)", "(0020,000D)", "(0020,000E)")


def address(tag):
    tag = Tag(tag)
    return f"({tag.group:04X},{tag.element:04X})"


REMOVED = {Tag(tag) for tag in DicomDictionary if Tag(tag).group == 0x0010}
NAMES = {Tag(tag) for tag, entry in DicomDictionary.items() if entry[0] == "PN"} - REMOVED


def private_tags():
    """Every private tag of the corpus, for the language has no command for all of them under the preset none."""
    tags = set()
    for path in common.corpus().rglob("*"):
        dataset = common.read(path) if path.is_file() else None
        if dataset is not None:
            collect(dataset, tags)
    return tags


def collect(dataset, tags):
    for tag in dataset.keys():
        if tag.is_private:
            if not common.never_copied(tag):
                tags.add(Tag(tag))
        elif common.is_sequence(dataset.get_item(tag)):
            for item in dataset[tag].value or []:
                collect(item, tags)


def edit(dataset, top=True):
    """What the settings say, done by pydicom."""
    items = {tag: dataset.get_item(tag) for tag in dataset.keys()}
    for tag, item in items.items():
        if tag.is_private or tag in REMOVED:
            del dataset[tag]
        elif tag in NAMES:
            if common.raw(item):
                dataset[tag] = DataElement(tag, "PN", "")
        elif common.is_sequence(item):
            for inside in dataset[tag].value or []:
                edit(inside, top=False)
    for tag, item in items.items():
        if tag in dataset and tag not in NAMES and not common.is_sequence(item):
            # Looking into Sequences has converted some elements; this puts the bytes back.
            dataset[tag] = item
    for tag in NAMES if top else ():
        if tag not in dataset:
            dataset[tag] = DataElement(tag, "PN", "")


def main():
    general = {"preset": "none", "clean_frames": False, **{uid: "keep" for uid in UIDS}}
    general |= {address(tag): "remove" for tag in REMOVED | private_tags()}
    general |= {address(tag): "clear" for tag in NAMES}
    common.compare("edits", {"general": general}, FLOORS, edit)


if __name__ == "__main__":
    main()
