"""The pack of 天翼云慧聚 against the ledger of its clauses.

The ledger is held here as `huiju_clauses.tsv` (id, kind, the numbers the text fixes) and in the tables below,
written from the ledger and not from the pack, so that a slip in the pack is found and not copied.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import shounuo
from shounuo.core import consistency
from shounuo.core.decision import Case, Facts, Intent, Reason, decide
from shounuo.core.duration import Bound, Hours, Months, NaturalDays, Usually, WorkingDays, Years
from shounuo.core.policy import Act, Ground, OneOf, Policy, Refusal, Tells
from shounuo.core.rulebook import CONSENTING, Rulebook, compile_policy
from shounuo.errors import BadPolicy, Fault
from shounuo.language.load import load

Told = dict[str, tuple[str, ...]]

PACK = Path(shounuo.__file__).parent / "packs" / "huiju.yaml"
TEXT = PACK.read_text("utf-8")
_LINES = (Path(__file__).parent / "huiju_clauses.tsv").read_text("utf-8").splitlines()
LEDGER = [(row["id"], row["kind"], row["numbers"]) for row in csv.DictReader(_LINES, delimiter="\t")]
REST = ()

# What each scene takes, from the ledger's `items`: required, optional, occasions, what must be there first.
SCENES: dict[str, tuple[tuple[object, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "sign-in": (("email", "phone", "password"), (), (), ()),
    "support-search": (("support-search",), (), (), ()),
    "support-contact": (("support-message",), (), (), ()),
    "support-usage": (("support-usage",), (), ("ticket-open", "hotline-call", "online-chat"), ()),
    "requirement-form": (("contact-mobile", "company-name"), (), (), ("sign-in",)),
    "feedback": (("feedback-email", "feedback-phone"), (), (), ("sign-in",)),
    "activity": ((), ("transaction-records", "browsing-records"), (), ()),
    "withdrawal": (
        ("payout-account-name", "payout-bank", OneOf(("payee-id", "payee-tax-number")), "payee-contact"),
        (),
        ("withdrawal-requested",),
        (),
    ),
    "invoice": (
        (
            "invoice-title",
            "taxpayer-number",
            "company-address-phone",
            "invoice-bank-account",
            "taxpayer-proof",
            "relation-proof",
        ),
        (),
        ("invoice-requested",),
        (),
    ),
    "invoice-mailing": (
        ("recipient-name", "recipient-mobile", "recipient-address", "recipient-postcode"),
        (),
        ("mailing-chosen",),
        (),
    ),
    "security-log": (("log", "access-key", "secret-key", "published-content", "input"), (), (), ()),
    "real-name": (
        ("card-number", "name", "id-type", "id-number", "id-mobile", "portrait"),
        (),
        ("real-name-check",),
        (),
    ),
}

# The Chinese words of the items the text names; the pack's names for them are ours.
WORDS = {
    "email": "邮箱地址",
    "phone": "手机号码",
    "password": "登录密码",
    "contact-mobile": "联系人手机",
    "company-name": "公司名称",
    "feedback-email": "反馈邮箱",
    "feedback-phone": "反馈电话",
    "consultation-records": "咨询记录",
    "fault-reports": "报障记录",
    "transaction-records": "交易信息",
    "browsing-records": "浏览信息",
    "payout-account-name": "账户名称",
    "payout-bank": "提现银行及支行",
    "payee-id": "提现人身份证号",
    "payee-tax-number": "企业税号",
    "payee-contact": "提现人联系方式",
    "invoice-title": "发票抬头",
    "taxpayer-number": "纳税人识别号",
    "company-address-phone": "企业地址及电话",
    "invoice-bank-account": "开户行名称及账号",
    "taxpayer-proof": "纳税人证明",
    "relation-proof": "关系证明材料",
    "recipient-name": "收件人姓名",
    "recipient-postcode": "邮编",
    "log": "用户日志",
    "card-number": "卡号",
    "name": "姓名",
    "id-type": "证件类型",
    "id-number": "证件号码",
    "portrait": "人像照片",
    "id-mobile": "手机号",
    "camera": "相机",
    "device-mac": "设备MAC地址",
    "device-id": "可变更设备标识码",
    "device-model": "设备型号",
    "os-version": "设备操作系统版本",
    "network-state": "网络状态",
}

# The table of §2.8: company, manner, items, policy.
_PHONE = ("device-model", "os-version", "sign-in-ip", "network-state", "device-id")
ROWS = {
    "baidu-sdk": ("百度开放平台", "on-device", ("camera", "device-mac", "device-id"), "百度SDK隐私政策"),
    "zxing-sdk": ("Google Inc.", "on-device", ("camera",), "zxing SDK隐私政策"),
    "qq-sdk": ("深圳市腾讯计算机系统有限公司", "on-device", (*_PHONE, "device-mac"), "腾讯QQ SDK隐私政策"),
    "wechat-sdk": ("深圳市腾讯计算机系统有限公司", "on-device", _PHONE, "微信SDK隐私政策"),
    "alipay-sdk": ("支付宝(中国)网络技术有限公司", "on-device", _PHONE, "支付宝SDK隐私政策"),
    "bestpay-sdk": ("天翼电子商务有限公司", "on-device", (*_PHONE, "device-mac"), "翼支付SDK隐私政策"),
    "unionpay-api": (
        "银联商务股份有限公司",
        "sent",
        ("card-number", "name", "id-type", "id-number", "id-mobile", "portrait"),
        "银联商务隐私政策",
    ),
}

_REPLY = Usually(WorkingDays(3), NaturalDays(7))
_WEB = "我的-消息中心-消息订阅-消息管理-活动消息-用户全生命周期的自动化营销通知"
_APP = "设置-消息设置-用户全生命周期的自动化营销通知"

# The numbers of the ledger, clause by clause, as the pack's clause must carry them.
NUMBERS: dict[str, dict[str, object]] = {
    "huiju-pre-1": {
        "published": date(2024, 3, 22),
        "updated": date(2024, 3, 22),
        "effective": date(2024, 3, 22),
    },
    "huiju-pre-3": {
        "contact.email.value": "service@chinatelecom.cn",
        "contact.officer.value": "ctpip.ctyun@chinatelecom.cn",
        "contact.phone.value": "400-810-9889",
    },
    "huiju-2.2-2": {
        "contact.ticket.kind": "ticket",
        "contact.phone.kind": "phone",
        "contact.email.kind": "email",
        "contact.chat.kind": "chat",
        "contact.consultation.kind": "consultation",
        "contact.requirement-form.kind": "form",
        "contact.feedback.kind": "form",
    },
    "huiju-2.2-3": {"when": ("ticket-open", "hotline-call", "online-chat")},
    "huiju-2.3-2": {"word": "TD", "stops.td.on": "sms", "stops": ("sms", "push", "phone")},
    "huiju-2.3-3": {"on": "phone", "stops": ("phone",)},
    "huiju-2.3-4": {
        "way": "link",
        "on": "email",
        "stops": ("email",),
        "stops.email.path": "邮件底部的“取消订阅”",
    },
    "huiju-2.3-5": {f"stops.web-{c}.stops": (c,) for c in ("email", "sms", "phone")}
    | {f"stops.web-{c}.path": _WEB for c in ("email", "sms", "phone")},
    "huiju-2.3-6": {f"stops.app-{c}.stops": (c,) for c in ("email", "sms", "phone")}
    | {f"stops.app-{c}.path": _APP for c in ("email", "sms", "phone")},
    "huiju-2.7-1": {"asked": "before-collection", "until-then": "nothing-kept"},
    "huiju-4.1-1": {"region": "CN-mainland"},
    "huiju-6.1-5": {"proof": "measured"},
    "huiju-7.2-2": {"way": ("ticket", "phone")},
    "huiju-7.2-3": {
        "within": WorkingDays(5),
        "from": "identity-verified",
        "verify": "identity-and-authority",
    },
    "huiju-7.3-1": {"way": ("ticket", "email"), "includes": ("copies", "backups")},
    "huiju-7.3-2": {
        "within": WorkingDays(5),
        "from": "identity-verified",
        "verify": "identity-and-authority",
    },
    "huiju-8.1-1": {"under": 18, "rule": "refuse"},
    "huiju-8.1-3": {"found": Bound("尽快", WorkingDays(5))},
    "huiju-4.2-5": {"stops-within": Bound("及时", NaturalDays(1))},
    "huiju-4.2-6": {"tells.channels": ("announcement", "sms", "phone", "email", "in-site", "push")},
    "huiju-6.1-8": {"starts": Bound("立即", Hours(1))},
    "huiju-6.1-9": {"tells.channels": ("push",), "tells.fallback": ("announcement",)},
    "huiju-7.8-1": {"tells.channels": ("portal",)},
    "huiju-9.1-2": {
        "tells": Tells(at="before-effective", shows=("differences", "reason"), channels=("in-site",))
    },
    "huiju-9.1-4": {"changes.material.refusal": "service-ends"},
    "huiju-10.1-1": {
        "contact.phone.value": "400-810-9889",
        "contact.email.value": "service@chinatelecom.cn",
        "contact.officer.value": "ctpip.ctyun@chinatelecom.cn",
    },
    "huiju-10.2-1": {"within": _REPLY, "from": "received"},
    "huiju-10.2-2": {"within": _REPLY, "from": "received"},
    # Not numbers in the ledger, and fixed by the text all the same.
    "huiju-2.1-2": {"refusal": Refusal(("models", "third-party-models"), ("browsing",))},
    "huiju-2.2-5": {"refusal": Refusal(("support",), REST)},
    "huiju-2.2-9": {"refusal": Refusal(("support",), REST)},
    "huiju-2.4-3": {"refusal": Refusal(("offline-payout",), REST)},
    "huiju-2.5-4": {
        "scenes.invoice.refusal": Refusal(("invoicing", "invoice-delivery"), REST),
        "scenes.invoice-mailing.refusal": Refusal(("invoice-delivery",), REST),
    },
    "huiju-2.6-4": {
        "sharing.lawful-input-disclosure.on": tuple(
            Ground(g) for g in ("legal-duty", "legal-process", "litigation", "authority-order", "regulation")
        )
    },
    "huiju-2.6-8": {
        "refusal": Refusal(("models", "third-party-models", "other-services", "support"), ("browsing",))
    },
    "huiju-3.1-4": {"refusal": Refusal(("preferences",), REST)},
    "huiju-4.2-3": {"holds.network-logs.period": Months(6), "holds.trade-records.period": Years(3)},
    "huiju-5.3-3b": {"sharing.publish-penalty.carries": ("shop-name", "violation", "measures")},
    "huiju-7.3-3": {"only-if": ("cancelled", "unpaid-timed-out")},
    "huiju-7.5-5": {"opens-for": ("authority-order",)},
    "huiju-7.9": {"refuse-on": ("national-security", "public-safety", "crime", "malice", "harm-to-others")},
    "huiju-2.9": {"grounds": ("contract", "legal-duty", "emergency", "news", "self-published", "other-law")},
}


@pytest.fixture(scope="module")
def pack() -> Policy:
    """The pack as it stands in the package."""
    return load(TEXT, str(PACK))


@pytest.fixture(scope="module")
def book(pack: Policy) -> Rulebook:
    """The same, compiled."""
    return compile_policy(pack, TEXT.encode(), 1)


def faults(text: str) -> tuple[Fault, ...]:
    """Every error of the pack as edited, whether it fails to load or contradicts itself."""
    try:
        policy = load(text, str(PACK))
    except BadPolicy as bad:
        return bad.faults
    return tuple(fault for fault in consistency.check(policy) if fault.severity == "error")


def line(text: str, after: str, below: str = "", offset: int = 1) -> int:
    """The line that stands `offset` lines below the line `after`, looked for under the section `below`."""
    start = text.index(f"\n{below}:\n") if below else 0
    place = text.index(f"\n{after}", start) + 1
    return text.count("\n", 0, place) + 1 + offset


def without(text: str, after: str, below: str) -> str:
    """The text without the entry that starts with the line `after` in the section `below`."""
    start = text.index(f"\n{after}", text.index(f"\n{below}:\n")) + 1
    end = re.compile(r"\n(?=  \S|\S|\n)").search(text, start)
    return text[:start] + text[(end.end() if end else len(text)) :]


def replaced(text: str, after: str, below: str, old: str, new: str) -> str:
    """The text with `old` replaced by `new`, once, inside the entry that starts with the line `after`."""
    start = text.index(f"\n{after}", text.index(f"\n{below}:\n"))
    place = text.index(old, start)
    return text[:place] + new + text[place + len(old) :]


# -- the ledger ------------------------------------------------------------------------------------


def test_the_pack_keeps_its_own_promises(pack: Policy) -> None:
    """The pack loads and nothing in it contradicts itself; what is later is a warning."""
    assert [str(fault) for fault in consistency.check(pack) if fault.severity == "error"] == []


def test_every_clause_of_the_ledger_stands_in_order(pack: Policy) -> None:
    """All 192 ids stand in the order of the ledger, each with the ledger's kind."""
    assert [(clause.id, clause.kind.value) for clause in pack.clauses.values()] == [
        (i, kind) for i, kind, _ in LEDGER
    ]
    assert len(LEDGER) == 192


