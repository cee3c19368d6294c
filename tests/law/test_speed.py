"""All packs are read, held against themselves and against the law within two seconds of one processor."""

import subprocess
import sys

SCRIPT = """
import time
from datetime import date
from shounuo.cli import packs
from shounuo.core.consistency import check
from shounuo.language.load import load
from shounuo.law.lint import lint
for name in packs.names():
    policy = load(*packs.find(name))
    check(policy)
    lint(policy, date(2026, 11, 21))
print(time.process_time())
"""


def test_all_packs_within_two_seconds() -> None:
    """In a fresh interpreter, imports and rules included; processor time, so that a busy machine counts little."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2
