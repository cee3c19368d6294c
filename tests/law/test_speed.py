"""Reading all packs and holding them against themselves and the law takes no more work than it may.

Work is counted in calls, the same number on every machine. The 3,400,000 it takes are about one second of one processor, and two
are allowed; `python -m bench language` says how long it takes here.
"""

import subprocess
import sys

SCRIPT = """
import cProfile, pstats
from datetime import date
from shounuo.cli import packs
from shounuo.core.consistency import check
from shounuo.language.load import load
from shounuo.law.lint import lint
def all_packs():
    for name in packs.names():
        policy = load(*packs.find(name))
        check(policy)
        lint(policy, date(2026, 11, 21))
profile = cProfile.Profile()
profile.runcall(all_packs)
print(pstats.Stats(profile).total_calls)
"""
MOST = 5_000_000


def test_all_packs_take_no_more_work_than_they_may() -> None:
    """In a fresh interpreter, so that nothing is remembered and the rules of the law are read too."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < MOST
