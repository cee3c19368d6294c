"""How far a proof is: a bar where somebody watches, a line a phase where nobody does."""

from shounuo.prove.report import progress


def test_without_a_terminal_a_phase_says_when_it_begins_and_when_it_is_done(capsys):
    """On the error stream, so that what is printed stays the answer; nothing in between, however many steps."""
    with progress("proving every promise") as tick:
        assert "proving every promise …" in capsys.readouterr().err
        for done in range(100):
            tick(done, 100, "a clause")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["proving every promise: done in 0 s"]


def test_where_quiet_is_wanted_nothing_is_said(capsys):
    """A program that asks for JSON gets nothing else."""
    with progress("proving", quiet=True) as tick:
        tick(1, 1, "a clause")
    assert capsys.readouterr() == ("", "")
