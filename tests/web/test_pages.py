"""Pages: what an officer and a stranger read, from made-up proofs of the real pack. No database is needed here."""

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shounuo.core.category import REQUEST_KINDS
from shounuo.core.clause import Clause, Kind, Words
from shounuo.core.consistency import keepers
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    EarlierOf,
    LongestOf,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
)
from shounuo.core.policy import Act, Basis, Form, Ground, Pledge, Policy, RefusalGround
from shounuo.core.promise import PROBES, Status
from shounuo.core.request import State
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.duties import answer, due, papers, promises, show
from shounuo.duties.controls import Controls
from shounuo.errors import NotFound
from shounuo.language.load import load
from shounuo.render.html import fragment
from shounuo.render.register import register
from shounuo.render.rendered import render, render_all
from shounuo.vault import damage
from shounuo.web import app as web_app
from shounuo.web import console, pages
from shounuo.web.routes import public
from shounuo.web.serve import Server

NOW = datetime(2026, 12, 24, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
MARKUP = '<script>alert("x")</script><b style="color:red">&'
STATUSES = [
    Status.KEPT,
    Status.KEPT,
    Status.EDGE,
    Status.KEPT,
    Status.UNPROVEN,
    Status.KEPT,
    Status.PEOPLE,
    Status.KEPT,
]
CONSOLE = ["/console/huiju", "/console/huiju/clauses/huiju-2.8-5", "/console/huiju/due"]
POLICY = ["", "/summary", "/register", "/versions", "/versions/2", "/versions/2/summary"]
PATHS = [*CONSOLE, *(f"/policy/huiju{one}" for one in POLICY)]


@cache
def pack() -> tuple[Policy, bytes]:
    """The pack, read once."""
    source = resources.files("shounuo.packs").joinpath("huiju.yaml").read_bytes()
    return load(source, "huiju.yaml", "huiju"), source


def book(**changed: Clause) -> Rulebook:
    """The pack as version 3, with some clauses changed."""
    policy, source = pack()
    policy = dataclasses.replace(
        policy, clauses={**policy.clauses, **{one.id: one for one in changed.values()}}
    )
    return compile_policy(policy, source, 3)


def proof(clause: Clause, status: Status) -> promises.Proof:
    """A proof as the prover tells it."""
    kinds = [
        (one.kind, {k: list(v) if isinstance(v, tuple) else v for k, v in one.params.items()})
        for one in clause.probes
    ]
    failed = (
        "expected 204, the server said 200: the value was still there" if status is Status.BROKEN else None
    )
    told = [
        {"kind": kind, "params": params, "failed": failed,
         "steps": ["a person signs in and agrees", "the form comes with every declared field: stored", "the same with one more: it is dropped"]}
        for kind, params in kinds or [("sealed", {"of": ["phone"]})]
    ]  # fmt: skip
    return promises.Proof(
        clause.id, status.value, told[0]["kind"], "0.1.0+g1a2b3c4", {"probes": told}, NOW - timedelta(hours=9)
    )


def wall(of: Rulebook, *, broken: tuple[str, ...] = ("huiju-2.8-sdk-4", "huiju-7.3-2")) -> promises.Wall:
    """A wall of mixed statuses."""
    kept, found = keepers(of.policy), []
    for place, clause in enumerate(of.policy.clauses.values()):
        status = STATUSES[place % len(STATUSES)]
        status = (
            Status.NONE
            if not clause.binds
            else Status.BROKEN
            if clause.id in broken
            else Status.UNPROVEN
            if clause.later
            else status
        )
        told = proof(clause, status) if status in (Status.KEPT, Status.EDGE, Status.BROKEN) else None
        found.append(promises.Promise(
            clause.id, clause.kind.value, clause.section, clause.says.zh, clause.says.en, clause.emphasised, clause.later,
            tuple(entry.path for entry in kept.get(clause.id, ())), status, told,
        ))  # fmt: skip
    return promises.Wall("huiju", 3, "2024-03-22", tuple(found))


def asked(number: int, kind: str, channel: str, days: float, **more: Any) -> answer.Asked:
    """An open request due in so many days."""
    at = NOW - timedelta(days=3, minutes=number * 17)
    empty = dict.fromkeys(field.name for field in dataclasses.fields(answer.Asked))
    known = {
        "request": uuid4(), "number": f"202612{number:02d}-7F3A21{number:02d}", "person": uuid4(), "kind": kind, "channel": channel,
        "items": ["phone"], "state": "received", "owner": "privacy-officer", "received_at": at, "missing_years": [],
        "due_at": datetime(2026, 12, 24, 16, tzinfo=UTC) + timedelta(days=days),
    }  # fmt: skip
    return answer.Asked(**{**empty, **known, **more})


def requests() -> list[answer.Asked]:
    """Open requests of every sort: overdue, due today, soon, later, provisional."""
    usual = datetime(2026, 12, 23, 16, tzinfo=UTC)
    return [
        asked(1, "delete", "ticket", -2, state="under-way", verified_at=NOW),
        asked(2, "complain", "email", 0, usual_at=usual),
        asked(3, "access", "self-service", 1, usual_at=usual, delay_reason="多系统导出"),
        asked(4, "correct-identity", "phone", 8, missing_years=[2027]),
        asked(5, "guardian-delete", "chat", 9, state="verified", verified_at=NOW, missing_years=[2027]),
        asked(6, "copy", "email", 20),
    ]


def pledges(of: Rulebook) -> list[papers.Promised]:
    """The pledges of the pack: one overdue, one soon, some never confirmed."""
    found = []
    for place, one in enumerate(of.policy.of("pledges").values()):
        assert isinstance(one, Pledge)
        due = NOW + timedelta(days=(-4, 9, 60, 120, 200, 300)[place % 6])
        confirmed = NOW - timedelta(days=200) if place % 2 else None
        found.append(
            papers.Promised(
                one.name, one.owner or "", str(one.every), one.lapse, due, due <= NOW, confirmed, one.keeps
            )
        )
    return found


@dataclasses.dataclass
class House:
    """What the pages are made of; a test changes it and asks again."""

    book: Rulebook
    wall: promises.Wall
    requests: list[answer.Asked]
    pledges: list[papers.Promised]
    damages: list[damage.Damage] = dataclasses.field(default_factory=list)

    def text(
        self, parts: Any, operator: UUID, language: str, form: str = "full", number: int | None = None
    ) -> show.Shown:
        """A text of the book in force, which is version 3; versions 2 and 4 read the same here."""
        if number not in (None, 2, 3, 4):
            raise NotFound("no-version", "there is no such version")
        made, at = render(self.book.policy, language, form), self.archived(number or 3)
        who, dates = (self.book.policy.of("text").get(one) for one in ("operator", "dates"))
        return show.Shown(
            "huiju", at.number, language, form, made.title, made.markdown, made.html, made.hash, self.book.hash, at.published_at,
            at.effective_at, 3, show.note_of(self.book), dates, who.words,
        )  # type: ignore[arg-type, union-attr]  # fmt: skip

    def archived(self, number: int) -> show.Archived:
        """A version in the archive: a year between each and the next."""
        at = NOW + timedelta(days=365 * (number - 3) - 1)
        dates = self.book.policy.of("text").get("dates")
        hashes = {f"{one.form}.{one.language}": one.hash for one in render_all(self.book.policy)}
        return show.Archived(number, at, at, f"{number}" * 64, hashes, dates)  # type: ignore[arg-type]


PARTS = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW), controls=Controls())


