-- name: version_in_force
-- The version in force at a moment.
select number, hash from shounuo.policy_version
where operator = %(operator)s and effective_at <= %(at)s order by number desc limit 1

-- name: frame
-- The version in force at a moment, the documents that hold then, and when either changes by time alone.
select v.number, v.hash,
    array(select distinct p.holder || ':' || p.name from shounuo.paper p
        where p.operator = v.operator and p.holds_from <= %(papers_at)s and p.holds_until > %(papers_at)s) as papers,
    least(
        (select min(n.effective_at) from shounuo.policy_version n
            where n.operator = v.operator and n.number > v.number and n.effective_at > %(at)s),
        (select min(p.holds_from) from shounuo.paper p where p.operator = v.operator and p.holds_from > %(at)s),
        (select min(p.holds_until) from shounuo.paper p
            where p.operator = v.operator and p.holds_from <= %(at)s and p.holds_until > %(at)s)
    ) as until
from shounuo.policy_version v
where v.operator = %(operator)s and v.effective_at <= %(at)s order by v.number desc limit 1

-- name: version
-- One published version.
select number, slug, source, hash, published_at, effective_at, proving from shounuo.policy_version
where operator = %(operator)s and number = %(number)s

-- name: last_version
-- The version published last, in force or not yet.
select number, slug, source, hash, published_at, effective_at, proving from shounuo.policy_version
where operator = %(operator)s order by number desc limit 1

-- name: versions
-- Every published version, the newest first, without its text.
select number, slug, hash, published_at, effective_at, proving from shounuo.policy_version
where operator = %(operator)s order by number desc

-- name: put_version
-- Keeps a published version.
insert into shounuo.policy_version (operator, number, slug, source, hash, published_at, effective_at, proving)
values (%(operator)s, %(number)s, %(slug)s, %(source)s, %(hash)s, %(published_at)s, %(effective_at)s, %(proving)s)

-- name: next_effective
-- The next moment at which a published version takes effect.
select min(effective_at) from shounuo.policy_version
where operator = %(operator)s and effective_at > %(after)s and effective_at <= %(until)s

-- name: person_facts
-- What is known of a person besides consent, in one look.
select p.closed_at, s.barred, s.verified_identity_at, s.frozen_at,
    array(select distinct r.scene from shounuo.record r where r.operator = p.operator and r.person = p.person) as scenes,
    array(select distinct h.hash from shounuo.shown h where h.operator = p.operator and h.person = p.person) as shown,
    array(select distinct h.hash from shounuo.shown h
        where h.operator = p.operator and h.person = p.person and h.acknowledged) as acknowledged
from shounuo.person p left join shounuo.standing s on s.operator = p.operator and s.person = p.person
where p.operator = %(operator)s and p.person = %(person)s

-- name: account
-- Whether a person's account is closed or frozen, and since when.
select p.closed_at, s.frozen_at
from shounuo.person p left join shounuo.standing s on s.operator = p.operator and s.person = p.person
where p.operator = %(operator)s and p.person = %(person)s

-- name: lock_person
-- Takes the person's row, so that acts on one person go one after the other.
select person from shounuo.person where operator = %(operator)s and person = %(person)s for update

-- name: last_answers
-- The last answer of a person to each wording.
select distinct on (wording) item, wording, answer, form, at from shounuo.consent
where operator = %(operator)s and person = %(person)s order by wording, at desc, event desc

-- name: answers
-- Every answer of a person, the oldest first.
select event, item, wording, answer, form, given_by, shown, at from shounuo.consent
where operator = %(operator)s and person = %(person)s order by at, event

-- name: last_answer_at
-- When the person answered anything last.
select max(at) from shounuo.consent where operator = %(operator)s and person = %(person)s

-- name: put_answer
-- Keeps one answer.
insert into shounuo.consent (operator, person, event, item, wording, answer, form, given_by, shown, at)
values (%(operator)s, %(person)s, %(event)s, %(item)s, %(wording)s, %(answer)s, %(form)s, %(given_by)s, %(shown)s, %(at)s)

-- name: put_change
-- Tells gates that follow that a person's state has changed.
insert into shounuo.change (operator, person, change) values (%(operator)s, %(person)s, %(change)s)

-- name: changes
-- Whose state has changed in transactions from one horizon on, as far as can be seen, and the next horizon: the oldest
-- transaction still running, for it may yet change something. Nobody from before where changes were dropped.
select array(select distinct person from shounuo.change
        where operator = %(operator)s and made_in >= %(since)s::text::xid8) as people,
    pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
    coalesce((select below from shounuo.change_passed where operator = %(operator)s), '0'::xid8)::text as below

-- name: horizon
-- The oldest transaction still running.
select pg_snapshot_xmin(pg_current_snapshot())::text

