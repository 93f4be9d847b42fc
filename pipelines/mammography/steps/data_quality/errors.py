"""The one error of this step. Reads, writes and calls nothing."""


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""
