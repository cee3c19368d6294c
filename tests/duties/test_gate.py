"""The gate in a product's process: it says no where it cannot know."""

import os

import pytest

from shounuo.errors import Restored, Unavailable
from shounuo.gate import Gate


@pytest.fixture
def gate(house, office):
    """A gate on the office."""
    made = Gate(office.parts, office.operator, house.guard.admit)
    yield made
    made.close()


def test_a_gate_decides_nothing_on_a_database_that_was_put_back(house, office, gate):
    """What the guard refuses while the product runs, the gate refuses too."""
    person = office.person()
    assert gate.decide(person, "sign-up")
    house.guard.refuse(office.operator, Restored("it was put back"))
    with pytest.raises(Restored):
        gate.decide(person, "sign-up")
    house.guard.forget(office.operator)
    assert gate.decide(person, "sign-up")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_gate_is_of_no_use_in_a_forked_child_and_goes_on_in_the_parent(office, gate):
    """A child would speak on the parent's connections and read its answers: it is refused at once."""
    person = office.person()
    assert gate.decide(person, "sign-up")
    child = os.fork()
    if child == 0:
        try:
            gate.decide(person, "sign-up")
        except Unavailable:
            os._exit(7)
        finally:
            os._exit(8)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert gate.decide(person, "sign-up")
