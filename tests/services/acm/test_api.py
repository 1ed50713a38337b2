"""Certificates: requested and issued at once, imported, listed, tagged, deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from panregion.region import Region
from panregion.services import Context
from panregion.services.acm.stack import CERTIFICATE
from panregion.wire import AwsError
from panregion.world.tls import trusting
from tests.support import ServedRegion

DOMAIN = "api.hello.test"
CONTEXT = Context(stack_name="hello", stack_id="arn:stack", logical_id="Cert", suffix="ABC123", tags={"team": "a"})


async def requested(region: Region, **more: Any) -> str:
    made = await region.ask("acm", "RequestCertificate", {"DomainName": DOMAIN, "ValidationMethod": "DNS", **more})
    return str(made["CertificateArn"])


async def test_a_requested_certificate_is_issued_at_once(region: Region) -> None:
    arn = await requested(region, SubjectAlternativeNames=["*.hello.test", DOMAIN])
    shown = (await region.ask("acm", "DescribeCertificate", {"CertificateArn": arn}))["Certificate"]
    assert arn.startswith("arn:aws:acm:us-east-1:000000000000:certificate/")
    assert (shown["Status"], shown["Type"], shown["InUseBy"]) == ("ISSUED", "AMAZON_ISSUED", [])
    assert shown["SubjectAlternativeNames"] == [DOMAIN, "*.hello.test"]
    record = shown["DomainValidationOptions"][1]["ResourceRecord"]
    assert record["Type"] == "CNAME"
    assert record["Name"].endswith(".hello.test.")
    assert "*" not in record["Name"]
    assert record["Value"].endswith(".acm-validations.aws.")


@pytest.mark.parametrize("algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1"])
async def test_it_is_the_worlds_authority_that_issues_it(region: Region, algorithm: str) -> None:
    arn = {"CertificateArn": await requested(region, SubjectAlternativeNames=["*.hello.test"], KeyAlgorithm=algorithm)}
    got = await region.ask("acm", "GetCertificate", arn)
    shown = (await region.ask("acm", "DescribeCertificate", arn))["Certificate"]
    certificate = x509.load_pem_x509_certificate(got["Certificate"].encode())
    authority = x509.load_pem_x509_certificate((region.settings.path / "authority.pem").read_bytes())
    certificate.verify_directly_issued_by(authority)
    assert got["CertificateChain"] == authority.public_bytes(serialization.Encoding.PEM).decode()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [DOMAIN, "*.hello.test"]
    assert f"{certificate.serial_number:040x}".lstrip("0") == shown["Serial"].replace(":", "").lstrip("0")
    assert (shown["KeyAlgorithm"], shown["Issuer"]) == (algorithm, authority.subject.rfc4514_string())
    assert certificate.not_valid_after_utc.timestamp() == pytest.approx(shown["NotAfter"], abs=1)


async def test_it_is_presented_to_who_asks_for_its_name(region: Region) -> None:
    arn = await requested(region, SubjectAlternativeNames=["*.wild.test"])
    await region.serve("127.0.0.1", 0, 0)
    port = region._servers[1].port
    own = await presented(region, port, DOMAIN)
    assert own == (await region.ask("acm", "GetCertificate", {"CertificateArn": arn}))["Certificate"]
    assert await presented(region, port, "a.wild.test") == own
    assert await presented(region, port, "b.a.wild.test") != own  # a wildcard is for one label
    newer = await requested(region)
    assert await presented(region, port, DOMAIN) != own
    await region.ask("acm", "DeleteCertificate", {"CertificateArn": newer})
    assert await presented(region, port, DOMAIN) == own


async def presented(region: Region, port: int, name: str) -> str:
    """The certificate that a client gets who asks for a name, verified by the world's authority."""
    context = trusting(region.settings.path)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    certificate: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    del reader
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM).decode()


async def test_a_token_repeats_its_answer(region: Region) -> None:
    assert await requested(region, IdempotencyToken="t") == await requested(region, IdempotencyToken="t")
    assert await requested(region) != await requested(region)


async def test_lists_come_in_pages_oldest_first(region: Region) -> None:
    arns = [await requested(region) for _ in range(3)]
    first = await region.ask("acm", "ListCertificates", {"MaxItems": 2})
    rest = await region.ask("acm", "ListCertificates", {"MaxItems": 2, "NextToken": first["NextToken"]})
    listed = [c["CertificateArn"] for c in first["CertificateSummaryList"] + rest["CertificateSummaryList"]]
    assert listed == arns
    assert "NextToken" not in rest
    pending = await region.ask("acm", "ListCertificates", {"CertificateStatuses": ["PENDING_VALIDATION"]})
    assert pending["CertificateSummaryList"] == []