def furnish(patch: Callable[[Any, str, Any], None], house: House) -> None:
    """Made-up answers where the database would speak; everything else is the real application."""
    for module in (console, public):
        patch(module, "operator_of", lambda _request, _slug: (PARTS, UUID(int=1)))
    patch(promises, "wall", lambda *_: house.wall)
    patch(show, "book_of", lambda *_: house.book)
    patch(show, "text", house.text)
    patch(show, "archive", lambda *_: (house.book, tuple(house.archived(n) for n in (4, 3, 2))))
    patch(answer, "due_list", lambda *_: house.requests)
    patch(papers, "pledges", lambda *_: house.pledges)
    patch(due, "damages", lambda *_: house.damages)


def furnished() -> House:
    """A house with everything in it."""
    made = book()
    return House(made, wall(made), requests(), pledges(made))


@pytest.fixture
def house() -> House:
    """A house of the test's own."""
    return furnished()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The real server on a free port."""
    with Server(web_app.build(PARTS), 0) as server:  # type: ignore[arg-type]
        yield server.address


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, house: House, address: str) -> Iterator[httpx.Client]:
    """The pages of a house."""
    furnish(monkeypatch.setattr, house)
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def having(self, attribute: str) -> list[str]:
        return [value or "" for _, held in self.tags if (value := held.get(attribute, "\0")) != "\0"]


def tags(site: httpx.Client, path: str) -> Tags:
    """A page, read."""
    found = site.get(path)
    assert found.status_code == 200, found.text[:500]
    return Tags(found.text)


# -- every page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
class TestEveryPage:
    def test_says_its_language(self, site: httpx.Client, path: str, lang: str) -> None:
        """A page is in the language asked for, says so, and every link keeps it."""
        found = site.get(path, params={"lang": lang})
        page = Tags(found.text)
        assert page.tags[0] == ("html", {"lang": lang})
        assert found.headers["content-language"] == lang
        for _, held in (one for one in page.tags if one[0] == "a"):
            href = held["href"] or ""
            assert (
                href.startswith("#") or f"lang={lang}" in href or held.get("hreflang") not in (None, lang)
            ), href

    def test_has_the_note(self, site: httpx.Client, path: str, lang: str) -> None:
        """Every page says what it is made from, and that it is neither the company's nor legal advice."""
        text = site.get(path, params={"lang": lang}).text
        words = show.NOTE.zh if lang == "zh-CN" else show.NOTE.en
        assert words in text
        assert 'datetime="2024-03-22"' in text

    def test_has_nothing_inline(self, site: httpx.Client, path: str, lang: str) -> None:
        """No style, script or handler stands in a page, and nothing comes from elsewhere."""
        page = tags(site, f"{path}?lang={lang}")
        assert not [tag for tag, _ in page.tags if tag in ("style", "iframe", "object", "embed", "base")]
        for tag, held in page.tags:
            assert "style" not in held
            assert not [name for name in held if name.startswith("on")]
            for name in ("src", "href", "action"):
                assert re.match(r"[/#]|$", held.get(name) or ""), (tag, held)
            assert tag != "script" or held.get("src", "").startswith("/static/")

    def test_has_landmarks_and_order(self, site: httpx.Client, path: str, lang: str) -> None:
        """A page has one main, one first heading, no heading level left out, a skip link, and no id twice."""
        page = tags(site, f"{path}?lang={lang}")
        names = [tag for tag, _ in page.tags]
        levels = [int(tag[1]) for tag in names if re.fullmatch(r"h[1-6]", tag)]
        assert names.count("main") == names.count("h1") == 1
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels
        assert "#main" in page.having("href")
        ids = page.having("id")
        assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)

    def test_points_only_at_what_is_there(self, site: httpx.Client, path: str, lang: str) -> None:
        """Every anchor within a page leads somewhere, and every label names something."""
        page = tags(site, f"{path}?lang={lang}")
        ids = set(page.having("id"))
        assert {href[1:] for href in page.having("href") if href.startswith("#")} <= ids
        assert {one for held in page.having("aria-labelledby") for one in held.split()} <= ids

    def test_sets_no_cookie(self, site: httpx.Client, path: str, lang: str) -> None:
        """Reading sets nothing on the reader's device."""
        assert "set-cookie" not in site.get(path, params={"lang": lang}).headers


