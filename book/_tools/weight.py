"""What a page weighs over the wire: all bytes the browser receives for it, compressed as a static host sends them."""

from playwright.sync_api import Page

from .evaluation import evaluate

LIMIT = 1_100_000
WITH_EXPLORER = 1_400_000  # Vega and the explorer's table come on top

# A picture that waits to be scrolled to is part of the page too.
_LOAD_ALL = """async () => {
  const loaded = new Set(performance.getEntriesByType("resource").map((entry) => entry.name));
  const waiting = [...document.images].filter((image) => image.loading === "lazy" && !loaded.has(image.src));
  const settled = waiting.map((image) => new Promise((then) => { image.onload = image.onerror = then; }));
  for (const image of waiting) image.loading = "eager";
  await Promise.all(settled);
  await document.fonts.ready;
}"""

# The addresses of all that the page itself says it has loaded.
_LOADED = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"


class Scales:
    """Put under a page before it opens; counts what arrives, headers included."""

    def __init__(self, page: Page):
        self._page = page
        self._seen: set[str] = set()
        self._pending: dict[str, str] = {}
        self.parts: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._arrived)
        session.on("Network.loadingFailed", lambda event: self._pending.pop(event["requestId"], None))
        session.send("Network.enable")

    def _sent(self, event: dict) -> None:
        self._seen.add(event["request"]["url"])
        self._pending[event["requestId"]] = event["request"]["url"]

    def _arrived(self, event: dict) -> None:
        url = self._pending.pop(event["requestId"], "")
        self.parts[url] = self.parts.get(url, 0) + int(event["encodedDataLength"])

    def first_view(self) -> int:
        """Bytes received for what was asked for so far; the browser's news may come a little after the page's own."""
        for _ in range(200):
            if not self._pending and self._seen >= set(evaluate(self._page, _LOADED)):
                return sum(self.parts.values())
            self._page.wait_for_timeout(50)
        raise TimeoutError(f"still loading: {list(self._pending.values())}")

    def whole(self) -> int:
        """Bytes received when nothing is left that waits to be scrolled to."""
        evaluate(self._page, _LOAD_ALL)
        return self.first_view()

    def limit(self) -> int:
        """What the page may weigh."""
        return WITH_EXPLORER if self._page.locator(".explorer").count() else LIMIT

    def problems(self) -> list[str]:
        """What is wrong with the weight of the whole page."""
        whole, limit = self.whole(), self.limit()
        if whole <= limit:
            return []
        heaviest = sorted(self.parts.items(), key=lambda part: -part[1])[:3]
        return [f"weighs {whole} bytes of {limit}, most of it {heaviest}"]
