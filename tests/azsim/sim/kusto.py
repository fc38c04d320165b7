"""The part of the Kusto query language that lists resources, and no more.

Known are the operators where, project, extend, order by (sort by), take (limit) and
count over one table; in expressions and, or, not(), comparisons, in, string operators
and a few functions. All else is refused, with the token that was not understood
(Microsoft Learn, "Understanding the Azure Resource Graph query language").
"""
import re
from functools import cmp_to_key

TOKEN = re.compile(r"""\s*(?: (?P<comment>//[^\n]*) |
    (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<number>\d+(?:\.\d+)?) |
    (?P<name>[A-Za-z_][A-Za-z0-9_]*~?) | (?P<sign>==|!=|=~|!~|<=|>=|[<>=|(),.\[\]!]) )""", re.VERBOSE)
DEPTH = 50


class QueryError(Exception):
    """A query that is not understood: the token, and "parser" or "language"."""

    def __init__(self, token, kind="ParserFailure"):
        super().__init__(token)
        self.token = token
        self.kind = kind


def tokens(text):
    """(kind, token) of a query; the last one is of kind "end"."""
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise QueryError(text[at:].strip()[:20])
        if match.lastgroup != "comment":
            found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found + [("end", "")]


def _lower(value):
    return value.lower() if isinstance(value, str) else value


def _words(value):
    return re.split(r"[^0-9a-z]+", value)


def _texts(test):
    """A test of two texts, without case; false for anything else."""
    return lambda one, other: isinstance(one, str) and isinstance(other, str) and test(one.lower(), other.lower())


def _order(test):
    def judge(one, other):
        try:
            return test(one, other)
        except TypeError:
            return False
    return judge


COMPARE = {
    "==": lambda one, other: one == other, "!=": lambda one, other: one != other,
    "=~": lambda one, other: _lower(one) == _lower(other),
    "!~": lambda one, other: _lower(one) != _lower(other),
    "<": _order(lambda one, other: one < other), "<=": _order(lambda one, other: one <= other),
    ">": _order(lambda one, other: one > other), ">=": _order(lambda one, other: one >= other),
    "contains": _texts(lambda one, other: other in one), "startswith": _texts(str.startswith),
    "endswith": _texts(str.endswith), "has": _texts(lambda one, other: other in _words(one)),
}
FUNCTIONS = {
    "tolower": _lower, "toupper": lambda value: value.upper() if isinstance(value, str) else value,
    "tostring": lambda value: "" if value is None else {True: "true", False: "false"}.get(value, str(value))
    if not isinstance(value, (dict, list)) else str(value),
    "isempty": lambda value: value in (None, ""), "isnotempty": lambda value: value not in (None, ""),
    "isnull": lambda value: value is None, "isnotnull": lambda value: value is not None,
    "not": lambda value: not value, "tobool": bool,
}