-- name: mark_passed
-- Marks how far changes may be dropped once everybody has had time to see them; the first time.
insert into shounuo.change_passed (operator, below, next, marked_at)
values (%(operator)s, '0'::xid8, pg_snapshot_xmin(pg_current_snapshot()), %(at)s) on conflict do nothing

-- name: pass_by
-- Moves on to the last mark, when that is old enough, and marks anew; returns how far changes go now.
update shounuo.change_passed set below = next, next = pg_snapshot_xmin(pg_current_snapshot()), marked_at = %(at)s
where operator = %(operator)s and marked_at <= %(before)s returning below::text

-- name: drop_passed
-- Drops changes below a mark, and those of another cluster that had counted further.
delete from shounuo.change where operator = %(operator)s
    and (made_in < %(below)s::text::xid8 or made_in > pg_snapshot_xmax(pg_current_snapshot()))

-- name: put_shown
-- Keeps what a screen held.
insert into shounuo.shown (operator, person, shown, entry, hash, language, version, screen, acknowledged, at)
values (%(operator)s, %(person)s, %(shown)s, %(entry)s, %(hash)s, %(language)s, %(version)s, %(screen)s, %(acknowledged)s, %(at)s)

-- name: shown
-- One thing that was shown to a person.
select shown, entry, hash, language, version, screen, acknowledged, at from shounuo.shown
where operator = %(operator)s and person = %(person)s and shown = %(shown)s

-- name: all_shown
-- Everything that was shown to a person, the oldest first.
select shown, entry, hash, language, version, screen, acknowledged, at from shounuo.shown
where operator = %(operator)s and person = %(person)s order by at, shown

-- name: put_standing
-- Notes what bars a person, if anything does.
insert into shounuo.standing (operator, person, barred, verified_identity_at)
values (%(operator)s, %(person)s, %(barred)s, null)
on conflict (operator, person) do update set barred = excluded.barred

-- name: put_verified
-- Notes that a person's identity was verified.
insert into shounuo.standing (operator, person, barred, verified_identity_at)
values (%(operator)s, %(person)s, null, %(at)s)
on conflict (operator, person) do update set verified_identity_at = excluded.verified_identity_at

-- name: put_frozen
-- Freezes a person's account, or releases it (null).
insert into shounuo.standing (operator, person, barred, verified_identity_at, frozen_at)
values (%(operator)s, %(person)s, null, null, %(at)s)
on conflict (operator, person) do update set frozen_at = excluded.frozen_at

-- name: put_silence
-- Keeps a word said for or against messages on a channel.
insert into shounuo.silence (operator, person, event, message, channel, stopped, way, at)
values (%(operator)s, %(person)s, %(event)s, %(message)s, %(channel)s, %(stopped)s, %(way)s, %(at)s)

-- name: silences
-- What was said last about each message and channel.
select distinct on (message, channel) message, channel, stopped from shounuo.silence
where operator = %(operator)s and person = %(person)s order by message, channel, at desc, event desc

-- name: put_paper
-- Puts a document on file.
insert into shounuo.paper (operator, holder, name, paper, reference, holds_from, holds_until, at)
values (%(operator)s, %(holder)s, %(name)s, %(paper)s, %(reference)s, %(holds_from)s, %(holds_until)s, %(at)s)

-- name: papers
-- Every document on file.
select holder, name, paper, reference, holds_from, holds_until, at from shounuo.paper
where operator = %(operator)s order by holder, name, at

-- name: put_passage
-- Registers what went out.
insert into shounuo.passage (operator, person, passage, recipient, act, purpose, items, ground, reference, version, at)
values (%(operator)s, %(person)s, %(passage)s, %(recipient)s, %(act)s, %(purpose)s, %(items)s, %(ground)s, %(reference)s,
    %(version)s, %(at)s)

-- name: passages
-- What of a person went out, the oldest first.
select passage, recipient, act, purpose, items, ground, reference, version, at from shounuo.passage
where operator = %(operator)s and person = %(person)s order by at, passage

-- name: holds_on
-- The locks that stand on a person's items.
select hold, name, items, ground, opens_for, begins_at, ends_at, erases from shounuo.hold
where operator = %(operator)s and person = %(person)s and released_at is null order by begins_at, hold

-- name: locks_on
-- When each lock on a person's items ends.
select hold, ends_at from shounuo.hold
where operator = %(operator)s and person = %(person)s and released_at is null

-- name: put_hold
-- Locks a person's items for the law.
insert into shounuo.hold (operator, person, hold, name, items, ground, opens_for, begins_at, ends_at, erases)
values (%(operator)s, %(person)s, %(hold)s, %(name)s, %(items)s, %(ground)s, %(opens_for)s, %(begins_at)s, %(ends_at)s, %(erases)s)

