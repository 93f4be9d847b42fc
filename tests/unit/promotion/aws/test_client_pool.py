"""Clients that are lent to one call at a time."""

import threading

from promotion.aws.client_pool import ClientPool


class Client:
    """A client that waits in its call until all have begun theirs."""

    def __init__(self, barrier):
        self.barrier = barrier

    def describe(self, name, **request):
        if self.barrier:
            self.barrier.wait(timeout=30)
        if name == "bad":
            raise ValueError("refused")
        return id(self), name, request


def pool_of(barrier=None):
    made = []

    def make():
        made.append(Client(barrier))
        return made[-1]

    return ClientPool(make, threading.Lock()), made


def test_client_pool__one_call_after_the_other__has_one_client():
    pool, made = pool_of()
    assert made == []
    answers = [pool.describe("a", Size=1), pool.describe("b")]
    assert answers == [(id(made[0]), "a", {"Size": 1}), (id(made[0]), "b", {})]
    assert len(made) == 1


def test_client_pool__calls_at_once__have_a_client_each_and_leave_it():
    barrier = threading.Barrier(4)
    pool, made = pool_of(barrier)
    answers = []
    for _ in range(2):
        threads = [
            threading.Thread(target=lambda: answers.append(pool.describe("a"))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 4
    assert {answer[0] for answer in answers[:4]} == {id(client) for client in made}
    assert {answer[0] for answer in answers[4:]} == {id(client) for client in made}


def test_client_pool__call_fails__its_client_is_lent_again():
    pool, made = pool_of()
    for _ in range(3):
        try:
            pool.describe("bad")
        except ValueError as error:
            assert str(error) == "refused"
    assert len(made) == 1
