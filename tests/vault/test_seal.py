"""A sealed value opens with its chest's key, in its own place, and nowhere else."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shounuo.errors import Tampered
from shounuo.vault.framing import framed
from shounuo.vault.seal import OVERHEAD, ChestKey, Context, algorithm_of, decrypt, encrypt, open_, seal
from shounuo.vault.wrapping import WRAPPED_LENGTH, Wrapping

ALGORITHMS = ("aes-256-gcm", "sm4-gcm")
PLACE = Context(UUID(int=1), UUID(int=2), "ordinary", UUID(int=3), "phone", "cn-mobile")
ELSEWHERE = [
    replace(PLACE, operator=uuid4()),
    replace(PLACE, person=uuid4()),
    replace(PLACE, chest="held"),
    replace(PLACE, record=uuid4()),
    replace(PLACE, field="email"),
    replace(PLACE, kind="secret"),
    replace(PLACE, chest="ordinar", field="yphone"),
]

# Key, nonce, associated data, plaintext, ciphertext, tag: RFC 8998 A.1 for SM4; the GCM specification's cases 13 to 16
# for AES-256; two of Wycheproof's for sizes between the blocks.
KNOWN = {
    "rfc8998-a1": (
        algorithms.SM4, "0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
        "83de3541e4c2b58177e065a9bf7b62ec",
    ),
    "wycheproof-sm4-2": (
        algorithms.SM4, "bedcfb5a011ebc84600fcb296c15af0d", "438a547a94ea88dce46c6c85", "", "", "",
        "a486a45596cb92cf529de2038583707d",
    ),
    "wycheproof-sm4-10": (
        algorithms.SM4, "e63a43216c08867210e248859eb5e99c", "9c3a4263d983456658aad4b1", "834afdc5c737186b",
        "b14da56b0462dc05b871fc815273ff4810f92f4b", "74011a2daa5b32ff71fc8fdd8b6ac88f3ac34c96",
        "7888f6f99acd94c4e7f919de632107dd",
    ),
    "gcm-13": (AESGCM, "00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    "gcm-14": (
        AESGCM, "00" * 32, "00" * 12, "", "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18",
        "d0d1c8a799996bf0265b98b5d48ab919",
    ),
    "gcm-16": (
        AESGCM, "feffe9928665731c6d6a8f9467308308" * 2, "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_published_vectors(name: str):
    """Both ciphers give the published results, and refuse the published tag with any one bit turned."""
    make, *parts = KNOWN[name]
    key, nonce, bound, plain, cipher, tag = map(bytes.fromhex, parts)
    assert encrypt(make(key), nonce, plain, bound) == cipher + tag
    assert decrypt(make(key), nonce, cipher + tag, bound) == plain
    for bit in range(128):
        turned = (int.from_bytes(tag, "big") ^ 1 << bit).to_bytes(16, "big")
        assert decrypt(make(key), nonce, cipher + turned, bound) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(plain=st.binary(max_size=300))
def test_what_is_sealed_opens(algorithm, plain: bytes):
    """What was sealed comes back, is longer by exactly the overhead, and says its version and algorithm."""
    key = ChestKey.new()
    sealed = seal(algorithm, key, plain, PLACE)
    assert open_(key, sealed, PLACE) == plain
    assert len(sealed) == len(plain) + OVERHEAD
    assert algorithm_of(sealed) == algorithm
    assert sealed[0] == 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("place", ELSEWHERE)
def test_nothing_opens_elsewhere(algorithm, place: Context):
    """Another operator, person, chest, record, field or kind, or parts run together another way, is
    tampering.
    """
    key = ChestKey.new()
    with pytest.raises(Tampered):
        open_(key, seal(algorithm, key, b"13800138000", PLACE), place)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_byte_counts(algorithm):
    """A change of any byte, a cut at any place and an addition are tampering."""
    key = ChestKey.new()
    sealed = seal(algorithm, key, b"13800138000", PLACE)
    changed = [sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :] for at in range(len(sealed))]
    for wrong in [*changed, *(sealed[:at] for at in range(len(sealed))), sealed + b"\x00"]:
        with pytest.raises(Tampered):
            open_(key, wrong, PLACE)


def test_another_key_does_not_open():
    """A value does not open with another chest's key, nor one algorithm's value as the other's."""
    key = ChestKey.new()
    for algorithm, other in zip(ALGORITHMS, reversed((1, 2)), strict=True):
        sealed = seal(algorithm, key, b"text", PLACE)
        with pytest.raises(Tampered):
            open_(ChestKey.new(), sealed, PLACE)
        with pytest.raises(Tampered):
            open_(key, bytes((1, other)) + sealed[2:], PLACE)


def test_no_two_seals_are_alike():
    """The same value sealed twice looks different."""
    key = ChestKey.new()
    assert len({seal("aes-256-gcm", key, b"same", PLACE) for _ in range(1000)}) == 1000


def test_a_key_shows_nothing():
    """A chest key does not show itself in a trace, and one of another length is refused."""
    key = ChestKey(b"k" * 32)
    assert "k" * 8 not in repr(key)
    with pytest.raises(ValueError, match="32"):
        ChestKey(b"k" * 16)
    with pytest.raises(ValueError, match="algorithm"):
        seal("rot13", key, b"", PLACE)


@given(st.lists(st.binary(max_size=8), max_size=5), st.lists(st.binary(max_size=8), max_size=5))
def test_frames_are_read_in_one_way(one: list[bytes], other: list[bytes]):
    """Two lists of parts give the same bytes only when they are the same list."""
    assert (framed(*one) == framed(*other)) == (one == other)


def test_a_wrapped_key_opens_for_its_chest_alone():
    """A wrapped chest key opens under its own wrapping key, operator, person and chest only."""
    secret, operator, person, generation = b"w" * 32, uuid4(), uuid4(), uuid4()
    wrapping, key = Wrapping(operator, generation, secret), ChestKey.new()
    wrapped = wrapping.wrap(key, person, "ordinary")
    assert len(wrapped) == WRAPPED_LENGTH
    assert wrapping.unwrap(wrapped, person, "ordinary").raw == key.raw
    wrong = [
        lambda: wrapping.unwrap(wrapped, uuid4(), "ordinary"),
        lambda: wrapping.unwrap(wrapped, person, "held"),
        lambda: wrapping.unwrap(wrapped[:-1], person, "ordinary"),
        lambda: wrapping.unwrap(b"\x02" + wrapped[1:], person, "ordinary"),
        lambda: Wrapping(operator, uuid4(), secret).unwrap(wrapped, person, "ordinary"),
        lambda: Wrapping(uuid4(), generation, secret).unwrap(wrapped, person, "ordinary"),
        lambda: Wrapping(operator, generation, b"x" * 32).unwrap(wrapped, person, "ordinary"),
    ]
    for opening in wrong:
        with pytest.raises(Tampered):
            opening()