-- name: release_hold
-- Ends a lock.
update shounuo.hold set released_at = %(at)s
where operator = %(operator)s and person = %(person)s and hold = %(hold)s and released_at is null

-- name: holds_ending
-- The locks whose end has come, from a place on.
select person, hold, name, items, erases, ends_at from shounuo.hold
where operator = %(operator)s and released_at is null and ends_at <= %(at)s
    and (ends_at, hold) > (%(after_end)s, %(after)s)
order by ends_at, hold limit %(most)s

-- name: next_hold_end
-- The next moment a lock ends.
select min(ends_at) from shounuo.hold
where operator = %(operator)s and released_at is null and ends_at > %(after)s and ends_at <= %(until)s

-- name: put_request
-- Takes a request in.
insert into shounuo.request (operator, request, number, person, kind, channel, items, record, condition, state, owner,
    received_at, due_at, usual_at, missing_years)
values (%(operator)s, %(request)s, %(number)s, %(person)s, %(kind)s, %(channel)s, %(items)s, %(record)s, %(condition)s,
    %(state)s, %(owner)s, %(received_at)s, %(due_at)s, %(usual_at)s, %(missing_years)s)

-- name: request
-- One request, as it stands.
select request, number, person, kind, channel, items, record, condition, state, owner, received_at, verified_at, due_at, usual_at,
    missing_years, ground, delay_reason, reminded_at, overdue_at, waits_for, unreadable_here_at, unreadable_in_backups_at, told,
    closed_at
from shounuo.request where operator = %(operator)s and request = %(request)s

-- name: request_to_move
-- One request, taken so that nobody else moves it.
select request, number, person, kind, channel, items, record, condition, state, owner, received_at, verified_at, due_at, usual_at,
    missing_years, ground, delay_reason, reminded_at, overdue_at, waits_for, unreadable_here_at, unreadable_in_backups_at, told,
    closed_at
from shounuo.request where operator = %(operator)s and request = %(request)s for update

-- name: open_requests
-- What is still owed, the most urgent first, from a place on.
select request, number, person, kind, channel, items, record, condition, state, owner, received_at, verified_at, due_at, usual_at,
    missing_years, ground, delay_reason, reminded_at, overdue_at, waits_for, unreadable_here_at, unreadable_in_backups_at, told,
    closed_at
from shounuo.request
where operator = %(operator)s and closed_at is null and (due_at, request) > (%(after_due)s, %(after)s)
order by due_at, request limit %(most)s

-- name: requests_of
-- The requests of one person, the newest first.
select request, number, person, kind, channel, items, record, condition, state, owner, received_at, verified_at, due_at, usual_at,
    missing_years, ground, delay_reason, reminded_at, overdue_at, waits_for, unreadable_here_at, unreadable_in_backups_at, told,
    closed_at
from shounuo.request where operator = %(operator)s and person = %(person)s order by received_at desc, request limit %(most)s

-- name: set_request
-- Moves a request and notes what that brought.
update shounuo.request set state = %(state)s, verified_at = %(verified_at)s, due_at = %(due_at)s, usual_at = %(usual_at)s,
    missing_years = %(missing_years)s, ground = %(ground)s, delay_reason = %(delay_reason)s,
    waits_for = %(waits_for)s, unreadable_here_at = %(unreadable_here_at)s, unreadable_in_backups_at = %(unreadable_in_backups_at)s,
    told = %(told)s, closed_at = %(closed_at)s
where operator = %(operator)s and request = %(request)s

-- name: requests_now_firm
-- Takes open requests whose deadline waited for notices that are all known now, from one on.
select request, person from shounuo.request
where operator = %(operator)s and closed_at is null and missing_years <> '{}' and missing_years <@ %(known)s::integer[]
    and request > %(after)s
order by request limit %(most)s for update skip locked

-- name: requests_to_remind
-- Takes open requests due before a moment that nobody was reminded of.
select request, number, kind, owner, due_at from shounuo.request
where operator = %(operator)s and closed_at is null and reminded_at is null and due_at <= %(before)s
order by due_at limit %(most)s for update skip locked

-- name: set_reminded
-- Notes that the owner was reminded.
update shounuo.request set reminded_at = %(at)s where operator = %(operator)s and request = %(request)s

-- name: requests_overdue
-- Takes open requests whose day has passed and that are not marked so.
select request, number, kind, owner, due_at from shounuo.request
where operator = %(operator)s and closed_at is null and overdue_at is null and due_at <= %(at)s
order by due_at limit %(most)s for update skip locked

-- name: set_overdue
-- Notes that a request's day has passed.
update shounuo.request set overdue_at = %(at)s where operator = %(operator)s and request = %(request)s

