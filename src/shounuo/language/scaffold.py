'''A small policy to start from: what `shounuo init` writes.

1. It compiles without error or warning, and every clause of it that binds a system can be proven as it stands.
2. It explains itself: a newcomer changes a line, runs `shounuo compile`, and is told what no longer holds.
'''

import json
import re

SCHEMA = "https://shounuo.dev/policy.schema.json"

_TEXT = """\
# yaml-language-server: $schema=shounuo.schema.json
# (`shounuo schema > shounuo.schema.json` writes that file; editors then complete and check as you type.)
#
# A policy in two halves that are held against each other. Above: what the system does, entry by entry; `keeps` names
# the clauses an entry keeps. Below, under `clauses`: what the text says, and the probe that shows it kept.
# What is not declared is forbidden. Change something, then: shounuo compile FILE && shounuo prove FILE
text:
  operator: {zh: @ZH@, en: @EN@, role: handler, home: CN-mainland, keeps: [@ID@-1]}
  dates: {published: 2026-01-05, updated: 2026-01-05, effective: 2026-01-05, keeps: [@ID@-1]}
services:
  account: {zh: 账号服务, en: Your account, provider: us, keeps: [@ID@-2]}
information: # every kind there is; a field that is not here is refused
  email: {zh: 邮箱地址, en: email address, kind: email, mask: keep-domain, findable: true}
  password: {zh: 登录密码, en: password, kind: secret, store: hashed} # a verifier only, never readable
  feedback: {zh: 反馈内容, en: feedback}
scenes: # where information is taken: these fields and no others
  sign-up:
    zh: 注册
    en: Signing up
    purpose: {zh: 创建并登录账号, en: Open an account and sign in}
    basis: contract
    requires: [email, password]
    refusal: {closed: [account], open: rest} # what a no costs, and nothing more
    keeps: [@ID@-2]
  feedback:
    zh: 意见反馈
    en: Feedback
    purpose: {zh: 处理您的反馈, en: Deal with your feedback}
    basis: consent
    asks: [feedback]
    requires: [feedback]
    refusal: {closed: [feedback], open: rest}
    keeps: [@ID@-3]
uses: # what stored information may be read for; every other purpose is refused
  account-mail:
    {zh: 账号邮件, en: Account mail, purpose: {zh: 发送账号安全邮件, en: Send mail about the account},
     of: [email], basis: contract, keeps: [@ID@-5]}
  improvement:
    {zh: 产品改进, en: Improvement, purpose: {zh: 根据反馈改进产品, en: Improve the product}, of: [feedback],
     basis: consent, asks: [improvement], keeps: [@ID@-4]}
consent: # one question each: a yes to one is no yes to another
  feedback:
    {zh: 提交反馈, en: Sending feedback, form: explicit, for: [feedback], asked: before-collection,
     shows: [fields, purpose], until-then: nothing-kept, refusal: {closed: [feedback], open: rest}, keeps: [@ID@-3]}
  improvement:
    {zh: 用反馈改进产品, en: Using feedback, form: explicit, for: [improvement], asked: before-collection,
     shows: [purpose], until-then: not-started, refusal: {closed: [improvement], open: rest}, keeps: [@ID@-4]}
storage:
  here: {region: CN-mainland, covers: [store, backup, log], keeps: [@ID@-6]}
retention: # how long, from which event; every item a scene takes needs a rule
  account:
    {zh: 账号信息, en: Account, of: [email, password], for: {says: 账号存续期间, bound: 1 natural day},
     from: account-closed, keeps: [@ID@-7]}
  feedback: {zh: 反馈, en: Feedback, of: [feedback], for: 12 months, from: collected, keeps: [@ID@-7]}
rights:
  access: {zh: 查阅, en: See your information, kind: access, way: [email], keeps: [@ID@-8]}
  delete: {zh: 删除, en: Have it deleted, kind: delete, way: [email], includes: [copies, backups], keeps: [@ID@-8]}
requests:
  all: {kinds: [access, delete, explain], within: 5 working days, from: received, verify: identity, keeps: [@ID@-9]}
contact:
  email:
    {zh: 客服邮箱, en: Support, kind: email, value: privacy@example.cn, takes: [question, request], keeps: [@ID@-10]}

clauses: # what the published text says, one promise an id; the figures are the text's, and the entries must do them
  @ID@-1:
    kind: record
    says: {zh: 本政策载明发布、更新和生效日期。, en: "The policy states when it was published, updated and takes effect."}
    numbers: {published: 2026-01-05, updated: 2026-01-05, effective: 2026-01-05}
    probe: {page-shows: {page: policy, shows: [published, updated, effective]}}
  @ID@-2:
    kind: control
    says: {zh: 注册时仅收集邮箱地址和登录密码。, en: Signing up takes an email address and a password and nothing else.}
    items: {requires: [email, password]}
    probe: [{collects-only: {scene: sign-up}}, {sealed: {of: password, form: hashed}}]
  @ID@-3:
    kind: control
    says: {zh: 经您同意后才收集反馈内容。, en: Feedback is taken only after you agree.}
    probe: {consent-first: {item: feedback, scene: feedback, shows: [fields, purpose]}}
  @ID@-4:
    kind: control
    says: {zh: 经您同意才用反馈改进产品，可随时撤回。, en: "Feedback improves the product only if you agree, until you withdraw."}
    probe: {withdraw-stops: {item: improvement, use: improvement, other: account-mail}}
  @ID@-5:
    kind: control
    says: {zh: 邮箱地址仅用于账号邮件。, en: The email address is used for mail about the account only.}
    probe: {reads-only: {of: email, for: account-mail, deny: advertising}}
  @ID@-6:
    kind: control
    says: {zh: 个人信息存储在中国境内。, en: Information is kept in mainland China.}
    numbers: {region: CN-mainland}
    items: {covers: [store, backup, log]}
    probe: {stays-in: {outside: [HK, US]}}
  @ID@-7:
    kind: control
    says: {zh: 反馈保存十二个月，到期删除。, en: Feedback is kept for twelve months and then erased.}
    numbers: {retention.feedback.for: 12 months, retention.feedback.from: collected}
    probe: {expires: {of: feedback}}
  @ID@-8:
    kind: control
    says: {zh: 您可通过邮件查阅和删除，删除及于备份。, en: "By email you can see your information and have it deleted, backups included."}
    items: {way: [email], rights.delete.includes: [copies, backups]}
    probe: [{right-works: {right: [access, delete]}}, {erased-everywhere: {trigger: request, of: email}}]
  @ID@-9:
    kind: process
    says: {zh: 我们在收到请求后五个工作日内答复。, en: A request is answered within five working days of arrival.}
    numbers: {within: 5 working days, from: received}
    probe: {in-time: {kind: delete}}
  @ID@-10:
    kind: process
    says: {zh: 可通过客服邮箱联系我们。, en: You can reach us by email.}
    numbers: {contact.email.value: privacy@example.cn}
    probe: {takes-in: {kind: question, channels: email}}
"""


def scaffold(slug: str, name_zh: str, name_en: str) -> str:
    """The YAML text of a small policy whose clause ids begin with `slug`."""
    prefix = re.sub(r"[^a-z0-9]+", "", slug.lower())[:40] or "policy"
    text = _TEXT.replace("@ID@", prefix)
    return text.replace("@ZH@", _quoted(name_zh)).replace("@EN@", _quoted(name_en))


def _quoted(text: str) -> str:
    """Text as YAML takes it whatever it holds: JSON strings are YAML strings."""
    return json.dumps(text, ensure_ascii=False)
