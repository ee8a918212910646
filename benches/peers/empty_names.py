"""pydicom as a script would use it: every PN is emptied, private elements go. `empty_names.py IN OUT`"""

import sys
from pathlib import Path

import pydicom


def empty(_, element):
    if element.VR == "PN":
        element.value = ""


for path in sorted(Path(sys.argv[1]).iterdir()):
    data_set = pydicom.dcmread(path)
    data_set.walk(empty)
    data_set.remove_private_tags()
    data_set.save_as(Path(sys.argv[2]) / path.name)