def test_every_number_of_the_ledger_is_a_fact(pack: Policy) -> None:
    """A binding clause to which the ledger gives numbers is in the table above."""
    numbered = {i for i, kind, numbers in LEDGER if numbers and pack.clauses[i].binds}
    assert numbered - NUMBERS.keys() == set()


@pytest.mark.parametrize("clause", NUMBERS)
def test_the_clause_carries_its_numbers(pack: Policy, clause: str) -> None:
    """The clause carries the numbers of the text, as values."""
    said = pack.clauses[clause].facts
    assert {key: said.get(key) for key in NUMBERS[clause]} == NUMBERS[clause]


def test_nothing_is_later(pack: Policy) -> None:
    """No clause is put off."""
    assert [clause.id for clause in pack.clauses.values() if clause.later] == []


def test_every_binding_clause_is_kept_with_a_probe(pack: Policy) -> None:
    """Each of the 173 binding clauses is kept by entries and has its probe."""
    kept = consistency.keepers(pack)
    binding = [clause for clause in pack.clauses.values() if clause.binds]
    assert len(binding) == 173
    assert [clause.id for clause in binding if clause.id not in kept or not clause.probes] == []


def test_every_entry_has_its_reason(pack: Policy) -> None:
    """Every entry keeps a clause, or another names it; a scene, use, recipient or door always keeps one."""
    for section in (
        "scenes",
        "uses",
        "recipients",
        "sharing",
        "rights",
        "requests",
        "stops",
        "retention",
        "cookies",
    ):
        assert [entry.path for entry in pack.of(section).values() if not entry.keeps] == []


