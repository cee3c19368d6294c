"""Consent: the rules one by one, then what must hold for every history of answers."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.consent import Answer, Consented, standing
from shounuo.core.policy import Form

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORMS = {"w-news": Form.EXPLICIT, "w-face": Form.SEPARATE, "w-child": Form.GUARDIAN}
YES = Consented(item="news", wording="w-news", answer=Answer.GIVEN, form=Form.EXPLICIT, at=NOON)
APART = Consented(item="face", wording="w-face", answer=Answer.GIVEN, form=Form.SEPARATE, at=NOON)
NOES = [answer for answer in Answer if answer is not Answer.GIVEN]


@pytest.mark.parametrize(
    ("events", "at", "stands"),
    [
        # 1. what stood at a moment
        ([], NOON, set()),
        ([YES], NOON, {"w-news"}),
        ([YES], NOON - HOUR, set()),
        ([YES, replace(YES, answer=Answer.WITHDRAWN, at=NOON + HOUR)], NOON, {"w-news"}),
        # 2. a yes is for a wording
        ([replace(YES, wording="w-news-2")], NOON, set()),
        ([YES, APART], NOON, {"w-news", "w-face"}),
        # 3. the form
        ([replace(YES, form=Form.GENERAL)], NOON, set()),
        ([replace(YES, form=Form.SEPARATE)], NOON, {"w-news"}),
        ([replace(APART, form=Form.EXPLICIT)], NOON, set()),
        ([replace(YES, wording="w-child", form=Form.SEPARATE)], NOON, set()),
        # 4. the last answer stands; of one moment the no, then the weaker yes
        ([YES, replace(YES, answer=Answer.WITHDRAWN, at=NOON + HOUR)], NOON + HOUR, set()),
        ([replace(YES, answer=Answer.REFUSED), replace(YES, at=NOON + HOUR)], NOON + HOUR, {"w-news"}),
        ([replace(YES, answer=Answer.REFUSED), YES], NOON, set()),
        ([YES, replace(YES, answer=Answer.WITHDRAWN)], NOON, set()),
        ([YES, replace(YES, form=Form.GENERAL)], NOON, set()),
        # and a no to new words is a no to the old ones, should they come back
        ([YES, replace(YES, wording="w-news-2", answer=Answer.REFUSED, at=NOON + HOUR)], NOON + HOUR, set()),
        ([YES, replace(YES, wording="w-news-2", answer=Answer.REFUSED, at=NOON + HOUR)], NOON, {"w-news"}),
        ([YES, replace(YES, wording="w-news-2", answer=Answer.REFUSED, at=NOON - HOUR)], NOON, {"w-news"}),
        ([YES, replace(APART, answer=Answer.REFUSED, at=NOON + HOUR)], NOON + HOUR, {"w-news"}),
        # 5. every other answer is a no
        *(([replace(YES, answer=answer)], NOON, set()) for answer in NOES),
    ],
)
def test_each_rule(events: list[Consented], at: datetime, stands: set[str]) -> None:
    """A history of answers stands for these wordings at this moment."""
    assert standing(events, at, FORMS) == stands


EVENTS = st.lists(
    st.builds(
        Consented,
        item=st.just("item"),
        wording=st.sampled_from([*FORMS, "w-old"]),
        answer=st.sampled_from(Answer),
        form=st.sampled_from(Form),
        at=st.integers(0, 5).map(lambda hours: NOON + hours * HOUR),
    ),
    max_size=12,
)
MOMENTS = st.integers(-1, 6).map(lambda hours: NOON + hours * HOUR)


@given(EVENTS, MOMENTS, st.sampled_from(NOES), st.sampled_from(sorted(FORMS)))
def test_a_no_is_never_turned_into_a_yes(
    events: list[Consented], at: datetime, answer: Answer, wording: str
) -> None:
    """Whatever was said before, and in whatever order it is read, a no of now stands."""
    no = Consented(item="item", wording=wording, answer=answer, form=Form.GENERAL, at=at)
    assert wording not in standing([*events, no], at, FORMS)
    assert wording not in standing([no, *events], at, FORMS)


@given(EVENTS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(
    events: list[Consented], at: datetime, chance: random.Random
) -> None:
    """Answers are ordered by their moments, not by how a database hands them over."""
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert standing(shuffled, at, FORMS) == standing(events, at, FORMS)


@given(EVENTS, MOMENTS)
def test_what_comes_later_changes_nothing_of_before(events: list[Consented], at: datetime) -> None:
    """Asked of a past moment, the answer is the same whatever happened since."""
    assert standing([e for e in events if e.at <= at], at, FORMS) == standing(events, at, FORMS)


@given(EVENTS, MOMENTS)
def test_only_a_yes_in_its_form_stands(events: list[Consented], at: datetime) -> None:
    """A wording stands only if somebody gave that wording a yes at least as strong as it asks."""
    for wording in standing(events, at, FORMS):
        assert any(
            e.wording == wording
            and e.answer is Answer.GIVEN
            and e.form.rank >= FORMS[wording].rank
            and e.at <= at
            for e in events
        )


@given(EVENTS, MOMENTS)
def test_a_stricter_form_never_lets_more_stand(events: list[Consented], at: datetime) -> None:
    """Asking for a stronger form of every item never makes another yes count."""
    stricter = dict.fromkeys(FORMS, Form.GUARDIAN)
    assert standing(events, at, stricter) <= standing(events, at, FORMS)
