"""One encoding, and a tree whose proofs hold and whose forgeries do not."""

import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.ledger import (
    EMPTY_ROOT,
    MOST_DEPTH,
    MOST_ENTRY_BYTES,
    MOST_NUMBER,
    Entry,
    Kept,
    Tree,
    canonical,
    check_consistency,
    check_inclusion,
    consistency,
    entry_body,
    inclusion,
    leaf_hash,
    node_hash,
    parse_canonical,
    parse_entry,
    tree_at,
)
from shounuo.errors import Tampered

ID = UUID("01930000-0000-7000-8000-000000000001")
AT = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
BODY = (
    b'{"at":"2026-01-02T03:04:05.000006Z","data":{"items":["phone"],"n":2},'
    b'"id":"01930000-0000-7000-8000-000000000001","kind":"consent.given","person":"p-1","v":1}'
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MOST_NUMBER, MOST_NUMBER) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


# One encoding


class Word(StrEnum):
    """A word with a meaning."""

    YES = "yes"


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        ({"é": "e\u0301", "z": "守诺", "Z": ""}, '{"Z":"","z":"守诺","é":"e\u0301"}'.encode()),
        ({"\uffff": 1, "\U0001f600": 2}, '{"\uffff":1,"\U0001f600":2}'.encode()),  # by code point
        ('"\\\n\x01\x7f/\u2028', b'"\\"\\\\\\n\\u0001\x7f/\xe2\x80\xa8"'),
        (("a", ("b",)), b'["a",["b"]]'),
        (MappingProxyType({"a": MappingProxyType({})}), b'{"a":{}}'),
        ([Word.YES, -0, 2**53 - 1], b'["yes",0,9007199254740991]'),
    ],
)
def test_a_value_has_one_encoding(value, raw):
    """Keys sorted, no blanks, text as it comes."""
    assert canonical(value) == raw


@given(VALUES)
def test_the_encoding_is_plain_json(value):
    """Python's own reader reads it back, and its own writer agrees byte for byte."""
    raw = canonical(value)
    assert json.loads(raw) == value == parse_canonical(raw)
    assert json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == raw


def nested(depth: int) -> list:
    """Lists in lists."""
    return [nested(depth - 1)] if depth > 1 else []


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (1.0, "float"),
        (float("nan"), "float"),
        ({"a": float("inf")}, "float"),
        (b"a", "bytes"),
        ({"a", "b"}, "set"),
        (datetime(2026, 1, 1, tzinfo=UTC), "datetime"),
        ({1: "a"}, "a key is not text"),
        ({None: "a", "b": 1}, "a key is not text"),
        (2**53, "too large"),
        (-(2**53), "too large"),
        ("\ud800", "half a character"),
        (nested(MOST_DEPTH + 1), "nests deeper"),
    ],
)
def test_what_has_no_one_encoding_is_refused(value, wrong):
    """No fractions, no numbers that round, nothing that is not JSON; and the value is not shown."""
    with pytest.raises(ValueError, match=wrong):
        canonical(value)


def test_the_limits_themselves_are_allowed():
    """As deep and as large as the limit says."""
    assert canonical(nested(MOST_DEPTH)) == b"[" * MOST_DEPTH + b"]" * MOST_DEPTH


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" 1",
        b"1\n",
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'"\\u00e9"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        "1".encode("utf-16"),
        b"9007199254740992",
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1),
    ],
)
def test_bytes_we_would_not_have_written_are_refused(raw):
    """Other spellings of the same value are not the value."""
    with pytest.raises(Tampered, match="one encoding"):
        parse_canonical(raw)


# Entries


def test_an_entry_is_its_six_fields():
    """Written and read back, in UTC to the microsecond whatever the zone."""
    entry = Entry(ID, "consent.given", AT, "p-1", {"items": ["phone"], "n": 2})
    assert entry_body(entry.id, entry.kind, entry.at, entry.person, entry.data) == BODY
    assert parse_entry(BODY) == entry
    there = AT.astimezone(timezone(timedelta(hours=8)))
    assert entry_body(ID, "consent.given", there, "p-1", {"items": ["phone"], "n": 2}) == BODY


