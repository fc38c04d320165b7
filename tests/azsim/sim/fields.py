"""Checks the objects a test sends: unknown names and wrong kinds are told, never ignored."""
import re


class FieldError(ValueError):
    """What is wrong with an admin request, in words for the person who wrote it."""


def text(value):
    return isinstance(value, str)


def flag(value):
    return isinstance(value, bool)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def mapping(value):
    return isinstance(value, dict)


def listing(value):
    return isinstance(value, list)


def positive(value):
    return integer(value) and value > 0


def not_negative(value):
    return number(value) and value >= 0


def pattern(value):
    """A regular expression that compiles."""
    try:
        return text(value) and re.compile(value) is not None
    except re.error:
        return False


def optional(kind):
    """The same kind, or null."""
    def test(value):
        return value is None or kind(value)
    test.__name__ = f"{kind.__name__} or null"
    return test


def one_of(*words):
    """One of these values."""
    def test(value):
        return value in words
    test.__name__ = "one of " + ", ".join(str(word) for word in words)
    return test


def check(what, table, value, required=()):
    """Raises FieldError unless `value` is an object with fields of `table` only."""
    if not isinstance(value, dict):
        raise FieldError(f"{what}: an object is expected")
    for name, item in value.items():
        if name not in table:
            raise FieldError(f"{what}: unknown field \"{name}\"; known are {', '.join(sorted(table))}")
        if not table[name](item):
            raise FieldError(f"{what}: \"{name}\" must be {table[name].__name__}")
    for name in required:
        if name not in value:
            raise FieldError(f"{what}: \"{name}\" is missing")
    return value
