"""What is taken in is kept as the policy says it is kept."""

from datetime import timedelta
from pathlib import Path

from shounuo.duties import erase, publish

POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()


def _orders_as_pseudonyms(office):
    source = POLICY.replace(
        b"order: {zh: \xe8\xae\xa2\xe5\x8d\x95, en: orders}", b"order: {zh: a, en: a, store: pseudonym}"
    )
    source = source.replace(b"updated: 2026-01-05", b"updated: 2026-03-01").replace(
        b"effective: 2026-01-05", b"effective: 2026-03-01"
    )
    publish.publish(office.parts, office.operator, source, "small")


def _kept(office, person):
    with office.parts.store.act(office.operator) as act:
        return [one.text for one in office.parts.vault.get(act, person) if one.field == "order"]


def test_of_a_pseudonym_only_a_mark_is_kept(office):
    """The value given is nowhere; the same value is the same mark for one person and another for the next."""
    _orders_as_pseudonyms(office)
    person, other = office.person(), office.person()
    office.collect(person, "buying", order="end-user-17")
    office.collect(person, "buying", order="end-user-17")
    office.collect(other, "buying", order="end-user-17")
    (mark, same), (others,) = _kept(office, person), _kept(office, other)
    assert mark == same != others
    assert "end-user-17" not in mark + others
    assert len(mark) == 64


def test_a_corrected_pseudonym_is_a_mark_as_well(office):
    """What comes in by a correction is kept no other way than what came in by a scene."""
    _orders_as_pseudonyms(office)
    person = office.person()
    record = office.collect(person, "buying", order="end-user-17")
    at = office.clock.now() + timedelta(minutes=1)
    with office.parts.store.act(office.operator) as act:
        erase.correct(office.parts, act, office.book, person, record, {"order": "end-user-18"}, at)
    (mark,) = _kept(office, person)
    assert len(mark) == 64
    assert "end-user" not in mark