@given(
    st.uuids(),
    st.from_regex(r"[a-z][a-z0-9._-]{0,63}", fullmatch=True),
    st.datetimes(timezones=st.just(UTC)),
    st.none() | st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True),
    st.dictionaries(st.text(), VALUES, max_size=3),
)
def test_every_entry_round_trips(id, kind, at, person, data):
    """Whatever can be written is read as the same."""
    assert parse_entry(entry_body(id, kind, at, person, data)) == Entry(id, kind, at, person, data)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "Consent"}, "kind"),
        ({"kind": "consent given"}, "kind"),
        ({"kind": "a" * 65}, "kind"),
        ({"kind": "a\n"}, "kind"),
        ({"person": ""}, "pseudonym"),
        ({"person": "张三"}, "pseudonym"),
        ({"person": "a@b.cn"}, "pseudonym"),
        ({"at": AT.replace(tzinfo=None)}, "aware"),
        ({"data": {"a": 1.5}}, "float"),
        ({"data": {"a": "x" * MOST_ENTRY_BYTES}}, "at most"),
    ],
)
def test_what_cannot_be_an_entry_is_refused(changed, wrong):
    """Kind and pseudonym have their alphabets, time an offset, data one encoding and a limit."""
    fields = {"id": ID, "kind": "consent.given", "at": AT, "person": "p-1", "data": {}} | changed
    with pytest.raises(ValueError, match=wrong):
        entry_body(**fields)


@pytest.mark.parametrize(
    ("this", "by"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b',"v":1', b""),
        (b'"v":1', b'"v":1,"w":1'),
        (b"000006Z", b"6Z"),
        (b"000006Z", b"000006+00:00"),
        (b"2026-01-02T", b"2026-01-02 "),
        (b"2026-01-02T", b"2026-13-02T"),
        (b'"2026-01-02T03:04:05.000006Z"', b"5"),
        (b"01930000-0000-7", b"0193000000007"),
        (b'"01930000-0000-7000-8000-000000000001"', b"1"),
        (b'"consent.given"', b"null"),
        (b"consent.given", b"Consent"),
        (b'"p-1"', b'""'),
        (b'"p-1"', b"1"),
        (b'{"items":["phone"],"n":2}', b"[]"),
        (b'"n":2', b'"n":2.0'),
        (BODY, b"[]"),
        (BODY, BODY + b"\n"),
        (BODY, b""),
    ],
)
def test_bytes_that_are_no_entry_are_refused(this, by):
    """Another version, another spelling, another field, another type."""
    assert this in BODY
    with pytest.raises(Tampered):
        parse_entry(BODY.replace(this, by))


# The tree


class Store:
    """Leaves and kept subtree roots, as a store holds them: written once, read in stretches."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.rows: dict[int, list[bytes]] = {0: []}
        self.reads: list[tuple[int, int, int]] = []

    def append(self, leaf: bytes) -> None:
        self.rows[0].append(leaf)
        for kept in self.tree.append(leaf):
            row = self.rows.setdefault(kept.level, [])
            assert len(row) == kept.index
            row.append(kept.hash)

    def __call__(self, level: int, start: int, stop: int) -> list[bytes]:
        assert 0 <= start < stop <= start + 256
        self.reads.append((level, start, stop))
        return self.rows[level][start:stop]


def grown(size: int) -> Store:
    """A store of this many leaves."""
    store = Store()
    for n in range(size):
        store.append(leaf_hash(b"%d" % n))
    return store


def root_of(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def path_of(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1, as it is written there."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path_of(m, leaves[:k]), root_of(leaves[k:])]
    return [*path_of(m - k, leaves[k:]), root_of(leaves[:k])]


def subproof_of(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1, as it is written there."""
    if m == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof_of(m, leaves[:k], whole), root_of(leaves[k:])]
    return [*subproof_of(m - k, leaves[k:], False), root_of(leaves[:k])]


