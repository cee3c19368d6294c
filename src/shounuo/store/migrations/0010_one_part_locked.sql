-- What looks at one operator's part of a parted table locks that part alone. A plan made for any operator locks the parts of all,
-- and with a thousand operators the table of locks is full; a foreign key's own look is such a plan, unless it is made anew.

alter function shounuo.open_operator(pg_catalog.uuid, pg_catalog.uuid, pg_catalog.uuid, pg_catalog.timestamptz)
    set plan_cache_mode = force_custom_plan;
alter function shounuo.close_wrapping(pg_catalog.uuid) set plan_cache_mode = force_custom_plan;