def test_a_browser_is_answered_in_its_language(site: httpx.Client) -> None:
    """Who asks for no language gets the browser's, or Chinese; what is not a language is not echoed."""
    assert '<html lang="en">' in site.get(PATHS[0], headers={"Accept-Language": "en-GB,en;q=0.8"}).text
    assert '<html lang="zh-CN">' in site.get(PATHS[0], headers={"Accept-Language": "de"}).text
    assert '<html lang="zh-CN">' in site.get(PATHS[0], params={"lang": '"><script>'}).text


# -- the wall --------------------------------------------------------------------------------------


def test_wall_has_every_clause(site: httpx.Client, house: House) -> None:
    """Every clause is a tile that says how it stands, in a word and a mark, and leads to its page."""
    page = tags(site, "/console/huiju")
    tiles = [held for tag, held in page.tags if tag == "li" and "data-clause" in held]
    assert {one["data-clause"]: one["data-status"] for one in tiles} == {
        one.id: one.status.value for one in house.wall.promises
    }
    hrefs = set(page.having("href"))
    assert {f"/console/huiju/clauses/{one.id}" for one in house.wall.promises} <= hrefs
    for words in ("守住", "我方守住", "由人信守", "未守住", "未证明", "不约束系统"):
        assert words in page.text


def test_wall_puts_the_broken_first(site: httpx.Client, house: House) -> None:
    """What is broken is said before any tile; where nothing is, nothing alarms."""
    text = site.get("/console/huiju").text
    assert text.index("2 条承诺未守住") < text.index('class="sift"')
    house.wall = wall(house.book, broken=())
    assert 'class="alarm"' not in site.get("/console/huiju").text


