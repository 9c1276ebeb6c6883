"""Patents with their assignees, and the listed companies of the four provinces."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

from .classify import Industries
from .names import is_organisation, tidy_name, tidy_text
from .organisations import Directory, add_row, count_row
from .places import Seat
from .tables import Record, read_csv, read_jsonl, read_tsv

PATENTS = "ccf2022_patents"
EXCHANGES = "exchange_lists"
CHAIN = "chain_companies"
PROVINCES = ("上海", "江苏", "浙江", "安徽")
MOST_PRODUCTS = 8
LONGEST_PRODUCT = 20
# Lines of a revenue table that are no products: remainders, offsets, regions, rents and sales of scrap.
_NO_PRODUCT = re.compile(
    r"其他|其它|抵[销消]|平衡|调整|合计|分部|内部|租|物业|材料销售|销售材料|废|境内|境外|国内|国外|内销|外销|出口|进口"
    r"|华东|华南|华北|华中|东北|西南|西北|[省市区县]$|收入|补贴|服务费|劳务|利息|投资|贸易|商品销售|销售商品"
    r"|^其|^(销售|服务|配件|材料|原材料|设备|工业|商业|产品|零售|批发|业务|技术服务|加工费?)$|及其$|^[a-z]*[（(]"
)


def patent_records(path: Path, directory: Directory) -> tuple[list[Record], int]:
    """Return the patents that an organisation owns, and how many were left out because a person does."""
    records: list[Record] = []
    persons = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        patent = json.loads(line)
        if not is_organisation(tidy_name(patent["assignee"])):
            persons += 1
            continue
        owners = directory.resolve(patent["assignee"])
        for owner in owners:
            count_row(owner, PATENTS, "patents", {"assignee": patent["assignee"]})
        records.append(
            {
                "number": f"ccf2022-{patent['id']}",
                "kind": "achievement",
                "title": tidy_text(patent["title"]),
                "organisation": owners[0].name,
                "tags": ["专利"],
                "source": PATENTS,
                "source_row": {key: patent[key] for key in ("id", "title", "assignee")},
            }
        )
    return sorted(records, key=lambda record: str(record["number"])), persons


def add_listed_companies(data: Path, tables: Path, directory: Directory, industries: Industries) -> None:
    """Enter the listed companies of the four provinces, with full name, sector and products where these are known."""
    chain = {row["code"][:6]: row for row in read_jsonl(data / "chain/company.jsonl")}
    sectors = {row["company_code"][:6]: row for row in read_jsonl(data / "chain/company_industry.jsonl")}
    products = main_products(read_csv(data / "chain/company_product.csv"))
    later_names = {row["stock_code"]: row["full_name"] for row in read_tsv(tables / "listed_full_names.tsv")}
    seats = {row["stock_code"]: row for row in read_tsv(tables / "listed_seats.tsv")}
    for row in sorted(read_csv(data / "listed/stock_basic.csv"), key=lambda row: row["symbol"]):
        if row["area"] not in PROVINCES:
            continue
        code = row["symbol"]
        full_name = later_names.get(code) or _full_name(row["name"], chain.get(code))
        entry = directory.entry(tidy_name(full_name or _plain_short_name(row["name"])))
        entry.province = entry.province or row["area"]
        if row["name"] not in (entry.name, *entry.aliases):
            entry.aliases.append(row["name"])
        if code in seats:
            entry.seat = Seat.known(seats[code])
        listed_on = f"{row['list_date'][:4]}-{row['list_date'][4:6]}-{row['list_date'][6:]}"
        labels = ["listed", "star_market"] if code.startswith("688") else ["listed"]
        entry.labels += [{"label": label, "valid_from": listed_on, "source": EXCHANGES} for label in labels]
        add_row(entry, EXCHANGES, dict(row))
        sector = sectors.get(code)
        entry.facts |= {
            "type": "bank" if row["industry"] == "银行" else "company",
            "short_name_only": not full_name,
            "stock_code": row["ts_code"],
            "sector": sector["industry_name"].rstrip("ⅡⅢ") if sector else row["industry"],
            "industry": entry.facts.get("industry")
            or industries.of_sector(sector and sector["industry_code"], row["industry"]),
            "products": products.get(code),
        }
        if sector:
            add_row(entry, CHAIN, {"company_code": sector["company_code"], "industry_code": sector["industry_code"]})


def _full_name(short_name: str, company: Record | None) -> str | None:
    """Return the full name of 2021, unless the short name has changed since and the full one perhaps with it."""
    if company and _plain_short_name(company["name"]) == _plain_short_name(short_name):
        return str(company["fullname"])
    return None


def _plain_short_name(name: str) -> str:
    """Return a short name without the exchange's marks for special treatment, first days and unprofitable firms."""
    return re.sub(r"^(\*?ST|[NC])(?=[\u4e00-\u9fff])|-[UW]+$|\s", "", tidy_text(name))


def main_products(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    """Return each company's products by falling share of revenue, fragments of its revenue table dropped."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        product = tidy_text(row["product"])
        if 2 <= len(product) <= LONGEST_PRODUCT and not _NO_PRODUCT.search(product):
            own = weights[row["company_code"][:6]]
            own[product] = max(own.get(product, 0.0), float(row["weight"]))
    return {
        code: sorted(own, key=lambda product: (-own[product], product))[:MOST_PRODUCTS] for code, own in weights.items()
    }
