"""Notes, checkpoints and the ledger in one file: what was signed is believed, and nothing else."""

import io
from base64 import b64encode
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.evidence import (
    MAGIC,
    MOST_LINE_BYTES,
    MOST_NOTE_BYTES,
    Checkpoint,
    Note,
    Signature,
    Verifier,
    attach,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_note,
    verify_export,
    write_export,
)
from shounuo.core.ledger import EMPTY_ROOT, Tree, entry_body, leaf_hash
from shounuo.errors import Tampered

NAME = "ledger.example/huiju"
SECRET = bytes(range(32))
OTHER = bytes(range(1, 33))


def verifier(secret: bytes = SECRET, name: str = NAME) -> Verifier:
    """The public side of a secret."""
    return Verifier(name, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


VKEY = str(verifier())


# Notes, as C2SP publishes them

C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi"
    "2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()


def test_the_published_note_is_believed():
    """The example of c2sp.org/signed-note, key and signature."""
    assert open_note(C2SP_NOTE, parse_vkey(C2SP_KEY)) == "This is an example message.\n"
    assert str(parse_vkey(C2SP_KEY)) == C2SP_KEY
    assert bytes(parse_note(C2SP_NOTE)) == C2SP_NOTE


@pytest.mark.parametrize("bit", range(8))
def test_no_byte_of_a_note_can_be_changed(bit):
    """Whatever bit of whatever byte is flipped, the note is refused."""
    for at in range(len(C2SP_NOTE)):
        changed = bytearray(C2SP_NOTE)
        changed[at] ^= 1 << bit
        with pytest.raises(Tampered):
            open_note(bytes(changed), parse_vkey(C2SP_KEY))


NOTE_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")).map(
    lambda text: text + "\n"
)


@given(NOTE_TEXTS)
def test_what_is_signed_is_what_is_opened(text):
    """Any text, empty lines and dashes and all."""
    assert open_note(sign_note(text, NAME, SECRET), verifier()) == text


def test_a_key_is_taken_as_an_object_or_as_bytes():
    """Ed25519 is deterministic: both give the same note."""
    assert sign_note("a\n", NAME, Ed25519PrivateKey.from_private_bytes(SECRET)) == sign_note(
        "a\n", NAME, SECRET
    )


@pytest.mark.parametrize("text", ["", "a", "a\tb\n", "a\r\n", "\x00\n"])
def test_a_text_that_is_no_notes_is_not_signed(text):
    """It ends in a newline and has no control character."""
    with pytest.raises(ValueError, match="control character"):
        sign_note(text, NAME, SECRET)


def test_control_characters_are_refused_even_if_signed():
    """A signer that does not keep the format is not believed."""
    text = "a\x1b[2Jb\n"
    signature = Ed25519PrivateKey.from_private_bytes(SECRET).sign(text.encode())
    with pytest.raises(Tampered, match="one encoding"):
        open_note(bytes(Note(text, (Signature(NAME, verifier().key_id, signature),))), verifier())


def test_a_false_signature_made_elsewhere_is_not_attached():
    """What custody hands back is checked before it is handed on."""
    with pytest.raises(Tampered, match="not one over this text"):
        attach("a\n", verifier(), bytes(64))
    with pytest.raises(Tampered, match="not one over this text"):
        attach("a\n", verifier(), b"short")


def test_signatures_of_strangers_do_not_count():
    """Neither a stranger's line nor one that shares only the name or only the id is checked or believed."""
    ours = parse_note(sign_note("a\n", NAME, SECRET)).signatures[0]
    strangers = (
        Signature("witness.example", b"\x00\x01\x02\x03", b"anything"),
        Signature(NAME, b"\x00\x01\x02\x03", b"anything"),
        Signature("witness.example", ours.key_id, b"anything"),
    )
    assert open_note(bytes(Note("a\n", (*strangers, ours))), verifier()) == "a\n"
    with pytest.raises(Tampered, match="no signature by"):
        open_note(bytes(Note("a\n", strangers)), verifier())


def test_a_false_signature_in_our_name_spoils_the_note():
    """Even beside a true one."""
    ours = parse_note(sign_note("a\n", NAME, SECRET)).signatures[0]
    false = Signature(NAME, ours.key_id, bytes(64))
    with pytest.raises(Tampered, match="not one over this text"):
        open_note(bytes(Note("a\n", (ours, false))), verifier())


