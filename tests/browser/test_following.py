"""Two people look at the farm; what one does, the other sees without doing anything."""

import pytest
from playwright.sync_api import expect

from tests.running import eventually

pytestmark = pytest.mark.browser
SOON_MS = 5000


def test_change_by_one_is_seen_by_the_other(person, demo_server):
    one, other = person("operator"), person("viewer")
    printer = demo_server.api().all("/printers")[0]
    card = f"[id$='{printer['id']}']"
    watched = other.go("printers/").locator(f"article{card}")
    expect(watched).to_be_visible()

    try:
        demo_server.api().post(f"/printers/{printer['id']}/out-of-service", json={"reason": "Belt is worn"})
        expect(watched).to_contain_text("Out of service", timeout=SOON_MS)

        one.go("printers/").locator(f"article{card}").get_by_role("button", name="Back in service").click()
        expect(watched).not_to_contain_text("Out of service", timeout=SOON_MS)
    finally:
        demo_server.api().post(f"/printers/{printer['id']}/enable")


def test_new_job_appears_in_the_queue_of_another(person, demo_server):
    api = demo_server.api()
    model = next(one for one in api.all("/models") if one["current_revision"]["status"] == "ready")
    page = person("admin").go("queue/?sort=-number")
    expect(page.locator("h1")).to_be_visible()

    job = api.post("/jobs", json={"model_id": model["id"], "auto_start": False, "priority": "low"}).json()
    expect(page.locator(f"#job-{job['id']}")).to_be_visible(timeout=SOON_MS)

    api.post(f"/jobs/{job['id']}/cancel")
    assert eventually(lambda: api.get(f"/jobs/{job['id']}").json()["state"] == "cancelled")
    expect(page.locator(f"#job-{job['id']}")).to_have_count(0, timeout=SOON_MS)