# The vectors of the Certificate Transparency project: eight leaves, the root at each size, four proofs.
CT_LEAVES = [
    leaf_hash(bytes.fromhex(text))
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION = [
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]
CT_CONSISTENCY = [
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]


@pytest.fixture
def ct() -> Store:
    """The eight leaves."""
    store = Store()
    for leaf in CT_LEAVES:
        store.append(leaf)
    return store


def test_the_roots_are_those_of_certificate_transparency(ct):
    """At every size from nothing to eight."""
    growing = Tree()
    for size, root in enumerate(CT_ROOTS):
        assert growing.root().hex() == tree_at(ct, size).root().hex() == root
        if size < 8:
            growing.append(CT_LEAVES[size])
    assert CT_ROOTS[0] == EMPTY_ROOT.hex()


@pytest.mark.parametrize(("index", "size", "proof"), CT_INCLUSION)
def test_the_inclusion_proofs_are_those_of_certificate_transparency(ct, index, size, proof):
    """Made and checked."""
    assert [node.hex() for node in inclusion(ct, index, size)] == proof
    check_inclusion(CT_LEAVES[index], index, size, inclusion(ct, index, size), bytes.fromhex(CT_ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "proof"), CT_CONSISTENCY)
def test_the_consistency_proofs_are_those_of_certificate_transparency(ct, old, new, proof):
    """Made and checked."""
    assert [node.hex() for node in consistency(ct, old, new)] == proof
    roots = [bytes.fromhex(root) for root in CT_ROOTS]
    check_consistency(old, roots[old], new, roots[new], consistency(ct, old, new))


SMALL = 40
LEAVES = grown(SMALL).rows[0]
ROOTS = [root_of(LEAVES[:size]) for size in range(SMALL + 1)]


@pytest.mark.parametrize("size", range(1, SMALL + 1))
def test_every_inclusion_proof_is_the_standards_and_holds(size):
    """For every leaf of every small tree."""
    store = grown(SMALL)
    for index in range(size):
        proof = inclusion(store, index, size)
        assert proof == path_of(index, LEAVES[:size])
        check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", range(1, SMALL + 1))
def test_every_consistency_proof_is_the_standards_and_holds(new):
    """For every pair of small sizes."""
    store = grown(SMALL)
    for old in range(new + 1):
        proof = consistency(store, old, new)
        assert proof == (subproof_of(old, LEAVES[:new]) if old else [])
        check_consistency(old, ROOTS[old], new, ROOTS[new], proof)


@given(st.data())
def test_a_proof_that_was_touched_does_not_hold(data):
    """A hash changed, dropped, added, swapped; another place, size, leaf or root."""
    size = data.draw(st.integers(2, SMALL))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(grown(size), index, size)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    forged = [
        (LEAVES[index], index, size, [*proof[:at], flipped, *proof[at + 1 :]], ROOTS[size]),
        (LEAVES[index], index, size, proof[:at] + proof[at + 1 :], ROOTS[size]),
        (LEAVES[index], index, size, [*proof, proof[-1]], ROOTS[size]),
        (LEAVES[index], index, size, [*proof[:at], proof[at][:-1], *proof[at + 1 :]], ROOTS[size]),
        (LEAVES[index], index ^ 1, size, proof, ROOTS[size]),
        (LEAVES[index], index, size, proof, ROOTS[size - 1]),
        (LEAVES[index - 1], index, size, proof, ROOTS[size]),
        (LEAVES[index], -1, size, proof, ROOTS[size]),
        (LEAVES[index], size, size, proof, ROOTS[size]),
    ]
    if len(proof) > 1:
        forged.append((LEAVES[index], index, size, [proof[1], proof[0], *proof[2:]], ROOTS[size]))
    for forgery in forged:
        with pytest.raises(Tampered):
            check_inclusion(*forgery)


@pytest.mark.parametrize("claimed", [2, 5, 8, 16])
def test_a_proof_holds_for_no_size_of_another_depth(claimed):
    """True hashes of a tree of four prove nothing of one whose paths are shorter or longer.

    Sizes with paths alike, as three and four, are told apart by the checkpoint's signature, not by the proof.
    """
    store = grown(4)
    with pytest.raises(Tampered):
        check_inclusion(LEAVES[0], 0, claimed, inclusion(store, 0, 4), ROOTS[4])
    with pytest.raises(Tampered):
        check_consistency(1, ROOTS[1], claimed, ROOTS[4], consistency(store, 1, 4))


def test_a_proof_along_the_right_edge_holds_for_no_smaller_size():
    """There every sibling is on the left, so a long proof would pass for a short one if nobody counted."""
    store = grown(8)
    with pytest.raises(Tampered, match="too long"):
        check_inclusion(LEAVES[7], 1, 2, inclusion(store, 7, 8), ROOTS[8])
    with pytest.raises(Tampered, match="too long"):
        check_consistency(3, ROOTS[7], 4, ROOTS[8], consistency(store, 7, 8))


@given(st.data())
def test_a_consistency_proof_that_was_touched_does_not_hold(data):
    """A ledger that was rewritten cannot show that it goes on from the old one."""
    new = data.draw(st.integers(2, SMALL))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency(grown(new), old, new)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    for forgery in [
        (old, ROOTS[old], new, ROOTS[new], [*proof[:at], flipped, *proof[at + 1 :]]),
        (old, ROOTS[old], new, ROOTS[new], proof[:at] + proof[at + 1 :]),
        (old, ROOTS[old], new, ROOTS[new], [*proof, proof[-1]]),
        (old, ROOTS[old], new, ROOTS[new], [*proof[:at], b"", *proof[at + 1 :]]),
        (old, ROOTS[old], new, ROOTS[new], []),
        (old, ROOTS[old - 1], new, ROOTS[new], proof),
        (old, ROOTS[old], new, ROOTS[new - 1], proof),
        (new, ROOTS[new], old, ROOTS[old], proof),
        (-1, ROOTS[old], new, ROOTS[new], proof),
    ]:
        with pytest.raises(Tampered):
            check_consistency(*forgery)


@pytest.mark.parametrize(
    ("old", "old_root", "new", "new_root", "proof"),
    [
        (0, ROOTS[1], 3, ROOTS[3], []),
        (0, EMPTY_ROOT, 3, ROOTS[3], [ROOTS[1]]),
        (0, EMPTY_ROOT, 0, ROOTS[1], []),
        (3, ROOTS[3], 3, ROOTS[2], []),
        (3, ROOTS[3], 3, ROOTS[3], [ROOTS[1]]),
        (3, ROOTS[3], 5, ROOTS[5], []),
    ],
)
def test_where_nothing_needs_proof_nothing_else_is_taken(old, old_root, new, new_root, proof):
    """From the empty tree, and from a tree to itself."""
    with pytest.raises(Tampered):
        check_consistency(old, old_root, new, new_root, proof)
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])