def test_wall_figure_adds_up(site: httpx.Client, house: House) -> None:
    """The bar is as long as there are binding promises, and its pieces fill it."""
    page = tags(site, "/console/huiju")
    first = next(at for at, (tag, held) in enumerate(page.tags) if held.get("class") == "bar bar-big")
    binding = sum(one.status is not Status.NONE for one in house.wall.promises)
    assert page.tags[first][1]["viewbox"] == f"0 0 {binding} 1"
    rects = []
    for tag, held in page.tags[first + 1 :]:
        if tag != "rect":
            break
        rects.append(int(held["width"] or 0))
    assert sum(rects) == binding


@pytest.mark.parametrize("status", list(Status))
def test_wall_filters_without_script(site: httpx.Client, house: House, status: Status) -> None:
    """A filter is an address: it shows the clauses of that status and no others."""
    page = tags(site, f"/console/huiju?status={status.value}")
    found = {held["data-clause"] for tag, held in page.tags if tag == "li" and "data-clause" in held}
    assert found == {one.id for one in house.wall.promises if one.status is status}


def test_wall_searches_without_script(site: httpx.Client) -> None:
    """A search finds ids and words in both languages, all of the words asked; what finds nothing says so."""

    def found(q: str) -> set[str | None]:
        page = tags(site, f"/console/huiju?q={q}")
        return {held["data-clause"] for tag, held in page.tags if tag == "li" and "data-clause" in held}

    assert found("huiju-2.8-SDK-1") == {"huiju-2.8-sdk-1"}
    assert "huiju-7.3-2" in found("deletion")
    assert not found("deletion no-such-word")
    assert "没有符合条件的条款" in site.get("/console/huiju?q=no-such-word").text
    assert site.get("/console/huiju?status=nonsense&q=%s" % ("a" * 5000)).status_code == 200


def test_groups_stand_by_chapter(house: House) -> None:
    """Clauses stand by chapter in the order of the text, with the chapter's title where it has one."""
    found = console.groups(house.wall.promises, ("一", "二"))
    assert sum(len(one.promises) for one in found) == len(house.wall.promises)
    assert {one.key: one.title for one in found if one.key in ("1", "2", "3")} == {
        "1": "一",
        "2": "二",
        "3": "",
    }


# -- one clause ------------------------------------------------------------------------------------


def test_clause_tells_its_proof(site: httpx.Client, house: House) -> None:
    """A clause page has both languages, what keeps it, the story in words, its steps, build and time."""
    promise = next(one for one in house.wall.promises if one.id == "huiju-2.8-sdk-4")
    page = tags(site, f"/console/huiju/clauses/{promise.id}")
    assert promise.zh in page.text
    assert promise.en in page.text
    assert "未守住" in page.text
    assert "expected 204, the server said 200" in page.text
    assert "0.1.0+g1a2b3c4" in page.text
    assert "2026年12月24日 01:00" in page.text
    for path in promise.kept_by:
        assert f"/policy/huiju/register#{path}" in page.having("href")
    assert promise.proof is not None
    for probe in promise.proof.story["probes"]:
        assert pages.WORDS["story"][probe["kind"]][0] in page.text


