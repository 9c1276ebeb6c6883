"""What the report says around its figures."""

from __future__ import annotations

from yunlang.kit.language import Bilingual

WORDS: dict[str, Bilingual] = {
    "period": Bilingual("时期", "Period"),
    "made_by": Bilingual("由云廊计算，版本", "Computed by Yunlang, version"),
    "source": Bilingual("框架来源", "Source of the framework"),
    "ranking": Bilingual("排名", "Ranking"),
    "rank": Bilingual("名次", "Rank"),
    "unit": Bilingual("单位", "Unit"),
    "ranking_caption": Bilingual(
        "按总指数得分排序；“—”表示数据不足，无法计算。",
        "In the order of the index's scores; “—” means that there are too few data to compute one.",
    ),
    "left_out": Bilingual(
        "还有若干单位未在此列出，见 scores.csv，数目：", "Units not listed here, which scores.csv has:"
    ),
    "groups": Bilingual("各组得分", "Scores of the groups"),
    "over_time": Bilingual("历年总指数得分", "Scores of the index over time"),
    "steps": Bilingual("计算步骤", "What was computed"),
    "outliers": Bilingual("离群值处理", "Treatment of outliers"),
    "no_outliers": Bilingual("没有指标需要处理。", "No indicator needed it."),
    "missing": Bilingual("缺失的原始数据", "Missing raw data"),
    "none_missing": Bilingual("没有缺失。", "None are missing."),
    "weights": Bilingual("权重", "Weights"),
    "weights_caption": Bilingual(
        "份额为在同组之内所占比例；方向 −1 表示越小越好。",
        "A share is of the node's own group; direction −1 means that less is better.",
    ),
    "recipe": Bilingual("计算方案", "Recipe"),
    "again": Bilingual("如何重算", "To compute it again"),
    "again_text": Bilingual(
        "以同样的数据、框架与 recipe.yaml 运行 yunlang index run，结果逐位相同。以下散列值用于核对。",
        "Run yunlang index run with the same data, framework and recipe.yaml: the figures are the same to the last "
        "digit. These hashes tell whether the inputs are.",
    ),
    "inputs_hash": Bilingual("输入（框架与数据）SHA-256", "SHA-256 of the inputs (framework and data)"),
    "recipe_hash": Bilingual("计算方案 SHA-256", "SHA-256 of the recipe"),
    "code": Bilingual("代码", "Code"),
    "name": Bilingual("名称", "Name"),
    "done": Bilingual("处理", "What was done"),
    "count": Bilingual("缺失数", "Missing"),
    "portion": Bilingual("占比", "Portion"),
    "direction": Bilingual("方向", "Direction"),
    "weight": Bilingual("权重", "Weight"),
    "share": Bilingual("份额", "Share"),
    "setting": Bilingual("设置", "Setting"),
    "value": Bilingual("取值", "Value"),
}
