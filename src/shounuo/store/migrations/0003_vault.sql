-- The vault: people, what was collected of them (sealed), the keys of their chests (wrapped), and the blind index.

-- A person, by a random id that says nothing. What we know of them lies sealed in `value`, their name in the ledger
-- sealed here. The row is the lock of all that is this person's: who writes any of it takes it first.
create table shounuo.person (
    operator uuid not null references shounuo.operator (id),
    person uuid not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    pseudonym bytea constraint pseudonym_is_sealed check (octet_length(pseudonym) between 31 and 128),
    primary key (operator, person)
);
call shounuo.fence('person');
grant select, insert, update (closed_at, pseudonym) on shounuo.person to {app};

-- One collection: in which scene, for what, on which basis, when, from where.
create table shounuo.record (
    operator uuid not null,
    person uuid not null,
    record uuid not null,
    scene text not null constraint scene_is_a_name check (length(scene) between 1 and 200),
    purpose text not null constraint purpose_is_a_name check (length(purpose) between 1 and 200),
    policy_version integer not null,
    basis text not null constraint basis_is_a_name check (length(basis) between 1 and 200),
    collected_at timestamptz not null,
    source text not null constraint source_is_a_name check (length(source) between 1 and 200),
    primary key (operator, person, record),
    foreign key (operator, person) references shounuo.person (operator, person)
);
call shounuo.fence('record');
grant select, insert, delete on shounuo.record to {app};

-- One sealed value. `findable` says that the blind index has it, `hold` that the law wants it kept for now.
create table shounuo.value (
    operator uuid not null,
    person uuid not null,
    record uuid not null,
    field text not null constraint field_is_a_name check (length(field) between 1 and 200),
    chest text not null constraint chest_is_a_name check (length(chest) between 1 and 200),
    kind text not null constraint kind_is_a_name check (length(kind) between 1 and 64),
    sealed bytea not null constraint value_is_sealed check (octet_length(sealed) between 30 and 400030),
    findable boolean not null,
    due_at timestamptz,
    hold uuid,
    primary key (operator, person, record, field),
    foreign key (operator, person, record) references shounuo.record (operator, person, record)
);
create index value_by_due on shounuo.value (operator, due_at, person) where due_at is not null and hold is null;
call shounuo.fence('value');
grant select, insert, update (chest, sealed, due_at, hold), delete on shounuo.value to {app};

-- The wrapping keys that chests may be wrapped under. The keys themselves lie in custody alone.
create table shounuo.wrapping_key (
    operator uuid not null references shounuo.operator (id),
    id uuid not null,
    created_at timestamptz not null,
    primary key (operator, id)
);
call shounuo.fence('wrapping_key');
grant select on shounuo.wrapping_key to {app};

-- Which keys an operator uses now, and which are leaving while they are turned over. `turner` is a lease.
create table shounuo.operator_keys (
    operator uuid primary key references shounuo.operator (id),
    wrap uuid not null,
    index uuid not null,
    fingerprint uuid not null,
    old_wrap uuid,
    old_index uuid,
    old_fingerprint uuid,
    turning text,
    turner uuid,
    turner_until timestamptz,
    turned_at timestamptz not null,
    foreign key (operator, wrap) references shounuo.wrapping_key (operator, id),
    constraint turning_is_a_step check (turning in ('begun', 'wrapping', 'indexing', 'destroying')),
    constraint old_keys_while_turning check ((turning is null or turning = 'begun')
        = (old_wrap is null and old_index is null and old_fingerprint is null))
);
call shounuo.fence('operator_keys');
grant select, update on shounuo.operator_keys to {app};

-- The keys of chests, each wrapped. One leaf for each generation of an operator's wrapping key: a generation goes as a
-- whole. While keys are turned over, a chest has a row in two.
create table shounuo.chest_key (
    operator uuid not null,
    person uuid not null,
    chest text not null,
    wrapping_key uuid not null,
    wrapped bytea not null constraint chest_key_is_wrapped check (octet_length(wrapped) = 61),
    primary key (operator, person, chest, wrapping_key),
    foreign key (operator, wrapping_key) references shounuo.wrapping_key (operator, id)
) partition by list (operator);
call shounuo.fence('chest_key');
grant select, insert, update (wrapped), delete on shounuo.chest_key to {app};

