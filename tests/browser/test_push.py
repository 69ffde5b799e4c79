"""Push in a browser: switching it on, and what the service worker does with what comes.

A subscription is made by the browser's push service, which is not there; all else is the real thing.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.channels.test_push import Browser

pytestmark = pytest.mark.browser

# What stands for the browser's push service: subscriptions are kept in the page's session.
SERVICE = """
const made = () => {
  const kept = sessionStorage.getItem("subscription");
  if (!kept) return null;
  const said = JSON.parse(kept);
  const unsubscribe = async () => sessionStorage.removeItem("subscription") ?? true;
  return { ...said, toJSON: () => said, unsubscribe };
};
PushManager.prototype.getSubscription = async () => made();
PushManager.prototype.subscribe = async (options) => {
  if (options.applicationServerKey.length !== 65 || !options.userVisibleOnly) throw new Error("no key");
  sessionStorage.setItem("subscription", JSON.stringify(SUBSCRIPTION));
  return made();
};
"""
SHOWN = """async () => {
  const there = await navigator.serviceWorker.getRegistrations();
  const shown = (await Promise.all(there.map((one) => one.getNotifications()))).flat();
  return shown.map((one) => ({ title: one.title, body: one.body, tag: one.tag, url: one.data.url }));
}"""
MESSAGE = {
    "id": "019d0000-0000-7000-8000-000000000001",
    "title": "Printer 1 is offline · Acme",
    "body": "critical: Printer 1 is offline",
    "url": "https://odin.example/o/acme/alerts/?state=open",
}


@pytest.fixture
def page(person) -> Page:
    viewer = person("viewer", permissions=["notifications"])
    subscription = {"endpoint": "https://push.example/abc", "keys": json.loads(Browser().keys)}
    viewer.context.add_init_script(SERVICE.replace("SUBSCRIPTION", json.dumps(subscription)))
    return viewer.go("channels/")


def push(page: Page, data: str) -> None:
    """Deliver a push to the page's worker as the browser would after decrypting it."""
    tools = page.context.new_cdp_session(page)
    found: dict[str, Any] = {}
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.update(said["registrations"][0] if said["registrations"] else {}),
    )
    tools.send("ServiceWorker.enable")
    page.wait_for_function("() => navigator.serviceWorker.getRegistrations().then((all) => all.length)")
    for _time in range(100):
        if found:
            break
        page.wait_for_timeout(50)
    origin = page.evaluate("() => location.origin")
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found["registrationId"], "data": data},
    )


def until_shown(page: Page, count: int) -> Any:
    for _time in range(200):
        shown = page.evaluate(SHOWN)
        if len(shown) == count:
            break
        page.wait_for_timeout(50)
    return shown


def test_push_is_switched_on_tried_and_off_again(page: Page):
    page.get_by_role("button", name="Switch on", exact=True).click()
    expect(page.get_by_text("On in this browser.")).to_be_visible()
    expect(page.locator("table")).to_contain_text("push.example")

    page.locator("#push").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off. This browser")).to_be_visible()
    expect(page.locator("table")).to_have_count(0)


def test_the_worker_shows_a_push_once_and_opens_it_on_this_server(page: Page):
    page.get_by_role("button", name="Switch on", exact=True).click()
    expect(page.get_by_text("On in this browser.")).to_be_visible()

    push(page, json.dumps(MESSAGE))
    push(page, json.dumps(MESSAGE))

    (shown,) = until_shown(page, 1)
    assert shown == {
        "title": MESSAGE["title"], "body": MESSAGE["body"], "tag": MESSAGE["id"], "url": MESSAGE["url"],
    }  # fmt: skip
    (worker,) = page.context.service_workers
    opened = worker.evaluate(
        """async () => {
          let opened = "";
          self.clients.openWindow = async (url) => { opened = url; };
          const [notification] = await self.registration.getNotifications();
          const click = new NotificationEvent("notificationclick", { notification });
          self.dispatchEvent(click);
          while (!opened) await new Promise((done) => setTimeout(done, 20));
          return opened;
        }"""
    )
    assert opened == page.evaluate("() => location.origin") + "/o/acme/alerts/?state=open"
    page.locator("#push").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off. This browser")).to_be_visible()


def test_a_push_that_is_not_ours_is_shown_and_breaks_nothing(page: Page):
    page.get_by_role("button", name="Switch on", exact=True).click()
    expect(page.get_by_text("On in this browser.")).to_be_visible()

    push(page, "no JSON")

    (shown,) = until_shown(page, 1)
    assert shown["title"] == "O.D.I.N."
    page.locator("#push").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off. This browser")).to_be_visible()