SIGNED = sign_note("a\n", NAME, SECRET)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"a\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b" ",
        b"\n" + SIGNED,
        SIGNED.replace(b"\n\n", b"\n"),
        SIGNED.replace(b"\n\n", b"\n\n\n"),
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace("— ".encode(), b"-- "),
        SIGNED.replace("— ".encode(), "—  ".encode()),
        SIGNED.replace("— ".encode(), "—\u00a0".encode()),
        SIGNED.replace("— ".encode(), b""),
        SIGNED.replace(b"=\n", b"\n"),
        SIGNED.replace(b"=\n", b"==\n"),
        SIGNED.replace(b"=\n", b"=A\n"),
        SIGNED.replace(b"a\n", b"\xff\n", 1),
        SIGNED.replace(b"a\n", b"a\t\n", 1),
        b"a\n\n" + f"— {NAME} AAAAAA==\n".encode(),  # an id and no signature
        b"a\n\n" + "— na+me AAAAAAAA\n".encode(),
        b"a\n\n" + "—  AAAAAAAA\n".encode(),
        SIGNED + "— witness.example AAAAAAAA\n".encode() * 100,
        b"a" * MOST_NOTE_BYTES + SIGNED,
    ],
)
def test_a_note_has_one_encoding(raw):
    """Blanks, line ends, padding, dashes, names: nothing is read generously."""
    with pytest.raises(Tampered):
        open_note(raw, verifier())


def test_base64_has_one_encoding():
    """The unused bits of the last letter are not a place to hide something."""
    letter = SIGNED[-3:-2]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = alphabet[alphabet.index(letter) | 1 : (alphabet.index(letter) | 1) + 1]
    assert twin != letter
    with pytest.raises(Tampered, match="one encoding"):
        open_note(SIGNED[:-3] + twin + SIGNED[-2:], verifier())


@pytest.mark.parametrize(
    ("vkey", "wrong"),
    [
        ("", "is written"),
        ("example.com/foo", "is written"),
        (C2SP_KEY + "\n", "is written"),
        (C2SP_KEY.replace("530d903a", "530D903A"), "is written"),
        (C2SP_KEY.replace("530d903a", "530d903b"), "key id"),
        (C2SP_KEY.replace("foo", "fop"), "key id"),
        (C2SP_KEY.replace("foo", "f o"), "no blank"),
        (C2SP_KEY.replace("foo", "f\u3000o"), "no blank"),
        (C2SP_KEY.replace("foo", "f\x00o"), "no blank"),
        (C2SP_KEY.replace("example.com", "a" * 256), "no blank"),
        (C2SP_KEY.replace("+Ae", "+Be"), "not for Ed25519"),
        (C2SP_KEY[:-4], "32 bytes"),
        (C2SP_KEY + "AAAA", "32 bytes"),
        (C2SP_KEY + "=", "(?i)padding|base64"),
        ("a+00000000+AQ==", "32 bytes"),
        ("a+00000000+AR==", "one encoding"),
    ],
)
def test_a_verifier_key_has_one_encoding(vkey, wrong):
    """Its id is that of its name and key, and it is an Ed25519 key."""
    with pytest.raises(ValueError, match=wrong):
        parse_vkey(vkey)


# Checkpoints

CSUY = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_a_checkpoint_is_written_as_published():
    """The body of the example in c2sp.org/tlog-checkpoint."""
    body = f"example.com/behind-the-sofa\n20852163\n{CSUY}\n"
    assert str(parse_checkpoint(body)) == body
    assert parse_checkpoint(body).size == 20_852_163


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"\n1\n{CSUY}\n",
        f"a\n1\n{CSUY}",
        f"a\n1\n{CSUY}\n\n",
        f"a\n1\n{CSUY}\nextension\n",
        f"a\n01\n{CSUY}\n",
        f"a\n+1\n{CSUY}\n",
        f"a\n-1\n{CSUY}\n",
        f"a\n１\n{CSUY}\n",
        f"a\n{10**16}\n{CSUY}\n",
        f"a\n\n{CSUY}\n",
        f"a\n1\n{CSUY[:-1]}\n",
        f"a\n1\n{CSUY[:-2]}J=\n",
        f"a\n1\n{CSUY} \n",
        "a\n1\nAAAA\n",
        "a\n1\n\n",
    ],
)
def test_a_checkpoint_has_one_encoding(text):
    """Three lines, no zero in front, a whole root."""
    with pytest.raises(Tampered):
        parse_checkpoint(text)


def test_a_checkpoint_of_another_log_is_refused():
    """The signer speaks for its own log only."""
    body = str(Checkpoint("other.example", 0, EMPTY_ROOT))
    with pytest.raises(Tampered, match="another log"):
        open_checkpoint(sign_note(body, NAME, SECRET), verifier())


# A ledger in one file


def body(n: int) -> bytes:
    """The n-th entry."""
    at = datetime(2026, 11, 21, 8, n % 60, tzinfo=UTC)
    return entry_body(UUID(int=n + 1), "consent.given", at, f"p-{n}", {"items": ["手机号码"], "n": n})


