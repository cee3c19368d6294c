-- The fence asks who the operator is once a statement, not once a row: a subquery that depends on nothing is evaluated first.

create or replace procedure shounuo.fence(target pg_catalog.text)
language plpgsql as $$
begin
    execute pg_catalog.format('alter table shounuo.%I enable row level security', target);
    execute pg_catalog.format('alter table shounuo.%I force row level security', target);
    execute pg_catalog.format(
        'create policy fence on shounuo.%I using (operator = (select shounuo.operator())) '
        'with check (operator = (select shounuo.operator()))',
        target);
end
$$;

do $$
declare
    fenced pg_catalog.text;
begin
    for fenced in
        select tablename from pg_catalog.pg_policies
        where schemaname = 'shounuo' and policyname = 'fence' and tablename <> 'operator'
    loop
        execute pg_catalog.format(
            'alter policy fence on shounuo.%I using (operator = (select shounuo.operator())) '
            'with check (operator = (select shounuo.operator()))',
            fenced);
    end loop;
end
$$;
alter policy fence on shounuo.operator using (id = (select shounuo.operator())) with check (id = (select shounuo.operator()));