async def test_one_that_a_domain_presents_cannot_be_deleted(region: Region) -> None:
    arn = await requested(region)
    domain = {
        "domainName": DOMAIN,
        "regionalCertificateArn": arn,
        "endpointConfiguration": {"types": ["REGIONAL"]},
    }
    await region.ask("apigateway", "CreateDomainName", domain)
    with pytest.raises(AwsError, match="ResourceInUseException"):
        await region.ask("acm", "DeleteCertificate", {"CertificateArn": arn})
    await region.ask("apigateway", "DeleteDomainName", {"domainName": DOMAIN})
    await region.ask("acm", "DeleteCertificate", {"CertificateArn": arn})
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        await region.ask("acm", "DescribeCertificate", {"CertificateArn": arn})


async def test_tags(region: Region) -> None:
    arn = {"CertificateArn": await requested(region, Tags=[{"Key": "a", "Value": "1"}])}
    await region.ask("acm", "AddTagsToCertificate", {**arn, "Tags": [{"Key": "b"}, {"Key": "c", "Value": "3"}]})
    removed = [{"Key": "a"}, {"Key": "c", "Value": "4"}]
    await region.ask("acm", "RemoveTagsFromCertificate", {**arn, "Tags": removed})
    tags = (await region.ask("acm", "ListTagsForCertificate", arn))["Tags"]
    assert tags == [{"Key": "b"}, {"Key": "c", "Value": "3"}]


async def test_import(region: Region) -> None:
    pem, key = self_signed(DOMAIN)
    made = await region.ask("acm", "ImportCertificate", {"Certificate": pem, "PrivateKey": key})
    shown = (await region.ask("acm", "DescribeCertificate", made))["Certificate"]
    assert (shown["DomainName"], shown["Type"], shown["KeyAlgorithm"]) == (DOMAIN, "IMPORTED", "EC_prime256v1")
    assert "DomainValidationOptions" not in shown
    assert (await region.ask("acm", "GetCertificate", made))["Certificate"] == pem.decode()
    other_pem, other_key = self_signed("other.test")
    with pytest.raises(AwsError, match="does not match"):
        await region.ask("acm", "ImportCertificate", {"Certificate": pem, "PrivateKey": other_key})
    again = {"Certificate": other_pem, "PrivateKey": other_key, **made}
    assert await region.ask("acm", "ImportCertificate", again) == made
    shown = (await region.ask("acm", "DescribeCertificate", made))["Certificate"]
    assert shown["DomainName"] == "other.test"


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("GetCertificate", {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:thing"}, "InvalidArnException"),
        (
            "GetCertificate",
            {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1"},
            "ResourceNotFoundException",
        ),
        ("ImportCertificate", {"Certificate": b"x", "PrivateKey": b"y"}, "ValidationException"),
    ],
)
async def test_refusals(region: Region, operation: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsError) as caught:
        await region.ask("acm", operation, params)
    assert caught.value.code == code


async def test_the_resource_type(region: Region) -> None:
    properties = {
        "DomainName": DOMAIN,
        "ValidationMethod": "DNS",
        "DomainValidationOptions": [{"DomainName": DOMAIN, "HostedZoneId": "Z1"}],
    }
    arn = await CERTIFICATE.create(region.here, properties, CONTEXT)
    assert await CERTIFICATE.create(region.here, properties, CONTEXT) == arn
    assert CERTIFICATE.update is not None
    await CERTIFICATE.update(region.here, arn, properties, {**properties, "Tags": [{"Key": "x", "Value": 1}]}, CONTEXT)
    tags = (await region.ask("acm", "ListTagsForCertificate", {"CertificateArn": arn}))["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}, {"Key": "x", "Value": "1"}]
    await CERTIFICATE.delete(region.here, arn, properties, CONTEXT)
    await CERTIFICATE.delete(region.here, arn, properties, CONTEXT)


def self_signed(name: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7, start, start + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def test_options_of_a_certificate_are_changed(served: ServedRegion) -> None:
    acm = served.client("acm")
    arn = acm.request_certificate(DomainName="options.test", ValidationMethod="DNS")["CertificateArn"]
    name = "CertificateTransparencyLoggingPreference"
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Options"][name] == "ENABLED"
    acm.update_certificate_options(CertificateArn=arn, Options={name: "DISABLED"})
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Options"][name] == "DISABLED"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        acm.update_certificate_options(CertificateArn=f"{arn[:-4]}0000", Options={name: "DISABLED"})