def export(bodies: list[bytes], secret: bytes = SECRET, name: str = NAME) -> bytes:
    """A whole and true export."""
    tree = Tree()
    for entry in bodies:
        tree.append(leaf_hash(entry))
    note = sign_note(str(Checkpoint(name, tree.size, tree.root())), name, secret)
    return b"".join(write_export(str(verifier(secret, name)), note, bodies))


BODIES = [body(n) for n in range(5)]
FILE = export(BODIES)
LINES = FILE.splitlines(keepends=True)
HEAD = 8  # lines before the entries


def refused(raw: bytes) -> tuple[int | None, int | None]:
    """Line and entry at which a file is refused, with or without the trusted key."""
    plain, trusting = verify_export(raw), verify_export(raw, VKEY)
    for verdict in (plain, trusting):
        assert not verdict
        assert not verdict.signer_checked
        assert verdict.checkpoint is None
        assert str(verdict).startswith("refused")
    return plain.line, plain.entry


@pytest.mark.parametrize("count", [0, 1, 2, 5, 300])
def test_a_true_file_is_consistent(count):
    """With the trusted key the signer is checked; without it the verdict says that it is not."""
    raw = export([body(n) for n in range(count)])
    checked, unchecked = verify_export(raw, VKEY), verify_export(raw)
    assert (str(checked), checked.signer_checked) == ("consistent, signer checked", True)
    assert (str(unchecked), unchecked.signer_checked) == ("consistent, signer not checked", False)
    assert checked
    assert unchecked.checkpoint is not None
    assert unchecked.checkpoint.size == count


def test_the_file_is_as_described():
    """Magic, key, checkpoint, an empty line, and numbered entries with their hashes."""
    assert LINES[0].decode() == MAGIC + "\n"
    assert LINES[1].decode() == VKEY + "\n"
    assert open_checkpoint(b"".join(LINES[2:7]), verifier()).size == 5
    assert LINES[7] == b"\n"
    assert LINES[8] == b"0 " + b64encode(leaf_hash(BODIES[0])) + b" " + BODIES[0] + b"\n"


@pytest.mark.parametrize("line", range(len(LINES)))
def test_no_byte_can_be_changed(line):
    """Every position and every bit; and a changed entry is named by its line and number."""
    start = sum(map(len, LINES[:line]))
    for at in range(start, start + len(LINES[line])):
        for other in {FILE[at] ^ 1 << bit for bit in range(8)} | {0x0A, 0x20, 0x30} - {FILE[at]}:
            changed = bytearray(FILE)
            changed[at] = other
            where = refused(bytes(changed))
            if line >= HEAD:
                assert where == (line + 1, line - HEAD)


def test_no_byte_can_be_dropped_or_doubled():
    """A file one byte shorter or longer is another file, and so is every beginning of it."""
    for at in range(len(FILE)):
        refused(FILE[:at] + FILE[at + 1 :])
        refused(FILE[:at] + FILE[at : at + 1] + FILE[at:])
        refused(FILE[:at])


@pytest.mark.parametrize("entry", range(5))
def test_an_entry_cannot_be_taken_out(entry):
    """The next one does not stand where its number says; the last one is missed at the end."""
    at = HEAD + entry
    assert refused(b"".join(LINES[:at] + LINES[at + 1 :])) == (at + 1, entry)


@pytest.mark.parametrize("entry", range(4))
def test_entries_cannot_be_swapped(entry):
    """The first of the two is named."""
    at = HEAD + entry
    assert refused(b"".join([*LINES[:at], LINES[at + 1], LINES[at], *LINES[at + 2 :]])) == (at + 1, entry)


@pytest.mark.parametrize("extra", [b"\n", b" ", b"\x00", LINES[-1], b"5 x {}\n", b"\r\n"])
def test_nothing_can_be_added_at_the_end(extra):
    """Not even an empty line."""
    assert refused(FILE + extra) == (14, 5)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", FILE.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + FILE, FILE[:-1], b"\n" + FILE, b"\xff\n"],
)
def test_line_ends_and_marks_are_not_negotiable(raw):
    """One newline after each line, and nothing before the first."""
    refused(raw)


def renumbered(bodies: list[bytes]) -> bytes:
    """The signed head over other entries, with hashes and numbers made anew."""
    lines = [b"%d %s %s\n" % (n, b64encode(leaf_hash(entry)), entry) for n, entry in enumerate(bodies)]
    return b"".join(LINES[:HEAD] + lines)


