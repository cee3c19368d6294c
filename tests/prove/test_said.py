"""What a clause says of an entry, whole or in part, here or in another clause; and what is reckoned from it."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shounuo.core.clause import Clause, Kind, Part, Probe, Words
from shounuo.core.duration import Bound, EarlierOf, NaturalDays, WorkingDays
from shounuo.core.names import Names
from shounuo.prove import reckon, samples
from shounuo.prove.said import everywhere, said, whole, words_of
from shounuo.prove.stage import _seeking

LATE = datetime(2026, 12, 30, 6, 0, tzinfo=UTC)  # the year after was not announced


def clause(name, *, numbers=None, items=None, ours=None, probes=()):
    """A clause that says these things."""
    return Clause(
        id=name, kind=Kind.CONTROL, says=Words("", ""), line=1, numbers=numbers or {}, items=items or {},
        ours=ours or {}, probes=tuple(probes),
    )  # fmt: skip


def names_of(*clauses, keeps):
    """The names of a text with these clauses and one storage entry that keeps some of them."""
    entry = SimpleNamespace(path="storage.here", section="storage", keeps=tuple(keeps))
    policy = SimpleNamespace(clauses={one.id: one for one in clauses}, entries=lambda: [entry])
    return Names(policy)


def test_a_clause_of_its_own_comes_before_what_others_say():
    """By path before by field alone; what is ours counts; another clause's word only where it says nothing."""
    mine = clause(
        "a", numbers={"region": "CN", "storage.here.region": "CN-mainland"}, ours={"covers": ("log",)}
    )
    other = clause("b", numbers={"region": "US"}, items={"storage.here.roles": ("x",)})
    names = names_of(mine, other, keeps=["a", "b"])
    assert said(mine, "region", "storage.here") == "CN-mainland"
    assert said(mine, "region") == "CN"
    assert said(mine, "covers") == ("log",)
    assert whole(names, mine, "region", "storage.here") == "CN-mainland"
    assert whole(names, mine, "roles", "storage.here") == ("x",)
    assert whole(names, mine, "seal", "storage.here") is None


def test_parts_of_a_list_make_the_whole_that_the_clauses_say():
    """Two clauses name a part each; one that does not speak of the entry is not heard."""
    one = clause("a", items={"covers": Part(("store", "log"))})
    two = clause("b", items={"storage.here.covers": Part(("backup",))})
    stranger = clause("c", items={"covers": Part(("nothing-of-the-kind",))})
    names = names_of(one, two, stranger, keeps=["a"])
    assert said(one, "covers", "storage.here") == ("store", "log")
    assert whole(names, one, "covers", "storage.here") == ("store", "log", "backup")
    assert list(everywhere(names, one, "region", "storage")) == []
    assert list(everywhere(names_of(stranger, one, keeps=["c", "a"]), clause("c"), "covers", "storage")) == [
        ("nothing-of-the-kind", "store", "log")
    ]


def test_what_probes_say_of_a_door_is_gathered():
    """Only probes of the kind that name it."""
    asks = Probe("outflow-needs", {"act": "share", "door": ("desk",), "case": ("contract", "own-act")})
    other = Probe("outflow-needs", {"act": "share", "door": "gate", "case": "violation-found"})
    found = words_of([clause("a", probes=[asks, other])], "outflow-needs", "door", "desk", "case")
    assert found == {"contract", "own-act"}


@pytest.mark.parametrize(
    ("within", "moves"),
    [
        (WorkingDays(5), True),
        (NaturalDays(15), False),
        (Bound("promptly", WorkingDays(5)), True),
        (EarlierOf((WorkingDays(15), NaturalDays(15))), False),
        (EarlierOf((WorkingDays(5), NaturalDays(15))), True),
    ],
)
def test_only_working_days_that_may_come_first_can_move_a_deadline(within, moves):
    """Fifteen working days are never over before fifteen days are."""
    assert reckon.may_move(within, LATE) is moves
    assert not reckon.may_move(within, LATE - timedelta(days=200))


def test_a_short_value_is_found_where_it_stands_alone_and_not_inside_a_number():
    """A security code in clear is noticed, as text and as bytes; digits of a time, an id or a count are not it."""
    code = samples.value("card-security-code", __import__("random").Random(3))
    found = _seeking(code)
    for clear in (f'{{"code": "{code}"}}', f"(1,{code},x)", f"(\\\\x{code.encode().hex()})", code):
        assert found(clear.encode()), clear
    for chance in (f"019cac46-1{code}-763e", f"02:00:00.{code}+00", f"12{code}", f"{code}4", f"a{code}b"):
        assert not found(chance.encode()), chance
    assert re.fullmatch(r"0\d\d", code)
    assert _seeking("u12345678@example.cn")(b"xu12345678@example.cn1")
