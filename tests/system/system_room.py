"""A home, the server on it in a process of its own, commands as a person runs them, and who plays the product."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shounuo.config import Config
from shounuo.core.rulebook import Rulebook
from shounuo.prove.call import Caller
from shounuo.store import embedded

DRIVER = Path(__file__).with_name("driver.py")
_CLI = "from shounuo.cli import main; main()"


@dataclass
class Home:
    """A home: its folder, its operators and their keys."""

    folder: Path
    keys: dict[str, str]
    book: Rulebook = field(repr=False)

    @property
    def config(self) -> Config:
        """Its settings."""
        return Config(home=self.folder, port=0)

    @property
    def environment(self) -> dict[str, str]:
        """The environment a process of this home has."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "DATABASE_OWNER_URL", "SHOUNUO_REGION")
        }
        return kept | {"SHOUNUO_HOME": str(self.folder), "SHOUNUO_PORT": "0", "PYTHONWARNINGS": "ignore"}

    def command(self, *arguments: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end, as a person does."""
        return subprocess.run([sys.executable, "-c", _CLI, *arguments], env=self.environment | more, capture_output=True, text=True,
                              timeout=timeout, check=False)  # fmt: skip

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Serving"]:
        """The driver's server in a process of its own, killed at the end unless it ended."""
        log = self.folder.with_name(f"server-{time.monotonic_ns()}.log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(DRIVER), *arguments], env=self.environment, stdout=out, stderr=out
            )
        made = Serving(self, process, log)
        try:
            made.wait()
            yield made
        finally:
            made.end()

    def postmasters(self) -> list[int]:
        """The process ids of PostgreSQL servers on this home."""
        found = []
        for each in Path("/proc").iterdir():
            if each.name.isdigit():
                try:
                    arguments = (each / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if (
                    os.fsencode(self.folder.resolve() / "postgres" / "data") in arguments
                    and b"-D" in arguments
                ):
                    found.append(int(each.name))
        return found

    def stop_database(self) -> None:
        """Stop a PostgreSQL that a killed server left, as the next one out would."""
        if self.folder.exists():
            embedded.start(self.folder).stop()


@dataclass
class Serving:
    """A server that runs."""

    home: Home
    process: "subprocess.Popen[bytes]"
    log: Path
    address: str = ""

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            lines = self.log.read_text(errors="replace").splitlines()
            self.address = next((line for line in lines if line.startswith("http://")), "")
            try:
                if self.address and self._answers():
                    return
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError(f"the server does not answer: {self.log.read_text(errors='replace')}")

    def _answers(self) -> bool:
        caller = Caller(self.address, None)
        try:
            return caller.get("/v1/openapi.json").status == 200
        finally:
            caller.close()

    def api(self, slug: str = "one") -> Caller:
        """A way to it with an operator's key."""
        return Caller(self.address, self.home.keys[slug])

    def kill(self) -> None:
        """End it between two instructions."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()


def folder() -> Path:
    """A folder with a short path that other accounts may pass through."""
    made = Path(tempfile.mkdtemp(prefix="sn-"))
    made.chmod(0o711)
    return made


@dataclass
class Player:
    """Plays the product through the interface, with made-up people."""

    api: Caller
    book: Rulebook
    made: int = 0

    def person(self) -> str:
        """A person taken in."""
        self.made += 1
        answer = self.api.post(
            "/v1/people", {"user_id": f"user-{id(self)}-{self.made}-{time.monotonic_ns()}"}
        )
        assert answer.ok, answer.body
        return str(answer.body["person"])

    def show(self, person: str, entry: str) -> str:
        """Show a notice as it is."""
        fetched = self.api.get(f"/v1/notices/{entry}")
        assert fetched.ok, fetched.body
        notice = fetched.body
        answer = self.api.post(
            "/v1/shown",
            {
                "person": person,
                "entry": entry,
                "hash": notice["hash"],
                "controls": notice["controls"],
                "acknowledged": True,
            },
        )
        assert answer.ok, answer.body
        return str(answer.body["shown"])

    def collect(self, person: str, fields: dict[str, str]) -> str:
        """Show the scene's notice and give its fields."""
        self.show(person, "scenes.sign-in")
        answer = self.api.post("/v1/collect", {"person": person, "scene": "sign-in", "fields": fields})
        assert answer.ok, answer.body
        return str(answer.body["record"])

    def say(self, person: str, item: str = "support", answer: str = "yes") -> Any:
        """Answer a consent item, shown before."""
        shown = self.show(person, f"consent.{item}") if answer == "yes" else None
        return self.api.post(
            "/v1/consents", {"person": person, "item": item, "answer": answer, "shown": shown}
        )

    def withdraw(self, person: str, item: str = "support") -> Any:
        """Take a yes back."""
        return self.api.post("/v1/consents/withdraw", {"person": person, "item": item})

    def entries(self) -> list[dict[str, Any]]:
        """Every entry of the ledger, sealed first."""
        assert self.api.get("/v1/ledger/checkpoint").status == 200
        found: list[dict[str, Any]] = []
        start: int | None = 0
        while start is not None:
            page = self.api.get("/v1/ledger/entries", start=start, most=1000)
            assert page.ok, page.body
            found += [one["entry"] for one in page.body["entries"]]
            start = page.body["next"]
        return found

    def erase(self, person: str) -> Any:
        """Ask for erasure and carry it out."""
        made = self.api.post("/v1/requests", {"kind": "delete", "channel": "email", "person": person})
        assert made.ok, made.body
        verified = self.api.post(f"/v1/requests/{made.body['request']}/verify", {"how": "signed-in"})
        assert verified.ok, verified.body
        return self.api.post(f"/v1/requests/{made.body['request']}/carry-out", {})
