"""Commands that prove: `prove` plays every promise, `demo` lives a day first and shows the wall after."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shounuo.cli import packs
from shounuo.cli.main import JsonOption, OperatorOption, PackArgument, app
from shounuo.errors import Misconfigured

if TYPE_CHECKING:
    from shounuo.core.promise import Status
    from shounuo.core.rulebook import Rulebook
    from shounuo.prove.stage import LocalStage
    from shounuo.wire import House


@app.command()
def prove(
    pack: PackArgument = "huiju",
    faults: Annotated[
        bool, typer.Option("--faults", help="also break each control on purpose and see the proofs fail")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--clause", help="prove this clause only; may be repeated")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep the proofs with the version in force, for its promise wall")
    ] = False,
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play every promise against a running system with made-up people and a hand-moved clock."""
    from shounuo.prove import report
    from shounuo.prove.run import prove as prove_it
    from shounuo.prove.run import prove_faults

    if keep and only:
        raise Misconfigured("`--keep` keeps the proofs of every clause: leave `--clause` away")
    with staged(pack) as (stage, book):
        unknown = [one for one in only or () if one not in book.policy.clauses]
        if unknown:
            raise Misconfigured(f"the policy has no clause {_known(unknown, book)}")
        if keep:
            in_force(book, operator)  # told before the time is spent
        with report.progress("proving", quiet=as_json) as tick:
            found = prove_it(stage, book, only or (), tick)
        broken = None
        if faults:
            with report.progress("breaking controls on purpose", quiet=as_json) as tick:
                broken = prove_faults(stage, book, found, only or (), tick)
    if as_json:
        typer.echo(json.dumps(report.as_json(book.policy.slug, found, broken), ensure_ascii=False, indent=1))
    else:
        report.show(book.policy.slug, found, broken)
    if keep:
        kept = in_force(book, operator, report.told(found))
        typer.echo(f"kept with version {kept} of {operator or book.policy.slug}", err=True)
    if not report.holds(found, broken):
        raise typer.Exit(1)


def _known(unknown: list[str], book: "Rulebook") -> str:
    """Each unknown clause, with the nearest one there is."""
    from difflib import get_close_matches

    near = {one: get_close_matches(one, book.policy.clauses, 1) for one in unknown}
    return ", ".join(
        f"`{one}`" + (f" (did you mean `{is_[0]}`?)" if is_ else "") for one, is_ in near.items()
    )


def in_force(
    book: "Rulebook",
    slug: str | None,
    told: "dict[str, tuple[Status, str | None, dict[str, Any]]] | None" = None,
) -> int:
    """The number of the version in force, which must be this very text; what was `told` of it is kept."""
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import promises
    from shounuo.duties.show import book_of
    from shounuo.prove import report

    with opened() as house:
        operator, name = operator_of(house, slug or book.policy.slug)
        published = book_of(house.parts, operator)
        if published.hash != book.hash:
            raise Misconfigured(
                f"version {published.number} of {name} has another text: publish this one first, then keep its proofs"
            )
        if told is not None:
            promises.keep_proofs(house.parts, operator, published.number, report.build(), told)
        return published.number


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="end after the report instead of serving the console")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", help="the port of the console on loopback; default SHOUNUO_PORT or 8040"),
    ] = None,
    pack: Annotated[str, typer.Option("--pack", help="the pack to show")] = "huiju",
) -> None:
    """Load a pack, live a day with made-up people, prove every promise, and show the wall."""
    from shounuo.cli.day import live
    from shounuo.cli.opening import opened
    from shounuo.config import read
    from shounuo.core.rulebook import compile_policy
    from shounuo.duties import operators, promises, show
    from shounuo.language.load import load
    from shounuo.prove import report
    from shounuo.prove.run import prove as prove_it
    from shounuo.web.serve import bound, serve_house

    config = read()
    wanted = config.port if port is None else port
    if not once:
        bound(wanted).close()  # a port in use is told before a day is lived
    source, label, slug = packs.find(pack)
    book = compile_policy(load(source, label, slug), source)
    with opened(config) as house:
        operator = operators.find(house.parts, slug)
        fresh = operator is None
        if operator is None:
            operator = operators.open_operator(house.parts, slug)
        house.guard.check(operator)
        if fresh:
            with (
                proving_server(house, source, config.home) as stage,
                report.progress("a day with made-up people") as tick,
            ):
                live(house, stage, book, operator, tick)
        elif show.book_of(house.parts, operator).hash != book.hash:
            raise Misconfigured(
                f"{slug} has another text in force in {config.home}: publish this one with "
                f"`shounuo publish {pack} --proving`, or show it from a fresh folder with `SHOUNUO_HOME`"
            )
        build = report.build()
        known = promises.proven(house.parts, operator, build, book.hash)
        if known is None:
            # on a stage thrown away afterwards, so that this house holds nobody but who was asked for
            with staged(pack) as (stage, _), report.progress("proving every promise") as tick:
                found = prove_it(stage, book, (), tick)
            version = promises.version(house.parts, operator)
            promises.keep_proofs(house.parts, operator, version, build, report.told(found))
            report.show(slug, found, None)
        else:
            report.show_kept(slug, known)
        if not once:
            serve_house(
                house,
                wanted,
                slug,
                lambda address: typer.echo(
                    f"\nthe promise wall: {address}/console/{slug}   the policy: {address}/policy/{slug}   (Ctrl-C ends)",
                    err=True,
                ),
            )


@contextmanager
def staged(pack: str) -> "Iterator[tuple[LocalStage, Rulebook]]":
    """A house in a temporary folder with a proving server on it, thrown away afterwards.

    With `DATABASE_URL` set, the throwaway operators are made on that server instead of an embedded one. They are marked,
    so that nothing else lists or serves them, and shut when their story is told.
    """
    from dataclasses import replace

    from shounuo.config import read
    from shounuo.core.consistency import check
    from shounuo.core.rulebook import compile_policy
    from shounuo.errors import BadPolicy
    from shounuo.language.load import load
    from shounuo.wire import open_house

    source, label, slug = packs.find(pack)
    packs.short_name(slug)
    policy = load(source, label, slug)
    faults = check(policy, None)
    if any(fault.severity == "error" for fault in faults):
        raise BadPolicy(label, faults)
    book = compile_policy(policy, source)
    home = Path(tempfile.mkdtemp(prefix="shounuo-prove-"))
    try:
        with (
            open_house(replace(read(), home=home), proving=True) as house,
            proving_server(house, source, home) as stage,
        ):
            yield stage, book
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def proving_server(house: "House", source: bytes, home: Path) -> "Iterator[LocalStage]":
    """A server whose clock a prover moves, on a port of its own."""
    from dataclasses import replace

    from shounuo.prove.stage import LocalStage
    from shounuo.web.app import build
    from shounuo.web.serve import Server

    parts = replace(house.parts, proving=True)
    stage = LocalStage(parts, source, home)
    with Server(build(parts, guard=house.guard.admit, parts_for=stage.parts_for, proving=True), 0) as server:
        stage.address = server.address
        yield stage