def test_both_languages_and_a_place_stand_at_every_clause(pack: Policy) -> None:
    """Each clause says in Chinese and in English what it promises, and where it stands in the text."""
    for clause in pack.clauses.values():
        assert re.search(r"[\u4e00-\u9fff]", clause.says.zh), clause.id
        assert not re.search(r"[\u4e00-\u9fff]", clause.says.en.replace("取消订阅", "")), clause.id
        assert clause.section, clause.id


# -- what is taken and who receives it -------------------------------------------------------------


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_takes_exactly_the_fields_of_the_text(pack: Policy, name: str) -> None:
    """Fields, alternatives, occasions and what must be there first are those of the ledger."""
    scene = pack.of("scenes")[name]
    requires, optional, when, needs = SCENES[name]
    assert set(scene.requires) == set(requires)
    assert (set(scene.optional), set(scene.when), set(scene.needs)) == (set(optional), set(when), set(needs))


def test_items_bear_the_words_of_the_text(pack: Policy) -> None:
    """An item stands for what the text names, and for nothing near it."""
    assert {name: pack.of("information")[name].words.zh for name in WORDS} == WORDS


@pytest.mark.parametrize("name", ROWS)
def test_an_sdk_row_is_exact(pack: Policy, name: str) -> None:
    """Company, manner, items and policy of each of the seven rows are those of the table in 2.8."""
    row = pack.of("recipients")[name]
    company, how, receives, terms = ROWS[name]
    assert (row.company, row.how, set(row.receives), row.terms) == (company, how, set(receives), terms)
    assert len(row.receives) == len(receives)


