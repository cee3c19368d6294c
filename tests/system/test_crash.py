"""A server killed at any moment loses nothing it acknowledged and leaves nothing half done."""

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from system_room import Home, Player, Serving

from shounuo.core.evidence import verify_export
from shounuo.duties import operators
from shounuo.store.queries import parse
from shounuo.store.store import Store
from shounuo.vault.shapes import Values
from shounuo.vault.vault import Vault
from shounuo.wire import Known, LedgerSigner, open_custody

KILLS, POSTMASTER_KILLS = 50, 4
FIELDS = ("email", "phone", "password")
GONE = (http.client.HTTPException, OSError)

SQL = parse("tests", """
-- name: records
-- Every record with how many values it has.
select r.record, r.person, (select count(*) from shounuo.value v where v.operator = r.operator and v.record = r.record) as many
from shounuo.record r where r.scene = 'sign-in'

-- name: events
-- Every answer.
select event, person, answer from shounuo.consent order by at, event

-- name: generations
-- How many generations of wrapped keys there are.
select count(distinct wrapping_key) from shounuo.chest_key

-- name: requests
-- Every request with its state.
select request, state, unreadable_here_at is not null as erased, person from shounuo.request
""")  # fmt: skip


@dataclass(frozen=True)
class Record:
    record: UUID
    person: UUID
    many: int


@dataclass(frozen=True)
class Event:
    event: UUID
    person: UUID
    answer: str


@dataclass(frozen=True)
class Request:
    request: UUID
    state: str
    erased: bool
    person: UUID | None


