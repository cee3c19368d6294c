"""The command that prints a policy as people read it."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import typer

from shounuo.cli import packs
from shounuo.cli.main import PackArgument, app


@app.command()
def render(
    pack: PackArgument,
    short: Annotated[bool, typer.Option("--summary", help="the summary instead of the full text")] = False,
    lang: Annotated[Literal["zh", "en"], typer.Option("--lang", help="its language")] = "zh",
    form: Annotated[
        Literal["html", "md"],
        typer.Option(
            "--format", help="HTML, a whole page without style, or Markdown, whose SHA-256 is the text's hash"
        ),
    ] = "md",
    styled: Annotated[
        bool,
        typer.Option("--style", help="HTML with the style of the public page in it, to look at or print"),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="the file to write; default standard output")
    ] = None,
) -> None:
    """Print a policy as people read it: what `publish` keeps and the public page shows."""
    from shounuo.core.summary import check as held
    from shounuo.errors import BadPolicy, Misconfigured
    from shounuo.language.load import load
    from shounuo.render.html import page
    from shounuo.render.markdown import markdown
    from shounuo.render.summary import summary
    from shounuo.render.text import full_text

    source, label, slug = packs.find(pack)
    policy = load(source, label, slug)
    if faults := tuple(held(policy)):
        raise BadPolicy(label, faults)
    language = "zh-CN" if lang == "zh" else "en"
    document = (summary if short else full_text)(policy, language)
    in_html = styled or form == "html"
    text = page(document, _style() if styled else "") if in_html else markdown(document)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise Misconfigured(f"`{out}` cannot be written: {error.strerror}") from None


def _style() -> str:
    """The style sheet of the public pages."""
    return resources.files("shounuo.web").joinpath("static", "shounuo.css").read_text("utf-8")
