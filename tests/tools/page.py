"""Opens worksheets in Debian's Chromium and tries all that a person would, and what a hostile value would.

Standard input: {"pages": [{"name", "file", "parts": what to try, "copied", "compared", "ticks", "cards"}], "folder": where
files may be written, "shots": whether pictures are wanted}. Standard output: {"problems": [...], "pages": [names of those that went through]}.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Error, sync_playwright

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# What the page writes for a character that cannot be seen.
UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
A4 = {"width": 794, "height": 1123}
PHONE = {"width": 390, "height": 844}


def shown(value):
    return UNSEEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", value)


def without_spaces(text):
    return re.sub(r"\s", "", text)


class Check:
    """One page, in windows that share nothing unless said."""

    def __init__(self, browser, case, folder, shots):
        self.browser, self.case, self.folder, self.shots = browser, case, folder, shots
        self.url = Path(case["file"]).as_uri()
        self.problems = []

    def hold(self, holds, what):
        if not holds:
            self.problems.append(f"{self.case['name']}: {what}")

    def context(self, **options):
        context = self.browser.new_context(**options)
        context.set_default_timeout(10_000)
        return context

    def open(self, context):
        """The page, with everything it says or asks for taken down."""
        page = context.new_page()
        page.on("console", lambda said: self.hold(said.type not in ("error", "warning"), f"console: {said.text[:300]}"))
        page.on("pageerror", lambda error: self.hold(False, f"script: {error}"))
        page.on("dialog", lambda dialog: (self.hold(False, "a dialog"), dialog.dismiss()))
        page.on("request", lambda asked: self.hold(asked.url == self.url, f"asks for {asked.url[:300]}"))
        page.goto(self.url)
        return page

    def innocent(self, page):
        self.hold(page.evaluate("typeof window.hacked") == "undefined", "a value ran as script")

    def copying(self):
        context = self.context(viewport=A4)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = self.open(context)
        read = "navigator.clipboard.readText()"
        keep = "() => { window.write = navigator.clipboard.writeText.bind(navigator.clipboard); }"
        refuse = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
        empty = "() => window.write('nothing was copied')"
        boxes = self.case["copied"]
        buttons = page.locator("button.copy")
        self.hold(buttons.count() == len(boxes), f"{buttons.count()} copy buttons, {len(boxes)} boxes")
        for way in ("clipboard", "old way"):
            page.reload()
            page.evaluate(keep)
            if way == "old way":
                page.evaluate(refuse)
            for index, value in enumerate(boxes):
                page.evaluate(empty)
                buttons.nth(index).click()
                buttons.nth(index).and_(page.locator(".copied")).wait_for()
                got = page.evaluate(read)
                self.hold(got == value, f"{way}: box {index} copies {got[:200]!r} for {value[:200]!r}")
        self.hold(page.locator("#status").inner_text() != "", "copying is not announced")

        # Clicked, which selects the box, and copied by hand.
        page.reload()
        page.evaluate(keep)
        codes = page.locator(".box:has(button) code")
        for index, value in enumerate(boxes):
            page.evaluate(empty)
            codes.nth(index).click()
            page.keyboard.press("Control+C")
            got = page.evaluate(read)
            self.hold(got == value, f"by hand: box {index} copies {got[:200]!r} for {value[:200]!r}")
        self.innocent(page)
        context.close()

    def ticking(self):
        context = self.context(viewport=PHONE)
        page = self.open(context)
        ticks, cards = self.case["ticks"], self.case["cards"]
        boxes = page.get_by_role("checkbox")
        states = lambda: page.eval_on_selector_all("[data-tick]", "boxes => boxes.map(box => box.checked)")
        counted = lambda: page.locator("#count").inner_text().split()[-3:]
        self.hold(states() == [False] * ticks, "something is ticked before anything was")
        self.hold(counted() == ["0", "/", str(cards)], f"counts {counted()}")
        for box in boxes.all():
            box.check()
        page.reload()
        self.hold(states() == [True] * ticks, "ticks do not survive a reload")
        self.hold(counted() == [str(cards), "/", str(cards)], f"counts {counted()} with all ticked")
        self.hold(page.locator(".card.done").count() == cards, "cards that are done do not look done")
        self.reading(page, "all done")
        boxes.last.uncheck()
        page.reload()
        self.hold(states() == [True] * (ticks - 1) + [False], "a tick that was taken away comes back")
        self.hold(counted() == [str(cards - 1), "/", str(cards)], f"counts {counted()} with one not ticked")
        context.close()

        context = self.context()
        context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })")
        page = self.open(context)
        page.get_by_role("checkbox").first.check()
        page.reload()
        self.hold(states() == [False] * ticks, "something is kept where nothing can be")
        context.close()

    def keyboard(self):
        context = self.context(viewport=A4)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = self.open(context)
        wanted = page.evaluate(
            "() => [...document.querySelectorAll('a, button, input')].map((one, index) => one.dataset.at = String(index))"
        )
        reached = []
        for _ in wanted:
            page.keyboard.press("Tab")
            at, seen = page.evaluate(
                """() => {
                    const one = document.activeElement, box = one.getBoundingClientRect(), bar = document.querySelector('.bar');
                    const below = bar.contains(one) || one.matches('.skip') ? 0 : bar.getBoundingClientRect().bottom;
                    const outlined = getComputedStyle(one).outlineStyle !== 'none';
                    return [one.dataset.at, outlined && box.bottom > below && box.top < innerHeight];
                }"""
            )
            reached.append(at)
            self.hold(seen, f"focus on element {at} is not to be seen")
        self.hold(reached == wanted, f"Tab reaches {reached}")
        page.locator("button.copy").first.focus()
        page.keyboard.press("Enter")
        page.locator("button.copied").wait_for()
        self.hold(page.evaluate("navigator.clipboard.readText()") == self.case["copied"][0], "Enter does not copy")
        page.get_by_role("checkbox").first.focus()
        page.keyboard.press("Space")
        self.hold(page.get_by_role("checkbox").first.is_checked(), "Space does not tick")
        context.close()

    def widths(self):
        for width in (320, 360, 390, 794, 1280):
            context = self.context(viewport={"width": width, "height": 800})
            page = self.open(context)
            self.narrow(page, width)
            context.close()

    def narrow(self, page, width):
        wide, inner = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        self.hold(wide <= inner, f"scrolls sideways at {width}: {wide} in {inner}")

    def reading(self, page, what):
        """What axe-core finds."""
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document).then(found => found.violations)")
        for one in found:
            nodes = "; ".join(" ".join(map(str, node["target"])) + " " + node["failureSummary"] for node in one["nodes"][:3])
            self.hold(False, f"axe, {what}: {one['impact']} {one['id']}: {one['help']}: {nodes[:600]}")

    def looks(self):
        for scheme in ("light", "dark"):
            for kind, viewport in (("phone", PHONE), ("a4", A4)):
                context = self.context(viewport=viewport, color_scheme=scheme, device_scale_factor=1.5 if self.shots else 1)
                page = self.open(context)
                self.innocent(page)
                self.reading(page, f"{kind}, {scheme}")
                if self.shots:
                    self.shoot(page, f"{self.case['name']}-{kind}-{scheme}")
                context.close()

    def shoot(self, page, name):
        """A screenful each, as far as it is worth looking at; some of it done."""
        for box in page.get_by_role("checkbox").all()[:4]:
            box.check()
        high = page.viewport_size["height"]
        pages = min(8, -(-page.evaluate("document.documentElement.scrollHeight") // high))
        for index in range(pages):
            page.evaluate("top => scrollTo(0, top)", index * (high - 80))
            page.screenshot(path=f"{self.folder}/{name}-{index}.png")

    def printing(self):
        # Someone who reads in the dark prints in black on white.
        context = self.context(viewport={"width": 672, "height": 1000}, color_scheme="dark")
        page = self.open(context)
        page.emulate_media(media="print")
        self.narrow(page, "the width of A4 less margins")
        self.hold(page.locator("button:visible, a:visible").count() == 0, "buttons or links are printed")
        self.hold(page.locator("input:visible").count() == self.case["ticks"], "squares to tick are not printed")
        ground, ink = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        self.hold((ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)"), f"prints {ink} on {ground}")
        self.reading(page, "print")
        file = f"{self.folder}/{self.case['name']}.pdf"
        page.pdf(path=file, prefer_css_page_size=True, print_background=False)
        context.close()
        size = subprocess.run(["pdfinfo", file], capture_output=True, check=True, text=True).stdout
        self.hold("(A4)" in size, f"is not A4: {size}")
        text = subprocess.run(["pdftotext", "-raw", "-nopgbrk", file, "-"], capture_output=True, check=True, text=True).stdout
        printed = without_spaces(text)
        for value in self.case["copied"] + self.case["compared"]:
            # A page number stands where a value goes on over the page; a PDF holds no text for what no font has.
            if len(value) < 2000 and max(value) < "\ufff0":
                self.hold(without_spaces(shown(value)) in printed, f"is not printed: {value[:200]!r}")

    def without_script(self):
        context = self.context(java_script_enabled=False, viewport=PHONE)
        page = self.open(context)
        self.hold(page.locator("button:visible, progress:visible").count() == 0, "buttons without a script")
        codes = page.locator("code").all_text_contents()
        wanted = sorted(shown(value) for value in self.case["copied"] + self.case["compared"])
        self.hold(sorted(codes) == wanted, "values are not there without a script")
        context.close()

    def policy(self):
        """The page's policy stops what escaping would have let through."""
        html = Path(self.case["file"]).read_text(encoding="utf-8")
        slip = "<script>window.hacked=1</script><img src=http://192.0.2.1/x onerror=window.hacked=1><b style='color:red' onclick=window.hacked=1>x</b>"
        file = Path(self.folder) / "slip.html"
        file.write_text(html.replace("</main>", slip + "</main>"), encoding="utf-8")
        context = self.context()
        page = context.new_page()
        refused = []
        page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(file.as_uri())
        page.locator("b", has_text="x").last.click()
        self.hold(len(refused) >= 4, f"the policy refused {refused}")
        self.innocent(page)
        context.close()


def stop(*_):
    raise TimeoutError("the browser took more than five minutes")


def main():
    asked = json.load(sys.stdin)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no chromium: tests/run installs it")
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(600)
    problems, through = [], []
    with sync_playwright() as playwright:
        # A sandbox is not to be had in containers; the pages are our own, and nothing is fetched.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"], timeout=60_000
        )
        for case in asked["pages"]:
            check = Check(browser, case, asked["folder"], asked["shots"])
            for part in case["parts"]:
                try:
                    getattr(check, part)()
                except Error as error:
                    check.hold(False, f"{part}: {error.message[:600]}")
            problems += check.problems
            through.append(case["name"])
        browser.close()
    json.dump({"problems": problems, "pages": through}, sys.stdout)


main()