def test_every_clause_has_a_page_with_neighbours(site: httpx.Client, house: House) -> None:
    """Every clause opens, and leads to the one before and the one after; an unknown one is not found."""
    ids = [one.id for one in house.wall.promises]
    for place, clause in enumerate(ids):
        hrefs = tags(site, f"/console/huiju/clauses/{clause}").having("href")
        for near in ids[max(0, place - 1) : place] + ids[place + 1 : place + 2]:
            assert f"/console/huiju/clauses/{near}" in hrefs
    assert site.get("/console/huiju/clauses/huiju-no-such").status_code == 404


def test_clause_says_why_later(site: httpx.Client, house: House) -> None:
    """A clause nothing proves yet says why."""
    clause = house.book.policy.clauses["huiju-7.3-2"]
    house.wall = wall(book(one=dataclasses.replace(clause, later="not built yet")))
    later = next(one for one in house.wall.promises if one.later)
    assert (later.later or "") in tags(site, f"/console/huiju/clauses/{later.id}").text


def test_clause_names_its_owner(site: httpx.Client, house: House) -> None:
    """A promise people keep names owner, rhythm and next date."""
    page = tags(site, f"/console/huiju/clauses/{house.pledges[1].clauses[0]}")
    for words in ("由谁确认", "供应商管理负责人", "12个月", "2027年1月2日"):
        assert words in page.text


# -- what is due -----------------------------------------------------------------------------------


def test_due_counts_days_in_beijing(site: httpx.Client) -> None:
    """A deadline is shown as its last day in Beijing, with the days left; overdue and soon are marked."""
    page = tags(site, "/console/huiju/due")
    marks = {
        held["data-request"]: held.get("data-mark") for tag, held in page.tags if held.get("data-request")
    }
    assert marks == {
        "20261201-7F3A2101": "overdue", "20261202-7F3A2102": "soon", "20261203-7F3A2103": "soon",
        "20261204-7F3A2104": None, "20261205-7F3A2105": None, "20261206-7F3A2106": None,
    }  # fmt: skip
    assert "2026年12月22日" in page.text  # two days over
    assert pages.days_left(NOW, NOW) == 0  # due at this instant: today was the last day
    midnight = datetime(2026, 12, 24, 16, tzinfo=UTC)
    assert pages.last_day(midnight).isoformat() == "2026-12-24"
    assert pages.days_left(midnight, midnight) == -1


def test_due_marks_what_is_provisional(site: httpx.Client) -> None:
    """A date a notice still to come may move says so, names the year, and says what holds until then."""
    page = tags(site, "/console/huiju/due")
    held = [one for _, one in page.tags if one.get("data-provisional")]
    assert [one["data-request"] for one in held] == ["20261204-7F3A2104", "20261205-7F3A2105"]
    assert {one["data-provisional"] for one in held} == {"2027"}
    assert page.text.count("国务院尚未公布 2027 年节假日安排") == 2
    assert "earliest possible reading" in site.get("/console/huiju/due?lang=en").text


def test_due_has_no_personal_information(site: httpx.Client, house: House) -> None:
    """No person, record or reason stands on the page, only what the officer must do by when."""
    text = site.get("/console/huiju/due").text
    for one in house.requests:
        assert str(one.person) not in text
        assert str(one.request) not in text
        assert not one.delay_reason or one.delay_reason not in text


def test_due_empty_is_good_news(site: httpx.Client, house: House) -> None:
    """Where nothing is owed the page says so."""
    house.requests, house.pledges = [], []
    assert "没有待办的请求" in site.get("/console/huiju/due").text
    assert "Nothing is owed" in site.get("/console/huiju/due?lang=en").text


def test_due_has_whoever_of_whom_something_does_not_open(site: httpx.Client, house: House) -> None:
    """Each by an opaque id; the section is not there when all opens."""
    assert tags(site, "/console/huiju/due").having("data-damaged") == []
    house.damages = [damage.Damage(uuid4(), "expired", NOW) for _ in range(2)]
    found = tags(site, "/console/huiju/due").having("data-damaged")
    assert found == [str(one.person) for one in house.damages]


def test_due_has_the_pledges(site: httpx.Client, house: House) -> None:
    """Promises people keep stand with owner, rhythm, last confirmation, next date and lapse."""
    page = tags(site, "/console/huiju/due")
    assert page.having("data-pledge") == [
        one.pledge for one in sorted(house.pledges, key=lambda one: one.due_at)
    ]
    for words in ("信息安全负责人", "逾期即暂停相关岗位权限", "尚未确认"):
        assert words in page.text


