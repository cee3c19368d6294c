"""The catalogue of stories: every parameter known, every name resolvable."""

from shounuo.core.promise import PROBES, UNTOLD, Status, untold
from shounuo.language.sections import SECTIONS


def test_every_story_is_told_in_a_sentence() -> None:
    """Each probe kind says what happens and what must follow."""
    for kind in PROBES.values():
        assert len(kind.story) > 40
        assert kind.story.endswith(".")


def test_parameters_are_needed_or_optional_never_both() -> None:
    """A parameter a story needs is not among those it may have, and `params` holds both."""
    for kind in PROBES.values():
        assert not kind.needs.keys() & kind.may.keys()
        assert kind.params == {**kind.needs, **kind.may}


def test_parameters_name_sections_that_exist() -> None:
    """A parameter whose names must be declared says in which sections."""
    for kind in PROBES.values():
        for sections in kind.params.values():
            assert set(sections) <= SECTIONS.keys()


def test_the_words_of_the_report() -> None:
    """Six words, never mixed."""
    assert [status.value for status in Status] == ["kept", "edge", "people", "broken", "unproven", "none"]


def test_what_nobody_tells_yet() -> None:
    """A story nobody tells, or not with a parameter, is named as such; every name is in the catalogue."""
    assert untold("delivers", {"event": ("bill",)})
    assert untold("papers-first", {"papers": ("contract",), "scene": ("intake",)})
    assert not untold("papers-first", {"papers": ("contract",), "door": ("sharing",)})
    assert untold("refuses-only-on", {"act": "charge"})
    assert not untold("refuses-only-on", {"act": ("process",)})
    for name in UNTOLD:
        kind, _, rest = name.partition(".")
        assert kind in PROBES
        assert not rest or rest.partition("=")[0] in PROBES[kind].params
