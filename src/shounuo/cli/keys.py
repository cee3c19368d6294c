"""Access keys of callers, and the turning over of wrapping keys."""

import json
from typing import Annotated

import typer

from shounuo.cli.main import JsonOption, OperatorOption, app

keys = typer.Typer(
    no_args_is_help=True, help="Access keys for callers, and the turning over of the keys that seal."
)
app.add_typer(keys, name="keys")


@keys.command("new")
def new_key(
    label: Annotated[str, typer.Argument(help="what the key is for")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="product, officer or auditor; may be repeated; default all"),
    ] = None,
    operator: OperatorOption = None,
) -> None:
    """Make an access key. It is shown once."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import operators

    with opened() as house:
        found, _ = operator_of(house, operator)
        typer.echo(operators.new_key(house.parts, found, label, tuple(scope) if scope else operators.SCOPES))


@keys.command("list")
def list_keys(operator: OperatorOption = None, as_json: JsonOption = False) -> None:
    """List access keys by the beginning of their hash; the keys themselves are not kept."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import operators

    with opened() as house:
        found, _ = operator_of(house, operator)
        listed = operators.keys(house.parts, found)
    if as_json:
        rows = [
            {
                "key": one.key_hash.hex()[:16], "label": one.label, "scopes": one.scopes, "made": one.created_at.isoformat(),
                "revoked": one.revoked_at.isoformat() if one.revoked_at else None,
            }
            for one in listed
        ]  # fmt: skip
        typer.echo(json.dumps({"keys": rows}, ensure_ascii=False, indent=1))
        return
    for one in listed:
        state = "revoked" if one.revoked_at else "in use"
        typer.echo(f"{one.key_hash.hex()[:16]}  {one.label}  {','.join(one.scopes)}  {state}")


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="the beginning of the key's hash, as `keys list` shows it")],
    operator: OperatorOption = None,
) -> None:
    """Revoke an access key, from now on and for good."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import operators

    with opened() as house:
        found, _ = operator_of(house, operator)
        operators.revoke_key(house.parts, found, key)
    typer.echo("revoked")


@keys.command("turn")
def turn_keys(operator: OperatorOption = None) -> None:
    """Turn the sealing keys over, so that what was erased is unreadable in every backup too."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties.due import turn_over

    with opened() as house:
        found, slug = operator_of(house, operator)
        reached = turn_over(house.parts, found)
    typer.echo(f"{slug}: keys turned over; {reached} erasures are now unreadable in backups")
