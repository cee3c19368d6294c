"""The store: PostgreSQL, one transaction for each act, and the fence between operators.

The way in is `opening.open_store(home, url=..., owner_url=...)`, which returns a migrated `store.Store`.
Rooms above write their SQL like this, and nothing but this:

    -- duties/sql/hold.sql
    -- name: put_hold
    -- Keeps a new hold on one field of a person.
    insert into shounuo.hold (operator, person, hold, field, at)
    values (%(operator)s, %(person)s, %(hold)s, %(field)s, %(at)s)

    sql = queries.load("shounuo.duties", "sql/hold.sql")

    with store.act(operator) as act:
        act.do(sql.put_hold, operator=operator, person=person, hold=uuid7(at), field="phone", at=at)
        held = act.rows(Hold, sql.holds, operator=operator, person=person)

Queries
1. Every table is named with its schema; nothing else is searched. Columns are named, never `*`.
2. `operator` (then `person`) is in every condition, though the fence would do it: it is how the index and,
   one day, the shard are found. The fence is for the day one forgets.
3. Ids and moments are parameters made by the caller. No `now()`, no sequences, no advisory locks.
4. Many rows go in by `act.many`, or faster by `insert ... select ... from unnest(%(ids)s::uuid[], ...)`. COPY
   does not work under row-level security.
5. A `dict` becomes `jsonb`, a `list` an array, an enum of strings its value, `bytes` a `bytea`, an aware
   `datetime` a `timestamptz` (which comes back in UTC). A tuple is not an array: pass lists.

Tables
6. `operator uuid not null` first in every primary key, unique constraint and foreign key, then `person`.
7. One line fences it, `call shounuo.fence('name');`, and one grants what is needed and no more:
   `grant select, insert on shounuo.name to {app};`. Functions are closed to everyone until granted.
8. Constraints have names that can be shown to people: `hold_is_known`. `Duplicate.constraint` is that name.
9. A rule the database enforces raises an SQLSTATE of ours, `SH` and three digits (SH001: no operator). Its
   message never holds a value. It reaches the caller as `BadStatement.sqlstate`.
10. A foreign key to `shounuo.operator` makes every insert lock the operator's one row: not on busy tables.

When things go wrong
11. No driver's error leaves this room. `faults` draws the tree: catch `Duplicate` and `Dangling` around
    `act.attempt()` (only that part is undone) or around the whole act; let everything else pass.
12. `Contended` means "another went first": `store.retry(operator, work)` runs the whole act again.
"""