# -- the policy ------------------------------------------------------------------------------------


def test_policy_shows_every_clause_and_the_register_every_entry(site: httpx.Client, house: House) -> None:
    """Every clause stands in the text once, every entry in the register once, under its own name and id."""
    text, entries = tags(site, "/policy/huiju"), tags(site, "/policy/huiju/register")
    assert sorted(text.having("data-clause")) == sorted(house.book.policy.clauses)
    paths = [one.path for one in house.book.policy.entries()]
    assert sorted(entries.having("data-entry")) == sorted(paths)
    assert set(paths) <= set(entries.having("id"))


def test_policy_shows_what_a_stranger_looks_for(site: httpx.Client, house: House) -> None:
    """Dates, both hashes, chapters, items in Chinese, companies, periods and contacts can be read."""
    page = tags(site, "/policy/huiju")
    of = house.book.policy.of
    looked = [
        "2024年3月22日",
        house.book.hash,
        render(house.book.policy, "zh-CN").hash,
        *of("text")["chapters"].titles,
    ]  # type: ignore[attr-defined]
    looked += [one.company for one in of("recipients").values() if one.company]  # type: ignore[attr-defined]
    looked += [one.value for one in of("contact").values()]  # type: ignore[attr-defined]
    looked += [key for one in of("cookies").values() for key in one.keys]  # type: ignore[attr-defined]
    looked += ["5个工作日", "7个自然日", "不少于6个月", "不少于3年", "不满18周岁"]
    assert not [words for words in looked if words not in page.text]
    assert {"5 working days", "7 natural days", "6 months"} <= set(page.having("data-value"))


def test_policy_marks_sensitive_and_emphasis(site: httpx.Client, house: House) -> None:
    """Sensitive items are bold; a clause the text stresses is bold and underlined."""
    stressed = dataclasses.replace(house.book.policy.clauses["huiju-7.3-2"], emphasised=True)
    house.book = book(one=stressed)
    text = site.get("/policy/huiju").text
    assert '<strong class="sensitive" data-item="id-number">证件号码</strong>' in text
    assert f"<strong><u>{stressed.says.zh}</u></strong>" in text
    assert 'data-emphasised="bold underline"' in text


def test_policy_leads_to_its_other_forms(site: httpx.Client) -> None:
    """From the text one comes to summary, versions and register, and to the file its hash is the hash of."""
    page = tags(site, "/policy/huiju?lang=en")
    for path in ("/summary", "/versions", "/register"):
        assert f"/policy/huiju{path}?lang=en" in page.having("href")
    file = site.get("/policy/huiju/versions/3/full.md?lang=en")
    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert hashlib.sha256(file.content).hexdigest() in page.text


def test_an_older_version_says_that_it_is_one(site: httpx.Client) -> None:
    """A version that is not in force says so, and leads to the one that is; one in force says nothing of it."""
    old, new = site.get("/policy/huiju/versions/2").text, site.get("/policy/huiju/versions/4").text
    assert "现已由后续版本取代" in old
    assert "将于" in new
    assert 'role="note"' not in site.get("/policy/huiju").text + site.get("/policy/huiju/versions/3").text
    assert site.get("/policy/huiju/versions/9").status_code == 404
    assert site.get("/policy/huiju/versions/0").status_code == 422


def test_archive_lists_every_version(site: httpx.Client, house: House) -> None:
    """Each version with its dates, its link and the hash of each text; how each stands is said."""
    page = tags(site, "/policy/huiju/versions")
    assert page.having("data-version") == ["4", "3", "2"]
    for words in ("尚未生效", "现行", "已被取代", "2024年3月22日"):
        assert words in page.text
    for one in render_all(house.book.policy):
        assert page.text.count(one.hash) == 3
    hrefs = page.having("href")
    assert {"/policy/huiju/versions/2", "/policy/huiju/versions/4", "/policy/huiju"} <= set(hrefs)


