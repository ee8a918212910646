"""Pseudonyms computed anew: HMAC-SHA-256 by Python's own library, held against the golden cases.

A pseudonym is a function of the key, a kind and the original, and of nothing else:

    MAC    = HMAC-SHA-256(key, length(kind) kind length(part) part …)    lengths: 64 bits, big endian
    number = the first 128 bits of the MAC

Parts are trimmed of spaces and NULs at both ends. What is made of the number:

    uid(original)              2.25. and the number in decimal
    uid_under(root, original)  the root and as many of its last digits as fit into 64 characters, without zeros in front
    name(patient)              twice: a Greek letter (number mod 32), four digits (number / 32 mod 10000); between them ^
    mrn(patient), acc(study)   the number mod 10^16, 16 digits
    hash_acc(project, study)   the first 64 bits in hexadecimal
    code(scheme, value)        the first 64 bits in hexadecimal
    hash(original, n)          the first n hexadecimal digits
    hash_digits(original, n)   the number mod 10^n, n digits

The patient is `id NUL Patient ID NUL Issuer`; without Patient ID `name NUL Patient's Name NUL Birth Date`; without that
`study NUL Study Instance UID NUL`. The study is the Accession Number, else the Study Instance UID.

Lines of the cases look like `NAME = mrn(id, 4711, HOSPITAL) -> 0123456789012345`. With `--fill` the values are written
into the cases, after which they must be looked at like any other golden value.
"""

import hashlib
import hmac
import pathlib
import re
import sys

KEY = bytes([7] * 32)
FLOOR = 74

LETTERS = (
    "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi "
    "Chi Psi Omega Digamma Heta San Sampi Koppa Stigma Sho Yot"
).split()


def number(kind, *parts, key=KEY):
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in (kind.encode(), *(part.strip(b" \0") for part in parts)):
        mac.update(len(part).to_bytes(8, "big") + part)
    return int.from_bytes(mac.digest()[:16], "big")


def greek(value):
    value, letter = divmod(value, 32)
    value, digits = divmod(value, 10_000)
    return f"{LETTERS[letter]}{digits:04}", value


def name(patient):
    family, rest = greek(number("name", patient))
    return f"{family}^{greek(rest)[0]}"


def decimal(value):
    return f"{value % 10**16:016}"


def hexadecimal(value):
    return f"{value >> 64:016X}"


def raw(text):
    """An argument as bytes: `\\xHH` is a byte."""
    pieces = re.split(r"\\x([0-9A-Fa-f]{2})", text)
    return b"".join(bytes.fromhex(p) if i % 2 else p.encode() for i, p in enumerate(pieces))


def compute(function, arguments):
    arguments = [raw(argument.strip()) for argument in arguments.split(", ")]
    if function in ("name", "mrn"):
        kind, first, second = (arguments + [b""])[:3]
        assert kind in (b"id", b"name", b"study"), kind
        patient = b"\0".join([kind, first, second])
        return name(patient) if function == "name" else decimal(number("mrn", patient))
    if function == "uid":
        return f"2.25.{number('uid', *arguments)}"
    if function == "uid_under":
        root, original = arguments
        room = 64 - len(root) - 1
        return f"{root.decode()}.{number('uid', original) % 10**room}"
    if function == "acc":
        return decimal(number("acc", *arguments))
    if function in ("hash", "hash_digits"):
        original, length = arguments
        value, length = number("hash", original), int(length)
        return f"{value:032X}"[:length] if function == "hash" else f"{value % 10**length:0{length}}"
    if function in ("hash_acc", "code"):
        assert len(arguments) == 2, arguments
        return hexadecimal(number(function, *arguments))
    raise SystemExit(f"no such pseudonym: {function}")


LINE = re.compile(r"^(\w+ = (\w+)\((.*)\) -> )(.*)$", re.M)


def main():
    cases = pathlib.Path(__file__).parent.parent / "cases" / "golden"
    files = compared = 0
    wrong = []
    for path in sorted(cases.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        files += 1
        for line in LINE.finditer(text):
            compared += 1
            if line[4] != compute(line[2], line[3]):
                wrong.append(f"{path.name}: {line[0]}")
        if "--fill" in sys.argv:
            text = LINE.sub(lambda line: line[1] + compute(line[2], line[3]), text)
            path.write_text(text, encoding="utf-8", newline="\n")
    print(f"pseudonyms: {files} files, {compared} pseudonyms computed anew\n# assertions {compared}")
    if "--fill" not in sys.argv and (wrong or compared < FLOOR):
        sys.exit("\n".join(wrong) or f"fewer than {FLOOR} pseudonyms")
    print("# pass 1")


if __name__ == "__main__":
    main()
