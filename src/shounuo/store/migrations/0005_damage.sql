-- Whose information was found damaged while something was done for everybody, until none of it is: the officer's list.
create table shounuo.damage (
    operator uuid not null,
    person uuid not null,
    found_in text not null constraint damage_found_in_is_a_word check (found_in ~ '^[a-z][a-z-]{0,31}$'),
    noted_at timestamptz not null,
    primary key (operator, person)
);
create index damage_by_age on shounuo.damage (operator, noted_at, person);
call shounuo.fence('damage');
grant select, insert, delete on shounuo.damage to {app};
