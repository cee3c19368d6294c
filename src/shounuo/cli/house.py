"""Commands on a running house: publish, serve, decide, ledger, doctor."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from shounuo.cli import packs
from shounuo.cli.main import JsonOption, OperatorOption, PackArgument, app

if TYPE_CHECKING:
    from shounuo.core.difference import Difference

ledger = typer.Typer(no_args_is_help=True, help="The ledger: export it, read its checkpoint.")
app.add_typer(ledger, name="ledger")


@app.command()
def publish(
    pack: PackArgument,
    operator: OperatorOption = None,
    proving: Annotated[
        bool,
        typer.Option("--proving", help="admit clauses marked `later`, for proving and demonstration only"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish a policy: from now on it is what was promised."""
    from shounuo.cli.opening import opened
    from shounuo.core.difference import as_data
    from shounuo.duties import operators
    from shounuo.duties.publish import publish as publish_it

    source, _, slug = packs.find(pack)
    name = packs.short_name(operator or packs.short_name(slug))
    with opened() as house:
        found = operators.find(house.parts, name) or operators.open_operator(house.parts, name)
        house.guard.check(found)
        made = publish_it(house.parts, found, source, slug, proving=proving)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "operator": name,
                    "version": made.number,
                    "hash": made.hash,
                    "effective_at": made.effective_at.isoformat(),
                    "changed": as_data(made.changed) if made.changed else None,
                },
                ensure_ascii=False,
            )
        )
    else:
        typer.echo(
            f"{name}: version {made.number} published, in force from {made.effective_at:%Y-%m-%d %H:%M} UTC, sha256 {made.hash}"
        )
        if made.changed:
            typer.echo(_changed(made.changed, f"{name}@{made.number - 1} {name}@{made.number}"))


def _changed(changed: "Difference", sides: str) -> str:
    """What publishing changed, in a few lines; `sides` is what to compare for the whole of it."""
    again = [one.item for one in changed.asked if one.again]
    gone = [one.item for one in changed.asked if one.lapses and not one.again]
    lines = [f"{len(changed.changes)} changes since the version before: shounuo diff {sides}"]
    lines += [f"asked again, whoever said yes: {', '.join(again)}"] if again else []
    lines += [f"lapsed, and nobody is asked: {', '.join(gone)}"] if gone else []
    lines += [
        f"everyone is asked again, as {one.path} promised: {', '.join(one.items)}" for one in changed.everyone
    ]
    return "\n".join(lines)


@app.command()
def serve(
    port: Annotated[
        int | None, typer.Option("--port", help="the port on loopback; default SHOUNUO_PORT or 8040")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="loopback only, until people can sign in")
    ] = "127.0.0.1",
    operator: OperatorOption = None,
) -> None:
    """Serve the API and the console on loopback, until Ctrl-C."""
    from shounuo.cli.opening import names, opened, operator_of
    from shounuo.config import read
    from shounuo.errors import Misconfigured
    from shounuo.web.serve import serve_house

    if host not in ("127.0.0.1", "localhost"):
        raise Misconfigured(
            f"`--host {host}` is refused: until people can sign in, the server listens on loopback only"
        )
    config = read()
    with opened(config) as house:
        slug = operator_of(house, operator)[1] if operator else None
        walls = [slug] if slug else names(house)

        def ready(address: str) -> None:
            typer.echo(f"serving {address} (Ctrl-C ends)", err=True)
            for one in walls[:8]:
                typer.echo(
                    f"the promise wall: {address}/console/{one}   the policy: {address}/policy/{one}",
                    err=True,
                )

        serve_house(house, config.port if port is None else port, slug, ready)


