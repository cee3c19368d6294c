-- name: put_text
-- Keeps one text of a published version as people read it.
insert into shounuo.policy_text (operator, number, language, form, title, markdown, html, hash)
values (%(operator)s, %(number)s, %(language)s, %(form)s, %(title)s, %(markdown)s, %(html)s, %(hash)s)

-- name: text
-- One text of a published version.
select language, form, title, markdown, html from shounuo.policy_text
where operator = %(operator)s and number = %(number)s and language = %(language)s and form = %(form)s

-- name: text_hashes
-- The hash of every text of a version.
select language, form, hash from shounuo.policy_text
where operator = %(operator)s and number = %(number)s order by form, language

-- name: all_text_hashes
-- The hash of every text of every version.
select number, language, form, hash from shounuo.policy_text
where operator = %(operator)s order by number, form, language
