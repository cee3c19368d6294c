"""What is done for one operator locks nothing of the others, however many there are and however often it is done."""

from uuid import uuid4

from vault_room import NOON, phone, record_row

from shounuo.store.queries import load, parse
from shounuo.vault.shapes import Values

SQL = load("shounuo.store", "sql/foundation.sql")
RAW = parse(
    "tests",
    """
-- name: parts
-- How many parts of parted tables this transaction has locked, their indexes aside.
select count(distinct l.relation) from pg_locks l join pg_class c on c.oid = l.relation
where l.pid = pg_backend_pid() and c.relispartition and c.relkind in ('r', 'p')
""",
)
OFTEN = 15  # a plan for everybody is tried at the sixth time
OWN = 4  # two parted tables, each with the operator's part and the leaf of its generation


def test_no_part_of_another_operator_is_locked(room):
    """Every way to a person's keys and to the index, each more often than PostgreSQL asks before it keeps a plan."""
    for _ in range(5):
        other = uuid4()
        with room.store.act(other) as act:
            act.do(SQL.put_operator, operator=other, slug=f"t-{other.hex[:24]}", at=NOON)
            room.vault.open(act, NOON)
            assert act.row(int, RAW.parts) <= OWN, "to open"
    person = room.person()
    ways = {
        "write": lambda act: room.vault.put(act, person, record_row(record=uuid4()), [phone()]),
        "read": lambda act: room.vault.get(act, person),
        "name": lambda act: room.vault.pseudonym(act, person),
        "find": lambda act: room.vault.find(act, "phone", "13800138000"),
        "locate": lambda act: room.vault.located(act, person),
        "erase": lambda act: room.vault.erase(act, person, Values(fields=["phone"])),
        "register": lambda act: room.vault.register(act, uuid4(), NOON),
    }
    for name, way in ways.items():
        for _ in range(OFTEN):
            with room.store.act(room.operator) as act:
                way(act)
                assert act.row(int, RAW.parts) <= OWN, name


def test_no_query_of_a_parted_table_keeps_its_plan():
    """Whatever reads or writes them says so by name."""
    found = [getattr(load("shounuo.vault", f"sql/{file}"), name)
             for file in ("people.sql", "keys.sql") for name in dir(load("shounuo.vault", f"sql/{file}"))]  # fmt: skip
    parted = [one for one in found if b"chest_key" in one.text or b"shounuo.lookup " in one.text]
    assert len(parted) > 8
    assert not any(one.keeps_plan for one in parted)
    assert any(one.keeps_plan for one in found)
