"""AWS's own names: endpoints of regions, load balancers, and what data planes of the edge answer for."""

import pytest

from panregion.edge.names import Names
from panregion.edge.where import Asker
from panregion.world import WorldSettings
from tests.edge.support import MAP, Lab, alias, record

NAMES = Names(WorldSettings())
LONDON = MAP.asker("london")


class PointsOfPresence:
    """Owns *.cloudfront.net: London's users get one address, others another; `gone` does not exist."""

    def __init__(self, healthy: bool | None = None) -> None:
        self.healthy = healthy

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        if not name.endswith(".cloudfront.net."):
            return None
        if name.startswith("gone."):
            return []
        return ["127.2.1.1" if asker.site.name == "london" else "127.2.2.1"]

    def target_health(self, name: str) -> bool | None:
        return self.healthy if name.endswith(".cloudfront.net.") else None


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("abc.execute-api.eu-west-1.amazonaws.com.", "127.0.2.1"),
        ("b.s3-website-eu-west-1.amazonaws.com.", "127.0.2.1"),
        ("iam.amazonaws.com.", "127.0.1.1"),
        ("web-1234567016.eu-west-1.elb.amazonaws.com.", "127.0.2.16"),
        ("dualstack.web-1234567016.eu-west-1.elb.amazonaws.com.", "127.0.2.16"),
        ("internal-my-web-1254.us-east-1.elb.amazonaws.com.", "127.0.1.254"),
    ],
)
def test_a_name_leads_to_its_region_or_load_balancer(name: str, address: str) -> None:
    found = NAMES.find(name, LONDON)
    assert found is not None
    assert found.addresses == [address]
    assert not found.personal


@pytest.mark.parametrize(
    "name",
    [
        "abc.execute-api.eu-north-1.amazonaws.com.",
        "web-1234567016.eu-north-1.elb.amazonaws.com.",
        "web-1234567001.eu-west-1.elb.amazonaws.com.",
        "web-1234567999.eu-west-1.elb.amazonaws.com.",
    ],
)
def test_what_is_in_no_region_of_the_world_does_not_exist(name: str) -> None:
    found = NAMES.find(name, LONDON)
    assert found is not None
    assert found.addresses == []


def test_other_names_are_not_aws_s() -> None:
    assert NAMES.find("example.com.", LONDON) is None
    assert NAMES.find("notamazonaws.com.", LONDON) is None


def test_a_data_plane_answers_for_its_names_by_who_asks() -> None:
    lab = Lab(alias("www", "d1.cloudfront.net", zone_id="Z2FDTNDATAQYW2"), owners={"cloudfront": PointsOfPresence()})
    assert lab.values("d1.cloudfront.net.", who="london") == ["127.2.1.1"]
    assert lab.values("www.hello.test.", who="london") == ["127.2.1.1"]
    elsewhere = lab.ask("www.hello.test.", who="sydney")
    assert elsewhere.addresses == ["127.2.2.1"]
    assert elsewhere.personal
    assert lab.ask("gone.cloudfront.net.").rcode == 3
    assert lab.ask("d1.cloudfront.net.", type="AAAA").rcode == 0
    assert lab.values("d1.cloudfront.net.", type="AAAA") == []


@pytest.mark.parametrize(("healthy", "answer"), [(True, "127.2.1.1"), (None, "127.2.1.1"), (False, "192.0.2.2")])
def test_an_alias_that_evaluates_asks_the_data_plane(healthy: bool | None, answer: str) -> None:
    lab = Lab(
        alias(
            "www", "d1.cloudfront.net", evaluate=True, set_identifier="a", failover="PRIMARY", zone_id="Z2FDTNDATAQYW2"
        ),
        record("www", "192.0.2.2", set_identifier="b", failover="SECONDARY"),
        owners={"cloudfront": PointsOfPresence(healthy)},
    )
    assert lab.values("www.hello.test.", who="london") == [answer]