def test_seven_rows_and_no_more(pack: Policy) -> None:
    """Nobody else's code runs here and nobody else's interface is called."""
    assert {e.name for e in pack.of("recipients").values() if e.kind in ("sdk", "api")} == ROWS.keys()


def test_secrets_are_not_kept(pack: Policy) -> None:
    """The password is a verifier only; the secret key and what SDKs read are never stored."""
    stores = {name: item.store for name, item in pack.of("information").items()}
    assert stores["password"] == "hashed"
    assert stores["access-key"] == "sealed"
    assert {name for name, store in stores.items() if store == "memory-only"} == {
        *("secret-key", "camera", "device-mac", "device-id"),
        *("device-model", "os-version", "sign-in-ip", "network-state"),
    }


# -- the doors, at the gate ------------------------------------------------------------------------

OUTFLOWS = [
    (clause.id, place)
    for clause in load(TEXT, str(PACK)).clauses.values()
    for place, probe in enumerate(clause.probes)
    if probe.kind == "outflow-needs"
]
STATES = frozenset(
    {"service-used", "named-in-agreement", "lawfully-held", "business-need", "ordered-by-person"}
)


def facts(book: Rulebook, consents: int | None = None) -> Facts:
    """A person who has seen, agreed to and brought everything; `consents` may take the yeses away."""
    rules = [*book.purposes.values(), *book.recipients.values(), *book.doors.values()]
    shown = frozenset(one for rule in rules for one in rule.shown)
    return Facts(
        known=True,
        consents=sum(book.consents.values()) if consents is None else consents,
        states=frozenset({"sign-in", "verified-identity"}),
        shown=shown,
        acknowledged=shown,
        papers=frozenset().union(*(r.papers for r in (*book.recipients.values(), *book.doors.values()))),
    )


