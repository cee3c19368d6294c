"""A made-up policy as long as wanted: the same ten promises over and over, each time of other things."""

TEXT = """text:
  operator: {zh: 长长公司, en: Long Ltd, role: handler, home: CN-mainland, keeps: [long-0-0]}
  dates: {published: 2026-01-05, updated: 2026-01-05, effective: 2026-01-05, keeps: [long-0-0]}
"""
SECTIONS = {
    "services": "  service-@: {zh: 服务, en: Service, provider: us, needs: [acceptance], keeps: [long-@-0]}",
    "information": "  item-@: {zh: 信息, en: an item}\n  other-@: {zh: 信息, en: another item}",
    "occasions": "  while-@: {zh: 时, en: while}",
    "scenes": (
        "  scene-@: {zh: 场景, en: Scene, purpose: {zh: 目的, en: Purpose}, basis: consent, asks: [yes-@],"
        " when: [while-@], requires: [item-@, other-@], keeps: [long-@-1, long-@-2]}"
    ),
    "uses": (
        "  use-@: {zh: 用途, en: Use, purpose: {zh: 目的, en: Purpose}, basis: consent, asks: [yes-@], of: [item-@],"
        " keeps: [long-@-3]}"
    ),
    "consent": (
        "  yes-@: {zh: 同意, en: A yes, form: explicit, for: [scene-@, use-@, service-@, door-@], asked: first-use,"
        " shows: [fields], keeps: [long-@-2]}"
    ),
    "papers": "  paper-@: {zh: 协议, en: Agreement, terms: [purpose], keeps: [long-@-5]}",
    "recipients": (
        "  partner-@: {zh: 伙伴, en: Partner, kind: partner, purpose: {zh: 目的, en: Purpose}, receives: [item-@],"
        " for: [use-@], needs: [paper-@], keeps: [long-@-4]}"
    ),
    "retention": "  rule-@: {zh: 期限, en: Period, of: [item-@, other-@], for: 6 months, from: collected, keeps: [long-@-6]}",
    "sharing": (
        "  door-@: {zh: 提供, en: Passing on, act: share, on: [explicit-consent], to: [partner-@], for: [use-@],"
        " carries: [item-@], keeps: [long-@-4, long-@-5]}"
    ),
    "protection": "  guard-@: {zh: 保护, en: Guard, against: [leak], of: [item-@], keeps: [long-@-7]}",
    "pledges": (
        "  pledge-@: {zh: 承诺, en: Pledge, owner: lead, every: 12 months, proof: paper, lapse: report, keeps: [long-@-8]}"
    ),
    "contact": "  mail-@: {zh: 邮箱, en: Mail, kind: email, value: p@long.example, takes: [question], keeps: [long-@-9]}",
    "clauses": """\
  long-@-0: {kind: notice, says: {zh: 服务, en: Services}, numbers: {provider: us}, ours: {needs: [acceptance]@FIRST@},
    probe: {page-shows: {page: services, shows: [service-@]}}}
  long-@-1: {kind: control, says: {zh: 收集, en: Taking}, items: {requires: [item-@, other-@], when: [while-@]}, ours: {basis: consent},
    probe: [{collects-only: {scene: scene-@}}, {only-while: {while: while-@, scene: scene-@}}]}
  long-@-2: {kind: control, says: {zh: 同意, en: Asking}, numbers: {form: explicit}, ours: {asked: first-use, for: [scene-@, use-@, service-@, door-@]},
    probe: {consent-first: {item: yes-@, scene: scene-@, shows: [fields]}}}
  long-@-3: {kind: control, says: {zh: 使用, en: Using}, items: {of: [item-@]}, ours: {basis: consent},
    probe: {reads-only: {of: [item-@], for: use-@}}}
  long-@-4: {kind: control, says: {zh: 提供, en: Passing on}, items: {receives: [item-@]}, ours: {recipients.partner-@.kind: partner},
    probe: {outflow-needs: {act: share, door: door-@, to: partner-@, case: explicit-consent, of: [item-@], for: use-@}}}
  long-@-5: {kind: record, says: {zh: 协议, en: Agreements}, items: {papers.paper-@.terms: [purpose]},
    probe: {papers-first: {papers: paper-@, door: door-@}}}
  long-@-6: {kind: control, says: {zh: 保存, en: Keeping}, numbers: {for: 6 months, from: collected}, items: {of: [item-@, other-@]},
    probe: {expires: {of: [item-@]}}}
  long-@-7: {kind: control, says: {zh: 保护, en: Guarding}, items: {against: [leak], of: [item-@]},
    probe: {sealed: {of: [item-@]}}}
  long-@-8: {kind: process, says: {zh: 承诺, en: Promising}, ours: {every: 12 months, proof: paper, lapse: report},
    probe: {reminds: {pledge: pledge-@}}}
  long-@-9: {kind: process, says: {zh: 联系, en: Reaching us}, numbers: {kind: email, value: p@long.example},
    items: {takes: [question]}, probe: {takes-in: {kind: question, channels: mail-@}}}""",
}
FIRST = (
    ", role: handler, home: CN-mainland, published: 2026-01-05, updated: 2026-01-05, effective: 2026-01-05"
)


def long_policy(clauses: int) -> str:
    """The text of a policy of about so many clauses, in which nothing contradicts anything."""
    lines = [TEXT]
    for section, entry in SECTIONS.items():
        lines.append(f"{section}:\n")
        for place in range(clauses // 10):
            first = FIRST if place == 0 else ""
            lines.append(
                entry.replace("@FIRST@", first).replace("@", str(place)).replace("p0long", "p@long") + "\n"
            )
    return "".join(lines)
