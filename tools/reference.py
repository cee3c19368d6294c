"""Write the reference pages from the code itself, so that they cannot drift: language, commands, settings, API, errors.

`uv run python tools/reference.py` writes them; a test compares what it would write with what is there.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "shounuo"


def pages() -> dict[str, str]:
    """Every reference page by its name under docs/."""
    return {
        "language.md": language(),
        "commands.md": commands(),
        "settings.md": settings(),
        "api.md": api(),
        "errors.md": errors(),
    }


def language() -> str:
    """The prose of `language.md.in`, with sections, words, facts and probes as the code has them."""
    from shounuo.core.clause import Kind
    from shounuo.language.sections import COMMON
    from shounuo.law.rules.facts import COUNTS, FACTS

    made = {
        "VOCABULARIES": [line for name in _vocabularies() for line in (*_vocabulary(name), "")][:-1],
        "FACTS": [
            f"- `{name.replace('_', '-')}` ({'a number' if name in COUNTS else 'true or false'}): {about}"
            for name, about in FACTS.items()
        ],
        "COMMON": [line for name, field in COMMON.items() for line in _rows(name, field)],
        "SECTIONS": list(_sections()),
        "KINDS": [", ".join(f"`{kind.value}`" for kind in Kind)],
        "PROBES": list(_probes()),
    }
    text = (ROOT / "tools" / "language.md.in").read_text(encoding="utf-8")
    for name, lines in made.items():
        text = text.replace(f"@{name}@", "\n".join(lines) + ("" if name == "KINDS" else "\n"))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _sections() -> Iterator[str]:
    from shounuo.language.sections import SECTIONS

    for name, section in SECTIONS.items():
        yield from ("", f"### `{name}`: {section.about}", "")
        for entry, shape in (section.by_name or {}).items():
            rows = [line for key, field in shape.fields.items() for line in _rows(key, field)]
            yield from (f"Entry `{entry}`:", "", *(rows or ["- no keys of its own"]), "")
        if section.shape is not None:
            rows = [line for key, field in section.shape.fields.items() for line in _rows(key, field)]
            yield from rows or ["- no keys of its own"]
    yield ""


def _probes() -> Iterator[str]:
    from shounuo.core.promise import PROBES

    for name, kind in PROBES.items():
        yield f"- **`{name}`** {kind.story}"
        for param, sections in kind.params.items():
            words = kind.words.get(param, ())
            of = f"a name from {_of(sections)}" if sections else _one_of(words) if words else "words"
            yield f"  - `{param}`{' (required)' if param in kind.needs else ''} {of}"


def _vocabularies() -> dict[str, tuple[Any, ...]]:
    """The words and shapes that stand in many places, told once: heading -> what they are."""
    from shounuo.core import category, policy
    from shounuo.core.moment import CHANNELS, EVENTS, MOMENTS

    return {
        "channels": CHANNELS,
        "events": EVENTS,
        "moments": MOMENTS,
        "grounds": tuple(one.value for one in policy.Ground),
        "grounds-to-refuse": tuple(one.value for one in policy.RefusalGround),
        "requests-people-make": category.REQUEST_KINDS,
        "cases": category.CASE_KINDS,
        "kinds-of-value": tuple(category.KINDS),
    }


def _vocabulary(name: str) -> Iterator[str]:
    words = ", ".join(f"`{word}`" for word in _vocabularies()[name])
    yield from (f"### {name.replace('-', ' ').capitalize()}", "", words)


def _one_of(words: tuple[str, ...], many: str = "one of") -> str:
    for name, known in _vocabularies().items():
        if tuple(words) == tuple(known):
            return f"{many} the [{name.replace('-', ' ')}](#{name})"
    return f"{many} {', '.join(f'`{word}`' for word in words)}"


def _of(sections: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in sections)


def _form(grammar: Any) -> str:
    """How a value is written, where its key does not say so."""
    from shounuo.language import grammar as g
    from shounuo.language import terms

    known = {
        id(terms.DEADLINE): "a [deadline](#times-and-ages)",
        id(terms.PERIOD): "a [keeping period](#times-and-ages)",
        id(terms.TIME): "a [duration or `{says, bound}`](#times-and-ages)",
        id(terms.DURATION): "a [duration](#times-and-ages)",
        id(terms.KEEPING): "a [duration](#times-and-ages), not in working days",
        id(terms.WORDS): "`{zh: …, en: …}`",
    }
    if id(grammar) in known:
        return known[id(grammar)]
    match grammar:
        case g.Word(of=words):
            return _one_of(words)
        case g.Ref(sections=sections, extra=extra):
            return f"a name from {_of(sections)}" + (
                f", or {', '.join(f'`{one}`' for one in extra)}" if extra else ""
            )
        case g.ListOf(item=g.Word(of=words)):
            return f"a list: {_one_of(words, 'some of')}"
        case g.ListOf(item=g.Ref() as item):
            return f"a list: {_form(item).replace('a name', 'names', 1)}"
        case g.ListOf(item=item):
            return f"a list{f': each {form}' if (form := _form(item)) else ''}"
        case g.Table(names=names, example=example):
            return f"`{{{example}}}`" + (f", the names {_one_of(names)}" if names else "")
        case g.Fields():
            return f"`{{{', '.join(f'{name}: …' for name in grammar.fields)}}}`"
        case g.AnyOf():
            forms = (_form(one) for one in (grammar.scalar, grammar.mapping, grammar.sequence) if one)
            return ", or ".join(form for form in forms if form)
        case g.Flag():
            return "`true` or `false`"
        case g.Number(least=least, most=most):
            return f"a whole number from {least} to {most}"
        case g.Parsed(example=example):
            return f"such as `{example}`"
        case _:
            return ""


def _rows(name: str, field: Any, depth: int = 0) -> Iterator[str]:
    """A key with what it means and how it is written, and the keys within it."""
    from shounuo.language import grammar as g
    from shounuo.language.terms import WORDS

    form = "the [facts](#facts)" if name == "facts" else _form(field.grammar)
    about = f" {field.about}" if field.about else ""
    required = " (required)" if field.required else ""
    yield f"{'  ' * depth}- `{name}`{required}{about}{f': {form}' if form else ''}"
    inner = field.grammar.item if isinstance(field.grammar, g.ListOf) else field.grammar
    if isinstance(inner, g.Fields) and inner is not WORDS and depth < 2:
        for key, one in inner.fields.items():
            yield from _rows(key, one, depth + 1)


def commands() -> str:
    """Every command with its arguments and options."""
    import typer

    from shounuo.cli.main import furnished

    out = [
        "# Commands",
        "",
        "Exit codes: 0 done, the answer is yes; 1 done, the answer is no; 2 not done, and the message says what to do.",
        "",
    ]

    def walk(command: Any, path: str) -> None:
        if hasattr(command, "commands"):
            for name in sorted(command.commands):
                walk(command.commands[name], f"{path} {name}")
            return
        out.extend([f"## `{path}`", "", (command.help or "").strip(), ""])
        for param in command.params:
            if param.name == "help":
                continue
            names = param.name.upper() if param.param_type_name == "argument" else ", ".join(param.opts)
            out.append(f"- `{names}`: {getattr(param, 'help', None) or 'see above'}")
        out.append("")

    walk(typer.main.get_command(furnished()), "shounuo")
    return "\n".join(out).rstrip() + "\n"


def settings() -> str:
    """The table at the top of `config`."""
    from shounuo import config

    table = "\n".join(line for line in (config.__doc__ or "").splitlines() if line.startswith("|"))
    return (
        "# Settings\n\nEvery setting is an environment variable.\n\n"
        + table
        + "\n\nWith your own PostgreSQL (15 or newer), the two "
        "addresses name two logins: the application's, which must be neither owner, superuser nor able to bypass row-level security, and "
        "the owner's, which is used for migrations only.\n\n"
        "Under `SHOUNUO_HOME` lie `postgres/` (the embedded server), `custody/` (the master key and the keys it seals, in two copies), "
        "`guard/` (the outside journal and the last checkpoints) and `key-copies/`. Keep `custody/second` on another disk; keep no copy "
        "of `custody/` in an archive older than your erasure term.\n"
    )


def api() -> str:
    """Every endpoint, from the OpenAPI document."""
    from unittest.mock import MagicMock

    from shounuo.web.app import build

    app = build(MagicMock(), proving=True)
    document, scopes = app.openapi(), _scopes(app)
    out = [
        "# HTTP API",
        "",
        "The machine-readable description is served at `/v1/openapi.json`. Calls carry `Authorization: Bearer <key>`; a key opens the",
        "scopes it was made with (`product`, `officer`, `auditor`). Errors are problem documents (RFC 9457) with a stable `code`; see",
        "[errors](errors.md). A call that makes something may carry `Idempotency-Key`: the same key with the same body makes it once; with",
        "another body it is refused with `key-reused`. `/v1/clock` exists only on a server started for proving.",
        "",
        "| call | scope | what it does |",
        "|---|---|---|",
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            about = " ".join(operation.get("description", operation["summary"]).split())
            scope = scopes.get((method.upper(), path))
            out.append(f"| `{method.upper()} {path}` | {f'`{scope}`' if scope else 'none'} | {about} |")
    return "\n".join(out) + "\n"


def _scopes(app: Any) -> dict[tuple[str, str], str]:
    """By method and path, the scope a caller's key must open; nothing where no key is asked for."""
    found = {}
    for included in app.routes:
        for route in getattr(getattr(included, "original_router", None), "routes", ()):
            called = [one.call for one in route.dependant.dependencies if inspect.isfunction(one.call)]
            scopes = [inspect.getclosurevars(one).nonlocals.get("scope") for one in called]
            scopes.append(
                (route.openapi_extra or {}).get("x-scope")
            )  # of calls that look for their caller themselves
            for scope in scopes:
                if scope is not None:
                    found |= {(method, route.path): scope for method in route.methods}
    return found


def errors() -> str:
    """Every code an error or a decision may carry."""
    from shounuo.core.decision import Reason
    from shounuo.web.problems import STATUS

    found: dict[str, str] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        if "prove" not in file.parts:
            for code, message in _raised(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(code, message)
    for status, code in STATUS.values():
        found.setdefault(code, f"HTTP {status}")
    out = [
        "# Errors and reasons",
        "",
        "A code is stable: it is never renamed. `…` stands for the name or number concerned. No message carries a value.",
        "",
        "## Codes",
        "",
        "| code | what it says |",
        "|---|---|",
        *(f"| `{code}` | {found[code]} |" for code in sorted(found)),
        "",
        "## Reasons of the gate",
        "",
        *(f"- `{reason.value}`" for reason in Reason),
    ]
    return "\n".join(out) + "\n"


_CODED = {"Refused", "Invalid", "NotFound", "Conflict"}


def _raised(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and (node.func.id in _CODED or node.func.id == "problem")
        ):
            args = node.args[1:] if node.func.id == "problem" else node.args
            if len(args) >= 2 and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str):
                yield args[0].value, _text(args[1])


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value).replace("|", "\\|")
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return re.sub(r"\s+", " ", text).replace("|", "\\|")
    return "…"


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
