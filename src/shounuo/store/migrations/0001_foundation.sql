-- The ground every later migration stands on: who asks, the fence between operators, and how keys are found.

-- Nothing made later is open to everyone by default.
alter default privileges revoke execute on routines from public;
revoke all on schema shounuo from public;
grant usage on schema shounuo to {app};
grant select on shounuo.migration to {app};

-- Returns the operator this transaction is for; refuses when there is none, whether never set or emptied.
create function shounuo.operator() returns pg_catalog.uuid
language plpgsql stable parallel safe as $$
declare
    setting constant pg_catalog.text := pg_catalog.current_setting('shounuo.operator', true);
begin
    if setting is null or setting = '' then
        raise exception using errcode = 'SH001', message = 'no operator is set';
    end if;
    return setting::pg_catalog.uuid;
end
$$;
grant execute on function shounuo.operator() to {app};

-- Fences a table: only rows of the operator at work are seen and written, by its owner too.
create procedure shounuo.fence(target pg_catalog.text)
language plpgsql as $$
begin
    execute pg_catalog.format('alter table shounuo.%I enable row level security', target);
    execute pg_catalog.format('alter table shounuo.%I force row level security', target);
    execute pg_catalog.format(
        'create policy fence on shounuo.%I using (operator = shounuo.operator()) with check (operator = shounuo.operator())',
        target);
end
$$;
revoke execute on procedure shounuo.fence(pg_catalog.text) from public;

-- Operators. Its own row is all an operator sees; the look-up below is the one way to another's id.
create table shounuo.operator (
    id uuid primary key,
    slug text not null constraint operator_slug_is_taken unique
        constraint operator_slug_is_a_short_name check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    created_at timestamptz not null
);
alter table shounuo.operator enable row level security;
alter table shounuo.operator force row level security;
create policy fence on shounuo.operator using (id = shounuo.operator()) with check (id = shounuo.operator());
grant select, insert on shounuo.operator to {app};

-- Keys of callers. Only the hash is kept; a key is revoked, never removed.
create table shounuo.access_key (
    operator uuid not null references shounuo.operator (id),
    key_hash bytea not null constraint access_key_is_a_hash check (length(key_hash) = 32),
    scopes text[] not null,
    label text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (operator, key_hash)
);
create index access_key_by_hash on shounuo.access_key (key_hash);
call shounuo.fence('access_key');
grant select, insert, update (revoked_at) on shounuo.access_key to {app};

-- What was answered to which call: never the body, never the answer.
create table shounuo.idempotency (
    operator uuid not null,
    access_key bytea not null,
    route text not null,
    idempotency_key text not null,
    fingerprint bytea not null,
    fingerprint_key uuid not null,
    status integer not null,
    resource text,
    at timestamptz not null,
    primary key (operator, access_key, route, idempotency_key)
);
create index idempotency_by_age on shounuo.idempotency (operator, at);
call shounuo.fence('idempotency');
grant select, insert, delete on shounuo.idempotency to {app};

-- The look-ups a caller needs before its operator is known. They run as the owner, who alone may read across the
-- fence here; they answer about one slug or one hash and list nothing.
create policy look_up on shounuo.operator for select to current_user using (true);
create policy look_up on shounuo.access_key for select to current_user using (true);

create function shounuo.operator_by_slug(wanted pg_catalog.text) returns pg_catalog.uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select id from shounuo.operator where slug = wanted
$$;

-- A hash that two operators hold is answered for neither.
create function shounuo.access_key_by_hash(wanted pg_catalog.bytea)
returns table (operator pg_catalog.uuid, slug pg_catalog.text, scopes pg_catalog.text[], label pg_catalog.text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select k.operator, o.slug, k.scopes, k.label
    from shounuo.access_key k join shounuo.operator o on o.id = k.operator
    where k.key_hash = wanted and k.revoked_at is null
      and not exists (select from shounuo.access_key other where other.key_hash = wanted and other.operator <> k.operator)
$$;
grant execute on function shounuo.operator_by_slug(pg_catalog.text), shounuo.access_key_by_hash(pg_catalog.bytea) to {app};
