-- name: note
-- Notes that something of a person was found damaged; nothing when it is on the list already.
insert into shounuo.damage (operator, person, found_in, noted_at)
values (%(operator)s, %(person)s, %(found_in)s, %(at)s) on conflict do nothing

-- name: noted
-- Whose information is damaged, the longest known first.
select person, found_in, noted_at from shounuo.damage
where operator = %(operator)s order by noted_at, person limit %(most)s

-- name: drop
-- Takes a person off the list.
delete from shounuo.damage where operator = %(operator)s and person = %(person)s
