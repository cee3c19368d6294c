"""Which entries a reader sees in the text, in which table, with which columns.

1. What a person is asked for stands beside the sentences on it (`beside`); every other register stands as one table at the end of
   the chapter most of its entries speak to.
2. Of an entry a table shows what concerns a reader. Everything an entry says stands in the register, which is a page of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shounuo.core.clause import Words
from shounuo.core.policy import Entry, Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its name, and the fields it shows; those after the first say what they are."""

    name: Words
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Entries shown together. `first` are fields told under an entry's name."""

    section: str
    caption: Words
    columns: tuple[Column, ...]
    head: Words
    first: tuple[str, ...] = ()
    beside: bool = False
    lead: tuple[Words, ...] = ()
    only: Callable[[Entry], bool] = lambda _: True
    part: str = ""  # tells registers of one section apart

    @property
    def anchor(self) -> str:
        """What contents and links lead to."""
        return f"table-{self.section}{'-' + self.part if self.part else ''}"


def _column(zh: str, en: str, *fields: str) -> Column:
    return Column(name=Words(zh, en), fields=fields)


def _is_code(entry: Entry) -> bool:
    return isinstance(entry, Recipient) and entry.kind in ("sdk", "api")


REGISTERS: tuple[Register, ...] = (
    Register(
        section="services",
        caption=Words("产品与服务及其适用规则", "Products and services, and the rule that governs each"),
        head=Words("产品或服务", "Product or service"),
        first=("stage", "lasts", "documents"),
        columns=(
            _column("提供方", "Provider", "provider", "by"),
            _column("适用规则", "Rule that applies", "text", "terms"),
            _column("使用前提", "What is needed first", "account", "needs"),
        ),
    ),
    Register(
        section="scenes",
        caption=Words("收集的个人信息", "What is collected"),
        head=Words("业务场景", "Scene"),
        first=("source", "when"),
        beside=True,
        columns=(
            _column("必需信息", "Required", "requires"),
            _column("可选信息", "Optional", "optional"),
            _column("目的与依据", "Purpose and basis", "purpose", "basis", "in_eea", "necessity"),
            _column("如您拒绝", "If you decline", "refusal", "instead"),
        ),
    ),
    Register(
        section="uses",
        caption=Words("个人信息的使用", "How it is used"),
        head=Words("使用目的", "Purpose"),
        first=("purpose",),
        beside=True,
        columns=(
            _column("使用的信息", "Information", "of", "factors", "combines"),
            _column("处理依据", "Legal basis", "basis", "in_eea"),
            _column("您的控制", "Your control", "off_switch", "where", "refusal", "never"),
        ),
    ),
    Register(
        section="permissions",
        caption=Words("设备权限", "Device permissions"),
        head=Words("权限", "Permission"),
        lead=(
            Words(
                "下列权限默认关闭，经您授予后方才开启，您可随时收回。",
                "Each is off until you grant it, and you can take it back at any time.",
            ),
        ),
        columns=(
            _column("用于", "For", "feature"),
            _column("可读取的信息", "What it opens", "opens"),
            _column("关闭路径", "Where it is taken back", "withdraw"),
        ),
    ),
    Register(
        section="cookies",
        caption=Words("Cookie 和同类技术清单", "Cookies and similar techniques"),
        head=Words("类别", "Kind"),
        first=("technique",),
        lead=(
            Words(
                "Cookie 是网站或应用写入您设备的小段文本，用于在您再次访问时识别设备或保存设置；它们存放在您的浏览器或设备中。",
                "Cookies are small pieces of text a site or an app writes to your device, to know the device or its settings again; they are kept in your browser or on your device.",
            ),
        ),
        columns=(
            _column("名称", "Names", "keys"),
            _column("用途", "Purposes", "purposes", "holds"),
            _column("有效期", "How long", "life", "set_by"),
            _column("如您拒绝", "If you decline", "refusal", "clear"),
        ),
    ),
    Register(
        section="recipients",
        part="code",
        caption=Words("第三方 SDK 与接口清单", "Third-party SDKs and APIs"),
        head=Words("名称", "Name"),
        first=("kind",),
        only=_is_code,
        columns=(
            _column("提供方", "Company", "company", "contact"),
            _column("使用场景与目的", "Occasion and purpose", "when", "purpose"),
            _column("个人信息种类", "Information", "receives"),
            _column("提供方式", "How", "how", "country"),
            _column("对方隐私政策", "Their policy", "terms"),
        ),
    ),
    Register(
        section="recipients",
        caption=Words("个人信息接收方清单", "Who receives personal information"),
        head=Words("接收方", "Recipient"),
        first=("kind",),
        only=lambda entry: not _is_code(entry),
        columns=(
            _column("名称及联系方式", "Name and contact", "company", "contact"),
            _column("目的", "Purpose", "purpose", "when"),
            _column("个人信息种类", "Information", "receives"),
            _column("提供方式", "How", "how", "country", "terms"),
        ),
    ),
    Register(
        section="sharing",
        caption=Words("对外提供的情形", "When information may leave"),
        head=Words("情形", "Case"),
        first=("act",),
        lead=(Words("除下列情形外，不对外提供个人信息。", "Nothing leaves but in these cases."),),
        columns=(
            _column("须有事由", "Ground", "on", "only_if"),
            _column("提供给", "To", "to"),
            _column("信息范围", "Information", "carries", "for_", "never"),
            _column("要求", "What is asked first", "tells", "change_of_purpose", "successor", "alike"),
        ),
    ),
    Register(
        section="storage",
        caption=Words("存储地点", "Where it is stored"),
        head=Words("地点", "Place"),
        first=("region",),
        columns=(
            _column("存放内容", "What lies there", "covers"),
            _column("涉及的信息", "Information", "of", "origin"),
        ),
    ),
    Register(
        section="retention",
        caption=Words("保存期限", "How long it is kept"),
        head=Words("类别", "Kind"),
        columns=(
            _column("信息", "Information", "of"),
            _column("期限", "How long", "for_", "from_", "extend"),
            _column("期满后", "Then", "then", "within", "includes"),
            _column("依据", "Basis", "basis", "hold", "opens_for"),
        ),
    ),
    Register(
        section="holds",
        caption=Words("依法留存", "What the law has us keep"),
        head=Words("留存事项", "What is kept"),
        columns=(
            _column("法律规定", "Provision", "law_cited"),
            _column("期限", "How long", "period", "review"),
            _column("仅为下列事由开启", "Opened only for", "opens_for"),
        ),
    ),
    Register(
        section="on-behalf",
        caption=Words("受托处理的信息", "Information processed for somebody who decides"),
        head=Words("类别", "Kind"),
        columns=(
            _column("信息", "Information", "of"),
            _column("由谁决定", "Who decides", "controller", "instruction", "access", "for_"),
            _column(
                "个人请求与到期处置", "Requests, and in the end", "requests", "within", "then", "then_within"
            ),
        ),
    ),
    Register(
        section="messages",
        caption=Words("我们会发送的消息", "Messages we send"),
        head=Words("消息", "Message"),
        first=("klass",),
        columns=(
            _column("内容与对象", "What of, to whom", "events", "to", "after", "per"),
            _column("渠道", "By", "channels"),
            _column("须取得的同意", "Consent needed", "asks", "goes_on"),
        ),
    ),
    Register(
        section="stops",
        caption=Words("如何退订", "How to say no more"),
        head=Words("退订方式", "Way"),
        first=("of",),
        columns=(
            _column("操作", "What you do", "way", "word", "where", "sign_in"),
            _column("停止的渠道", "What falls silent", "stops"),
        ),
    ),
    Register(
        section="incidents",
        caption=Words("个人信息安全事件的处置", "What happens when information is at risk"),
        head=Words("事件", "Incident"),
        columns=(
            _column("处置", "What is done", "starts", "steps", "contain"),
            _column("告知您", "You are told", "tells"),
            _column("报告监管部门", "The authority is told", "report_to", "report_within"),
        ),
    ),
    Register(
        section="support",
        caption=Words("客户支持中的访问", "Access during support"),
        head=Words("支持方式", "Kind of support"),
        columns=(
            _column("可见信息", "What is seen", "of", "masked", "need_stated"),
            _column(
                "许可与监督",
                "Permission and supervision",
                "permission_by",
                "bound_to",
                "supervised_by",
                "recorded",
                "viewable_by",
            ),
            _column("结束", "What ends it", "ends", "at_most"),
        ),
    ),
    Register(
        section="rights",
        caption=Words("您的权利与行使方式", "Your rights, and how to use them"),
        head=Words("权利", "Right"),
        first=("who",),
        columns=(
            _column("行使方式", "How", "way", "where", "within"),
            _column("范围与条件", "What it covers", "of", "only_if", "on", "unless", "includes"),
            _column(
                "效果",
                "What happens",
                "effect",
                "meanwhile",
                "evidence",
                "format",
                "tells",
                "passes_on",
                "passes_on_within",
            ),
        ),
    ),
    Register(
        section="requests",
        caption=Words("请求的办理期限", "How long an answer takes"),
        head=Words("请求", "Request"),
        columns=(
            _column("答复期限", "Answered within", "within", "from_"),
            _column("核验", "Checked first", "verify", "proves", "proof"),
            _column("可拒绝的情形", "May be refused only on", "refuse_on", "refusal_needs"),
            _column("费用与救济", "Fee, and where to turn", "fee", "routes", "reviewer"),
        ),
    ),
    Register(
        section="minors",
        caption=Words("未成年人个人信息的处理", "Children and young people"),
        head=Words("适用年龄", "Age"),
        first=("whose",),
        columns=(
            _column("规则", "Rule", "rule", "unless", "text", "reads", "proof", "grade"),
            _column("监护人可以", "A guardian can", "may"),
            _column("误收后的处理", "If taken by mistake", "found", "meanwhile"),
        ),
    ),
    Register(
        section="changes",
        caption=Words("规则的变更", "How this text changes"),
        head=Words("变更事项", "Changes"),
        columns=(
            _column("告知", "Told", "tells", "effective"),
            _column("须重新取得同意", "Asks again", "reconsent", "no_less"),
            _column("如您不同意", "If you decline", "refusal"),
        ),
    ),
    Register(
        section="ending",
        caption=Words("服务终止时的处理", "When a service ends"),
        head=Words("服务", "Service"),
        columns=(
            _column("告知", "Told", "tells"),
            _column("停止", "What stops", "stops", "stops_within"),
            _column("已收集的信息", "What was collected", "then", "within"),
        ),
    ),
    Register(
        section="contact",
        caption=Words("联系方式", "How to reach us"),
        head=Words("渠道", "Channel"),
        columns=(
            _column("联系方式", "Address", "value", "hours"),
            _column("受理事项", "What it takes in", "takes"),
        ),
    ),
)
SHOWN = frozenset(one.section for one in REGISTERS)
