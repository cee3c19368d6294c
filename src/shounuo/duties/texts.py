"""The texts people read: made when a version is published, kept as they were made.

1. They are made from the policy that is published and stored with its version. A page shows what is stored, so an old version
   reads as it did, whatever this program would make of it today.
2. Each is known by a hash (`render.rendered`). The ledger's `published` entry names all of them, its `shown` entry the one in
   force when a notice was shown.
3. A version published before texts were kept is made readable from its source.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from shounuo.core.policy import Policy
from shounuo.duties.parts import Version, sql
from shounuo.language.load import load
from shounuo.render.rendered import Rendered, render, render_all
from shounuo.store.act import Act
from shounuo.store.queries import load as load_queries

texts_sql = load_queries("shounuo.duties", "sql/texts.sql")
_REMEMBERED = 8
_made: dict[tuple[str, bytes], tuple[Rendered, ...]] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class TextHash:
    """What one text of a version is known by."""

    language: str
    form: str
    hash: str


@dataclass(frozen=True, slots=True)
class NumberedHash:
    """The same, with the version's number."""

    number: int
    language: str
    form: str
    hash: str


def made(policy: Policy, source: bytes) -> tuple[Rendered, ...]:
    """Every text of a policy, made once for each source and name: the same policy is the same text."""
    key = (policy.slug, hashlib.sha256(source).digest())
    with _lock:
        if (known := _made.get(key)) is not None:
            return known
    texts = render_all(policy)
    with _lock:
        while len(_made) >= _REMEMBERED:
            del _made[next(iter(_made))]
        _made[key] = texts
    return texts


def keep(act: Act, number: int, texts: tuple[Rendered, ...]) -> Mapping[str, str]:
    """Keep the texts of a version that was just stored; what they are known by. (1, 2)"""
    for one in texts:
        act.do(
            texts_sql.put_text, operator=act.operator, number=number, language=one.language, form=one.form, title=one.title,
            markdown=one.markdown, html=one.html, hash=one.hash,
        )  # fmt: skip
    return {_name(one.form, one.language): one.hash for one in texts}


def hashes(act: Act, number: int) -> Mapping[str, str]:
    """What the texts of a version are known by, as `full.zh-CN`. (2, 3)"""
    kept = act.rows(TextHash, texts_sql.text_hashes, operator=act.operator, number=number)
    if not kept and (version := _version(act, number)) is not None:
        return {_name(one.form, one.language): one.hash for one in made(_policy(version), version.source)}
    return {_name(one.form, one.language): one.hash for one in kept}


def all_hashes(act: Act) -> Mapping[int, Mapping[str, str]]:
    """The same for every version whose texts are kept."""
    found: dict[int, dict[str, str]] = {}
    for one in act.rows(NumberedHash, texts_sql.all_text_hashes, operator=act.operator):
        found.setdefault(one.number, {})[_name(one.form, one.language)] = one.hash
    return found


def read(act: Act, number: int, language: str, form: str) -> Rendered | None:
    """One text of a version as it was published; None where there is no such version. (1, 3)"""
    kept = act.row(
        Rendered, texts_sql.text, operator=act.operator, number=number, language=language, form=form
    )
    if kept is None and (version := _version(act, number)) is not None:
        return render(_policy(version), language, form)
    return kept


def _version(act: Act, number: int) -> Version | None:
    return act.row(Version, sql.version, operator=act.operator, number=number)


def _policy(version: Version) -> Policy:
    return load(version.source, f"{version.slug}.yaml", version.slug)


def _name(form: str, language: str) -> str:
    return f"{form}.{language}"