LARGE = 70_000  # more than 256 * 256, so that all three levels are read
STORE = grown(LARGE)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 65_793, LARGE])
def test_a_large_tree_is_taken_up_again_at_any_size(size):
    """From kept hashes alone, with few reads, and it grows on like the one that never stopped."""
    STORE.reads.clear()
    again = tree_at(STORE, size)
    assert len(STORE.reads) <= 3
    whole = Tree()
    for leaf in STORE.rows[0][:size]:
        whole.append(leaf)
    assert (again.size, again.peaks, again.root()) == (whole.size, whole.peaks, whole.root())
    for n in range(600):
        assert again.append(leaf_hash(b"%d" % n)) == whole.append(leaf_hash(b"%d" % n))
    assert again.root() == whole.root()


def test_what_is_kept_are_the_roots_of_256_and_65536():
    """Written once, in order, and the root of the leaves below."""
    assert [len(STORE.rows[level]) for level in (0, 1, 2)] == [LARGE, LARGE // 256, 1]
    assert STORE.rows[1][3] == root_of(STORE.rows[0][768:1024])
    assert STORE.rows[2][0] == root_of(STORE.rows[1][:256])
    tree = Tree(255, tree_at(STORE, 255).peaks)
    assert tree.append(STORE.rows[0][255]) == (Kept(1, 0, STORE.rows[1][0]),)


@given(st.integers(1, LARGE).flatmap(lambda new: st.tuples(st.integers(0, new), st.just(new))))
def test_proofs_of_a_large_tree_hold_with_few_reads(sizes):
    """Of any size it has had; never more than two stretches a level."""
    old, new = sizes
    roots = [tree_at(STORE, size).root() for size in sizes]
    STORE.reads.clear()
    proof = consistency(STORE, old, new)
    assert len(STORE.reads) <= 6
    check_consistency(old, roots[0], new, roots[1], proof)
    if old < new:
        STORE.reads.clear()
        path = inclusion(STORE, old, new)
        assert len(STORE.reads) <= 6
        check_inclusion(STORE.rows[0][old], old, new, path, roots[1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index, size):
    """The caller's slip is told apart from tampering."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion(STORE, index, size)


@pytest.mark.parametrize(("old", "new"), [(6, 5), (-1, 5)])
def test_there_is_no_proof_from_larger_to_smaller(old, new):
    """A ledger does not shrink."""
    with pytest.raises(ValueError, match="does not go on"):
        consistency(STORE, old, new)


def test_a_store_that_lost_hashes_is_found_out():
    """Fewer hashes than the size says are no hashes to build on."""
    with pytest.raises(Tampered, match="lacks hashes 0 to 9 of level 0"):
        tree_at(grown(9), 10)


def test_peaks_must_fit_the_size():
    """A tree is not taken up with pieces of another."""
    with pytest.raises(ValueError, match="2 complete subtrees, not 1"):
        Tree(3, [EMPTY_ROOT])
