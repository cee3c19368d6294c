-- name: put_operator
-- Makes an operator; the act is that operator's own.
insert into shounuo.operator (id, slug, created_at) values (%(operator)s, %(slug)s, %(at)s)

-- name: put_throwaway
-- Makes an operator for a proof, whom no list and no server but the prover's knows.
insert into shounuo.operator (id, slug, created_at, throwaway) values (%(operator)s, %(slug)s, %(at)s, true)

-- name: throwaway_by_slug
-- Finds an operator made for a proof by its short name, from outside of any operator.
select operator from shounuo.throwaway_by_slug(%(slug)s) as operator where operator is not null

-- name: throwaway_key_by_hash
-- Finds whose key this is among operators made for proofs, from outside of any operator.
select operator, slug, scopes, label from shounuo.throwaway_key_by_hash(%(key_hash)s)

-- name: revoke_access_keys
-- Revokes every key of an operator from this moment on.
update shounuo.access_key set revoked_at = %(at)s where operator = %(operator)s and revoked_at is null

-- name: operator_slug
-- Reads the slug of the operator at work.
select slug from shounuo.operator where id = %(operator)s

-- name: operator_by_slug
-- Finds an operator by its short name, from outside of any operator.
select operator from shounuo.operator_by_slug(%(slug)s) as operator where operator is not null

-- name: access_key_by_hash
-- Finds whose key this is and what it opens, from outside of any operator; revoked keys are not found.
select operator, slug, scopes, label from shounuo.access_key_by_hash(%(key_hash)s)

-- name: put_access_key
-- Keeps the hash of a new key.
insert into shounuo.access_key (operator, key_hash, scopes, label, created_at)
values (%(operator)s, %(key_hash)s, %(scopes)s, %(label)s, %(at)s)

-- name: access_keys
-- Lists an operator's keys, the newest first.
select key_hash, scopes, label, created_at, revoked_at from shounuo.access_key
where operator = %(operator)s order by created_at desc, key_hash

-- name: revoke_access_key
-- Revokes a key from this moment on; one revoked before stays as it was.
update shounuo.access_key set revoked_at = %(at)s
where operator = %(operator)s and key_hash = %(key_hash)s and revoked_at is null

-- name: put_answered
-- Notes what a call was answered with, in the act's own transaction.
insert into shounuo.idempotency
    (operator, access_key, route, idempotency_key, fingerprint, fingerprint_key, status, resource, at)
values (%(operator)s, %(access_key)s, %(route)s, %(idempotency_key)s, %(fingerprint)s, %(fingerprint_key)s,
    %(status)s, %(resource)s, %(at)s)

-- name: answered
-- Finds what a call with this key was answered with.
select fingerprint, fingerprint_key, status, resource, at from shounuo.idempotency
where operator = %(operator)s and access_key = %(access_key)s and route = %(route)s
    and idempotency_key = %(idempotency_key)s

-- name: drop_answered
-- Forgets answers older than their term.
delete from shounuo.idempotency where operator = %(operator)s and at < %(before)s

-- name: operators
-- Lists who is served here, from outside of any operator.
select id, slug from shounuo.operators()