def intents(book: Rulebook, told: Told, ground: str | None, purpose: str | None = None) -> Iterator[Intent]:
    """The outflow a probe tells of: with its items, then with one more, for every item there is."""
    act = Act(told["act"][0])
    for extra in ("", *(name for name in book.bits if name not in told["of"])):
        yield Intent(
            purpose=purpose or told["for"][0],
            items=frozenset({*told["of"], extra} - {""}),
            recipient=told["to"][0],
            act=act,
            occasion="real-name-check" if "unionpay-api" in told["to"] else None,
            case=Case(ground=Ground(ground), states=STATES, reference="on file") if ground else None,
            region="SG" if act is Act.ABROAD else None,
        )


def doors_for(book: Rulebook, told: Told) -> set[str]:
    """The grounds on which any probe opens this outflow; such doors share act, recipient and purpose."""
    grounds: set[str] = set()
    for clause in book.policy.clauses.values():
        for probe in clause.probes:
            params = {key: tuple(map(str, value)) for key, value in probe.params.items()}
            if all(params.get(key) == told[key] for key in ("act", "to", "for")):
                grounds |= set(params.get("case", ()))
    return grounds


@pytest.mark.parametrize(("clause", "place"), OUTFLOWS)
def test_a_door_opens_for_its_case_and_nothing_else(book: Rulebook, clause: str, place: int) -> None:
    """On its own case it leaves, by this clause; without one, on another or with one more field, nothing."""
    probe = book.policy.clauses[clause].probes[place]
    told = {key: tuple(map(str, value)) for key, value in probe.params.items()}
    if "case" not in told:
        for recipient in book.recipients.values():
            for purpose in recipient.purposes:
                closed = Intent(purpose=purpose, recipient=recipient.name, act=Act.SHARE)
                assert not decide(book, closed, facts(book)).allowed
        return
    assert not any(decide(book, one, facts(book)).allowed for one in intents(book, told, None))
    for ground in told["case"]:
        first, *more = (decide(book, one, facts(book)) for one in intents(book, told, ground))
        assert (first.allowed, first.register) == (True, True)
        assert clause in first.clauses
        assert not any(one.allowed for one in more)
        if Ground(ground) in CONSENTING:
            assert not decide(book, next(intents(book, told, ground)), facts(book, 0)).allowed
    for ground in {*Ground} - doors_for(book, told):
        assert not decide(book, next(intents(book, told, ground)), facts(book)).allowed
    for purpose in told.get("deny", ()):
        assert not decide(book, next(intents(book, told, told["case"][0], purpose)), facts(book)).allowed


