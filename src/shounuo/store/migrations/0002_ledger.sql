-- The ledger, what waits to be sealed into it, and the list of every no that must survive a restore.

-- Makes a table one that is only ever added to: for the owner and a superuser too, unless they change the table itself.
create function shounuo.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception using errcode = 'SH020', message = 'this table is only ever added to';
end
$$;
create procedure shounuo.only_add(target pg_catalog.text)
language plpgsql as $$
begin
    execute pg_catalog.format(
        'create trigger only_add before update or delete or truncate on shounuo.%I
            for each statement execute function shounuo.refuse_change()', target);
    execute pg_catalog.format('alter table shounuo.%I enable always trigger only_add', target);
end
$$;

-- An act, as it will stand in the tree. `body` is its one encoding; `at` and `kind` are there to find it by.
create table shounuo.ledger_entry (
    operator uuid not null,
    entry uuid not null,
    at timestamptz not null,
    kind text not null,
    body bytea not null,
    primary key (operator, entry)
);
call shounuo.fence('ledger_entry');
call shounuo.only_add('ledger_entry');
grant select, insert on shounuo.ledger_entry to {app};

-- Entries that have no number yet. A row comes with its entry and goes once its leaf is there; nobody can do either alone.
create table shounuo.ledger_pending (
    operator uuid not null,
    entry uuid not null,
    primary key (operator, entry)
);
call shounuo.fence('ledger_pending');
grant select, delete on shounuo.ledger_pending to {app};

create function shounuo.await_sealing() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into shounuo.ledger_pending (operator, entry) select operator, entry from fresh;
    return null;
end
$$;
create trigger await_sealing after insert on shounuo.ledger_entry referencing new table as fresh
    for each statement execute function shounuo.await_sealing();
alter table shounuo.ledger_entry enable always trigger await_sealing;

-- The leaves: which entry stands at which number, from 0 on without a gap.
create table shounuo.ledger_leaf (
    operator uuid not null,
    number bigint not null,
    entry uuid not null,
    hash bytea not null,
    primary key (operator, number),
    constraint ledger_leaf_of_one_entry unique (operator, entry)
);
call shounuo.fence('ledger_leaf');
call shounuo.only_add('ledger_leaf');
grant select, insert on shounuo.ledger_leaf to {app};

create function shounuo.check_leaves() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
begin
    if exists (
        select from (
            select operator, min(number) as first, max(number) as last, count(*) as leaves from fresh group by operator
        ) run
        where first < 0 or last - first + 1 <> leaves or (first > 0 and not exists (
            select from shounuo.ledger_leaf l where l.operator = run.operator and l.number = run.first - 1))
    ) then
        raise exception using errcode = 'SH021', message = 'the leaves do not go on from those before';
    end if;
    if exists (
        select from fresh f where f.hash is distinct from (
            select sha256('\x00'::bytea || e.body) from shounuo.ledger_entry e
            where e.operator = f.operator and e.entry = f.entry)
    ) then
        raise exception using errcode = 'SH022', message = 'a leaf is not the hash of its entry';
    end if;
    return null;
end
$$;
create trigger check_leaves after insert on shounuo.ledger_leaf referencing new table as fresh
    for each statement execute function shounuo.check_leaves();
alter table shounuo.ledger_leaf enable always trigger check_leaves;

create function shounuo.check_sealed() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
begin
    if exists (
        select from gone g
        where (select true from shounuo.ledger_leaf l where l.operator = g.operator and l.entry = g.entry) is not true
    ) then
        raise exception using errcode = 'SH023', message = 'an entry waits until it is sealed';
    end if;
    return null;
end
$$;
create trigger check_sealed after delete on shounuo.ledger_pending referencing old table as gone
    for each statement execute function shounuo.check_sealed();
alter table shounuo.ledger_pending enable always trigger check_sealed;
create trigger only_seal before update or truncate on shounuo.ledger_pending
    for each statement execute function shounuo.refuse_change();
alter table shounuo.ledger_pending enable always trigger only_seal;

-- Roots of complete subtrees over 2^height leaves, the number-th from the left (see `core.ledger`).
create table shounuo.ledger_subtree (
    operator uuid not null,
    height smallint not null constraint ledger_subtree_of_a_kept_height check (height in (8, 16, 24, 32)),
    number bigint not null,
    hash bytea not null,
    primary key (operator, height, number)
);
call shounuo.fence('ledger_subtree');
call shounuo.only_add('ledger_subtree');
grant select, insert on shounuo.ledger_subtree to {app};

-- What was signed: the tree at each size at which a batch ended. `at` is the latest moment of an entry so far.
create table shounuo.ledger_checkpoint (
    operator uuid not null,
    size bigint not null,
    root bytea not null,
    note bytea not null,
    at timestamptz not null,
    primary key (operator, size)
);
call shounuo.fence('ledger_checkpoint');
call shounuo.only_add('ledger_checkpoint');
grant select, insert on shounuo.ledger_checkpoint to {app};

-- One row an operator: whoever holds it gives the next numbers.
create table shounuo.ledger_head (
    operator uuid not null primary key,
    size bigint not null
);
call shounuo.fence('ledger_head');
grant select, insert, update (size) on shounuo.ledger_head to {app};

create function shounuo.check_head() returns trigger
language plpgsql as $$
begin
    if new.size <= old.size then
        raise exception using errcode = 'SH024', message = 'a ledger only grows';
    end if;
    return new;
end
$$;
create trigger check_head before update on shounuo.ledger_head
    for each row execute function shounuo.check_head();
alter table shounuo.ledger_head enable always trigger check_head;
create trigger only_grow before delete or truncate on shounuo.ledger_head
    for each statement execute function shounuo.refuse_change();
alter table shounuo.ledger_head enable always trigger only_grow;

-- Every act that took permission away, by random ids only: what must be done again after a restore.
create table shounuo.denial (
    operator uuid not null,
    denial uuid not null,
    at timestamptz not null,
    what text not null constraint denial_is_a_word check (what ~ '^[a-z][a-z-]{0,31}$'),
    person uuid,
    reference text not null constraint denial_reference_is_short check (length(reference) <= 2000),
    primary key (operator, denial)
);
call shounuo.fence('denial');
call shounuo.only_add('denial');
grant select, insert on shounuo.denial to {app};

-- Denials that may not be in the outside journal yet. A row comes with its denial and goes when the journal has it.
create table shounuo.denial_pending (
    operator uuid not null,
    denial uuid not null,
    primary key (operator, denial)
);
call shounuo.fence('denial_pending');
grant select, delete on shounuo.denial_pending to {app};

create function shounuo.await_journal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into shounuo.denial_pending (operator, denial) select operator, denial from fresh;
    return null;
end
$$;
create trigger await_journal after insert on shounuo.denial referencing new table as fresh
    for each statement execute function shounuo.await_journal();
alter table shounuo.denial enable always trigger await_journal;

-- For start-up and lost nudges: which operators have something waiting. It tells their ids and nothing else.
create policy look_up on shounuo.ledger_pending for select to current_user using (true);
create policy look_up on shounuo.denial_pending for select to current_user using (true);

create function shounuo.operators_waiting() returns setof pg_catalog.uuid
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
    )
    select operator from entries where operator is not null
    union
    select operator from denials where operator is not null
$$;
grant execute on function shounuo.operators_waiting() to {app};
