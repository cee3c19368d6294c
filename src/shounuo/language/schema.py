"""The policy language as a JSON Schema (2020-12), for editors: made by the grammar that reads it, so the two
agree.

1. It knows shapes: sections, entries, keys, closed words, probes and their parameters. Whether a name is
   declared and whether the policy keeps its own clauses is asked of `shounuo compile`.
2. Every section and key says what it is for.
3. A number where text must stand is let pass: editors read `section: 2.1` as a number, the language as text.
"""

from collections.abc import Mapping
from typing import Any

from shounuo.core.promise import PROBES, ProbeKind
from shounuo.language.clauses import CLAUSE
from shounuo.language.form import Section
from shounuo.language.grammar import NAME_PATTERN, Schema
from shounuo.language.sections import SECTIONS
from shounuo.language.terms import CLAUSE_NAME

_WORD: Schema = {"type": ["string", "number"], "minLength": 1, "maxLength": 200}


def schema() -> Schema:
    """The schema of a whole policy file."""
    sections = {name: _section(section) for name, section in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Shounuo policy",
        "description": "A privacy policy as promises a system keeps. What is not declared is forbidden.",
        "type": "object",
        "properties": {**sections, "clauses": _clauses()},
        "required": ["clauses"],
        "additionalProperties": False,
        "$defs": {"probe": _probes()},
    }


def _section(section: Section) -> Schema:
    named = {name: shape.grammar.schema() for name, shape in (section.by_name or {}).items()}
    others = section.shape.grammar.schema() if section.shape else False
    names: Schema = {"pattern": NAME_PATTERN}
    if section.reserved:
        names["not"] = {"enum": list(section.reserved)}
    return {
        "description": section.about,
        "type": "object",
        "properties": named,
        "additionalProperties": others,
        "propertyNames": names,
    }


def _clauses() -> Schema:
    facts: Schema = {"type": "object", "additionalProperties": True}
    clause = CLAUSE.schema()
    clause["properties"] |= {
        "numbers": facts
        | {"description": "the figures the text fixes, by a field of the entry that keeps it"},
        "items": facts | {"description": "the lists the text fixes, by a field of the entry that keeps it"},
        "ours": facts | {"description": "what the text leaves open and the operator set itself, by a field"},
        "probe": {
            "description": "the stories that show it kept",
            "anyOf": [{"$ref": "#/$defs/probe"}, {"type": "array", "items": {"$ref": "#/$defs/probe"}}],
        },
    }
    return {
        "description": "what the text says, clause by clause",
        "type": "object",
        "propertyNames": {"pattern": f"^{CLAUSE_NAME}$"},
        "additionalProperties": clause,
    }


def _probes() -> Schema:
    return {
        "type": "object",
        "properties": {name: _probe(kind) for name, kind in PROBES.items()},
        "additionalProperties": False,
    }


def _probe(kind: ProbeKind) -> Schema:
    return {
        "description": kind.story,
        "type": "object",
        "properties": {name: _param(kind, name) for name in kind.params},
        "required": sorted(kind.needs),
        "additionalProperties": False,
    }


def _param(kind: ProbeKind, name: str) -> Mapping[str, Any]:
    sections = kind.params[name]
    about = {"description": f"declared in {' or '.join(sections)}"} if sections else {}
    word: Schema = {"enum": list(kind.words[name])} if name in kind.words else _WORD
    return {"anyOf": [word, {"type": "array", "items": word, "minItems": 1}], **about}
