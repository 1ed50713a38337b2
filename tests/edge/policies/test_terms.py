"""What a record goes by, told as facts."""

from typing import Any

import pytest

from panregion.edge.policies import terms
from panregion.services.route53.model import CidrRouting, GeoLocation, GeoProximity
from tests.edge.support import Lab, record


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({}, {}),
        ({"weight": 0}, {"weight": 0}),
        ({"region": "eu-west-1"}, {"region": "eu-west-1"}),
        ({"failover": "PRIMARY"}, {"role": "PRIMARY"}),
        ({"geo": GeoLocation(country="US", subdivision="CA")}, {"area": "US/CA"}),
        ({"proximity": GeoProximity(region="us-east-1", bias=10)}, {"near": "us-east-1", "bias": 10}),
        ({"proximity": GeoProximity(latitude=1.5, longitude=-2)}, {"near": "1.5,-2", "bias": 0}),
        ({"cidr": CidrRouting("c", "office")}, {"location": "office"}),
        ({"multivalue": True}, {}),
    ],
)
def test_what_tells_a_record_from_the_others(given: dict[str, Any], facts: dict[str, Any]) -> None:
    assert terms(record(**given)) == facts


def test_the_trace_of_an_answer_tells_them() -> None:
    lab = Lab(
        record(set_identifier="a", region="us-east-1", value="192.0.2.1"),
        record(set_identifier="b", region="eu-west-1", value="192.0.2.2"),
    )
    told = {each["set_identifier"]: each["terms"] for each in lab.ask().trace[0]["records"]}
    assert told == {"a": {"region": "us-east-1"}, "b": {"region": "eu-west-1"}}
