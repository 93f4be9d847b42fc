"""Credentials lent to a child process over HTTP."""

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from promotion.aws.lending import Keys, lent
from promotion.errors import RemoteError


def ask(variables, token=None):
    """Return status and document."""
    stated = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] if token is None else token
    place = urlsplit(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
    with closing(HTTPConnection(place.netloc, timeout=5)) as connection:
        connection.request("GET", place.path, headers={"Authorization": stated})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_lent__asked_twice__gives_the_keys_of_that_moment():
    keys = iter([Keys("A1", "s1", "t1", "2099-01-01T00:00:00+00:00"), Keys("A2", "s2")])
    with lent(lambda: next(keys)) as variables:
        assert ask(variables) == (
            200,
            {
                "AccessKeyId": "A1",
                "SecretAccessKey": "s1",
                "Token": "t1",
                "Expiration": "2099-01-01T00:00:00+00:00",
            },
        )
        # Keys of an IAM user: no token, and they do not end.
        assert ask(variables) == (200, {"AccessKeyId": "A2", "SecretAccessKey": "s2"})


@pytest.mark.parametrize("token", ["", "wrong", "\xe9"])
def test_lent__wrong_token__gives_nothing(token):
    asked = []
    with lent(lambda: asked.append(1) or Keys("A", "s")) as variables:
        assert ask(variables, token) == (403, {"code": "Forbidden", "message": "wrong token"})
    assert asked == []


def test_lent__keys_that_cannot_be_renewed__says_why():
    def renew():
        raise RemoteError("sts.AssumeRole was denied")

    with lent(renew) as variables:
        assert ask(variables) == (
            500,
            {"code": "NotRenewed", "message": "sts.AssumeRole was denied"},
        )


def test_lent__after_the_block__nobody_answers():
    with lent(lambda: Keys("A", "s")) as variables:
        pass
    with pytest.raises(ConnectionRefusedError):
        ask(variables)


def test_lent__address__is_this_machine_only_and_each_has_its_own_token():
    with lent(lambda: Keys("A", "s")) as one, lent(lambda: Keys("B", "s")) as other:
        name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        assert one[name].startswith("http://127.0.0.1:")
        assert one[name] != other[name]
        token = other["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        assert ask(one, token)[0] == 403
