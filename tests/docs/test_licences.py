"""What the base install may hold."""

import re
import subprocess
import sys
from importlib import metadata

MOST_PACKAGES = 60


def _base() -> set[str]:
    """The names of everything a base install brings, found by following requirements."""
    found: set[str] = set()
    waiting = ["shounuo"]
    while waiting:
        name = re.split(r"[ ;<>=!~\[(]", waiting.pop())[0].lower().replace("_", "-")
        if name in found:
            continue
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        for one in requires:
            marker = one.partition(";")[2]
            if "extra ==" not in marker or (
                name == "psycopg" and re.search(r'"(binary|pool)"', marker.replace("'", '"'))
            ):
                waiting.append(one)
    return found


def test_no_copyleft_package_is_in_the_base_install():
    """Nothing we depend on is under the GPL or AGPL (the LGPL of the database driver is a library's)."""
    for name in _base():
        about = metadata.metadata(name)
        licence = f"{about.get('License-Expression') or about.get('License') or ''} {about.get_all('Classifier') or ''}"
        strong = re.search(r"(?<!L)(?<!Lesser )\bA?GPL|(?<!Lesser )General Public License", licence)
        assert not strong or "LGPL" in licence or "Lesser" in licence, name


def test_the_base_install_stays_small():
    """A base install is at most sixty packages."""
    assert len(_base()) <= MOST_PACKAGES


def test_importing_the_package_loads_nothing_else():
    """`import shounuo` is free; `Gate` is loaded when it is asked for."""
    code = "import sys, shounuo; print(sorted(m for m in sys.modules if m.startswith('shounuo')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "['shounuo']"