-- name: next_request_moment
-- The next moment a request is to be reminded of or falls overdue.
select min(moment) from (
    select min(due_at) as moment from shounuo.request
    where operator = %(operator)s and closed_at is null and overdue_at is null and due_at > %(after)s and due_at <= %(until)s
    union all
    select min(due_at) - %(ahead)s::interval from shounuo.request
    where operator = %(operator)s and closed_at is null and reminded_at is null
        and due_at - %(ahead)s::interval > %(after)s and due_at - %(ahead)s::interval <= %(until)s
) moments

-- name: requests_waiting_for_backups
-- Takes erasures done here that backups may still undo, with the keys that would open them, from one on.
select request, person, waits_for from shounuo.request
where operator = %(operator)s and unreadable_here_at is not null and unreadable_in_backups_at is null
    and request > %(after)s
order by request limit %(most)s for update skip locked

-- name: put_step
-- Plans one step of a request.
insert into shounuo.step (operator, request, place, name, state, tries)
values (%(operator)s, %(request)s, %(place)s, %(name)s, 'waiting', 0)

-- name: steps
-- The steps of a request, in their order.
select place, name, state, tries, result, done_at from shounuo.step
where operator = %(operator)s and request = %(request)s order by place

-- name: put_confirmation
-- Keeps a proof that people kept a pledge.
insert into shounuo.confirmation (operator, pledge, confirmation, confirmed_by, reference, at)
values (%(operator)s, %(pledge)s, %(confirmation)s, %(confirmed_by)s, %(reference)s, %(at)s)

-- name: last_confirmations
-- When each pledge was confirmed last, and by whom.
select distinct on (pledge) pledge, confirmed_by, reference, at from shounuo.confirmation
where operator = %(operator)s order by pledge, at desc, confirmation desc

-- name: put_lapse
-- Notes that a pledge passed its day unconfirmed.
insert into shounuo.lapse (operator, pledge, due_at, noted_at) values (%(operator)s, %(pledge)s, %(due_at)s, %(at)s)
on conflict do nothing

-- name: lapses
-- The pledges that have passed their day, and when that was noted.
select pledge, due_at, noted_at from shounuo.lapse where operator = %(operator)s order by due_at, pledge

-- name: refusal
-- When refusals of this kind were last put on the ledger, and how many have come since.
select noted_at, unnoted from shounuo.refusal
where operator = %(operator)s and person = %(person)s and what = %(what)s and reason = %(reason)s for update

-- name: put_refusal
-- Starts or restarts the minute of a kind of refusal.
insert into shounuo.refusal (operator, person, what, reason, noted_at, unnoted)
values (%(operator)s, %(person)s, %(what)s, %(reason)s, %(at)s, 0)
on conflict (operator, person, what, reason) do update set noted_at = excluded.noted_at, unnoted = 0

-- name: count_refusal
-- Counts more refusals within the minute.
update shounuo.refusal set unnoted = unnoted + %(more)s
where operator = %(operator)s and person = %(person)s and what = %(what)s and reason = %(reason)s

-- name: put_proof
-- Keeps what a run of the prover said of a clause.
insert into shounuo.proof (operator, version, clause, status, probe, build, story, at)
values (%(operator)s, %(version)s, %(clause)s, %(status)s, %(probe)s, %(build)s, %(story)s, %(at)s)
on conflict (operator, version, clause) do update
set status = excluded.status, probe = excluded.probe, build = excluded.build, story = excluded.story, at = excluded.at

-- name: proofs
-- What was last said of each clause of a version.
select clause, status, probe, build, story, at from shounuo.proof
where operator = %(operator)s and version = %(version)s

-- name: effective_at
-- When a version took effect.
select effective_at from shounuo.policy_version where operator = %(operator)s and number = %(number)s

-- name: shown_hashes
-- The words of an entry that were shown to a person.
select distinct hash from shounuo.shown where operator = %(operator)s and person = %(person)s and entry = %(entry)s

-- name: acknowledged_hashes
-- The words of an entry that a person confirmed having seen.
select distinct hash from shounuo.shown
where operator = %(operator)s and person = %(person)s and entry = %(entry)s and acknowledged

-- name: erased_since
-- Whether anything (of one person) was erased, corrected or has expired since a moment.
select exists(select from shounuo.denial where operator = %(operator)s and at >= %(since)s
    and (%(person)s::uuid is null or person = %(person)s)
    and what = any(array['erased', 'expired', 'corrected', 'closed']))

-- name: put_place
-- Takes up a place.
insert into shounuo.place (operator, name, region, covers, at)
values (%(operator)s, %(name)s, %(region)s, %(covers)s, %(at)s)
on conflict (operator, name) do nothing
