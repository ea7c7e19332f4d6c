"""The first page in a browser: what one reads at a glance, and a dead job that is tried again."""

from collections.abc import Callable
from typing import Any

from tests.browser.sites import RED, Cloud, picture


def test_the_dashboard_tells_what_happened_and_wakes_a_dead_job(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    cloud.upload(picture(), "good", moderation="aws_rek")
    cloud.upload(picture(RED), "bad", moderation="aws_rek")
    cloud.upload(picture(), "waiting", moderation="manual")
    catalog = cloud.site.house.catalog
    catalog.enqueue(cloud.name, "lost", {})
    (job,) = catalog.claim(["lost"], lease=60)
    catalog.retry(job, "<img src=x onerror=alert(1)>", delay=0, dead=True)
    assert [cloud.status("good") for _ in range(4)] == [200] * 4
    page = sign_in("administrator")
    page.goto(f"{cloud.site.base}/console/")
    tiles = page.locator(".tile").all_inner_texts()
    assert any(tile.startswith("1\nwaiting") for tile in tiles), tiles
    assert any(tile.startswith("2\nverdicts") for tile in tiles), tiles
    assert any("%\nserved from a cache\nof" in tile for tile in tiles), tiles
    assert page.get_by_text("<img src=x onerror=alert(1)>").is_visible()
    page.get_by_role("button", name=f"Retry lost {job.id}").click()
    page.get_by_text("The job is due again").wait_for()
    assert catalog.dead_jobs(cloud.name) == ()


def test_figures_of_all_are_shown_to_administrators_alone(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/")
    assert page.get_by_role("heading", name="Your decisions by hour").is_visible()
    assert page.get_by_role("heading", name="All decisions by hour").count() == 0
