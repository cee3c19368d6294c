-- name: put_person
-- Makes a person; who makes one holds it.
insert into shounuo.person (operator, person, created_at) values (%(operator)s, %(person)s, %(at)s)

-- name: set_pseudonym
-- Keeps or drops the sealed pseudonym.
update shounuo.person set pseudonym = %(sealed)s where operator = %(operator)s and person = %(person)s

-- name: pseudonym
-- Reads the sealed pseudonym with the key it opens with.
select p.pseudonym as sealed, k.wrapping_key, k.wrapped from shounuo.person p
left join shounuo.chest_key k on k.operator = %(operator)s and k.person = p.person and k.chest = %(chest)s
where p.operator = %(operator)s and p.person = %(person)s

-- name: close_person
-- Notes that the person's account is closed.
update shounuo.person set closed_at = %(at)s
where operator = %(operator)s and person = %(person)s and closed_at is null

-- name: hold_person
-- Takes the lock of a person: everyone who writes what is theirs takes it first.
select person from shounuo.person where operator = %(operator)s and person = %(person)s for no key update

-- name: hold_people
-- Takes the locks of several people, in one order.
select person from shounuo.person where operator = %(operator)s and person = any(%(people)s)
order by person for no key update

-- name: hold_free_people
-- Takes the locks of those of several people whom nobody else holds.
select person from shounuo.person where operator = %(operator)s and person = any(%(people)s)
order by person for no key update skip locked

-- name: put_record
-- Keeps one collection.
insert into shounuo.record (operator, person, record, scene, purpose, policy_version, basis, collected_at, source)
values (%(operator)s, %(person)s, %(record)s, %(scene)s, %(purpose)s, %(policy_version)s, %(basis)s,
    %(collected_at)s, %(source)s)

-- name: known
-- Whether there is such a person.
select exists (select from shounuo.person where operator = %(operator)s and person = %(person)s)

-- name: located
-- Reads which values a person has, unopened.
select person, record, field, chest, kind, due_at, hold from shounuo.value
where operator = %(operator)s and person = %(person)s
and (%(fields)s::text[] is null or field = any(%(fields)s)) and (%(record)s::uuid is null or record = %(record)s)
order by record, field

-- name: records
-- Reads a person's collections, the oldest first.
select record, scene, purpose, policy_version, basis, collected_at, source from shounuo.record
where operator = %(operator)s and person = %(person)s order by collected_at, record

-- name: drop_empty_records
-- Drops collections of which no value is left.
delete from shounuo.record r where r.operator = %(operator)s and r.person = %(person)s
and r.record = any(%(records)s) and not exists (
    select from shounuo.value v where v.operator = %(operator)s and v.person = r.person and v.record = r.record)

-- name: put_values
-- Keeps sealed values of one collection.
insert into shounuo.value (operator, person, record, field, chest, kind, sealed, findable, due_at)
select %(operator)s, %(person)s, %(record)s, v.field, v.chest, v.kind, v.sealed, v.findable, v.due_at
from unnest(%(fields)s::text[], %(chests)s::text[], %(kinds)s::text[], %(sealed)s::bytea[], %(findable)s::boolean[],
    %(due_at)s::timestamptz[]) as v (field, chest, kind, sealed, findable, due_at)

-- name: values
-- Reads a person's sealed values with the keys they open with; two rows of one value while keys are turned over.
select v.record, v.field, v.chest, v.kind, v.sealed, v.findable, v.due_at, v.hold, k.wrapping_key, k.wrapped
from shounuo.value v
left join shounuo.chest_key k on k.operator = %(operator)s and k.person = v.person and k.chest = v.chest
where v.operator = %(operator)s and v.person = %(person)s
order by v.record, v.field

-- name: values_of
-- Reads the sealed values of several people that may be searched for, with the keys they open with.
select v.person, v.record, v.field, v.chest, v.kind, v.sealed, k.wrapping_key, k.wrapped
from shounuo.value v
left join shounuo.chest_key k on k.operator = %(operator)s and k.person = v.person and k.chest = v.chest
where v.operator = %(operator)s and v.person = any(%(people)s) and v.findable

