"""Weighted: each record in proportion to its weight; weight 0 only where nothing else is healthy."""

from collections.abc import Sequence

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances, named
from panregion.services.route53.model import RecordSet


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    weighty = [record for record in records if record.weight]
    resting = [record for record in records if not record.weight]
    for group in (weighty, resting):
        good = [record for record in group if circumstances.healthy(record)]
        if good:
            return _draw(good, circumstances, "")
    return _draw(weighty or resting, circumstances, f"; {ALL_UNHEALTHY}")


def _draw(records: Sequence[RecordSet], circumstances: Circumstances, note: str) -> Choice:
    weights = [record.weight or 0 for record in records]
    if not any(weights):
        weights = [1] * len(records)
    total = sum(weights)
    left = circumstances.chance.random() * total
    chosen = records[-1]
    for record, weight in zip(records, weights, strict=True):
        left -= weight
        if left < 0:
            chosen = record
            break
    share = weights[list(records).index(chosen)]
    return Choice([chosen], f"weight {share} of {total} fell on {named(chosen)}{note}", drawn=len(records) > 1)