class Parser:
    """Turns tokens into functions of a row, then a query into a function of rows."""

    def __init__(self, text):
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    # -- tokens ------------------------------------------------------------------------

    def peek(self, *wanted):
        """Whether the next token is one of these words or signs."""
        kind, token = self.tokens[self.at]
        return kind in ("name", "sign") and token.lower() in wanted

    def take(self, kind=None):
        """The next token, of this kind when one is named."""
        found = self.tokens[self.at]
        if found[0] == "end" or kind and found[0] != kind:
            raise QueryError(found[1])
        self.at += 1
        return found[1]

    def accept(self, *wanted):
        """Takes the next token if it is one of these."""
        if not self.peek(*wanted):
            return None
        return self.take().lower()

    def expect(self, wanted):
        """The next token must be this one."""
        if not self.accept(wanted):
            raise QueryError(self.tokens[self.at][1])

    # -- expressions -------------------------------------------------------------------

    def expression(self):
        """or, the loosest."""
        self.depth += 1
        if self.depth > DEPTH:
            raise QueryError("(")
        parts = [self._conjunction()]
        while self.accept("or"):
            parts.append(self._conjunction())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _conjunction(self):
        parts = [self._comparison()]
        while self.accept("and"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _comparison(self):
        left = self._value()
        turned = bool(self.accept("!"))
        word = self.accept(*COMPARE, "in", "in~")
        if word is None:
            if turned:
                raise QueryError("!")
            return left
        if word.startswith("in"):
            test = self._in(left, word == "in~")
        else:
            right, judge = self._value(), COMPARE[word]
            test = lambda row: judge(left(row), right(row))     # noqa: E731
        return (lambda row: not test(row)) if turned else test

    def _in(self, left, caseless):
        self.expect("(")
        listed = [self._value()]
        while self.accept(","):
            listed.append(self._value())
        self.expect(")")
        fold = _lower if caseless else lambda value: value
        return lambda row: fold(left(row)) in [fold(one(row)) for one in listed]

    def _value(self):
        kind, token = self.tokens[self.at]
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if kind == "text":
            self.take()
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda row: text
        if kind == "number":
            self.take()
            number = float(token) if "." in token else int(token)
            return lambda row: number
        self.take("name")
        if token.lower() in ("true", "false", "null"):
            constant = {"true": True, "false": False}.get(token.lower())
            return lambda row: constant
        if self.accept("("):
            return self._call(token)
        return self._path(token)

    def _call(self, name):
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise QueryError(name, "UnknownFunction")
        argument = self.expression()
        self.expect(")")
        return lambda row: function(argument(row))

    def _path(self, name):
        steps = [name]
        while self.peek(".", "["):
            if self.accept("."):
                steps.append(self.take("name"))
            else:
                self.expect("[")
                steps.append(self.take("text")[1:-1])
                self.expect("]")

        def walk(row):
            if steps[0] not in row:
                raise QueryError(steps[0], "UnknownColumn")
            for step in steps:
                row = row.get(step) if isinstance(row, dict) else None
            return row
        walk.column = "_".join(steps)
        return walk

    # -- the query ---------------------------------------------------------------------

    def query(self, tables):
        """(table's name, what each operator does to a list of rows)"""
        table = "resources"
        if self.tokens[self.at][0] != "name" or self.tokens[self.at][1].lower() not in OPERATORS:
            table = self.take("name")
            if table.lower() not in tables:
                raise QueryError(table, "DisallowedLogicalTableName")
            if self.tokens[self.at][0] == "end":
                return table.lower(), []
            self.expect("|")
        steps = [self._operator()]
        while self.accept("|"):
            steps.append(self._operator())
        if self.tokens[self.at][0] != "end":
            raise QueryError(self.tokens[self.at][1])
        return table.lower(), steps

    def _operator(self):
        name = self.take("name")
        make = OPERATORS.get(name.lower())
        if make is None:
            raise QueryError(name, "InvalidQueryLanguage")
        return make(self)

    def _where(self):
        test = self.expression()
        return lambda rows: [row for row in rows if test(row)]

    def _columns(self):
        found = []
        while not found or self.accept(","):
            kind, token = self.tokens[self.at]
            if kind == "name" and self.tokens[self.at + 1] == ("sign", "="):
                self.take(), self.take()
                found.append((token, self.expression()))
                continue
            value = self.expression()
            found.append((getattr(value, "column", f"Column{len(found) + 1}"), value))
        return found

    def _project(self):
        columns = self._columns()
        return lambda rows: [{name: value(row) for name, value in columns} for row in rows]

    def _extend(self):
        columns = self._columns()
        return lambda rows: [{**row, **{name: value(row) for name, value in columns}} for row in rows]

    def _order_by(self):
        self.expect("by")
        keys = []
        while not keys or self.accept(","):
            value = self.expression()
            keys.append((value, 1 if self.accept("asc") else -1))
            self.accept("desc")

        def compare(one, other):
            for value, sign in keys:
                left, right = value(one), value(other)
                if type(left) is not type(right) or isinstance(left, (dict, list, type(None))):
                    left, right = str(left), str(right)
                if left != right:
                    return sign if left > right else -sign
            return 0
        return lambda rows: sorted(rows, key=cmp_to_key(compare))

    def _take_rows(self):
        number = int(self.take("number"))
        return lambda rows: rows[:number]

    def _count(self):
        return lambda rows: [{"Count": len(rows)}]


OPERATORS = {
    "where": Parser._where, "project": Parser._project, "extend": Parser._extend,
    "order": Parser._order_by, "sort": Parser._order_by, "take": Parser._take_rows,
    "limit": Parser._take_rows, "count": Parser._count,
}


def run(text, tables):
    """The rows that a query gives; `tables` is name in lower case -> function that lists rows."""
    name, steps = Parser(text).query(tables)
    rows = tables[name]()
    for step in steps:
        rows = step(rows)
    return rows
