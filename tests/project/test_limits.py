"""No test waits for ever."""

import threading
import time

import pytest

from tests.limits import limit


@pytest.mark.parametrize("wait", [lambda: time.sleep(20), lambda: threading.Event().wait(20)], ids=["sleep", "lock"])
def test_what_takes_too_long_fails_and_is_named(wait):
    with pytest.raises(pytest.fail.Exception, match=r"a nap took longer than 0.001 minutes"), limit("a nap", 0.001):
        wait()


def test_a_limit_within_a_limit_leaves_it_standing():
    with limit("outer", 0.005):
        with limit("inner", 1):
            pass
        with pytest.raises(pytest.fail.Exception, match="outer"):
            time.sleep(20)


def test_what_ends_in_time_passes():
    with limit("a moment", 0.01):
        pass
    time.sleep(0.7)
