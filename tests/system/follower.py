"""A gate in a process of its own: asks again and again whether a person's data may be used, and prints each answer.

    python follower.py SLUG PERSON PURPOSE

A line is the moment (monotonic seconds of the machine), then `yes`, `no`, or `blind`.
"""

import signal
import sys
import time
from uuid import UUID

from shounuo import Gate
from shounuo.errors import Unavailable


def main() -> None:
    """Ask until told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    slug, person, purpose = sys.argv[1:]
    with Gate.open(slug) as gate:
        while True:
            try:
                said = "yes" if gate.decide(UUID(person), purpose) else "no"
            except Unavailable:
                said = "blind"
            print(time.monotonic(), said, flush=True)
            time.sleep(0.02)


if __name__ == "__main__":
    main()
