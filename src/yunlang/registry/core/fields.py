"""What each kind of record holds. Forms, templates, imports, exports, the API and detail pages read this alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import (
    INDUSTRIES,
    LABELS,
    NEED_KINDS,
    ORGANISATION_TYPES,
    PLACEMENTS,
    ResourceKind,
)

_T = FieldType
_CNY = Bilingual("元", "CNY")
_PERCENT = Bilingual("%", "%")

TRANSFER_MODES: dict[str, Bilingual] = {
    "assignment": Bilingual("转让", "assignment"),
    "licence": Bilingual("许可", "licence"),
    "equity": Bilingual("作价入股", "equity contribution"),
    "joint_development": Bilingual("合作开发", "joint development"),
    "negotiable": Bilingual("面议", "negotiable"),
}
ORIGINS: dict[str, Bilingual] = {
    "domestic": Bilingual("国产", "domestic"),
    "imported": Bilingual("进口", "imported"),
}
BENEFIT_FORMS: dict[str, Bilingual] = {
    "staged": Bilingual("分阶段支持", "staged support"),
    "one_off": Bilingual("一次性奖励", "one-off award"),
    "proportional": Bilingual("按比例补助", "proportional subsidy"),
    "fixed_rate": Bilingual("按单位量补助", "subsidy per unit"),
    "upper_limit": Bilingual("不超过上限的支持", "support up to a limit"),
}
TALENT_MODES: dict[str, Bilingual] = {
    "full_time": Bilingual("全职", "full time"),
    "part_time": Bilingual("兼职", "part time"),
    "consulting": Bilingual("顾问", "consulting"),
    "joint_training": Bilingual("联合培养", "joint training"),
}

ATTRIBUTES: dict[str, Bilingual] = {
    "revenue": Bilingual("营业收入", "revenue"),
    "rd_spending": Bilingual("研发投入", "R&D spending"),
    "staff": Bilingual("职工人数", "staff"),
    "rd_staff": Bilingual("研发人员", "R&D staff"),
    "registered_capital": Bilingual("注册资本", "registered capital"),
    "valid_patents": Bilingual("有效专利", "valid patents"),
    "members": Bilingual("成员单位数", "member units"),
}

INDUSTRY = Field("industry", Bilingual("产业", "industry"), _T.CHOICE, choices=INDUSTRIES, example="新材料",
                 help=Bilingual("走廊七大先导产业之一，可不填。",
                                "One of the corridor's seven leading industries; optional."))  # fmt: skip
CITY = Field("city", Bilingual("城市", "city"), aliases=("adcode", "所在城市", "城市代码"), example="湖州",
             help=Bilingual("九城市之一的名称或行政区划代码。",
                            "Name or administrative code of one of the nine cities."))  # fmt: skip
TAGS = Field("tags", Bilingual("标签", "tags"), _T.WORDS, max_length=40, aliases=("关键词", "keywords"),
             example="固态电池；电解质",
             help=Bilingual("用分号隔开。", "Separate with semicolons."))  # fmt: skip
ORGANISATION_NAME = Field("organisation", Bilingual("机构", "organisation"), max_length=200, required=True,
                          aliases=("单位", "机构名称", "owner"), example="示例新材料有限公司")  # fmt: skip
ORGANISATION_CODE = Field("organisation_code", Bilingual("机构信用代码", "organisation credit code"), max_length=30,
                          aliases=("统一社会信用代码",),
                          help=Bilingual("有则优先按代码认定机构。",
                                         "Where given, identifies the organisation."))  # fmt: skip
NUMBER = Field("number", Bilingual("编号", "number"), max_length=100, aliases=("项目编号", "产品编号", "external id"),
               help=Bilingual("登记或项目编号，再次导入时据此更新。",
                              "Registration number; a later import updates by it."))  # fmt: skip

ORGANISATION_FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        Bilingual("名称", "name"),
        required=True,
        aliases=("机构名称", "企业名称", "单位名称", "公司名称"),
        example="示例新材料有限公司",
    ),
    Field("name_en", Bilingual("英文名称", "English name"), max_length=300),
    Field(
        "type",
        Bilingual("类型", "type"),
        _T.CHOICE,
        required=True,
        choices=ORGANISATION_TYPES,
        aliases=("机构类型",),
        example="企业",
    ),
    Field(
        "credit_code",
        Bilingual("统一社会信用代码", "unified social credit code"),
        max_length=30,
        aliases=("信用代码", "credit code"),
        help=Bilingual("18 位，按 GB 32100-2015 校验。", "18 characters, checked by GB 32100-2015."),
    ),
    CITY,
    Field(
        "seat",
        Bilingual("所在地", "seat"),
        max_length=100,
        help=Bilingual("不在九城市时填写省市名称。", "Province or city, where outside the nine."),
    ),
    Field(
        "placement",
        Bilingual("所在地核实", "placement"),
        _T.CHOICE,
        choices=PLACEMENTS,
        help=Bilingual(
            "可不填：填了城市即在走廊内，只填所在地即在走廊外。",
            "Optional: a city means inside the corridor, a seat alone means outside.",
        ),
    ),
    Field("address", Bilingual("地址", "address"), max_length=300),
    INDUSTRY,
    Field("sector", Bilingual("行业", "sector"), max_length=100, example="电子化学品"),
    Field("products", Bilingual("主要产品", "main products"), _T.WORDS, max_length=100, aliases=("主营产品",)),
    Field("website", Bilingual("网站", "website"), _T.URL, max_length=300),
    Field("summary", Bilingual("简介", "summary"), _T.TEXT, max_length=5_000),
    Field("stock_code", Bilingual("证券代码", "stock code"), max_length=20),
    TAGS,
)

LABEL_FIELDS: tuple[Field, ...] = (
    ORGANISATION_NAME,
    ORGANISATION_CODE,
    Field("label", Bilingual("资质", "label"), _T.CHOICE, required=True, choices=LABELS, example="高新技术企业"),
    Field("valid_from", Bilingual("起始日期", "valid from"), _T.DATE, example="2025-01-01"),
    Field("valid_until", Bilingual("截止日期", "valid until"), _T.DATE, example="2027-12-31"),
)

ATTRIBUTE_FIELDS: tuple[Field, ...] = (
    ORGANISATION_NAME,
    ORGANISATION_CODE,
    Field("code", Bilingual("指标", "code"), _T.CHOICE, required=True, choices=ATTRIBUTES, example="营业收入"),
    Field("period", Bilingual("期间", "period"), required=True, max_length=20, example="2025"),
    Field("value", Bilingual("数值", "value"), _T.DECIMAL, required=True, example="128000000"),
    Field("unit", Bilingual("单位", "unit"), max_length=20, example="元"),
)

EXPERT_FIELDS: tuple[Field, ...] = (
    Field("name", Bilingual("姓名", "name"), required=True, max_length=100, aliases=("专家姓名",), example="张三"),
    ORGANISATION_NAME,
    ORGANISATION_CODE,
    Field("title", Bilingual("职称", "title"), max_length=100),
    Field("fields", Bilingual("研究方向", "research fields"), _T.WORDS, max_length=100, aliases=("专业领域",)),
    INDUSTRY,
    Field("summary", Bilingual("简介", "summary"), _T.TEXT, max_length=5_000),
)

NEED_FIELDS: tuple[Field, ...] = (
    NUMBER,
    Field("kind", Bilingual("需求类型", "kind"), _T.CHOICE, required=True, choices=NEED_KINDS, example="技术"),
    Field(
        "title",
        Bilingual("标题", "title"),
        required=True,
        aliases=("需求标题", "需求名称"),
        help=Bilingual("一句话说清要解决什么。", "One line that says what must be solved."),
        example="高镍三元动力电解液",
    ),
    Field(
        "description",
        Bilingual("需求说明", "description"),
        _T.TEXT,
        required=True,
        max_length=20_000,
        aliases=("需求内容", "内容", "content"),
        help=Bilingual("现状、指标要求、已试过的办法。", "The present state, the figures required, what was tried."),
    ),
    ORGANISATION_NAME,
    ORGANISATION_CODE,
    CITY,
    INDUSTRY,
    Field("budget", Bilingual("预算", "budget"), _T.MONEY, unit=_CNY, example="200 万元"),
    Field("deadline", Bilingual("截止日期", "deadline"), _T.DATE, example="2027-06-30"),
    Field(
        "trl_minimum", Bilingual("最低技术成熟度", "lowest TRL accepted"), _T.INTEGER, minimum=1, maximum=9, example="5"
    ),
    TAGS,
)

_RESOURCE_COMMON: tuple[Field, ...] = (
    NUMBER,
    Field("title", Bilingual("标题", "title"), required=True, max_length=300, aliases=("名称", "成果名称", "项目名称")),
    Field("summary", Bilingual("说明", "summary"), _T.TEXT, max_length=20_000, aliases=("简介", "描述")),
    ORGANISATION_NAME,
    ORGANISATION_CODE,
    Field("expert", Bilingual("专家", "expert"), max_length=100, aliases=("负责人", "项目负责人")),
    CITY,
    INDUSTRY,
    TAGS,
    Field("valid_from", Bilingual("起始日期", "valid from"), _T.DATE),
    Field("valid_until", Bilingual("截止日期", "valid until"), _T.DATE),
)

DETAIL_FIELDS: dict[str, tuple[Field, ...]] = {
    ResourceKind.ACHIEVEMENT: (
        Field("trl", Bilingual("技术成熟度", "technology readiness level"), _T.INTEGER, minimum=1, maximum=9,
              aliases=("TRL",), example="6"),
        Field("patent_number", Bilingual("专利号", "patent number"), max_length=100),
        Field("price", Bilingual("报价", "asking price"), _T.MONEY, unit=_CNY, aliases=("转让价格",),
              example="150 万元"),
        Field("transfer_modes", Bilingual("转化方式", "ways of transfer"), _T.CHOICES, choices=TRANSFER_MODES,
              example="许可；作价入股"),
        Field("funding", Bilingual("立项经费", "project funding"), _T.MONEY, unit=_CNY),
        Field("programme", Bilingual("计划或专项", "programme"), max_length=200),
        Field("year", Bilingual("年度", "year"), _T.INTEGER, minimum=1950, maximum=2100),
    ),
    ResourceKind.EXPERTISE: (
        Field("service_fields", Bilingual("服务方向", "fields of service"), _T.WORDS, max_length=100),
        Field("availability", Bilingual("可服务时间", "availability"), max_length=200),
        Field("price", Bilingual("服务报价", "fee"), _T.MONEY, unit=_CNY),
    ),
    ResourceKind.INSTRUMENT: (
        Field("maker", Bilingual("制造商", "maker"), max_length=200),
        Field("model", Bilingual("型号", "model"), max_length=100),
        Field("origin", Bilingual("产地", "origin"), _T.CHOICE, choices=ORIGINS, example="国产"),
        Field("price", Bilingual("仪器价格", "price"), _T.MONEY, unit=_CNY),
        Field("hourly_rate", Bilingual("机时费", "hourly rate"), _T.MONEY, unit=_CNY),
        Field("sharing_grade", Bilingual("开放共享考核等次", "sharing grade"), max_length=20),
        Field("year", Bilingual("年度", "year"), _T.INTEGER, minimum=1950, maximum=2100),
    ),
    ResourceKind.SERVICE: (
        Field("service_type", Bilingual("服务类别", "type of service"), max_length=100),
        Field("price", Bilingual("服务报价", "fee"), _T.MONEY, unit=_CNY),
    ),
    ResourceKind.LOAN: (
        Field("amount_maximum", Bilingual("最高额度", "largest amount"), _T.MONEY, unit=_CNY),
        Field("term_months", Bilingual("期限", "term"), _T.INTEGER, minimum=1, maximum=600,
              unit=Bilingual("月", "months")),
        Field("rate_note", Bilingual("利率", "interest rate"), max_length=200),
        Field("risk_sharing", Bilingual("风险分担", "risk sharing"), max_length=200),
        Field("conditions", Bilingual("申请条件", "conditions"), _T.TEXT, max_length=2_000),
    ),
    ResourceKind.FUND: (
        Field("size", Bilingual("基金规模", "fund size"), _T.MONEY, unit=_CNY),
        Field("ticket_minimum", Bilingual("单笔下限", "smallest ticket"), _T.MONEY, unit=_CNY),
        Field("ticket_maximum", Bilingual("单笔上限", "largest ticket"), _T.MONEY, unit=_CNY),
        Field("stages", Bilingual("投资阶段", "stages"), _T.WORDS, max_length=40),
        Field("conditions", Bilingual("投资方向", "focus"), _T.TEXT, max_length=2_000),
    ),
    ResourceKind.POLICY: (
        Field("benefit_form", Bilingual("支持方式", "form of benefit"), _T.CHOICE, choices=BENEFIT_FORMS),
        Field("share_percent", Bilingual("最高比例", "largest share"), _T.DECIMAL, minimum=Decimal(0),
              maximum=Decimal(100), unit=_PERCENT),
        Field("share_base", Bilingual("比例基数", "share of what"), max_length=200),
        Field("amount_maximum", Bilingual("最高金额", "largest amount"), _T.MONEY, unit=_CNY),
        Field("issuer", Bilingual("发布机关", "issuer"), max_length=200),
    ),
    ResourceKind.SPACE: (
        Field("area_square_metres", Bilingual("面积", "area"), _T.DECIMAL, minimum=Decimal(0),
              maximum=Decimal(100_000_000), unit=Bilingual("平方米", "m²")),
        Field("rent_monthly", Bilingual("月租金", "monthly rent"), _T.MONEY, unit=Bilingual("元/平方米", "CNY/m²")),
        Field("facilities", Bilingual("配套设施", "facilities"), _T.WORDS, max_length=100),
    ),
    ResourceKind.TALENT: (
        Field("specialities", Bilingual("专业方向", "specialities"), _T.WORDS, max_length=100),
        Field("talent_modes", Bilingual("合作方式", "ways of working"), _T.CHOICES, choices=TALENT_MODES),
        Field("headcount", Bilingual("人数", "headcount"), _T.INTEGER, minimum=1, maximum=100_000),
    ),
}  # fmt: skip

# Detail fields that a query filters or sorts by are columns of their own; the rest live in the details document.
PROMOTED_DETAILS: tuple[str, ...] = ("trl", "price")


def resource_fields(kind: str) -> tuple[Field, ...]:
    """Return the fields of one kind of resource: the common ones, then its own."""
    return _RESOURCE_COMMON + DETAIL_FIELDS[kind]


def fields_named(fields: Sequence[Field], *names: str) -> tuple[Field, ...]:
    """Return those of `fields` that are named, in the order of `names`."""
    by_name = {spec.name: spec for spec in fields}
    return tuple(by_name[name] for name in names)