def test_content_is_never_sold(book: Rulebook) -> None:
    """No recipient, ground or act sells: the purpose is ruled out for good."""
    for act in Act:
        for ground in Ground:
            case = Case(ground=ground, states=STATES, reference="on file")
            sale = Intent(purpose="sale", items=frozenset({"input"}), recipient="partner", act=act, case=case)
            assert decide(book, sale, facts(book)).reason is Reason.RULED_OUT


@pytest.mark.parametrize("name", ROWS)
def test_an_sdk_runs_on_its_occasion_only(book: Rulebook, name: str) -> None:
    """On the occasions of its row an SDK gets its items; on none and on any other it gets nothing."""
    row = book.policy.of("recipients")[name]
    assert row.when
    for occasion in (None, *book.policy.of("occasions")):
        tried = [
            Intent(purpose=purpose, items=frozenset(row.receives), recipient=name, occasion=occasion)
            for purpose in row.for_
        ]
        allowed = any(decide(book, one, facts(book)).allowed for one in tried)
        assert allowed == (occasion in row.when)


COSTS = [
    (clause.id, place)
    for clause in load(TEXT, str(PACK)).clauses.values()
    for place, probe in enumerate(clause.probes)
    if probe.kind == "refusal-costs-only" and "item" in probe.params
]


@pytest.mark.parametrize(("clause", "place"), COSTS)
def test_a_no_closes_what_is_listed_and_no_more(book: Rulebook, clause: str, place: int) -> None:
    """Whoever says no to one thing and yes to all else finds closed what the clause lists, and no more."""
    told = book.policy.clauses[clause].probes[place].params
    bits = [book.consents[book.wordings[item]] for item in told["item"]]
    someone = facts(book, sum(book.consents.values()) - sum(bits))
    for name in told["closed"]:
        assert not decide(book, Intent(purpose=name), someone).allowed
    for name in told["open"]:
        assert decide(book, Intent(purpose=name), someone).allowed


# -- small edits -----------------------------------------------------------------------------------


def found(text: str, code: str, at: int) -> bool:
    """Whether the edited pack fails with this code on this line."""
    return any((fault.code, fault.line) == (code, at) for fault in faults(text))


def test_the_pack_itself_has_no_fault() -> None:
    """The edits below start from a text without a fault."""
    assert faults(TEXT) == ()


def test_an_entry_removed_leaves_its_clause_unkept() -> None:
    """Without the storage rule the clause on storage in China is kept by nothing."""
    text = without(TEXT, "  mainland:", "storage")
    assert found(
        text.replace("\nstorage:\n", "\nstorage: {}\n"), "unkept", line(text, "  huiju-4.1-1:", "clauses")
    )


def test_a_way_to_stop_removed_is_missed_by_its_probe() -> None:
    """Without TD the probe of the clause on TD has nothing to try."""
    text = without(TEXT, "  td:", "stops")
    at = next(i for i, one in enumerate(text.split("\n"), 1) if "message-stops: {stop: td," in one)
    assert found(text, "reference", at)


def test_a_clause_removed_leaves_entries_keeping_a_stranger() -> None:
    """Without the clause on the court every entry that keeps it is at fault, where it stands."""
    text = without(TEXT, "  huiju-10.3:", "clauses")
    for name in ("rights", "questions", "deletion", "identity-change", "guardians"):
        assert found(text, "stranger", line(text, f"  {name}:", "requests"))


