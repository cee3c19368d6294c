-- What the duties keep: published versions, what was shown and answered, requests, papers, pledges, refusals.

-- A published version of the operator's policy. Never changed; the one in force is the last whose day has come.
create table shounuo.policy_version (
    operator uuid not null references shounuo.operator (id),
    number integer not null check (number > 0),
    slug text not null,
    source bytea not null check (length(source) <= 8000000),
    hash text not null,
    published_at timestamptz not null,
    effective_at timestamptz not null,
    proving boolean not null,
    primary key (operator, number)
);
call shounuo.fence('policy_version');
grant select, insert on shounuo.policy_version to {app};

-- What a person's screen held before an act.
create table shounuo.shown (
    operator uuid not null,
    person uuid not null,
    shown uuid not null,
    entry text not null,
    hash text not null,
    language text not null,
    version integer not null,
    screen jsonb not null,
    acknowledged boolean not null,
    at timestamptz not null,
    primary key (operator, person, shown)
);
call shounuo.fence('shown');
grant select, insert on shounuo.shown to {app};

-- Every answer of a person to a wording. An answer is never changed; a later one stands after it.
create table shounuo.consent (
    operator uuid not null,
    person uuid not null,
    event uuid not null,
    item text not null,
    wording text not null,
    answer text not null check (answer in ('given', 'refused', 'withdrawn', 'expired', 'suspended')),
    form text not null,
    given_by text not null check (given_by in ('person', 'guardian', 'restore')),
    shown uuid,
    at timestamptz not null,
    primary key (operator, person, event)
);
call shounuo.fence('consent');
grant select, insert on shounuo.consent to {app};

-- Whose state has changed and in which transaction, for gates that follow. Read below the oldest one still running.
create table shounuo.change (
    operator uuid not null,
    made_in xid8 not null default pg_current_xact_id(),
    person uuid not null,
    change uuid not null,
    primary key (operator, made_in, change)
);
call shounuo.fence('change');
grant select, insert, delete on shounuo.change to {app};

-- What is known of a person besides consent.
create table shounuo.standing (
    operator uuid not null,
    person uuid not null,
    barred text,
    verified_identity_at timestamptz,
    frozen_at timestamptz,
    primary key (operator, person)
);
call shounuo.fence('standing');
grant select, insert, update on shounuo.standing to {app};

-- A word said against messages on a channel; the last one stands.
create table shounuo.silence (
    operator uuid not null,
    person uuid not null,
    event uuid not null,
    message text not null,
    channel text not null,
    stopped boolean not null,
    way text not null,
    at timestamptz not null,
    primary key (operator, person, event)
);
call shounuo.fence('silence');
grant select, insert on shounuo.silence to {app};

-- Documents on file: what they are, whose, from when to when they hold.
create table shounuo.paper (
    operator uuid not null,
    holder text not null,
    name text not null,
    paper uuid not null,
    reference text not null,
    holds_from timestamptz not null,
    holds_until timestamptz not null,
    at timestamptz not null,
    primary key (operator, holder, name, paper),
    check (holds_until > holds_from)
);
call shounuo.fence('paper');
grant select, insert on shounuo.paper to {app};

-- What has gone out: the two disclosure lists are made from here.
create table shounuo.passage (
    operator uuid not null,
    person uuid not null,
    passage uuid not null,
    recipient text not null,
    act text not null,
    purpose text not null,
    items text[] not null,
    ground text,
    reference text,
    version integer not null,
    at timestamptz not null,
    primary key (operator, person, passage)
);
call shounuo.fence('passage');
grant select, insert on shounuo.passage to {app};

-- A lock on items the law still wants. On its end the erasure it kept waiting finishes by itself.
create table shounuo.hold (
    operator uuid not null,
    person uuid not null,
    hold uuid not null,
    name text not null,
    items text[] not null,
    ground text not null,
    opens_for text[] not null,
    begins_at timestamptz not null,
    ends_at timestamptz not null,
    released_at timestamptz,
    erases boolean not null,
    primary key (operator, person, hold),
    check (ends_at > begins_at)
);
create index hold_by_end on shounuo.hold (operator, ends_at) where released_at is null;
call shounuo.fence('hold');
grant select, insert, update (released_at) on shounuo.hold to {app};