@app.command()
def decide(
    person: Annotated[UUID, typer.Argument(help="the person's opaque id")],
    purpose: Annotated[str, typer.Argument(help="a scene, use or service of the policy")],
    item: Annotated[
        list[str] | None, typer.Option("--item", "-i", help="a kind of information; may be repeated")
    ] = None,
    recipient: Annotated[str | None, typer.Option("--recipient", help="who would receive it")] = None,
    occasion: Annotated[str | None, typer.Option("--occasion", help="what the person is doing")] = None,
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the gate: may this be done with this person's information, now, and why."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.core.decision import Intent
    from shounuo.duties import decide as deciding

    with opened() as house:
        found, _ = operator_of(house, operator)
        intent = Intent(purpose=purpose, items=frozenset(item or ()), recipient=recipient, occasion=occasion)
        answer = deciding.decide(house.parts, found, person, intent)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "allowed": answer.allowed,
                    "reason": answer.reason.value,
                    "clauses": answer.clauses,
                    "at_fault": answer.at_fault,
                    "version": answer.version,
                },
                ensure_ascii=False,
            )
        )
    else:
        clauses = f" [{', '.join(answer.clauses)}]" if answer.clauses else ""
        typer.echo(f"{deciding.message(answer)}{clauses}")
    if not answer.allowed:
        raise typer.Exit(1)


@ledger.command("export")
def export_ledger(
    file: Annotated[Path, typer.Argument(help="the file to write")],
    operator: OperatorOption = None,
) -> None:
    """Write the whole ledger into one file that anybody can verify."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import audit

    with opened() as house:
        found, slug = operator_of(house, operator)
        partial = file.with_name(file.name + ".partial")
        with partial.open("wb") as out:
            for line in audit.export(house.parts, found):
                out.write(line)
        partial.replace(file)
        key = house.parts.signer.verifier(found)
    typer.echo(f"wrote {file} for {slug}\nverify it with: shounuo verify {file} --key '{key}'")


@ledger.command("checkpoint")
def show_checkpoint(operator: OperatorOption = None) -> None:
    """Print the newest signed checkpoint."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import audit

    with opened() as house:
        typer.echo(audit.checkpoint(house.parts, operator_of(house, operator)[0]), nl=False)


@ledger.command("replay")
def replay_journal(operator: OperatorOption = None) -> None:
    """After a restore: bring back every no the database has forgotten, then serve again."""
    from shounuo.cli.opening import opened
    from shounuo.duties import guard, operators
    from shounuo.errors import Misconfigured

    with opened() as house:
        if operator is None:
            raise Misconfigured("name the operator with `--operator`")
        found = operators.find(house.parts, operator)
        if found is None:
            raise Misconfigured(f"no operator is called `{operator}` in this database")
        done = guard.replay(house.parts, house.guard, house.sealer, found)
        house.parts.turning.finish(found, house.parts.clock.now())  # the index is in no backup
    typer.echo(
        f"{operator}: {done.denials} denials looked at, {done.suspended} consents suspended; it is served again"
    )


@ledger.command("accept-outside")
def accept_outside(operator: OperatorOption = None) -> None:
    """Serve again although the folder outside of the database was lost; the ledger says so for good.

    Only for a database that was not restored: what people took away since a backup is in that folder alone.
    """
    from shounuo.cli.opening import opened
    from shounuo.duties import guard, operators
    from shounuo.errors import Misconfigured

    with opened() as house:
        if operator is None:
            raise Misconfigured("name the operator with `--operator`")
        found = operators.find(house.parts, operator)
        if found is None:
            raise Misconfigured(f"no operator is called `{operator}` in this database")
        size = guard.accept_outside(house.parts, house.guard, house.sealer, found)
    typer.echo(f"{operator}: accepted at {size} entries, and the ledger says so; it is served again")


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Look at the set-up and say what is wrong, what is at risk, and what to do."""
    from shounuo.cli.doctor import examine

    found = examine()
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(one) for one in found]}, ensure_ascii=False, indent=1))
    else:
        for one in found:
            typer.echo(f"{one.state:5} {one.what}: {one.says}")
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(1)