-- The blind index: keyed tags of values that may be searched for. Its leaves are unlogged, so no tag is in a base
-- backup or in WAL; what a crash empties is made again from the sealed values.
create table shounuo.lookup (
    operator uuid not null,
    tag bytea not null constraint tag_is_a_tag check (octet_length(tag) = 32),
    index_key uuid not null,
    person uuid not null,
    record uuid not null,
    field text not null,
    primary key (operator, tag, index_key, person, record, field)
) partition by list (operator);
create index lookup_by_person on shounuo.lookup (operator, person);
call shounuo.fence('lookup');
grant select, insert, delete on shounuo.lookup to {app};

-- Which generations of the index are whole. Unlogged like the index, so a crash that empties one empties both.
create unlogged table shounuo.lookup_state (
    operator uuid not null,
    index_key uuid not null,
    run uuid not null,
    whole boolean not null,
    primary key (operator, index_key)
);
call shounuo.fence('lookup_state');
grant select, insert, update, delete on shounuo.lookup_state to {app};

-- Makes room below a partitioned table for the operator at work and for one generation of its keys. Nobody but the
-- functions below may call it; names are made of ids, never taken. A transaction that has touched the operator's part
-- is waited for: it would see the new generation named and not find its leaf, for a lock it holds already does not
-- make PostgreSQL look again at how a table is parted. Its callers lock `wrapping_key` before anything else, as a leaf's
-- foreign key will: two that first wrote into it would wait for each other. Writers of chests do not wait for that lock.
-- A first leaf changes how the root is parted. PostgreSQL forgets that change in a session that is just learning how the
-- root is parted (seen: one statement in thousands finds no part for its row, while operators are opened at a rate), so
-- the root is locked alone: nobody is learning then.
create procedure shounuo.make_leaf(root pg_catalog.text, mine pg_catalog.uuid, key_column pg_catalog.text,
    generation pg_catalog.uuid, kind pg_catalog.text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    branch constant text := root || '_of_' || replace(mine::text, '-', '');
    leaf constant text := root || '_' || replace(generation::text, '-', '');
begin
    if to_regclass(format('shounuo.%I', branch)) is not null then
        execute format('lock table shounuo.%I in access exclusive mode', branch);
    else
        execute format('lock table shounuo.%I in access exclusive mode', root);
        execute format('create table shounuo.%I (like shounuo.%I including constraints including indexes) '
            'partition by list (%I)', branch, root, key_column);
        call shounuo.fence(branch);
        execute format('alter table shounuo.%I attach partition shounuo.%I for values in (%L)', root, branch, mine);
    end if;
    execute format('create %s table shounuo.%I (like shounuo.%I including constraints including indexes)',
        kind, leaf, root);
    call shounuo.fence(leaf);
    execute format('alter table shounuo.%I attach partition shounuo.%I for values in (%L)', branch, leaf, generation);
end
$$;
revoke execute on procedure shounuo.make_leaf(pg_catalog.text, pg_catalog.uuid, pg_catalog.text, pg_catalog.uuid,
    pg_catalog.text) from public;

-- Opens a new generation of keys for the operator at work.
create function shounuo.open_generation(wrap pg_catalog.uuid, index_key pg_catalog.uuid, at pg_catalog.timestamptz)
returns pg_catalog.void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare
    mine constant uuid := shounuo.operator();
begin
    lock table shounuo.wrapping_key in share row exclusive mode;
    insert into shounuo.wrapping_key (operator, id, created_at) values (mine, wrap, at);
    call shounuo.make_leaf('chest_key', mine, 'wrapping_key', wrap, '');
    call shounuo.make_leaf('lookup', mine, 'index_key', index_key, 'unlogged');
end
$$;

-- Opens the first generation for the operator at work; false when it has one. Two at once: one waits, then finds it. It
-- gives way before anybody who waits for it is taken for deadlocked.
create function shounuo.open_operator(wrap pg_catalog.uuid, index_key pg_catalog.uuid, fingerprint pg_catalog.uuid,
    at pg_catalog.timestamptz) returns pg_catalog.bool
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare
    mine constant uuid := shounuo.operator();
begin
    lock table shounuo.wrapping_key in share row exclusive mode;
    insert into shounuo.wrapping_key (operator, id, created_at) values (mine, wrap, at);
    insert into shounuo.operator_keys (operator, wrap, index, fingerprint, turned_at)
    values (mine, wrap, index_key, fingerprint, at) on conflict do nothing;
    if not found then
        delete from shounuo.wrapping_key where operator = mine and id = wrap;
        return false;
    end if;
    call shounuo.make_leaf('chest_key', mine, 'wrapping_key', wrap, '');
    call shounuo.make_leaf('lookup', mine, 'index_key', index_key, 'unlogged');
    return true;
end
$$;

-- Drops the generation of chest keys that is leaving. Waits for every transaction that has touched this operator's
-- chest keys and keeps others out meanwhile, for half a second at most; then looks with fresh eyes: SH002 when a chest
-- is not in the present generation yet. The question is asked of the two leaves themselves, without the fence, which
-- would ask for the operator at every row while all others wait; both are this operator's alone. The wrapping key's
-- row goes too; its foreign keys refuse while it is used.
create function shounuo.close_wrapping(leaving pg_catalog.uuid) returns pg_catalog.void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare
    mine constant uuid := shounuo.operator();
    branch constant text := 'chest_key_of_' || replace(mine::text, '-', '');
    old_leaf constant text := 'chest_key_' || replace(leaving::text, '-', '');
    new_leaf text;
    present uuid;
    left_over boolean;
begin
    select k.wrap into strict present from shounuo.operator_keys k
    where k.operator = mine and k.old_wrap = leaving and k.turning = 'wrapping';
    new_leaf := 'chest_key_' || replace(present::text, '-', '');
    execute format('analyze shounuo.%I, shounuo.%I', old_leaf, new_leaf);
    execute format('lock table shounuo.%I in access exclusive mode', branch);
    execute format('alter table shounuo.%I no force row level security', old_leaf);
    execute format('alter table shounuo.%I no force row level security', new_leaf);
    execute format('select exists (select from shounuo.%I o where not exists ('
        'select from shounuo.%I n where n.person = o.person and n.chest = o.chest))', old_leaf, new_leaf) into left_over;
    if left_over then
        raise exception using errcode = 'SH002', message = 'chests still use the leaving wrapping key';
    end if;
    execute format('alter table shounuo.%I force row level security', new_leaf);
    execute format('drop table shounuo.%I', old_leaf);
    delete from shounuo.wrapping_key where operator = mine and id = leaving;
end
$$;

-- Drops the generation of the index that is leaving, when the present one is whole (else SH003).
create function shounuo.close_index(leaving pg_catalog.uuid) returns pg_catalog.void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare
    mine constant uuid := shounuo.operator();
    branch constant text := 'lookup_of_' || replace(mine::text, '-', '');
    leaf constant text := 'lookup_' || replace(leaving::text, '-', '');
    present uuid;
begin
    select k.index into strict present from shounuo.operator_keys k
    where k.operator = mine and k.old_index = leaving and k.turning = 'indexing';
    execute format('lock table shounuo.%I in access exclusive mode', branch);
    if not exists (select from shounuo.lookup_state s where s.operator = mine and s.index_key = present and s.whole) then
        raise exception using errcode = 'SH003', message = 'the present index is not whole';
    end if;
    execute format('drop table shounuo.%I', leaf);
    delete from shounuo.lookup_state where operator = mine and index_key = leaving;
end
$$;
grant execute on function shounuo.open_generation(pg_catalog.uuid, pg_catalog.uuid, pg_catalog.timestamptz),
    shounuo.open_operator(pg_catalog.uuid, pg_catalog.uuid, pg_catalog.uuid, pg_catalog.timestamptz),
    shounuo.close_wrapping(pg_catalog.uuid), shounuo.close_index(pg_catalog.uuid) to {app};
