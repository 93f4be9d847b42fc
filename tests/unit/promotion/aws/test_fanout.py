"""One read for many resources."""

import threading
import time

import pytest

from promotion.aws.fanout import WORKERS, fan_out


def test_fan_out__many__keeps_the_order_and_the_bound():
    running, most, lock = 0, 0, threading.Lock()

    def work(item):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
        return item * 2

    assert fan_out(work, range(50)) == [item * 2 for item in range(50)]
    assert 1 < most <= WORKERS


@pytest.mark.parametrize("items", [[], [1]])
def test_fan_out__none_or_one__starts_no_thread(items):
    assert fan_out(lambda _: threading.current_thread().name, items) == ["MainThread"] * len(items)


def test_fan_out__one_fails__raises_it_and_stops():
    done = []

    def work(item):
        if item == 0:
            raise ValueError("first")
        time.sleep(0.005)
        done.append(item)

    with pytest.raises(ValueError, match="first"):
        fan_out(work, range(5000))
    # On a busy machine it takes a while until the failure is seen; without it, all are done.
    assert len(done) < 4000
