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
    """Sections, keys, probes."""
    from shounuo.core.clause import Kind
    from shounuo.core.promise import PROBES
    from shounuo.language.sections import COMMON, SECTIONS

    out = [
        "# The policy language",
        "",
        "One YAML file an operator, its sections in the order a reader expects. What is not declared is forbidden. An entry names the",
        "clauses it keeps (`keeps`); a clause says what the text says, in `numbers` and `items` keyed by the entry's field. For editors,",
        "`shounuo schema` prints the JSON Schema; `shounuo init` writes a small policy to start from.",
        "",
        "Every entry may have:",
        "",
        *(_row(name, field) for name, field in COMMON.items()),
        "",
        "## Sections",
    ]
    for name, section in SECTIONS.items():
        out += ["", f"### `{name}`: {section.about}", ""]
        for entry, shape in (section.by_name or {}).items():
            out += [f"Entry `{entry}`:", "", *(_row(key, field) for key, field in shape.fields.items()), ""]
        if section.shape is not None:
            out += [*(_row(key, field) for key, field in section.shape.fields.items())] or [
                "- no keys of its own"
            ]
    out += ["", "### `clauses`: what the text says, clause by clause", ""]
    kinds = ", ".join(f"`{kind.value}`" for kind in Kind)
    out += [
        f"- `kind` (required): {kinds}; the last three bind no system",
        "- `says` (required): `{zh, en}`, in our words",
        "- `numbers`, `items`: what the text fixes, keyed by a field of the entry that keeps it, or a whole path",
        "- `probe`: one story or a list of them, each `{kind: {parameters}}`",
        "- `section`: the place in the text",
        "- `emphasised`: whether the text sets it in bold",
        "- `later`: why nothing keeps it yet; its findings are warnings, and the policy is published for proving only",
        "",
        "## Probes",
        "",
    ]
    for name, kind in PROBES.items():
        out += [f"- **`{name}`** {kind.story} Needs {_names(kind.needs)}; may have {_names(kind.may)}."]
    return "\n".join(out) + "\n"


def _names(params: Any) -> str:
    return ", ".join(f"`{name}`" for name in params) or "nothing"


def _row(name: str, field: Any) -> str:
    schema = field.grammar.schema()
    words = (
        f": one of {', '.join(f'`{word}`' for word in schema['enum'])}"
        if "enum" in schema and len(schema["enum"]) <= 12
        else ""
    )
    about = f" {field.about}" if field.about else ""
    return f"- `{name}`{' (required)' if field.required else ''}{about}{words}"


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
            for needed in route.dependant.dependencies:
                scope = inspect.getclosurevars(needed.call).nonlocals.get("scope")
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
