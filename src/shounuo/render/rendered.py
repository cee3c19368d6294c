"""A policy made readable: the texts that are published, and the hash they are known by.

1. Full text and summary in every language, as Markdown and as HTML; the same policy gives the same bytes.
2. The hash of a text is the SHA-256 of its Markdown, so that anybody who has the file can work it out. Notices, ledger and pages
   name it.
"""

import hashlib
from dataclasses import dataclass

from shounuo.core.policy import Policy
from shounuo.render.html import fragment
from shounuo.render.markdown import markdown
from shounuo.render.summary import summary
from shounuo.render.text import full_text
from shounuo.render.tongue import LANGUAGES

FORMS = ("full", "summary")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One text in one language. (1, 2)"""

    language: str
    form: str  # full, summary
    title: str
    markdown: str
    html: str

    @property
    def hash(self) -> str:
        """SHA-256 of the Markdown. (2)"""
        return hashlib.sha256(self.markdown.encode()).hexdigest()


def render(policy: Policy, language: str, form: str = "full") -> Rendered:
    """One text of a policy."""
    document = full_text(policy, language) if form == "full" else summary(policy, language)
    return Rendered(language, form, document.title, markdown(document), fragment(document))


def render_all(policy: Policy) -> tuple[Rendered, ...]:
    """Every text of a policy."""
    return tuple(render(policy, language, form) for form in FORMS for language in LANGUAGES)
