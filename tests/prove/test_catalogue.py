"""What the language lets a clause name can be told, with values that are right in form."""

import random

import pytest

from shounuo.core.category import KINDS, fits
from shounuo.core.promise import PROBES, UNTOLD
from shounuo.prove import run  # importing it registers the stories
from shounuo.prove.faults import FAULTS
from shounuo.prove.samples import value, wrong
from shounuo.prove.stories.telling import MOVES_TIME, STORIES


def test_every_story_of_the_catalogue_is_told_but_those_named_as_untold():
    """A clause may name a kind only the prover can tell, or one the catalogue says nobody tells yet."""
    whole = {kind for kind in UNTOLD if "." not in kind}
    assert STORIES.keys() == PROBES.keys() - whole
    assert STORIES.keys() >= MOVES_TIME


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_made_up_value_is_of_its_kind_and_a_wrong_one_is_not(kind):
    """Whatever the seed."""
    chance = random.Random(7)
    made = [value(kind, chance, "a-name") for _ in range(50)]
    assert all(fits(kind, one) for one in made)
    mistaken = wrong(kind, chance)
    assert mistaken is None or not fits(kind, mistaken)


def test_the_same_seed_makes_the_same_people():
    """A report can be repeated."""
    first, second = ([value("cn-id", random.Random(3)) for _ in range(3)] for _ in range(2))
    assert first == second


def test_faults_have_names_of_their_own_and_say_what_they_break():
    """At least twenty, each told apart."""
    assert len(FAULTS) >= 20
    assert len({one.name for one in FAULTS}) == len({one.breaks for one in FAULTS}) == len(FAULTS)
    assert run.FAULTS is FAULTS


def test_a_story_knows_every_word_its_catalogue_lets_a_clause_say():
    """What compile lets pass, the story tries: the parts of a new version, the triggers of an erasure."""
    from shounuo.prove.stories.keeping import _KINDS
    from shounuo.prove.stories.versions import _PARTS

    assert set(PROBES["version-change"].words["part"]) == set(_PARTS)
    assert set(PROBES["erased-everywhere"].words["trigger"]) == {*_KINDS, "expired"}
    for name, kind in PROBES.items():
        assert kind.words.keys() <= {param for param, sections in kind.params.items() if not sections}, name
