"""`diff`: what changed between two versions, who is told, who is asked again, which consents lapse.

1. A side is a pack by name, a file, or a published version as `operator@number`.
2. As `diff` does: 0 where nothing changed, 1 where something did, 2 where one of them cannot be read.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shounuo.cli.main import JsonOption, app
from shounuo.cli.sides import HELP, Side, side
from shounuo.errors import Misconfigured

if TYPE_CHECKING:
    from shounuo.core.difference import Difference

_LANGUAGES = {"zh": "zh-CN", "zh-CN": "zh-CN", "en": "en"}
Named = Annotated[str, typer.Argument(help=HELP, show_default=False)]


@app.command("diff")
def diff(
    old: Named,
    new: Named,
    lang: Annotated[str, typer.Option("--lang", help="the language it is told in: `en` or `zh`")] = "en",
    as_json: JsonOption = False,
) -> None:
    """What changed between two versions: who is told, who is asked again, which consents lapse. Exit code 1 if anything did."""
    from shounuo.core.difference import difference

    if lang not in _LANGUAGES:
        raise Misconfigured(f"`{lang[:20]}` is no language it can be told in: say `--lang en` or `--lang zh`")
    before, after = side(old), side(new)
    found = difference(before.book, after.book)
    if as_json:
        typer.echo(json.dumps(_data(before, after, found), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(_lines(before, after, found, _LANGUAGES[lang])))
    if not found.same:
        raise typer.Exit(1)


def _data(before: Side, after: Side, found: "Difference") -> dict[str, Any]:
    """The difference with a sentence in each language for every change."""
    from shounuo.core.difference import as_data
    from shounuo.render.changed import Changed

    zh, en = (Changed(before.policy, after.policy, language) for language in ("zh-CN", "en"))
    told = as_data(found)
    for change, one in zip(told["changes"], found.changes, strict=True):
        change |= {
            "called": {"zh": one.words.zh, "en": one.words.en},
            "says": {"zh": zh.sentence(one), "en": en.sentence(one)},
        }
    for consent, item in zip(told["consents"], found.asked, strict=True):
        consent["says"] = {"zh": zh.asked(item), "en": en.asked(item)}
    for promise, everyone in zip(told["everyone"], found.everyone, strict=True):
        promise["says"] = {"zh": zh.everyone(everyone), "en": en.everyone(everyone)}
    return {"old": _side_data(before), "new": _side_data(after)} | told


def _side_data(text: Side) -> dict[str, str]:
    return {"text": text.label, "hash": hashlib.sha256(text.source).hexdigest()}


def _lines(before: Side, after: Side, found: "Difference", language: str) -> Iterator[str]:
    from shounuo.core.difference import Matter
    from shounuo.render.changed import Changed, matter

    words = Changed(before.policy, after.policy, language)
    say = words.say
    yield f"{before.label} → {after.label}"
    if found.same:
        yield say("没有变化。", "Nothing changed.")
    for one in Matter:
        changes = [change for change in found.changes if change.matter is one]
        if changes:
            yield f"\n{matter(one.value, language)}"
        for change in changes:
            yield f"  {words.title(change)}  ({_where(before, after, change.lines)}; {change.path})"
            asks = say(
                f"　→ 须重新征得同意：{'、'.join(change.asks)}", f"  → asked again: {', '.join(change.asks)}"
            )
            yield f"    {words.sentence(change)}{words.less(change)}{asks if change.asks else ''}"
    if found.asked:
        yield say("\n须征求的同意", "\nWho is asked")
    for item in found.asked:
        because = f"  [{', '.join(item.because)}]" if item.because else ""
        yield f"  {words.title(item)}  ({_where(before, after, item.lines)}; consent.{item.item})"
        yield f"    {words.asked(item)}{because}"
    for promise in found.everyone:
        yield f"\n{words.everyone(promise)}  [{', '.join((*promise.items, *promise.clauses))}]"
    if found.told:
        count = len({change.path for change in found.told})
        others = "1 other entry or clause" if count == 1 else f"{count} other entries and clauses"
        yield say(f"\n其余 {count} 处变化只须告知。", f"\nOf {others} people are only told.")
    if less := [change for change in found.changes if change.laxer]:
        paths = len({change.path for change in less})
        those = "1 entry or clause is" if paths == 1 else f"{paths} entries and clauses are"
        yield say(f"共有 {paths} 处对个人更为不利。", f"{those} less for people than before.")
    for fault in found.freed:
        yield f"\n{after.label}: {fault}"


def _where(before: Side, after: Side, lines: tuple[int, int]) -> str:
    """The lines on both sides; of what stands on one side only, that one."""
    sides = [(before.label, lines[0]), (after.label, lines[1])]
    return ", ".join(f"{label}:{line}" for label, line in sides if line)
