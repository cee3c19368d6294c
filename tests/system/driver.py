"""A server in a process of its own, as `shounuo serve` is one, which on demand turns keys over all the time.

    python driver.py [turn]

Settings come from the environment. The address is printed when calls are answered.
"""

import faulthandler
import signal
import sys
import threading
import time
from dataclasses import replace

from shounuo.config import Config, read
from shounuo.duties.due import turn_over
from shounuo.errors import ShounuoError
from shounuo.store.queries import load
from shounuo.vault.turn import Turning
from shounuo.web.serve import serve_house
from shounuo.wire import House, Known, open_house

_SQL = load("shounuo.store", "sql/foundation.sql")


def turn(house: House, config: Config) -> None:
    """Turn every operator's keys over, again and again, under a lease of its own."""
    parts = replace(house.parts, turning=Turning(house.store, house.parts.vault, config.home / "key-copies"))
    while True:
        for operator in house.store.ask(Known, _SQL.operators):
            try:
                turn_over(parts, operator.id)
            except ShounuoError:
                time.sleep(0.2)
        time.sleep(0.05)


def main() -> None:
    """Serve until killed."""
    faulthandler.register(signal.SIGUSR1)
    config = read()
    with open_house(config) as house:
        if "turn" in sys.argv[1:]:
            threading.Thread(target=turn, args=[house, config], daemon=True).start()
        serve_house(house, config.port, None, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
