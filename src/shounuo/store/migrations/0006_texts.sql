-- The texts people read, as they were made when their version was published. Never changed: a version can always be read
-- as it was, whatever later programs would make of it.
create table shounuo.policy_text (
    operator uuid not null,
    number integer not null,
    language text not null check (language in ('zh-CN', 'en')),
    form text not null check (form in ('full', 'summary')),
    title text not null,
    markdown text not null,
    html text not null,
    hash text not null,
    primary key (operator, number, language, form),
    foreign key (operator, number) references shounuo.policy_version (operator, number)
);
call shounuo.fence('policy_text');
grant select, insert on shounuo.policy_text to {app};
