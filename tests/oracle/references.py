"""UIDs over the whole corpus under the preset default: one mapping, one to one; what resolved before resolves after."""

import _common as common
from pydicom.datadict import keyword_for_tag

FLOORS = (150, 1_500)
PUBLIC = "1.2.840.10008."


def uids(dataset, path=""):
    """Path, place and value of each UID at any depth."""
    items = {tag: dataset.get_item(tag) for tag in dataset.keys() if not common.never_copied(tag)}
    for tag, item in items.items():
        here = f"{path}({tag.group:04X},{tag.element:04X})"
        if common.is_sequence(item):
            for number, inside in enumerate(dataset[tag].value or []):
                yield from uids(inside, f"{here}[{number}].")
        elif (item.VR or common.known_vr(tag)) == "UI" and not tag.is_private:
            for number, uid in enumerate(common.raw(item).decode("latin-1").split("\\")):
                uid = uid.strip(" \0")
                if uid:
                    yield f"{here}#{number}", tag, uid


def own(dataset):
    """The UIDs of the three kinds that a file has itself."""
    values = {tag: dataset[tag].value for tag in (0x00080018, 0x0020000D, 0x0020000E) if tag in dataset}
    return {tag: str(value) for tag, value in values.items() if value}


def names_class_or_scheme(tag):
    """By keyword, which is another way than the engine's list."""
    keyword = keyword_for_tag(tag)
    return any(word in keyword for word in ("SOPClass", "TransferSyntax", "CodingScheme", "ContextUID", "MappingResource"))


def main():
    files = assertions = references = 0
    failures, mapping, owners, clean_owners, seen = [], {}, {}, {}, []
    with common.Outputs({"general": common.DEFAULT}) as outputs:
        for name, original, output in outputs.pairs():
            files += 1
            before = {path: (tag, uid) for path, tag, uid in uids(original)}
            after = {path: (tag, uid) for path, tag, uid in uids(output)}
            for path in before.keys() & after.keys():
                (tag, old), (_, new) = before[path], after[path]
                assertions += 1
                if names_class_or_scheme(tag):
                    if old != new:
                        failures.append(f"{name}: {path} names a class or scheme and is mapped")
                elif old == new:
                    if not old.startswith(PUBLIC):
                        failures.append(f"{name}: {path} is not mapped")
                elif mapping.setdefault(old, new) != new:
                    failures.append(f"{name}: {path} is mapped in two ways")
                seen.append((name, path, old, new))
            for tag, uid in own(original).items():
                owners.setdefault(uid, set()).add((tag, name))
            for tag, uid in own(output).items():
                clean_owners.setdefault(uid, set()).add((tag, name))
    for name, path, old, new in seen:
        if old in owners:
            references += 1
            if owners[old] != clean_owners.get(new):
                failures.append(f"{name}: {path} resolved to something else")
    if len(set(mapping.values())) != len(mapping):
        failures.append("two UIDs became one")
    survivors = set(mapping) & set(mapping.values())
    if survivors:
        failures.append(f"{len(survivors)} originals are new UIDs")
    print(f"references: {len(mapping)} UIDs mapped, {references} references to files of the corpus")
    common.report("references", files, assertions + references, failures, FLOORS)


if __name__ == "__main__":
    main()
