"""Commands on a policy's text: init, compile, lint; and verify, which needs nothing but a file."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shounuo.cli import packs
from shounuo.cli.main import JsonOption, app
from shounuo.cli.sides import HELP, side

if TYPE_CHECKING:
    from shounuo.core.policy import Policy


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="the file to write, such as `my-policy.yaml`")],
    name: Annotated[
        str, typer.Option("--name", help="what your company is called, in English")
    ] = "Example Ltd",
    name_zh: Annotated[str, typer.Option("--name-zh", help="and in Chinese")] = "示例有限公司",
) -> None:
    """Write a small policy that compiles and proves, to start from."""
    from shounuo.errors import Misconfigured
    from shounuo.language.scaffold import scaffold

    packs.short_name(file.stem)
    if file.exists():
        raise Misconfigured(f"`{file}` exists already: name another file")
    try:
        file.write_text(scaffold(file.stem, name_zh, name), encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"`{file}` cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {file}\nnext: shounuo compile {file} && shounuo prove {file}")


@app.command("compile")
def compile_(
    pack: Annotated[str | None, typer.Argument(help="the name of a pack or a policy file")] = None,
    every: Annotated[bool, typer.Option("--all", help="compile every pack")] = False,
    as_json: JsonOption = False,
    against: Annotated[
        str | None,
        typer.Option("--against", help=f"the version published last, to hold this one against: {HELP}"),
    ] = None,
) -> None:
    """Compile a policy: every clause kept by an entry, every entry keeping a clause, no contradiction."""
    from shounuo.core.consistency import check, keepers
    from shounuo.errors import BadPolicy, Misconfigured
    from shounuo.language.load import load

    if (pack is None) == (not every):
        raise Misconfigured("name one pack or file, or say `--all`")
    found: list[dict[str, Any]] = []
    for one in packs.names() if every else [str(pack)]:
        source, label, slug = packs.find(one)
        policy = load(source, label, slug)
        published = _published(against, policy, label) if against is not None else None
        faults = check(policy, published)
        if any(fault.severity == "error" for fault in faults):
            raise BadPolicy(label, faults)
        kept = keepers(policy)
        clauses = [
            {
                "id": c.id,
                "kind": c.kind.value,
                "kept_by": [e.path for e in kept.get(c.id, ())],
                "later": c.later,
            }
            for c in policy.clauses.values()
        ]
        found.append({"policy": slug, "clauses": clauses, "warnings": [str(fault) for fault in faults]})
        if not as_json:
            binding = [c for c in policy.clauses.values() if c.binds]
            later = sum(1 for c in binding if c.later)
            typer.echo(
                f"{slug}: {len(clauses)} clauses, {len(binding)} bind a system, {len(binding) - later} kept, {later} later"
            )
            for fault in faults:
                typer.echo(f"  warning: {fault}")
    if as_json:
        typer.echo(json.dumps({"policies": found}, ensure_ascii=False, indent=1))


def _published(named: str, policy: "Policy", label: str) -> "Policy":
    """The version a policy is held against: one of the same text, which a shared clause shows. Raises Misconfigured."""
    from shounuo.errors import Misconfigured

    earlier = side(named)
    if policy.clauses.keys().isdisjoint(earlier.policy.clauses):
        mine, theirs = (next(iter(one.clauses), "none") for one in (policy, earlier.policy))
        raise Misconfigured(
            f"`{earlier.label}` is no earlier version of `{label}`: they have no clause in common (`{theirs}` …, "
            f"`{mine}` …); name the version of this text that was published last"
        )
    return earlier.policy


@app.command()
def lint(
    pack: Annotated[str | None, typer.Argument(help="the name of a pack or a policy file")] = None,
    every: Annotated[bool, typer.Option("--all", help="lint every pack")] = False,
    as_json: JsonOption = False,
    as_sarif: Annotated[
        bool, typer.Option("--sarif", help="print a SARIF 2.1.0 log instead of text")
    ] = False,
    at: Annotated[
        str | None, typer.Option("--at", help="the day whose law counts, such as 2026-11-21; default today")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(
            "--fact",
            help="a fact the law asks about, such as `minors=true` or `pi-subjects=2000000`; docs/language.md#facts lists all",
        ),
    ] = None,
) -> None:
    """Hold a policy against itself and against the law; each finding names its article. Exit code 1 if anything contradicts."""
    from shounuo import __version__
    from shounuo.core.consistency import check
    from shounuo.errors import Invalid, Misconfigured
    from shounuo.language.load import load
    from shounuo.law import sarif, told
    from shounuo.law.lint import lint as against_law

    if (pack is None) == (not every):
        raise Misconfigured("name one pack or file, or say `--all`")
    if as_json and as_sarif:
        raise Misconfigured("say `--json` or `--sarif`, not both")
    day, facts = _day(at), _facts(fact or [])
    found: list[sarif.Checked] = []
    for one in packs.names() if every else [str(pack)]:
        source, label, slug = packs.find(one)
        policy = load(source, label, slug)
        try:
            law = against_law(policy, day, facts)
        except Invalid as error:  # a fact that is none is a wrong call
            raise Misconfigured(str(error)) from None
        found.append(sarif.Checked(name=label, own=check(policy), law=law))
    if as_sarif:
        _print(sarif.log(found, day, __version__))
    elif as_json:
        checked = [
            {
                "policy": Path(file.name).stem,
                "own": [_own(f) for f in file.own],
                "law": [asdict(f) for f in file.law],
            }
            for file in found
        ]
        _print({"policies": checked} if every else checked[0])
    else:
        for file in found:
            typer.echo("\n".join(told.lines(file, day)).lstrip("\n"))
    severities = {one.severity for file in found for one in file.own}
    if "error" in severities | {one.severity for file in found for one in file.law}:
        raise typer.Exit(1)


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _day(text: str | None) -> date:
    from shounuo.errors import Misconfigured

    if text is None:
        return date.today()  # noqa: DTZ011 - the law of the place one is in
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Misconfigured(f"`{text}` is no day: write it like 2026-11-21")
    return day


def _facts(said: list[str]) -> dict[str, int | bool]:
    from shounuo.errors import Misconfigured

    found: dict[str, int | bool] = {}
    for name, value in map(_fact, said):
        if found.setdefault(name, value) != value:
            raise Misconfigured(f"the fact `{name}` is given twice, with different values")
    return found


def _fact(text: str) -> tuple[str, int | bool]:
    from shounuo.errors import Misconfigured

    name, _, value = text.partition("=")
    name = name.replace("_", "-")  # one fact, however it is written
    if value in ("true", "false"):
        return name, value == "true"
    if value.isascii() and value.isdigit() and len(value) <= 12:
        return name, int(value)
    raise Misconfigured(f"`{text}` is no fact: write `name=true` or `name=12`")


def _own(fault: Any) -> dict[str, Any]:
    return {
        "line": fault.line,
        "entry": fault.entry,
        "severity": fault.severity,
        "code": fault.code,
        "wrong": fault.wrong,
        "remedy": fault.remedy,
    }


@app.command()
def schema() -> None:
    """Print the JSON Schema of the policy language, for editors."""
    from shounuo.language.schema import schema as language_schema

    typer.echo(json.dumps(language_schema(), ensure_ascii=False, indent=1))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="an exported ledger")],
    key: Annotated[str | None, typer.Option("--key", help="the signer's verifier key that you trust")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check an exported ledger: whole, unaltered, and signed by the key you trust."""
    from shounuo.core.evidence import parse_vkey, verify_export
    from shounuo.errors import Misconfigured

    if not file.is_file():
        raise Misconfigured(f"there is no file `{file}`")
    try:
        parse_vkey(key) if key is not None else None
    except ValueError:
        raise Misconfigured(
            "that is no verifier key: it reads `name+8 hex digits+base64`; `shounuo ledger export` prints it, "
            "and the ledger's operator tells it to who asks"
        ) from None
    with file.open("rb") as opened:
        verdict = verify_export(opened, key)
    if as_json:
        size = verdict.checkpoint.size if verdict.checkpoint else None
        typer.echo(
            json.dumps(
                {
                    "consistent": bool(verdict),
                    "says": verdict.says,
                    "signer_checked": verdict.signer_checked,
                    "line": verdict.line,
                    "entry": verdict.entry,
                    "entries": size,
                },
                ensure_ascii=False,
            )
        )
    else:
        typer.echo(str(verdict), err=not verdict)
    if not verdict:
        raise typer.Exit(1)
