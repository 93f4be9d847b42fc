"""One read for many resources at once, with a bound on how many at a time. Calls nothing itself."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# SageMaker's control plane allows about ten calls a second and account, and says so when there are
# more; then each of these waits before it tries again (see `promotion.aws.throttling`). With fewer,
# those that wait hold up the others; with more, an account with a low limit is asked in vain.
WORKERS = 24


def fan_out(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the results in the order of the items; the first error is raised.

    Args:
        function: what to do for one item; called from several threads (boto3 clients allow it).
        items: what to do it for.
    """
    listed = list(items)
    if len(listed) <= 1:
        return [function(item) for item in listed]
    with ThreadPoolExecutor(max_workers=min(WORKERS, len(listed))) as pool:
        futures = [pool.submit(function, item) for item in listed]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
