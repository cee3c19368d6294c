-- name: generation
-- Reads which keys the operator uses now and which are leaving.
select wrap, index, fingerprint, old_wrap, old_index, old_fingerprint, turning from shounuo.operator_keys
where operator = %(operator)s

-- name: turned_at
-- Reads when the operator's keys in use came into use.
select turned_at from shounuo.operator_keys where operator = %(operator)s

-- name: open_generation
-- Makes room for a new generation of keys.
select shounuo.open_generation(%(wrap)s, %(index)s, %(at)s)

-- name: open_operator
-- Notes an operator's first keys and makes room for them; false when it has some.
select shounuo.open_operator(%(wrap)s, %(index)s, %(fingerprint)s, %(at)s)

-- name: chest_keys
-- Reads wrapped keys of a person's chests.
select chest, wrapping_key, wrapped from shounuo.chest_key
where operator = %(operator)s and person = %(person)s and chest = any(%(chests)s)

-- name: hold_chest_keys
-- Locks the keys of a person's chests, so that none is wrapped anew meanwhile.
select chest from shounuo.chest_key
where operator = %(operator)s and person = %(person)s and chest = any(%(chests)s) order by chest, wrapping_key for update

-- name: put_chest_keys
-- Keeps wrapped keys.
insert into shounuo.chest_key (operator, person, chest, wrapping_key, wrapped)
select %(operator)s, %(person)s, k.chest, %(wrapping_key)s, k.wrapped
from unnest(%(chests)s::text[], %(wrapped)s::bytea[]) as k (chest, wrapped)

-- name: drop_chest_keys
-- Drops the keys of chests, in every generation.
delete from shounuo.chest_key
where operator = %(operator)s and person = %(person)s and chest = any(%(chests)s)

-- name: mark_index
-- Notes that a generation of the index is being built, or joins who builds it already.
insert into shounuo.lookup_state (operator, index_key, run, whole)
values (%(operator)s, %(index_key)s, %(run)s, %(whole)s) on conflict do nothing

-- name: index_state
-- Reads how far a generation of the index is.
select run, whole from shounuo.lookup_state where operator = %(operator)s and index_key = %(index_key)s

-- name: index_is_whole
-- Notes that a generation of the index is whole, if nothing was lost since this run began.
update shounuo.lookup_state set whole = true
where operator = %(operator)s and index_key = %(index_key)s and run = %(run)s

-- name: lease
-- Takes or renews the lease of who turns the keys over; touches nothing while another holds it.
update shounuo.operator_keys set turner = %(turner)s, turner_until = %(until)s
where operator = %(operator)s and (turner is null or turner = %(turner)s or turner_until < %(now)s)

-- name: give_up_lease
-- Gives the lease back.
update shounuo.operator_keys set turner = null, turner_until = null
where operator = %(operator)s and turner = %(turner)s

-- name: begin_turning
-- Notes that the keys are to be turned over.
update shounuo.operator_keys set turning = 'begun' where operator = %(operator)s and turning is null

-- name: switch
-- Puts new keys in use; the ones before are leaving.
update shounuo.operator_keys set old_wrap = wrap, old_index = index, old_fingerprint = fingerprint,
    wrap = %(wrap)s, index = %(index)s, fingerprint = %(fingerprint)s, turning = 'wrapping', turned_at = %(at)s
where operator = %(operator)s and turning = 'begun'

-- name: move_on
-- Notes the next step of turning the keys over.
update shounuo.operator_keys set turning = %(step)s where operator = %(operator)s and turning = %(from_step)s

-- name: end_turning
-- Notes that nothing is left of the keys before.
update shounuo.operator_keys set turning = null, old_wrap = null, old_index = null, old_fingerprint = null,
    turner = null, turner_until = null
where operator = %(operator)s and turning = 'destroying'

-- name: this_transaction
-- Reads the number of this transaction: every one that was given a number before lies below it.
select pg_current_xact_id()::text::bigint as mark

-- name: oldest_transaction
-- Reads the oldest transaction still running.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as mark

-- name: count_chests
-- Counts the chests wrapped in a generation.
select count(*) from shounuo.chest_key where operator = %(operator)s and wrapping_key = %(wrapping_key)s

-- name: chests_to_wrap
-- Locks and reads the next chests that are not in the present generation yet.
select o.person, o.chest, o.wrapped from shounuo.chest_key o
where o.operator = %(operator)s and o.wrapping_key = %(old)s and (o.person, o.chest) > (%(person)s, %(chest)s)
and not exists (select from shounuo.chest_key n where n.operator = %(operator)s and n.person = o.person
    and n.chest = o.chest and n.wrapping_key = %(new)s)
order by o.person, o.chest limit %(most)s for update of o

-- name: put_wrapped
-- Keeps chests wrapped anew.
insert into shounuo.chest_key (operator, person, chest, wrapping_key, wrapped)
select %(operator)s, k.person, k.chest, %(wrapping_key)s, k.wrapped
from unnest(%(people)s::uuid[], %(chests)s::text[], %(wrapped)s::bytea[]) as k (person, chest, wrapped)
on conflict do nothing

-- name: wrapped
-- Reads the next chests of a generation, for the copy outside of the database.
select person, chest, wrapped from shounuo.chest_key
where operator = %(operator)s and wrapping_key = %(wrapping_key)s and (person, chest) > (%(person)s, %(chest)s)
order by person, chest limit %(most)s

-- name: left_over
-- Counts the chests of the leaving generation that the present one lacks.
select count(*) from shounuo.chest_key o
where o.operator = %(operator)s and o.wrapping_key = %(old)s and not exists (
    select from shounuo.chest_key n where n.operator = %(operator)s and n.person = o.person
    and n.chest = o.chest and n.wrapping_key = %(new)s)

-- name: close_wrapping
-- Drops the leaving generation of chest keys.
select shounuo.close_wrapping(%(leaving)s)

-- name: close_index
-- Drops the leaving generation of the index.
select shounuo.close_index(%(leaving)s)
