"""What lint prints for people: in the order an officer works, one gap once, with the articles and their dates."""

from datetime import date

from law_room import edited, good

from shounuo.errors import Fault
from shounuo.law import told
from shounuo.law.lint import lint
from shounuo.law.sarif import Checked

TODAY = date(2026, 11, 21)


def lines(policy, at=TODAY, own=(), **facts):
    """The lines of one policy."""
    return list(told.lines(Checked(name="a.yaml", own=own, law=lint(policy, at, facts)), at))


def test_a_good_policy_is_one_line() -> None:
    """Nothing is found, and that is said."""
    assert lines(good()) == [f"\na.yaml: 0 findings of its own; on the law of {TODAY}: nothing of law"]


def test_the_own_faults_stand_first_with_what_to_do() -> None:
    """A line in the file an editor can follow, the remedy below; one is `1 finding`."""
    first, *rest = lines(good(), own=(Fault(7, "acme-1", "it is wrong", "mend it"),))
    assert first == "\na.yaml: in the file itself (errors: 1)"
    assert rest[:2] == ["a.yaml:7: `acme-1`: it is wrong", "    do: mend it"]
    assert rest[-1].startswith("\na.yaml: 1 finding of its own;")


def test_gaps_are_told_by_how_much_the_law_wants_them() -> None:
    """What the law forbids, what it wants said, what a standard recommends: apart, in this order."""
    policy = edited({"text.shown-at.sign-in": "needed"}, ["text.history", "contact.hotline"])
    text = "\n".join(lines(policy))
    parts = ["against the law (", "the law wants the text to say (", "asked by a recommended standard"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_what_several_entries_lack_alike_is_told_once() -> None:
    """One line with the requirement's id, the other entries and their lines below it."""
    policy = edited({}, [f"scenes.{name}.tells" for name, one in good().of("scenes").items() if one.tells])
    text = lines(policy)
    (gap,) = [one for one in text if "when people are told is not said" in one]
    assert "[pipl-17-before]" in gap
    assert text[text.index(gap) + 1].startswith("    also: `scenes.")


def test_one_entry_with_one_remedy_is_one_gap() -> None:
    """Two requirements that are mended by the same word are one line with both ids and all articles."""
    names = [name for name, one in good().of("scenes").items() if getattr(one, "necessity", None)]
    text = lines(edited({}, [f"scenes.{name}.necessity" for name in names]))
    remedies = [one for one in text if one == "    do: say in `necessity` why it is needed"]
    places = [one.partition(":")[2] for one in text if one.startswith("a.yaml:")]
    assert remedies
    assert len(places) == len(set(places))


def test_what_is_not_in_force_yet_stands_last_with_its_date() -> None:
    """Asked on a day before it binds, a finding is told apart, and of each article its own date."""
    policy = edited({"text.shown-at.sign-in": "needed"})
    text = "\n".join(lines(policy, date(2021, 10, 31)))
    assert "not in force yet on this day" in text
    assert "in force from 2021-11-01" in text
    assert "against the law" not in text
    early = "\n".join(lines(edited({}, ["contact.hotline"]), date(2020, 1, 1)))
    assert "Network Data Security Management Regulation, art. 20, in force from 2025-01-01" in early


def test_words_the_law_forbids_are_told_at_the_clause_alone() -> None:
    """The entry that keeps the clause is not told of the same words again."""
    policy = good()
    rule = next(iter(policy.of("retention").values()))
    clause = policy.clauses[rule.keeps[0]]
    slip = edited({f"clauses.{clause.id}.says": {"zh": "信息永久保存。", "en": clause.says.en}})
    found = [one.entry for one in lint(slip, TODAY) if one.requirement == "pipl-19-words"]
    assert found == [clause.id]
