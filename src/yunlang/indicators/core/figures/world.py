"""Which rows of the World Bank's tables are no countries."""

from __future__ import annotations

# The World Bank puts regions, groups of income and of debt among the countries, by codes of the same shape.
AGGREGATES = frozenset({
    "AFE", "AFW", "ARB", "CEB", "CSS", "EAP", "EAR", "EAS", "ECA", "ECS", "EMU", "EUU",
    "FCS", "HIC", "HPC", "IBD", "IBT", "IDA", "IDB", "IDX", "LAC", "LCN", "LDC", "LIC",
    "LMC", "LMY", "LTE", "MEA", "MIC", "MNA", "NAC", "OED", "OSS", "PRE", "PSS", "PST",
    "SAS", "SSA", "SSF", "SST", "TEA", "TEC", "TLA", "TMN", "TSA", "TSS", "UMC", "WLD",
})  # fmt: skip


def is_country(code: str) -> bool:
    """Tell whether a code of the World Bank's tables is one economy's, and not that of a group of them."""
    return code not in AGGREGATES