@dataclass
class Acknowledged:
    """What callers were told was done."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    records: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)  # record -> person, fields
    events: dict[str, tuple[str, str]] = field(default_factory=dict)  # event -> person, answer
    erased: set[str] = field(default_factory=set)  # people
    tried: set[str] = field(default_factory=set)  # people whose erasure was asked for, answered or not
    faults: list[str] = field(default_factory=list)


class Load:
    """Threads that collect, agree, withdraw and erase until they are stopped."""

    def __init__(self, serving: Serving, told: Acknowledged) -> None:
        self._serving, self._told = serving, told
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=[work], daemon=True)
            for work in (self._collect, self._collect, self._agree, self._erase)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, work: Any) -> None:
        player = Player(self._serving.api(), self._serving.home.book)
        while not self._stop.is_set():
            try:
                work(player)
            except GONE:
                time.sleep(0.02)  # killed, or about to be
            except AssertionError as fault:
                if "unavailable" not in str(fault):
                    self._told.faults.append(str(fault)[:500])
                time.sleep(0.02)
        player.api.close()

    def _collect(self, player: Player) -> None:
        person, mark = player.person(), random.getrandbits(32)
        fields = {
            "email": f"u{mark}@example.com",
            "phone": f"139{mark % 10**8:08d}",
            "password": f"secret-{mark}",
        }
        record = player.collect(person, fields)
        with self._told.lock:
            self._told.records[record] = person, fields

    def _agree(self, player: Player) -> None:
        person = player.person()
        for answer in (
            player.say(person),
            player.withdraw(person),
            player.say(person),
            player.say(person, answer="no"),
        ):
            assert answer.ok, answer.body
            with self._told.lock:
                self._told.events[answer.body["event"]] = person, answer.body["answer"]

    def _erase(self, player: Player) -> None:
        with self._told.lock:
            person = next((p for p, _ in self._told.records.values() if p not in self._told.tried), None)
            self._told.tried.update([person] if person else [])
        if person is None:
            time.sleep(0.05)
            return
        answer = player.erase(person)
        assert answer.ok, answer.body
        with self._told.lock:
            self._told.erased.add(person)


class Auditor:
    """Looks at what is there from a process that was never killed, without the server."""

    def __init__(self, home: Home, store: Store) -> None:
        self.store, self.custody = store, open_custody(home.config, store)
        self.vault = Vault(self.custody)
        self.operator = next(
            one.id for one in store.ask(Known, operators._sql.operators) if one.slug == "one"
        )
        self.key = str(LedgerSigner(self.custody).verifier(self.operator))
        self._seen: set[str] = set()

    def check(self, serving: Serving, told: Acknowledged) -> None:
        """Everything acknowledged is there, nothing is half there, and the ledger agrees with both."""
        with self.store.act(self.operator) as act:
            records = {str(one.record): one for one in act.rows(Record, SQL.records)}
            events = {str(one.event): one for one in act.rows(Event, SQL.events)}
            requests = act.rows(Request, SQL.requests)
            for record, (person, fields) in told.records.items():
                if person in told.erased:
                    left = [one.field for one in self.vault.located(act, UUID(person)) if one.field in FIELDS]
                    assert left == [], "what was erased is back"
                elif person not in told.tried and record not in self._seen:
                    opened = {
                        one.field: one.text
                        for one in self.vault.get(act, UUID(person), Values(records=(UUID(record),)))
                    }
                    assert opened == {name: fields[name] for name in ("email", "phone")}
                    assert self.vault.matches(act, UUID(person), "password", fields["password"])
                    self._seen.add(record)
                elif person not in told.tried:
                    assert record in records
        assert {one.many for one in records.values()} <= {len(FIELDS)}, "a record is half there"
        for event, (person, answer) in told.events.items():
            assert (str(events[event].person), events[event].answer) == (person, answer)
        half = [
            one
            for one in requests
            if one.erased
            and str(one.person) in {p for p, _ in told.records.values()}
            and any(str(r.person) == str(one.person) for r in records.values())
        ]
        assert not half, "a request says erased while a record is there"
        self._ledger(serving, told, records, events)

    def _ledger(
        self, serving: Serving, told: Acknowledged, records: dict[str, Record], events: dict[str, Event]
    ) -> None:
        player = Player(serving.api(), serving.home.book)
        entries, raw = player.entries(), player.api.raw("/v1/ledger/export")
        player.api.close()
        verdict = verify_export(raw, self.key)
        assert verdict, str(verdict)
        collected = [one["data"]["record"] for one in entries if one["kind"] == "collected"]
        assert len(collected) == len(set(collected))
        assert set(records) <= set(collected)
        assert set(told.records) <= set(collected)
        assert len([one for one in entries if one["kind"] == "answered"]) == len(events)
        assert len([one for one in entries if one["kind"] == "carried-out"]) >= len(told.erased)

    def settled(self) -> bool:
        """Whether no turning over of keys is under way and one generation is left."""
        with self.store.act(self.operator) as act:
            return (
                self.vault.keys.generation(act).turning is None and (act.row(int, SQL.generations) or 0) <= 1
            )


@contextmanager
def auditor(home: Home) -> Iterator[Auditor]:
    """The auditor, on the same PostgreSQL."""
    from shounuo.store.opening import open_store

    with open_store(home.folder) as store:
        yield Auditor(home, store)


@pytest.mark.slow
def test_a_server_killed_at_any_moment_loses_nothing_it_acknowledged(home):
    """SIGKILL in the middle of collecting, agreeing, erasing, sealing and turning keys over, fifty times."""
    chance, told = random.Random(20260101), Acknowledged()
    with auditor(home) as looks:
        for number in range(KILLS):
            with home.serving("turn") as serving:
                if number:
                    looks.check(serving, told)
                load = Load(serving, told)
                time.sleep(chance.uniform(0.3, 2.5))
                serving.kill()
                load.stop()
                assert not told.faults, told.faults
        with home.serving() as serving:
            looks.check(serving, told)
            until = time.monotonic() + 90  # the lease of the one that was killed runs out first
            while not looks.settled() and time.monotonic() < until:
                time.sleep(0.5)
            assert looks.settled(), "a turning over of keys was left unfinished"
            looks.check(serving, told)
            assert len(told.records) > KILLS // 4
            assert len(told.erased) > KILLS // 20
            assert len(told.events) > KILLS // 4


@pytest.mark.slow
def test_a_postgresql_killed_at_any_moment_loses_nothing_that_was_acknowledged(home):
    """SIGKILL of the postmaster under load; the next server finds all of it, and erased values stay erased."""
    chance, told = random.Random(7), Acknowledged()
    for number in range(POSTMASTER_KILLS):
        with home.serving("turn") as serving:
            if number:
                with auditor(home) as looks:
                    looks.check(serving, told)
            load = Load(serving, told)
            time.sleep(chance.uniform(1.5, 4))
            for pid in home.postmasters():
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
            caller = serving.api()
            answer = caller.post("/v1/people", {"user_id": "while it is down"})
            caller.close()
            assert (answer.status, answer.code) == (503, "unavailable")
            serving.kill()
            load.stop()
            assert not told.faults, told.faults
    with home.serving() as serving, auditor(home) as looks:
        looks.check(serving, told)
        assert told.records
        assert told.events


@pytest.mark.slow
def test_a_backend_that_crashes_is_got_over_without_a_restart(home, player):
    """PostgreSQL starts anew after a crash of one of its own; the look-up index it empties is made again, and all goes on."""
    with home.serving() as serving:
        plays = player(serving)
        person = plays.api.post("/v1/people", {"user_id": "known-before"}).body["person"]
        backends = [
            int(each.name)
            for each in Path("/proc").iterdir()
            if each.name.isdigit() and _is_backend(each, home)
        ]
        os.kill(backends[0], signal.SIGKILL)
        until, again = time.monotonic() + 40, None
        while time.monotonic() < until:
            again = plays.api.post("/v1/people", {"user_id": "known-before"})
            if again.ok:
                break
            assert again.status == 503, again.body
            time.sleep(0.3)
        assert again is not None
        assert again.ok, again.body
        assert again.body["person"] == person
        plays.api.close()


def _is_backend(process: Path, home: Home) -> bool:
    """Whether this is a process of the home's PostgreSQL that serves the application."""
    try:
        status, title = (process / "status").read_text(), (process / "cmdline").read_bytes()
    except OSError:
        return False
    return b"shounuo_app" in title and f"PPid:\t{home.postmasters()[0]}\n" in status
