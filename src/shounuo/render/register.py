"""The register: every entry of a policy with every field, as it is obeyed.

The full text shows what a reader looks for; the register shows the rest as well: papers, safeguards, promises people keep,
readings, how each kind of information is held. Nothing an entry says is left out.
"""

from collections.abc import Iterator

from shounuo.core.policy import Entry, Policy, Title
from shounuo.render.document import (
    Block,
    Contents,
    Document,
    Fact,
    Facts,
    Heading,
    Line,
    Paragraph,
    Part,
    run,
)
from shounuo.render.speaker import Speaker
from shounuo.render.text import note_of, title_of
from shounuo.render.tongue import Tongue


def register(policy: Policy, language: str) -> Document:
    """Every entry, section by section."""
    say = Tongue(language)
    speaker = Speaker(policy, say)
    title = f"{title_of(policy, say)}{say('：登记表', ': the register')}"
    body: list[Block] = []
    for section, entries in policy.sections.items():
        name = say.word("register", section)
        body.append(Heading(level=2, anchor=f"register-{section}", number="", line=run(name)))
        body += [_entry(speaker, one) for one in entries.values()]
    headings = [one for one in body if isinstance(one, Heading)]
    contents = Contents(title=say("目录", "Contents"), of=tuple((one, ()) for one in headings))
    first: list[Block] = [Heading(level=1, anchor="top", number="", line=run(title))]
    if (note := note_of(policy)) is not None:
        first.append(Paragraph(line=run(say.said(note)), note=True))
    lead = say(
        "规则由以下条目执行；每一条目注明它所落实的条款。",
        "The text is carried out by these entries; each names the clauses it keeps.",
    )
    blocks = (*first, Paragraph(line=run(lead)), contents, *body)
    return Document(slug=policy.slug, language=language, title=title, blocks=blocks)


def _entry(speaker: Speaker, entry: Entry) -> Facts:
    return Facts(
        of=tuple(_facts(speaker, entry)),
        title=_title(speaker, entry),
        entry=entry.path,
        keeps=entry.keeps,
        colon=speaker.say.colon,
    )


def _title(speaker: Speaker, entry: Entry) -> Line:
    """What an entry is called; one without words by what it is."""
    if entry.words and not isinstance(entry, Title):
        return speaker.title(entry)
    known = speaker.say.known("text", entry.name) if entry.section == "text" else None
    return run(known or speaker.say.word("section", entry.section))


def _facts(speaker: Speaker, entry: Entry) -> Iterator[Fact]:
    if isinstance(entry, Title):
        yield Fact(
            name=speaker.say("名称", "Name"), parts=(Part(field="name", lines=(speaker.title(entry),)),)
        )
    for key, label, lines in speaker.told(entry):
        yield Fact(name=label, parts=(Part(field=key, lines=lines),))
    if entry.keeps:
        said = run(", ".join(entry.keeps))
        yield Fact(
            name=speaker.say("落实的条款", "Clauses it keeps"), parts=(Part(field="keeps", lines=(said,)),)
        )
