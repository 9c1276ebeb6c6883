"""The field's own words: kinds of needs, resources and organisations, industries, labels, each in both languages."""

from __future__ import annotations

from enum import StrEnum

from yunlang.kit.language import Bilingual


class NeedKind(StrEnum):
    """What an enterprise may ask the corridor for."""

    TECHNOLOGY = "technology"
    FINANCE = "finance"
    TALENT = "talent"
    INSTRUMENT = "instrument"
    SPACE = "space"
    MARKET = "market"


NEED_KINDS: dict[str, Bilingual] = {
    NeedKind.TECHNOLOGY: Bilingual("技术", "technology"),
    NeedKind.FINANCE: Bilingual("资金", "finance"),
    NeedKind.TALENT: Bilingual("人才", "talent"),
    NeedKind.INSTRUMENT: Bilingual("仪器", "instrument"),
    NeedKind.SPACE: Bilingual("载体", "space"),
    NeedKind.MARKET: Bilingual("市场", "market"),
}


class ResourceKind(StrEnum):
    """The nine kinds of innovation resources (要素)."""

    ACHIEVEMENT = "achievement"
    EXPERTISE = "expertise"
    INSTRUMENT = "instrument"
    SERVICE = "service"
    LOAN = "loan"
    FUND = "fund"
    POLICY = "policy"
    SPACE = "space"
    TALENT = "talent"


RESOURCE_KINDS: dict[str, Bilingual] = {
    ResourceKind.ACHIEVEMENT: Bilingual("成果", "achievement"),
    ResourceKind.EXPERTISE: Bilingual("专家服务", "expertise"),
    ResourceKind.INSTRUMENT: Bilingual("仪器", "instrument"),
    ResourceKind.SERVICE: Bilingual("服务", "service"),
    ResourceKind.LOAN: Bilingual("信贷产品", "loan"),
    ResourceKind.FUND: Bilingual("基金", "fund"),
    ResourceKind.POLICY: Bilingual("政策", "policy"),
    ResourceKind.SPACE: Bilingual("载体", "space"),
    ResourceKind.TALENT: Bilingual("人才", "talent"),
}


class OrganisationType(StrEnum):
    """What an organisation is."""

    COMPANY = "company"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    LABORATORY = "laboratory"
    HOSPITAL = "hospital"
    BANK = "bank"
    FUND = "fund"
    PARK = "park"
    ALLIANCE = "alliance"
    GOVERNMENT = "government"
    SERVICE = "service"
    OTHER = "other"


ORGANISATION_TYPES: dict[str, Bilingual] = {
    OrganisationType.COMPANY: Bilingual("企业", "company"),
    OrganisationType.UNIVERSITY: Bilingual("高等院校", "university"),
    OrganisationType.INSTITUTE: Bilingual("科研院所", "research institute"),
    OrganisationType.LABORATORY: Bilingual("实验室", "laboratory"),
    OrganisationType.HOSPITAL: Bilingual("医疗机构", "hospital"),
    OrganisationType.BANK: Bilingual("银行", "bank"),
    OrganisationType.FUND: Bilingual("投资机构", "investment fund"),
    OrganisationType.PARK: Bilingual("园区", "park"),
    OrganisationType.ALLIANCE: Bilingual("联盟", "alliance"),
    OrganisationType.GOVERNMENT: Bilingual("政府机构", "government body"),
    OrganisationType.SERVICE: Bilingual("科技服务机构", "technology-service provider"),
    OrganisationType.OTHER: Bilingual("其他机构", "other organisation"),
}

# The corridor's «1+7+N» alliance system names seven leading industries.
INDUSTRIES: dict[str, Bilingual] = {
    "integrated_circuits": Bilingual("集成电路", "integrated circuits"),
    "biomedicine": Bilingual("生物医药", "biomedicine"),
    "artificial_intelligence": Bilingual("人工智能", "artificial intelligence"),
    "high_end_equipment": Bilingual("高端装备", "high-end equipment"),
    "new_materials": Bilingual("新材料", "new materials"),
    "new_energy": Bilingual("新能源（汽车）", "new energy and vehicles"),
    "information_technology": Bilingual("新一代信息技术", "new-generation information technology"),
}

LABELS: dict[str, Bilingual] = {
    "high_tech": Bilingual("高新技术企业", "high-tech enterprise"),
    "little_giant": Bilingual("专精特新“小巨人”企业", "specialised “little giant” enterprise"),
    "specialised": Bilingual("专精特新中小企业", "specialised small or medium enterprise"),
    "technology_sme": Bilingual("科技型中小企业", "technology-based small or medium enterprise"),
    "listed": Bilingual("上市公司", "listed company"),
    "star_market": Bilingual("科创板上市公司", "STAR Market company"),
    "proof_of_concept": Bilingual("G60 概念验证中心", "G60 proof-of-concept centre"),
    "demonstration_park": Bilingual("G60 产融结合示范园区", "G60 industry-finance demonstration park"),
    "consortium_member": Bilingual("G60 产学研金用联合体成员", "G60 consortium member"),
    "key_laboratory": Bilingual("国家重点实验室", "state key laboratory"),
    "instrument_sharing": Bilingual("大型仪器开放共享考核单位", "graded on sharing large instruments"),
}


class Placement(StrEnum):
    """What is known of where an organisation sits; a city is never guessed."""

    CORRIDOR = "corridor"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


PLACEMENTS: dict[str, Bilingual] = {
    Placement.CORRIDOR: Bilingual("走廊内", "in the corridor"),
    Placement.OUTSIDE: Bilingual("走廊外", "outside the corridor"),
    Placement.UNKNOWN: Bilingual("所在地未核实", "seat not verified"),
}
