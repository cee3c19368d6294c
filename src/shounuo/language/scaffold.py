"""A small policy to start from: what `shounuo init` writes, from `scaffold.yaml.in` beside this file.

1. It compiles without error or warning, and every clause that binds a system can be proven as it stands.
2. It explains itself: a newcomer changes a line, runs `shounuo compile`, and is told what no longer holds.
"""

import json
import re
from importlib import resources


def scaffold(slug: str, name_zh: str, name_en: str) -> str:
    """The YAML text of a small policy whose clause ids begin with `slug`, as far as an id can."""
    text = resources.files("shounuo.language").joinpath("scaffold.yaml.in").read_text("utf-8")
    prefix = re.sub(r"[^a-z0-9]+", "", slug.lower())[:40] or "policy"
    values = {"ID": prefix, "ZH": _quoted(name_zh), "EN": _quoted(name_en)}
    return re.sub("@(ID|ZH|EN)@", lambda found: values[found[1]], text)


def _quoted(text: str) -> str:
    """Text as YAML takes it whatever it holds: JSON strings are YAML strings."""
    return json.dumps(text, ensure_ascii=False)
