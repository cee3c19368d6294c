-- Operators made for a proof: throwaway ones, with made-up people. Nothing that lists or serves operators knows of them but
-- the prover's own server, which asks for them by the two look-ups below.
alter table shounuo.operator add column throwaway boolean not null default false;

create or replace function shounuo.operators() returns table (id pg_catalog.uuid, slug pg_catalog.text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select o.id, o.slug from shounuo.operator o where not o.throwaway order by o.created_at, o.id
$$;

create or replace function shounuo.operator_by_slug(wanted pg_catalog.text) returns pg_catalog.uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select id from shounuo.operator where slug = wanted and not throwaway
$$;

create function shounuo.throwaway_by_slug(wanted pg_catalog.text) returns pg_catalog.uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select id from shounuo.operator where slug = wanted and throwaway
$$;

-- A hash that two operators hold is answered for neither.
create or replace function shounuo.access_key_by_hash(wanted pg_catalog.bytea)
returns table (operator pg_catalog.uuid, slug pg_catalog.text, scopes pg_catalog.text[], label pg_catalog.text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select k.operator, o.slug, k.scopes, k.label
    from shounuo.access_key k join shounuo.operator o on o.id = k.operator
    where k.key_hash = wanted and k.revoked_at is null and not o.throwaway
      and not exists (select from shounuo.access_key other where other.key_hash = wanted and other.operator <> k.operator)
$$;

create function shounuo.throwaway_key_by_hash(wanted pg_catalog.bytea)
returns table (operator pg_catalog.uuid, slug pg_catalog.text, scopes pg_catalog.text[], label pg_catalog.text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select k.operator, o.slug, k.scopes, k.label
    from shounuo.access_key k join shounuo.operator o on o.id = k.operator
    where k.key_hash = wanted and k.revoked_at is null and o.throwaway
      and not exists (select from shounuo.access_key other where other.key_hash = wanted and other.operator <> k.operator)
$$;
grant execute on function shounuo.throwaway_by_slug(pg_catalog.text), shounuo.throwaway_key_by_hash(pg_catalog.bytea) to {app};

-- What a throwaway operator left to seal is nobody's to seal: its keys are gone with the prover.
create or replace function shounuo.operators_waiting() returns setof pg_catalog.uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with recursive entries (operator) as (
        (select operator from shounuo.ledger_pending order by operator limit 1)
        union all
        select (select p.operator from shounuo.ledger_pending p where p.operator > e.operator order by p.operator limit 1)
        from entries e where e.operator is not null
    ), denials (operator) as (
        (select operator from shounuo.denial_pending order by operator limit 1)
        union all
        select (select p.operator from shounuo.denial_pending p where p.operator > d.operator order by p.operator limit 1)
        from denials d where d.operator is not null
    ), waiting (operator) as (
        select operator from entries where operator is not null
        union
        select operator from denials where operator is not null
    )
    select w.operator from waiting w
    where not exists (select from shounuo.operator o where o.id = w.operator and o.throwaway)
$$;
