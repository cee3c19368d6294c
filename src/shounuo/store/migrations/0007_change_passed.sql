-- How far changes were dropped that every follower has passed (`below`), and how far they will be next (`next`, the oldest
-- transaction running at `marked_at`). A follower that comes from before `below` has missed some.
create table shounuo.change_passed (
    operator uuid not null primary key,
    below xid8 not null,
    next xid8 not null,
    marked_at timestamptz not null
);
call shounuo.fence('change_passed');
grant select, insert, update on shounuo.change_passed to {app};