@pytest.mark.parametrize(
    ("section", "entry", "old", "new"),
    [
        ("requests", "deletion", "5 working days", "6 working days"),
        ("requests", "identity-change", "5 working days", "5 natural days"),
        ("requests", "rights", "usually: 3 working days", "usually: 4 working days"),
        ("requests", "questions", "at-most: 7 natural days", "at-most: 7 working days"),
        ("requests", "rights", ", harm-to-others]", ", harm-to-others, trade-secret]"),
        ("scenes", "sign-in", "[email, phone, password]", "[email, password]"),
        ("scenes", "sign-in", "[email, phone, password]", "[email, phone, password, name]"),
        ("scenes", "sign-in", "[models, third-party-models]", "[models, third-party-models, support]"),
        ("scenes", "withdrawal", "{one-of: [payee-id, payee-tax-number]}", "payee-id, payee-tax-number"),
        ("scenes", "invoice", ", relation-proof]", ", relation-proof, recipient-address]"),
        ("scenes", "invoice-mailing", "[mailing-chosen]", "[invoice-requested]"),
        ("recipients", "wechat-sdk", "[device-model, ", "[device-mac, device-model, "),
        ("recipients", "unionpay-api", ", portrait]", "]"),
        ("recipients", "qq-sdk", "[qq-sign-in]", "[qq-sign-in, wechat-sign-in]"),
        ("consent", "payout-details", "form: separate", "form: general"),
        ("consent", "unionpay-api", "form: separate", "form: general"),
        ("stops", "td", "[sms, push, phone]", "[sms]"),
        ("storage", "mainland", "CN-mainland", "SG"),
        (
            "sharing",
            "publish-penalty",
            "[shop-name, violation, measures]",
            "[shop-name, violation, measures, name]",
        ),
        ("holds", "network-logs", "[authority-order]", "[authority-order, contract]"),
        ("minors", "under-age", "18 years old", "16 years old"),
        ("information", "secret-key", "memory-only", "sealed"),
        ("text", "dates", "published: 2024-03-22", "published: 2024-03-21"),
    ],
)
def test_an_entry_that_does_otherwise_than_its_clause_says(
    section: str, entry: str, old: str, new: str
) -> None:
    """An entry changed alone contradicts its clause, on the entry's own line."""
    text = replaced(TEXT, f"  {entry}:", section, old, new)
    at = line(text, f"  {entry}:", section, 0)
    flow = "{" in text.split("\n")[at - 1]
    assert found(text, "contradiction", at if flow else at + 1)


def test_a_clause_that_says_otherwise_than_its_entry_does() -> None:
    """A clause changed alone contradicts the entry, and the finding names the clause's line."""
    text = replaced(TEXT, "  huiju-7.3-2:", "clauses", "5 working days", "6 working days")
    at = line(text, "  huiju-7.3-2:", "clauses")
    told = [
        one for one in faults(text) if one.line != at
    ]  # its own words say five still, which is told of it too
    assert [one.line for one in told] == [line(text, "  deletion:", "requests")]
    assert f"(line {at}) says `6 working days`" in told[0].wrong


def test_an_undeclared_field_is_no_field() -> None:
    """A field that no kind of information declares fails where it is written."""
    text = replaced(
        TEXT, "  sign-in:", "scenes", "[email, phone, password]", "[email, phone, password, birthday]"
    )
    at = next(i for i, one in enumerate(text.split("\n"), 1) if "birthday" in one)
    assert found(text, "reference", at)


@pytest.mark.parametrize("name", ROWS)
def test_an_sdk_row_dropped_is_missed(name: str) -> None:
    """Without its row an SDK is missed by its consent and by its probe, each on its line."""
    text = without(TEXT, f"  {name}:", "recipients")
    missing = {
        fault.line for fault in faults(text) if fault.code == "reference" and f"`{name}`" in fault.wrong
    }
    asks = line(text, f"  {name}:", "consent", 0)
    assert missing & {asks, asks + 1, asks + 2}
    assert missing & {i for i, one in enumerate(text.split("\n"), 1) if f"recipient: {name}" in one}


def test_sensitive_items_need_a_yes_of_their_own() -> None:
    """Withdrawal with a general yes is refused by compile, on the scene's line. (PIPL 29)"""
    text = replaced(TEXT, "  payout-details:", "consent", "form: separate", "form: general")
    assert found(text, "unasked", line(text, "  withdrawal:", "scenes"))


def test_what_is_taken_must_end() -> None:
    """Without its rule, what a scene takes would be kept for ever: compile says so on the scene's line."""
    text = without(TEXT, "  mailing:", "retention")
    assert found(text, "endless", line(text, "  invoice-mailing:", "scenes"))


def test_every_clause_but_the_definitions_is_missed_when_gone() -> None:
    """A clause that entries keep cannot be taken out unnoticed."""
    kept = consistency.keepers(load(TEXT, str(PACK)))
    for clause in ("huiju-pre-5", "huiju-2.8-sdk-4", "huiju-5.0", "huiju-7.9"):
        assert clause in kept
        assert {f.code for f in faults(without(TEXT, f"  {clause}:", "clauses"))} >= {"stranger"}
