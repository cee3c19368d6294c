"""The shapes of calls and answers, each with its limits. An unknown key in a call is refused."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Name = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$", description="the name of an entry of the policy")
]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Label = Annotated[str, Field(min_length=1, max_length=200, description="what a control says")]
State = Annotated[str, Field(max_length=40)]
Value = Annotated[str, Field(max_length=100_000)]


class In(BaseModel):
    """What a call may hold: the documented keys and nothing else."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class PolicyText(In):
    """A policy as its author wrote it."""

    slug: Name
    source: Annotated[str, Field(max_length=8_000_000, description="the YAML text")]
    proving: Annotated[bool, Field(description="admit clauses marked `later`")] = False


class NewPerson(In):
    """A person as the product knows them."""

    user_id: Annotated[
        str,
        Field(min_length=1, max_length=200, description="the product's own id; sealed, never shown again"),
    ]
    birth: date | None = None


class ShownScreen(In):
    """What a person's screen held."""

    person: UUID
    entry: Annotated[str, Field(pattern=r"^[a-z-]+\.[a-z0-9-]+$")]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    language: Annotated[str, Field(pattern=r"^(zh-CN|en)$")] = "zh-CN"
    controls: Annotated[
        dict[Label, State | None], Field(max_length=10, description="label to first state; null is unset")
    ]
    app_build: Annotated[str, Field(max_length=80)] = ""
    acknowledged: bool = False


class ConsentAnswer(In):
    """A yes or a no to one consent item."""

    person: UUID
    item: Name
    answer: Annotated[str, Field(pattern=r"^(yes|no)$")]
    shown: UUID | None = None
    by: Annotated[str, Field(pattern=r"^(person|guardian)$")] = "person"


class Withdrawal(In):
    """A yes taken back."""

    person: UUID
    item: Name


class NoMore(In):
    """A word said against messages."""

    person: UUID
    way: Name
    word: Annotated[str, Field(max_length=20)] | None = None
    channel: Name | None = None


class Given(In):
    """What a person gave in a scene."""

    person: UUID
    scene: Name
    fields: Annotated[dict[Name, Value], Field(max_length=200)]
    occasion: Name | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class CaseIn(In):
    """What opens a door."""

    ground: Name
    states: Annotated[list[Name], Field(max_length=20)] = []
    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")] | None = None


class IntentIn(In):
    """One intended use of one person's information."""

    person: UUID
    purpose: Name = "message"
    items: Annotated[list[Name], Field(max_length=200)] = []
    recipient: Name | None = None
    act: Name | None = None
    occasion: Name | None = None
    case: CaseIn | None = None
    region: Annotated[str, Field(max_length=20)] | None = None
    message: Name | None = None
    channel: Name | None = None


class IntentsIn(In):
    """Questions to the gate, answered in their order."""

    questions: Annotated[list[IntentIn], Field(min_length=1, max_length=1000)]


class ReadIn(In):
    """A read for a purpose."""

    person: UUID
    purpose: Name
    items: Annotated[list[Name], Field(min_length=1, max_length=200)]
    role: Name | None = None
    need: Annotated[str, Field(max_length=64)] | None = None
    occasion: Name | None = None
    case: CaseIn | None = None


class Candidate(In):
    """A secret to be checked."""

    person: UUID
    item: Name
    candidate: Value


class NewRequest(In):
    """A request as it comes in."""

    kind: Name
    channel: Name
    person: UUID | None = None
    items: Annotated[list[Name], Field(max_length=200)] = []
    record: UUID | None = None
    condition: Annotated[
        Name | None, Field(description="the state a right asks for, such as `cancelled`")
    ] = None


class Verified(In):
    """How who asks was verified: a word, not the proof."""

    how: Name


class Delay(In):
    """Why a request takes longer, without personal information."""

    reason: Words


class RefuseIn(In):
    """The listed ground of a refusal."""

    ground: Name | None = None
    evidence: Annotated[str, Field(max_length=200, description="a reference to what is on record")] | None = (
        None
    )


class CarryOut(In):
    """The corrections a request brings, if any."""

    values: Annotated[dict[Name, Value], Field(max_length=200)] = {}


class NewPaper(In):
    """A document put on file."""

    holder: Name
    name: Name
    reference: Words
    holds_from: AwareDatetime
    holds_until: AwareDatetime


class NewConfirmation(In):
    """A proof that people kept a pledge."""

    pledge: Name
    by: Words
    reference: Words


class Store(In):
    """A place information is to be kept in."""

    name: Name
    region: Annotated[str, Field(max_length=20)]
    covers: Name


class MoveClock(In):
    """Where a prover wants its clock."""

    to: datetime
