-- name: put_entry
-- Appends an entry; the database has it wait to be sealed.
insert into shounuo.ledger_entry (operator, entry, at, kind, body)
values (%(operator)s, %(entry)s, %(at)s, %(kind)s, %(body)s)

-- name: put_denial
-- Keeps a no; the database has it wait for the outside journal.
insert into shounuo.denial (operator, denial, at, what, person, reference)
values (%(operator)s, %(denial)s, %(at)s, %(what)s, %(person)s, %(reference)s)

-- name: put_denial_again
-- Keeps a no that a restore had forgotten; nothing when it is there.
insert into shounuo.denial (operator, denial, at, what, person, reference)
values (%(operator)s, %(denial)s, %(at)s, %(what)s, %(person)s, %(reference)s)
on conflict (operator, denial) do nothing

-- name: operators_waiting
-- Finds operators with something to seal or to journal, from outside of any operator.
select operator from shounuo.operators_waiting() as operator

-- name: is_there
-- Answers when the database is there, from outside of any operator.
select true

-- name: put_head
-- Makes the row whose holder gives the numbers.
insert into shounuo.ledger_head (operator, size) values (%(operator)s, 0) on conflict (operator) do nothing

-- name: hold_head
-- Takes that row. Alone, for a join would show what was signed before the wait.
select size from shounuo.ledger_head where operator = %(operator)s for update

-- name: take_head
-- Shows what was signed last, once the row is held.
select h.size, c.root, c.at from shounuo.ledger_head h
left join shounuo.ledger_checkpoint c on c.operator = h.operator and c.size = h.size
where h.operator = %(operator)s

-- name: set_head
-- Says how many leaves there are now.
update shounuo.ledger_head set size = %(size)s where operator = %(operator)s

-- name: plan_by_index
-- Has this act plan each query for the tables as they are now: they may have grown a thousandfold since they were counted.
select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true)

-- name: take_pending
-- Finds entries to seal: all that is visible now, the earliest ids first, up to a number.
select p.entry, e.at, e.body
from (select entry from shounuo.ledger_pending where operator = %(operator)s order by entry limit %(most)s) p
cross join lateral (
    select at, body from shounuo.ledger_entry where operator = %(operator)s and entry = p.entry offset 0) e

-- name: put_leaves
-- Adds leaves to the tree.
insert into shounuo.ledger_leaf (operator, number, entry, hash)
select %(operator)s, number, entry, hash
from unnest(%(numbers)s::bigint[], %(entries)s::uuid[], %(hashes)s::bytea[]) as t (number, entry, hash)

-- name: put_subtrees
-- Keeps the roots of complete subtrees.
insert into shounuo.ledger_subtree (operator, height, number, hash)
select %(operator)s, height, number, hash
from unnest(%(heights)s::smallint[], %(numbers)s::bigint[], %(hashes)s::bytea[]) as t (height, number, hash)

-- name: put_checkpoint
-- Keeps what was signed.
insert into shounuo.ledger_checkpoint (operator, size, root, note, at)
values (%(operator)s, %(size)s, %(root)s, %(note)s, %(at)s)

-- name: drop_pending
-- Ends the waiting of entries that are sealed.
delete from shounuo.ledger_pending where operator = %(operator)s and entry = any(%(entries)s::uuid[])

-- name: checkpoint
-- The newest signed checkpoint.
select size, root, note, at from shounuo.ledger_checkpoint
where operator = %(operator)s order by size desc limit 1

-- name: leaf_hashes
-- Neighbouring leaves.
select hash from shounuo.ledger_leaf
where operator = %(operator)s and number >= %(start)s and number < %(stop)s order by number

-- name: subtree_hashes
-- Neighbouring roots of complete subtrees of one height.
select hash from shounuo.ledger_subtree
where operator = %(operator)s and height = %(height)s and number >= %(start)s and number < %(stop)s order by number

-- name: bodies
-- The bodies of neighbouring entries, in the order of their numbers. Each is looked up by its key, whatever the tables hold.
select e.body
from (select number, entry from shounuo.ledger_leaf
    where operator = %(operator)s and number >= %(start)s and number < %(stop)s) l
cross join lateral (select body from shounuo.ledger_entry where operator = %(operator)s and entry = l.entry offset 0) e
order by l.number

-- name: number_of
-- The number of an entry, when it is sealed.
select number from shounuo.ledger_leaf where operator = %(operator)s and entry = %(entry)s

-- name: unsealed
-- How many entries wait to be sealed.
select count(*) from shounuo.ledger_pending where operator = %(operator)s

-- name: denials_pending
-- The denials that may not be in the outside journal yet.
select d.denial, d.at, d.what, d.person, d.reference from shounuo.denial_pending p
join shounuo.denial d on d.operator = p.operator and d.denial = p.denial
where p.operator = %(operator)s order by p.denial limit %(most)s

-- name: drop_denials_pending
-- Ends the waiting of denials the outside journal has.
delete from shounuo.denial_pending where operator = %(operator)s and denial = any(%(denials)s::uuid[])

-- name: denials_lacking
-- Which of these denials the database does not have.
select denial from unnest(%(denials)s::uuid[]) as named (denial)
where not exists (select from shounuo.denial d where d.operator = %(operator)s and d.denial = named.denial)

-- name: denials_count
-- How many denials the database has.
select count(*) from shounuo.denial where operator = %(operator)s

-- name: denials_after
-- The denials of the database, from an id on.
select denial, at, what, person, reference from shounuo.denial
where operator = %(operator)s and denial > %(after)s order by denial limit %(most)s