@pytest.mark.parametrize(
    ("bodies", "where"),
    [
        ([BODIES[0], body(7), *BODIES[2:]], (None, None)),
        ([BODIES[1], BODIES[0], *BODIES[2:]], (None, None)),
        ([*BODIES[:2], *BODIES[3:]], (13, 4)),
        ([*BODIES, body(7)], (14, 5)),
    ],
)
def test_hashes_and_numbers_made_anew_do_not_help(bodies, where):
    """The signed root or the signed number tells; where no place can be named, the verdict says so."""
    assert refused(renumbered(bodies)) == where
    assert ("no place can be named" in str(verify_export(renumbered(bodies)))) is (where == (None, None))


@pytest.mark.parametrize("entry", [b'{"a": 1}', b'{"b":1,"a":2}', b"1.0", b"", b"\xff"])
def test_an_entry_is_json_in_its_one_encoding_even_if_signed(entry):
    """A signer that does not keep the format is refused too."""
    with pytest.raises(Tampered):
        export([entry])
    tree = Tree()
    tree.append(leaf_hash(entry))
    note = sign_note(str(Checkpoint(NAME, 1, tree.root())), NAME, SECRET)
    head = f"{MAGIC}\n{VKEY}\n".encode() + note + b"\n"
    assert refused(head + b"0 " + b64encode(leaf_hash(entry)) + b" " + entry + b"\n") == (9, 0)


def test_a_file_rebuilt_under_another_key_is_refused_where_the_key_is_known():
    """Whoever holds another key can make a consistent file, and no more than that."""
    forged = export([*BODIES[:4], body(7)], OTHER)
    assert str(verify_export(forged)) == "consistent, signer not checked"
    verdict = verify_export(forged, VKEY)
    assert (bool(verdict), verdict.line) == (False, 2)
    assert "another key than the trusted one" in verdict.says


def test_a_checkpoint_of_another_ledger_of_the_same_key_is_refused():
    """The name is signed, and is the key's own."""
    other = export(BODIES, SECRET, "ledger.example/vnet")
    assert verify_export(other)
    mixed = b"".join([*LINES[:2], *other.splitlines(keepends=True)[2:]])
    assert refused(mixed) == (3, None)


def test_a_trusted_key_that_is_none_is_the_callers_fault():
    """It is not blamed on the file."""
    with pytest.raises(ValueError, match="is written"):
        verify_export(FILE, "ledger.example")


@given(st.lists(st.integers(0, len(FILE)), max_size=20))
def test_the_file_may_come_in_pieces(cuts):
    """As an open file, or cut anywhere."""
    edges = [0, *sorted(cuts), len(FILE)]
    pieces = [FILE[start:stop] for start, stop in pairwise(edges)]
    assert verify_export(pieces, VKEY) == verify_export(io.BytesIO(FILE), VKEY) == verify_export(FILE, VKEY)


def test_an_endless_line_is_not_read_to_its_end():
    """A line has a limit, and nothing beyond it is asked for."""

    def endless():
        yield b"".join(LINES[:HEAD])
        for _ in range(MOST_LINE_BYTES // 65_536 + 1):
            yield b"0" * 65_536
        raise AssertionError("read on")

    assert "at most" in verify_export(endless()).says
    assert "at most" in verify_export(b"0" * (MOST_LINE_BYTES + 1) + b"\n").says


def test_an_open_file_of_one_endless_line_is_read_in_pieces(tmp_path):
    """A file of four gigabytes without a newline (a hole on the disk) is refused after its first megabyte."""
    path = tmp_path / "ledger"
    with path.open("wb") as made:
        made.truncate(4 << 30)
    with path.open("rb") as opened:
        verdict = verify_export(opened)
        assert opened.tell() < 4 << 20
    assert not verdict
    assert "bytes" in verdict.says


def test_only_what_was_signed_is_written():
    """Other entries are refused when the file is finished, and a wrong key before it is begun."""
    note = b"".join(LINES[2:7])
    for bodies in (BODIES[:4], [*BODIES, body(7)], [*BODIES[:4], body(7)]):
        with pytest.raises(Tampered, match="not those the checkpoint"):
            list(write_export(VKEY, note, bodies))
    with pytest.raises(Tampered, match="no signature by"):
        next(write_export(str(verifier(OTHER)), note, BODIES))
    with pytest.raises(ValueError, match="is written"):
        next(write_export("", note, BODIES))


def test_other_signatures_are_left_out_of_the_file():
    """A witness's line could not be checked, so it would be a place to write what nobody signed."""
    note = parse_note(b"".join(LINES[2:7]))
    witnessed = Note(note.text, (Signature("witness.example", b"\x00\x01\x02\x03", b"x"), *note.signatures))
    assert b"".join(write_export(VKEY, bytes(witnessed), BODIES)) == FILE
    assert refused(FILE.replace(bytes(note), bytes(witnessed))) == (7, None)