def test_policy_of_another_shape(house: House) -> None:
    """A text without chapters, dates or registers still makes a page."""
    policy, source = pack()
    bare = {"contact": policy.sections["contact"], "text": {"operator": policy.sections["text"]["operator"]}}
    house.book = compile_policy(dataclasses.replace(policy, sections=bare), source)
    view = house.text(None, UUID(int=1), "en")
    text = pages.render("policy.html", "en", "/policy/x", {}, slug="x", view=view, note=None, now=NOW)
    assert 'data-entry="contact.officer"' in text
    assert 'data-field="published"' not in text
    assert "data-entry" in pages.render(
        "register.html", "en", "/x", {}, slug="x", book=house.book, html=fragment(register(house.book.policy, "en")), note=None
    )  # fmt: skip


# -- what is escaped, what is said -----------------------------------------------------------------


def test_markup_is_shown_as_text(site: httpx.Client, house: House) -> None:
    """Markup in a policy's words, a proof or a search is shown as written, never obeyed."""
    clause = dataclasses.replace(
        house.book.policy.clauses["huiju-7.3-2"],
        says=Words(MARKUP, MARKUP),
        later=MARKUP,
        emphasised=True,
        items={MARKUP: (MARKUP,)},
    )
    house.book = book(one=clause)
    house.wall = wall(house.book)
    place = next(at for at, one in enumerate(house.wall.promises) if one.id == clause.id)
    told = promises.Proof(clause.id, "broken", None, MARKUP, {"probes": [
        {"kind": MARKUP, "params": {MARKUP: [MARKUP]}, "steps": [MARKUP], "failed": MARKUP}]}, NOW)  # fmt: skip
    changed = dataclasses.replace(house.wall.promises[place], proof=told)
    house.wall = dataclasses.replace(
        house.wall, promises=(*house.wall.promises[:place], changed, *house.wall.promises[place + 1 :])
    )
    house.requests = [asked(1, MARKUP, MARKUP, 3, owner=MARKUP, state=MARKUP)]
    for path in [
        "/console/huiju",
        "/console/huiju?q=<script>",
        f"/console/huiju/clauses/{clause.id}",
        "/console/huiju/due",
        "/policy/huiju",
    ]:
        text = site.get(path).text
        assert "alert(" in text
        assert "<script>" not in text
        assert "<b style" not in text


def test_every_word_of_ours_is_translated() -> None:
    """What the system itself can say has words in both languages."""
    enums: dict[str, Any] = {"status": Status, "means": Status, "kind": Kind, "kind-means": Kind, "state": State, "basis": Basis,
                             "form": Form, "ground": Ground, "refuse-on": RefusalGround, "act": Act}  # fmt: skip
    for table, words in {**enums, "request": REQUEST_KINDS, "story": PROBES}.items():
        assert {str(getattr(one, "value", one)) for one in words} <= set(pages.WORDS[table]), table
    for table, known in pages.WORDS.items():
        for word, (zh, en) in known.items():
            assert zh, (table, word)
            assert en or table == "story", (table, word)


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (WorkingDays(5), "5个工作日", "5 working days"),
        ("12 months", "12个月", "12 months"),
        (NaturalDays(7), "7个自然日", "7 days"),
        (Usually(WorkingDays(3), NaturalDays(7)), "一般3个工作日，最长7个自然日", "usually 3 working days, at most 7 days"),
        (Bound("尽快", WorkingDays(5)), "尽快（我们定为5个工作日）", "5 working days, set by us; the text names no number (“尽快”)"),
        (AtLeast(Months(6)), "不少于6个月", "at least 6 months"),
        (AtMost(Months(1)), "不超过1个月", "at most 1 month"),
        (EarlierOf((WorkingDays(5), NaturalDays(7))), "5个工作日、7个自然日，以先到者为准", "5 working days, 7 days, whichever ends first"),
        (LongestOf((Months(6), Bound("必需", Months(1)))), "6个月；必需（我们定为1个月），以最长者为准",
         "6 months; 1 month, set by us; the text names no number (“必需”), whichever ends last"),
    ],
)  # fmt: skip
def test_spans_are_said(span: object, zh: str, en: str) -> None:
    """Every kind of duration, deadline and period is said in both languages."""
    assert pages.Tongue("zh-CN").span(span) == zh
    assert pages.Tongue("en").span(span) == en
