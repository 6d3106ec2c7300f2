"""What a script in a page gives, within a limit: a page's promise may never be kept."""

from playwright.sync_api import Page, TimeoutError

from .processes import TookTooLong

PAGE_MINUTES = 2.0


def evaluate(page: Page, script: str, given: object = None, minutes: float = PAGE_MINUTES) -> object:
    """What the page's script, a function of what is given, returns or promises.

    Raises:
        TookTooLong: it did neither in time. (`Page.evaluate` would wait for ever.)
    """
    awaited = f"async (given) => [await ({script})(given)]"
    try:
        (result,) = page.wait_for_function(awaited, arg=given, timeout=60_000 * minutes).json_value()
    except TimeoutError:
        raise TookTooLong(f"a script in {page.url}", minutes) from None
    return result
