"""The second verifier shares no code with the first, and agrees with it on every file."""

import ast
import importlib.util
import io
import random
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shounuo.core.evidence import Checkpoint, Verifier, sign_note, verify_export, write_export
from shounuo.core.ledger import Tree, entry_body, leaf_hash

SCRIPT = Path(__file__).parents[2] / "examples" / "verify_ledger.py"
NAME = "ledger.example/huiju"
SECRET, OTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture(scope="module")
def stranger() -> ModuleType:
    """The script, loaded as a module."""
    spec = importlib.util.spec_from_file_location("verify_ledger", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def vkey(secret: bytes = SECRET) -> str:
    """The public side of a secret."""
    return str(Verifier(NAME, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()))


def head(bodies: list[bytes], secret: bytes = SECRET) -> bytes:
    """A signed checkpoint."""
    tree = Tree()
    for body in bodies:
        tree.append(leaf_hash(body))
    return sign_note(str(Checkpoint(NAME, tree.size, tree.root())), NAME, secret)


def export(count: int, secret: bytes = SECRET) -> bytes:
    """A whole and true export."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    bodies = [
        entry_body(UUID(int=n + 1), "read", at, None, {"n": n, "zh": '手机"\\\n'}) for n in range(count)
    ]
    return b"".join(write_export(vkey(secret), head(bodies, secret), bodies))


def signed_anyway(entry: bytes) -> bytes:
    """A file with an entry no honest writer would write, truly signed."""
    line = b"0 " + b64encode(leaf_hash(entry)) + b" " + entry + b"\n"
    return f"shounuo-ledger/1\n{vkey()}\n".encode() + head([entry]) + b"\n" + line


def agree(stranger: ModuleType, raw: bytes, trusted: str | None = None) -> bool:
    """What both say; they must say the same, and name the same line."""
    ours, theirs = verify_export(raw, trusted), stranger.verify(io.BytesIO(raw), trusted)
    assert bool(ours) is (theirs == ""), (ours, theirs)
    if ours.line is not None:
        assert theirs.startswith(f"line {ours.line}:"), (ours, theirs)
    return bool(ours)


def test_it_shares_no_code():
    """Standard library and `cryptography` only, in under 150 lines."""
    source = SCRIPT.read_text("utf-8")
    assert len(source.splitlines()) < 150
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 300])
def test_both_accept_what_is_true(stranger, count):
    """With and without the trusted key; under another key only without."""
    assert agree(stranger, export(count))
    assert agree(stranger, export(count), vkey())
    assert not agree(stranger, export(count), vkey(OTHER))
    assert not agree(stranger, export(count, OTHER), vkey())
    assert agree(stranger, export(count, OTHER))


def test_both_refuse_every_changed_byte(stranger):
    """Every position of a small file, two other values each."""
    raw = export(3)
    for at in range(len(raw)):
        for other in (raw[at] ^ 1, raw[at] ^ 0x20):
            assert not agree(stranger, raw[:at] + bytes([other]) + raw[at + 1 :])


def test_both_refuse_what_is_cut_doubled_or_moved(stranger):
    """Every byte dropped or doubled, every prefix, lines dropped, doubled, swapped, and things at the end."""
    raw = export(3)
    for at in range(len(raw)):
        assert not agree(stranger, raw[:at])
        assert not agree(stranger, raw[:at] + raw[at + 1 :])
        assert not agree(stranger, raw[:at] + raw[at : at + 1] + raw[at:])
    lines = raw.splitlines(keepends=True)
    for at in range(len(lines)):
        assert not agree(stranger, b"".join(lines[:at] + lines[at + 1 :]))
        assert not agree(stranger, b"".join(lines[: at + 1] + lines[at:]))
    for at in range(len(lines) - 1):
        assert not agree(stranger, b"".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]))
    for extra in (b"\n", b" ", b"3 x {}\n", lines[-1]):
        assert not agree(stranger, raw + extra)


def test_both_refuse_what_was_stirred(stranger):
    """Two thousand files with a few random changes."""
    raw, dice = export(5), random.Random(20261121)
    for _ in range(2_000):
        changed = bytearray(raw)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            changed[at : at + dice.randint(0, 2)] = dice.randbytes(dice.randint(0, 2))
        assert bytes(changed) == raw or not agree(stranger, bytes(changed))


@pytest.mark.parametrize(
    "entry",
    [
        b"{}",
        b'{"a":[1,-1,true,null,"\\u0001"]}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"NaN",
        b"-0",
        b"9007199254740992",
        b'"\\ud800"',
        b'"\\u00e9"',
        b"\xff",
        b"",
        b"[" * 20_000,
    ],
)
def test_both_know_the_one_encoding(stranger, entry):
    """Even of what is truly signed."""
    agree(stranger, signed_anyway(entry), vkey())


@pytest.mark.parametrize("open_, close", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
@pytest.mark.parametrize("deep", [1, 31, 32, 33, 34, 900, 100_000])
def test_both_know_how_deep_an_entry_may_nest(stranger, open_, close, deep):
    """Thirty-two, whoever signed it; brackets within a text do not count."""
    inner = b'"[[\\"{{"'
    assert agree(stranger, signed_anyway(open_ * deep + inner + close * deep)) is (deep <= 32)


@pytest.mark.parametrize(
    ("raw", "arguments", "status", "says"),
    [
        (export(3), [], 0, "consistent, signer not checked\n"),
        (export(3), ["--key", vkey()], 0, "consistent, signer checked\n"),
        (
            export(3),
            ["--key", vkey(OTHER)],
            1,
            "refused: line 2: signed with another key than the trusted one\n",
        ),
        (export(3).replace(b'"n":1', b'"n":2'), [], 1, "refused: line 10: entry 1 and its hash do not fit"),
    ],
)
def test_the_command_says_and_exits(tmp_path, raw, arguments, status, says):
    """0 for consistent, 1 for refused, 2 where there is no file."""
    (tmp_path / "ledger.txt").write_bytes(raw)
    command = [sys.executable, str(SCRIPT), str(tmp_path / "ledger.txt"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith(says)
    missing = subprocess.run([*command[:2], str(tmp_path / "none")], capture_output=True, check=False)
    assert missing.returncode == 2
