-- name: roll
-- People by what is known of them, as far as purposes ask: those of whom the same is known stand together.
-- Their ids stand one after the other in one blob, 16 bytes each. Moments of answers are told by their order alone. Whoever is
-- barred by age or has something locked is `odd`, to be looked at one by one. Without `chosen` (a blob of ids too) it is
-- everybody whose id comes after `after`, up to `most` people.
with asked as materialized (
    select p.person, p.closed_at is not null as closed, s.frozen_at is not null as frozen,
        s.verified_identity_at is not null as verified,
        s.barred is not null or exists (
            select from shounuo.hold h
            where h.operator = p.operator and h.person = p.person and h.released_at is null) as odd
    from shounuo.person p left join shounuo.standing s on s.operator = p.operator and s.person = p.person
    where p.operator = %(operator)s
        and case when %(chosen)s::bytea is null then p.person > %(after)s else p.person in (
            select encode(substr(%(chosen)s::bytea, place * 16 + 1, 16), 'hex')::uuid
            from generate_series(0, length(%(chosen)s::bytea) / 16 - 1) as place) end
    order by p.person limit %(most)s
), scenes as (
    select r.person, array_agg(distinct r.scene order by r.scene) as names
    from shounuo.record r join asked on asked.person = r.person
    where r.operator = %(operator)s and r.scene = any (%(states)s)
    group by r.person
), seen as (
    select h.person, array_agg(distinct h.hash order by h.hash) as shown,
        coalesce(array_agg(distinct h.hash order by h.hash) filter (where h.acknowledged), '{}') as acknowledged
    from shounuo.shown h join asked on asked.person = h.person
    where h.operator = %(operator)s and h.hash = any (%(notices)s)
    group by h.person
), last_answers as (
    select distinct on (c.person, c.wording) c.person, c.item, c.wording, c.answer, c.form, c.at
    from shounuo.consent c join asked on asked.person = c.person
    where c.operator = %(operator)s
    order by c.person, c.wording, c.at desc, c.event desc
), answers as (
    select person, array_agg(line order by line) as lines
    from (
        select person, concat_ws(' ', dense_rank() over (partition by person order by at), item, wording, answer, form) as line
        from last_answers
    ) ranked group by person
)
select asked.closed, asked.frozen, asked.verified, asked.odd,
    coalesce(scenes.names, '{}') as scenes, coalesce(seen.shown, '{}') as shown,
    coalesce(seen.acknowledged, '{}') as acknowledged, coalesce(answers.lines, '{}') as answers,
    string_agg(uuid_send(asked.person), ''::bytea order by asked.person) as people
from asked
    left join scenes on scenes.person = asked.person
    left join seen on seen.person = asked.person
    left join answers on answers.person = asked.person
group by 1, 2, 3, 4, 5, 6, 7, 8
