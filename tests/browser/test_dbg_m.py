import time
from tests.browser.sites import picture


def test_keys(cloud, sign_in):
    for n in range(12):
        cloud.upload(picture(side=1000), f"p{n:02}", moderation="manual")
    page = sign_in()
    page.goto(f"{cloud.site.base}/console/review")
    page.wait_for_selector(".item")
    page.wait_for_timeout(800)
    name = lambda: page.get_attribute(".item", "data-name")
    times = page.evaluate("""async () => {
      const out = [];
      for (const key of ["a","r","n","ArrowRight","e","a","a","a"]) {
        const before = document.querySelector(".item").dataset.version, t = performance.now();
        document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        while (document.querySelector(".item")?.dataset.version === before) await new Promise(r => requestAnimationFrame(r));
        const img = document.querySelector(".item img");
        await img.decode(); await new Promise(r => requestAnimationFrame(r));
        out.push([key, Math.round(performance.now() - t), document.querySelector(".item").dataset.name, img.complete]);
        await new Promise(r => setTimeout(r, 150));
      }
      return out;
    }""")
    print(times)
    page.wait_for_timeout(500)
    print({n: cloud.asset(f"p{n:02}").standing.value for n in range(12)})
    print(name())
    for _ in range(3):
        page.keyboard.press("u")
        page.wait_for_timeout(400)
        print("undo", name(), page.inner_text("#said"))
    page.keyboard.press("?")
    page.wait_for_timeout(200)
    page.screenshot(path="/tmp/m/shots/help.png")
    page.click("[data-close]")
    page.keyboard.press("w")
    page.keyboard.type("a note with a and r")
    page.keyboard.press("Escape")
    print(name(), page.input_value("textarea"))
    print(cloud.status("p00"), cloud.status("p01"))
    cloud.decide(name(), "rejected")
    was = name()
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    print("overtaken", page.inner_text("#said"), name(), cloud.asset(was).standing)
    for _ in range(14):
        page.keyboard.press("r")
        page.wait_for_timeout(200)
    print(page.inner_text("#empty"), page.inner_text("[data-count=all]"))
    page.wait_for_timeout(500)
    cloud.upload(picture(), "new", moderation="manual")
    page.wait_for_selector(".item", timeout=12000)
    print(name(), page.inner_text("[data-count=all]"))
    assert 0
