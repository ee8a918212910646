"""The crosswalk of the corpus: Python's csv reads it, it holds what the files hold, and another AES-GCM opens it."""

import csv
import hashlib
import io
import json
import pathlib
import re
import subprocess
import tempfile

import _common as common
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSPHRASE = "Größe und Fluß"
TABLES = {"files": ["source", "output"]} | dict.fromkeys(("patients", "studies", "accessions", "uids"), ["id_old", "id_new"])
FLOORS = (150, 500)


def opened(sealed, passphrase):
    """As docs/CROSSWALK.md has it, byte by byte."""
    head, salt, nonce = sealed[:41], sealed[13:29], sealed[29:41]
    assert head[:9] == b"LETHEENC\x01"
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, int.from_bytes(head[9:13], "big"), 32)
    return AESGCM(key).decrypt(nonce, sealed[41:], head)


def read(table):
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    return rows


def value(cell):
    """The bytes that a cell stands for; what was decoded is in UTF-8."""
    return re.sub(rb"\\x([0-9A-F]{2})", lambda mark: bytes([int(mark[1], 16)]), cell.encode())


def in_file(dataset, keyword):
    """The value as it is in the file, if it is ASCII."""
    element = dataset.get_item(keyword) if keyword in dataset else None
    text = common.raw(element).strip(b" \0") if element is not None and element.value else b""
    return text if text.isascii() else b""


def main():
    case = json.loads((pathlib.Path(__file__).parents[1] / "cases/crosswalk/sealed.json").read_text("utf-8"))
    assert opened(bytes.fromhex(case["sealed"]), case["passphrase"]).decode() == case["plain"]
    assertions, failures, files = 1, [], 0
    with common.Outputs({"general": common.DEFAULT}) as outputs, tempfile.TemporaryDirectory() as folder:
        base, sealed = pathlib.Path(outputs.folder.name), pathlib.Path(folder) / "sealed"
        (phrase := pathlib.Path(folder) / "phrase").write_text(PASSPHRASE + "\n", "utf-8")
        subprocess.run(
            [common.binary(), outputs.source, pathlib.Path(folder) / "out", "--config", base / "settings.json"]
            + ["--key", common.KEY, "--now", common.NOW, "--crosswalk", sealed, "--passphrase", phrase, "--quiet"],
        )
        tables = {}
        for name, head in TABLES.items():
            plain = (base / "links" / f"{name}.csv").read_bytes()
            if opened((sealed / f"{name}.csv.lethe").read_bytes(), PASSPHRASE) != plain:
                failures.append(f"{name}: the encrypted table is another one")
            rows = read(plain)
            if rows[0] != head or any(len(row) != 2 for row in rows):
                failures.append(f"{name}: it has other columns")
            tables[name] = {(value(old), value(new)) for old, new in rows[1:]}
        for name, original, output in outputs.pairs():
            files += 1
            for table, keyword in [
                ("patients", "PatientID"),
                ("studies", "StudyInstanceUID"),
                ("accessions", "AccessionNumber"),
                ("uids", "SOPInstanceUID"),
            ]:
                old, new = in_file(original, keyword), in_file(output, keyword)
                # Registered UIDs stay, and are not listed.
                if old and (keyword != "SOPInstanceUID" or old != new):
                    assertions += 1
                    if (old, new) not in tables[table]:
                        failures.append(f"{name}: {table} lack its {keyword}")
    common.report("crosswalk", files, assertions, failures, FLOORS)


if __name__ == "__main__":
    main()