-- name: people_with_findable
-- Reads the next people of whom something may be searched for.
select distinct person from shounuo.value
where operator = %(operator)s and findable and person > %(after)s order by person limit %(most)s

-- name: drop_values
-- Drops values.
delete from shounuo.value v using unnest(%(records)s::uuid[], %(fields)s::text[]) as gone (record, field)
where v.operator = %(operator)s and v.person = %(person)s and v.record = gone.record and v.field = gone.field

-- name: reseal_values
-- Puts values sealed anew, perhaps into another chest, in the place of what they were.
update shounuo.value v set chest = new.chest, sealed = new.sealed
from unnest(%(records)s::uuid[], %(fields)s::text[], %(chests)s::text[], %(sealed)s::bytea[])
    as new (record, field, chest, sealed)
where v.operator = %(operator)s and v.person = %(person)s and v.record = new.record and v.field = new.field

-- name: set_due
-- Says when values are due to go.
update shounuo.value v set due_at = %(due_at)s
from unnest(%(records)s::uuid[], %(fields)s::text[]) as meant (record, field)
where v.operator = %(operator)s and v.person = %(person)s and v.record = meant.record and v.field = meant.field

-- name: set_hold
-- Lays a hold on values that have none.
update shounuo.value v set hold = %(hold)s
from unnest(%(records)s::uuid[], %(fields)s::text[]) as meant (record, field)
where v.operator = %(operator)s and v.person = %(person)s and v.record = meant.record and v.field = meant.field
and v.hold is null

-- name: release_hold
-- Takes a hold away.
update shounuo.value set hold = null
where operator = %(operator)s and person = %(person)s and hold = %(hold)s

-- name: due
-- Finds values that are due to go and not held, the longest due first, from a place on.
select person, record, field, chest, kind, due_at, hold from shounuo.value
where operator = %(operator)s and due_at <= %(at)s and due_at is not null and hold is null
    and (%(after_due)s::timestamptz is null or (due_at, person, record, field)
        > (%(after_due)s, %(after_person)s::uuid, %(after_record)s::uuid, %(after_field)s::text))
order by due_at, person, record, field limit %(most)s

-- name: due_of
-- Finds what of one person is due to go and not held.
select person, record, field, chest, kind, due_at, hold from shounuo.value
where operator = %(operator)s and person = %(person)s and due_at <= %(at)s and hold is null
order by due_at, record, field

-- name: next_due
-- Reads when, within a span, the next value is due to go.
select due_at from shounuo.value
where operator = %(operator)s and due_at > %(after)s and due_at <= %(until)s and due_at is not null and hold is null
order by due_at limit 1

-- name: put_tags
-- Puts values into the index.
insert into shounuo.lookup (operator, tag, index_key, person, record, field)
select %(operator)s, t.tag, %(index_key)s, t.person, t.record, t.field
from unnest(%(tags)s::bytea[], %(people)s::uuid[], %(records)s::uuid[], %(fields)s::text[])
    as t (tag, person, record, field)
on conflict do nothing

-- name: drop_tags
-- Takes values out of the index, in every generation.
delete from shounuo.lookup l using unnest(%(records)s::uuid[], %(fields)s::text[]) as gone (record, field)
where l.operator = %(operator)s and l.person = %(person)s and l.record = gone.record and l.field = gone.field

-- name: find
-- Finds people by tags, and whether a generation asked is whole; one row without a person when none is found.
select s.whole, l.person from (
    select coalesce(bool_or(whole), false) as whole from shounuo.lookup_state
    where operator = %(operator)s and index_key = any(%(index_keys)s)) as s
left join (
    select distinct l.person from shounuo.lookup l
    where l.operator = %(operator)s and l.field = %(field)s and l.tag = any(%(tags)s)
    and l.index_key = any(%(index_keys)s)) as l on true
order by l.person
