"""What people read for the code words a policy says it shows.

`shows: [fields, purpose]` is for authors and stories; a person reads the phrase. A word that is not here is
free text of the policy's author and is shown as it stands.
"""

from collections.abc import Mapping

from shounuo.core.clause import Words

PHRASES: Mapping[str, Words] = {
    # what is taken, why, by whom
    "fields": Words("收集的个人信息", "the information we collect"),
    "data-kinds": Words("个人信息的种类", "the kinds of information"),
    "purpose": Words("处理目的", "what it is used for"),
    "purposes": Words("使用目的", "what they are used for"),
    "means": Words("处理方式", "how it is processed"),
    "necessity": Words("处理的必要性", "why it is needed"),
    "effect-on-rights": Words("对您个人权益的影响", "what it means for your rights and interests"),
    "refusal": Words("不同意的后果", "what a no means"),
    "agree-and-decline": Words("您可以同意，也可以拒绝", "you may agree or decline"),
    "channels": Words("向您发送消息的渠道", "the channels messages come by"),
    "ways-to-stop": Words("退订方式", "how to say no more"),
    "recipient": Words("接收方的名称", "who receives it"),
    "recipient-name": Words("接收方的名称", "the recipient's name"),
    "recipient-contact": Words("接收方的联系方式", "how to reach the recipient"),
    "contact": Words("接收方的联系方式", "how to reach whoever receives it"),
    "company": Words("提供方名称", "the company behind it"),
    "place": Words("公开的位置", "where it is published"),
    "period": Words("保存期限", "how long it is kept"),
    # whose service, whose rule
    "provider": Words("该服务由第三方提供", "who provides the service"),
    "service-terms": Words("该服务的服务条款", "the service's own terms"),
    "information-policy": Words("该服务的个人信息处理规则", "the service's own information policy"),
    "policy": Words("对方的隐私政策", "their privacy policy"),
    "their-rule": Words("对方的个人信息处理规则", "their own information rule"),
    "their-rule-applies": Words("适用对方的规则，而非本规则", "their rule applies, not ours"),
    "own-policy-applies": Words("适用对方自己的隐私政策", "their own privacy policy applies"),
    "own-cookies": Words("对方可能使用自己的 Cookie", "they may set cookies of their own"),
    "portal-privacy-policy": Words("门户隐私政策", "the portal's privacy policy"),
    "specific-rule": Words("该服务单独的个人信息处理规则", "the service's own information rule"),
    "specific-policy": Words("该产品的特定隐私政策", "the product's own privacy policy"),
    # what taking and using means
    "scope": Words("收集范围", "the scope of what is collected"),
    "content": Words("收集内容", "what is collected"),
    "new-purpose": Words("新的使用目的", "the new purpose"),
    "method": Words("处理方式", "how it is processed"),
    "sensitive-items": Words("可能涉及的敏感个人信息", "the sensitive information involved"),
    "identifiers-differ": Words(
        "各标识符的有效期、能否重置及获取方式有所不同",
        "identifiers differ in how long they last, whether you can reset them and how they are obtained",
    ),
    "others-are-notified": Words("该操作会通知对方", "the other person is notified of this"),
    "what-they-see": Words("对方能看到的信息", "what the other person sees"),
    "recorded-or-monitored": Words(
        "通话、聊天或远程协助可能被记录或监控",
        "calls, chats and remote sessions may be recorded or monitored",
    ),
    "domain-owners-power": Words(
        "贵单位域名的所有者可控制您的账户并访问其中的数据",
        "whoever owns your organisation's domain can control your account and read what is in it",
    ),
    "safeguards-differ": Words("预览版的安全措施可能与正式服务不同", "safeguards of a preview may differ"),
    "data-may-be-deleted": Words("您的数据可能随时被删除", "your data may be deleted at any time"),
    "export-way": Words("如何导出您的数据", "how to take your data out"),
    "effect-on-service": Words("可能影响您使用产品或服务", "it may affect your use of the service"),
    "services-affected": Words("受影响的服务", "the services affected"),
    "cookie-dependent": Words("依赖 Cookie 的功能", "the functions that depend on cookies"),
    "rules-differ-by-country": Words(
        "各国家和地区的监管要求不同", "countries and regions have rules of their own"
    ),
    "use-in-china-advised": Words("建议仅在中国境内使用", "use within China only is advised"),
    # incidents
    "facts": Words("安全事件的基本情况", "what happened"),
    "impact": Words("可能的影响", "what it may mean for you"),
    "measures": Words("已采取或将要采取的处置措施", "what has been and will be done"),
    "advice": Words("您可自主防范和降低风险的建议", "what you can do yourself to lower the risk"),
    "remedies": Words("对您的补救措施", "what is done to make it good"),
    # the text and its versions
    "full-text": Words("规则全文", "the full text"),
    "summary": Words("规则摘要", "the summary"),
    "version": Words("版本与生效日期", "the version and the day it takes effect"),
    "differences": Words("与上一版本的差异", "what has changed since the last version"),
    "reason": Words("变更原因", "why it changes"),
    # cookies
    "what-cookies-are": Words("什么是 Cookie", "what cookies are"),
    "where-they-lie": Words("Cookie 存放的位置", "where they are kept"),
    "keys": Words("Cookie 的名称", "their names"),
    "set-by": Words("由谁设置", "who sets them"),
    "life": Words("有效期", "how long they last"),
    # requests and rights
    "court": Words("您可以依法向人民法院提起诉讼", "you may bring the matter before a court"),
    "named-court": Words("有管辖权的人民法院", "the court that has jurisdiction"),
    "negotiation": Words("先友好协商解决", "first by friendly negotiation"),
    "court-of-signing": Words(
        "协商不成的，由协议签订地有管辖权的人民法院管辖",
        "else by the competent court of the place of signing",
    ),
    "supervisory-authority": Words(
        "您可以向数据保护监管机构投诉", "you may complain to the supervisory authority"
    ),
    "complaint-routes": Words("可以投诉的途径", "where you can complain"),
    "solution": Words("处理方案", "the solution proposed"),
    "result": Words("处理结果", "the result"),
    "access-lost-for-good": Words("注销后将无法再访问账户中的信息", "access to the account is lost for good"),
    "guardian": Words("须由监护人同意", "a guardian must agree"),
    "regulator": Words("您可以向监管部门投诉、举报", "you may complain to the regulator"),
    "closure-terms": Words("账户注销条款", "the terms of closing the account"),
    "all-other-products-end": Words(
        "注销后其他产品和服务一并终止", "all other products and services end with it"
    ),
    "what-is-kept-and-until-when": Words(
        "依法继续保留的信息及期限", "what the law still keeps, and until when"
    ),
}
