"""CloudFront through boto3 itself, and the distribution that ships."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from rekproxy.backends.cloudfront import CloudFrontPurger
from rekproxy.backends.perprocess import PerProcess
from rekproxy.errors import EdgeError
from tests.doubles.s3 import CREDENTIALS, moto_server

TEMPLATE = Path(__file__).parents[2] / "config" / "cloudfront.yaml"
KEYS = ["00112233445566aa", "00112233445566bb"]


@pytest.fixture(scope="module")
def distribution() -> Iterator[str]:
    """The id of a distribution on a server of moto's."""
    with moto_server() as url, pytest.MonkeyPatch.context() as environ:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_CLOUDFRONT": url}.items():
            environ.setenv(name, value)
        origins = {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "images.example.com"}]}
        behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}
        made = boto3.client("cloudfront").create_distribution(
            DistributionConfig={
                "CallerReference": "1",
                "Comment": "",
                "Enabled": True,
                "Origins": origins,
                "DefaultCacheBehavior": behaviour,
            }
        )
        yield made["Distribution"]["Id"]


def sent(distribution: str, id: str) -> list[str]:
    got = boto3.client("cloudfront").get_invalidation(DistributionId=distribution, Id=id)
    items: list[str] = got["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    return items


def test_keys_are_invalidated_as_tags_and_confirmed_later(distribution: str) -> None:
    purger = CloudFrontPurger("cloudfront", distribution)
    receipt = purger.purge([*KEYS, KEYS[0]])
    assert (receipt.confirmed, receipt.keys, len(receipt.ids)) == (False, 3, 1)
    assert sent(distribution, receipt.ids[0]) == [f"#{key}" for key in KEYS]
    assert purger.confirmed(receipt.ids[0])  # moto has done it at once


def test_many_keys_are_several_invalidations(distribution: str) -> None:
    receipt = CloudFrontPurger("cloudfront", distribution).purge([f"{n:016x}" for n in range(1001)])
    assert [len(sent(distribution, id)) for id in receipt.ids] == [1000, 1]


def test_without_tags_everything_goes(distribution: str) -> None:
    receipt = CloudFrontPurger("cloudfront", distribution, everything=True).purge(KEYS)
    assert sent(distribution, receipt.ids[0]) == ["/*"]


@pytest.mark.parametrize("code", ["TooManyInvalidationsInProgress", "AccessDenied", "Throttling"])
def test_what_the_service_refuses_is_an_error_that_names_its_code(code: str) -> None:
    client = _client()
    with Stubber(client) as stubber:
        stubber.add_client_error("create_invalidation", code, "secret words")
        with pytest.raises(EdgeError, match=f"^CloudFront: {code}$"):
            _over(client).purge(KEYS)


def test_an_invalidation_that_is_under_way_is_not_confirmed() -> None:
    client = _client()
    paths = {"Quantity": 1, "Items": ["#a"]}
    answer = {"Id": "I1", "Status": "InProgress", "CreateTime": "2026-01-01T00:00:00Z"}
    answer["InvalidationBatch"] = {"Paths": paths, "CallerReference": "r"}  # type: ignore[assignment]
    with Stubber(client) as stubber:
        stubber.add_response("get_invalidation", {"Invalidation": answer})
        assert not _over(client).confirmed("I1")


def _client() -> Any:
    return boto3.client(
        "cloudfront", aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )


def _over(client: Any) -> CloudFrontPurger:
    return CloudFrontPurger("cloudfront", "E1", False, PerProcess(lambda: client))


class _Loader(yaml.SafeLoader):
    """CloudFormation's own tags are kept as text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {node.value}")


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    loaded = yaml.load(TEMPLATE.read_text(), _Loader)
    found: dict[str, Any] = loaded["Resources"]
    return found


def test_the_distribution_obeys_the_origin_and_no_one_else(resources: dict[str, Any]) -> None:
    policies = [each for each in resources.values() if each["Type"] == "AWS::CloudFront::CachePolicy"]
    assert len(policies) == 1
    policy = policies[0]["Properties"]["CachePolicyConfig"]
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    keyed = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert keyed["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Accept"]}
    assert keyed["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    assert keyed["CookiesConfig"] == {"CookieBehavior": "none"}


def test_no_error_is_kept_and_tags_are_read(resources: dict[str, Any]) -> None:
    config = resources["Distribution"]["Properties"]["DistributionConfig"]
    assert config["CacheTagConfig"] == {"HeaderName": "Cache-Tag"}
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in config["CustomErrorResponses"]}
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504), 0)
    api = [each["PathPattern"] for each in config["CacheBehaviors"]]
    assert api == ["/v1_1/*", "/console/*"]
    assert len({each["CachePolicyId"] for each in config["CacheBehaviors"]}) == 1
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == "!Ref Pictures"
