-- What looks at one operator's part of a parted table locks that part alone. A plan made for any operator locks the parts of all,
-- and with a thousand operators the table of locks is full; a foreign key's own look is such a plan, unless it is made anew.

alter function shounuo.open_operator(pg_catalog.uuid, pg_catalog.uuid, pg_catalog.uuid, pg_catalog.timestamptz)
    set plan_cache_mode = force_custom_plan;
alter function shounuo.close_wrapping(pg_catalog.uuid) set plan_cache_mode = force_custom_plan;

-- Room for a new operator is made while nobody learns how the root is parted: the root alone is locked for it, not the parts of
-- all other operators.
create or replace procedure shounuo.make_leaf(root pg_catalog.text, mine pg_catalog.uuid, key_column pg_catalog.text,
    generation pg_catalog.uuid, kind pg_catalog.text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    branch constant text := root || '_of_' || replace(mine::text, '-', '');
    leaf constant text := root || '_' || replace(generation::text, '-', '');
begin
    if to_regclass(format('shounuo.%I', branch)) is not null then
        execute format('lock table shounuo.%I in access exclusive mode', branch);
    else
        execute format('lock table only shounuo.%I in access exclusive mode', root);
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