-- A person's request and where it stands. `subject` is null when who asks is not a person we know.
create table shounuo.request (
    operator uuid not null,
    request uuid not null,
    number text not null,
    person uuid,
    kind text not null,
    channel text not null,
    items text[] not null,
    record uuid,
    condition text,
    state text not null check (state in ('received', 'verified', 'under-way', 'answered', 'refused', 'withdrawn')),
    owner text not null,
    received_at timestamptz not null,
    verified_at timestamptz,
    due_at timestamptz not null,
    usual_at timestamptz,
    missing_years integer[] not null,
    ground text,
    delay_reason text,
    reminded_at timestamptz,
    overdue_at timestamptz,
    waits_for uuid[] not null default '{}',
    unreadable_here_at timestamptz,
    unreadable_in_backups_at timestamptz,
    told jsonb,
    closed_at timestamptz,
    primary key (operator, request),
    unique (operator, number)
);
create index request_by_due on shounuo.request (operator, due_at) where closed_at is null;
create index request_provisional on shounuo.request (operator, due_at) where closed_at is null and missing_years <> '{}';
create index request_by_person on shounuo.request (operator, person, received_at);
create index request_by_wait on shounuo.request (operator, unreadable_here_at)
    where unreadable_here_at is not null and unreadable_in_backups_at is null;
call shounuo.fence('request');
grant select, insert, update on shounuo.request to {app};

-- One system's part in a request: claimed with a lease on the machine's clock, done once.
create table shounuo.step (
    operator uuid not null,
    request uuid not null,
    place integer not null,
    name text not null,
    state text not null check (state in ('waiting', 'running', 'done', 'unknown')),
    worker uuid,
    leased_until timestamptz,
    tries integer not null,
    result jsonb,
    done_at timestamptz,
    primary key (operator, request, place),
    foreign key (operator, request) references shounuo.request (operator, request)
);
create index step_open on shounuo.step (operator, state) where state in ('waiting', 'running');
call shounuo.fence('step');
grant select, insert, update on shounuo.step to {app};

-- A proof that people kept a pledge: who confirmed it, by which document.
create table shounuo.confirmation (
    operator uuid not null,
    pledge text not null,
    confirmation uuid not null,
    confirmed_by text not null,
    reference text not null,
    at timestamptz not null,
    primary key (operator, pledge, confirmation)
);
call shounuo.fence('confirmation');
grant select, insert on shounuo.confirmation to {app};

-- A pledge that has passed its day unconfirmed, and since when that is on record.
create table shounuo.lapse (
    operator uuid not null,
    pledge text not null,
    due_at timestamptz not null,
    noted_at timestamptz not null,
    primary key (operator, pledge, due_at)
);
call shounuo.fence('lapse');
grant select, insert on shounuo.lapse to {app};

-- Refusals of one kind within a minute: the first is in the ledger, the rest are counted here until the next entry.
create table shounuo.refusal (
    operator uuid not null,
    person uuid not null,
    what text not null,
    reason text not null,
    noted_at timestamptz not null,
    unnoted bigint not null,
    primary key (operator, person, what, reason)
);
call shounuo.fence('refusal');
grant select, insert, update on shounuo.refusal to {app};

-- What the last run of a prover said of each clause, for the wall.
create table shounuo.proof (
    operator uuid not null,
    version integer not null,
    clause text not null,
    status text not null,
    probe text,
    build text not null,
    story jsonb not null,
    at timestamptz not null,
    primary key (operator, version, clause)
);
call shounuo.fence('proof');
grant select, insert, update on shounuo.proof to {app};

-- A place information is kept in: inside the region the policy names, or it is not taken up.
create table shounuo.place (
    operator uuid not null,
    name text not null,
    region text not null,
    covers text not null,
    at timestamptz not null,
    primary key (operator, name)
);
call shounuo.fence('place');
grant select, insert on shounuo.place to {app};

-- Who is served here, for start-up and upkeep: public names and ids, nothing else of theirs.
create policy list_all on shounuo.operator for select to current_user using (true);
create function shounuo.operators() returns table (id pg_catalog.uuid, slug pg_catalog.text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select o.id, o.slug from shounuo.operator o order by o.created_at, o.id
$$;
grant execute on function shounuo.operators() to {app};
