"""Graded pairs made by a rule that can be learnt: the more words a title shares with the need, the higher the grade."""

from __future__ import annotations

import random

import numpy as np

from yunlang.matching.core.learning.pairs import GradedPairs, Text

TRADES = (
    "锂电池",
    "碳化硅",
    "相控阵天线",
    "减速器",
    "免疫抗体",
    "导热薄膜",
    "质谱仪器",
    "车路协同",
    "光刻树脂",
    "氢燃料",
    "数控机床",
    "纳米涂层",
)
ACTS = ("制备方法", "检测装置", "控制系统", "产业化", "回收工艺", "可靠性研究")


def graded_pairs(needs: int = 12, per_need: int = 12, *, seed: int = 0, body: str = "") -> GradedPairs:
    draw = random.Random(seed)
    wanted = [(TRADES[place % len(TRADES)], ACTS[(place + seed) % len(ACTS)]) for place in range(needs)]
    texts = tuple(
        Text(f"{trade}{act}需求{place}", f"企业需要{trade}的{act}。") for place, (trade, act) in enumerate(wanted)
    )
    achievements: dict[Text, int] = {}
    rows = []
    for place, (trade, act) in enumerate(wanted):
        for number in range(per_need):
            own_trade = trade if number % 3 else draw.choice(TRADES)
            own_act = act if number % 2 else draw.choice(ACTS)
            grade = 1 + 2 * (own_trade == trade) + (own_act == act)
            title = f"{own_trade}{own_act}{draw.randrange(1000)}号"
            achievement = achievements.setdefault(Text(title, body and f"{title}{body}"), len(achievements))
            rows.append((place, achievement, grade))
    table = np.array(rows)
    return GradedPairs(texts, tuple(achievements), table[:, 0], table[:, 1], table[:, 2])
