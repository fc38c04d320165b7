"""A reader for the part of Bicep that conf/azure/main.bicep is written in, and
what a template of Resource Manager has to say for it.

It knows parameters with decorators, variables, resources (with a condition, a
parent, a scope), outputs, and as values literals, interpolated strings, calls,
members, "!", objects and arrays over lines.  Whatever else stands there is an
error, never passed over.
Source: Microsoft, "Understand the structure and syntax of Bicep files" and
"Understand the structure and syntax of ARM templates".
"""

import re

TOKEN = re.compile(r"""
    (?P<blank>[ \t]+|//[^\n]*)
  | (?P<line>\n)
  | (?P<string>'(?:\\.|\$\{[^{}']*\}|[^'\\\n])*')
  | (?P<number>\d+)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark>[@(){}\[\]:,.=!])
""", re.X)
HOLE = re.compile(r'\$\{([^{}]*)\}')
DECORATORS = {'description': 'metadata', 'minLength': 'minLength',
              'maxLength': 'maxLength', 'allowed': 'allowedValues'}
SCHEMA = ('https://schema.management.azure.com/schemas/2019-04-01/'
          'deploymentTemplate.json#')


class BicepError(ValueError):
    """What the reader does not understand, with its line."""


class Reader:
    """Tokens, and what they make."""

    def __init__(self, text):
        self.tokens = []
        self.at = 0
        place, line = 0, 1
        while place < len(text):
            match = TOKEN.match(text, place)
            if not match:
                raise BicepError(f'line {line}: {text[place:place + 20]!r} is '
                                 'not understood')
            if match.lastgroup != 'blank':
                self.tokens.append((match.lastgroup, match.group(), line))
            line += match.lastgroup == 'line'
            place = match.end()
        self.tokens.append(('end', '', line))

    def peek(self):
        return self.tokens[self.at]

    def wrong(self):
        _, text, line = self.peek()
        raise BicepError(f'line {line}: {text!r} is not understood here')

    def take(self, kind=None, text=None):
        token = self.peek()
        if (kind and token[0] != kind) or (text and token[1] != text):
            self.wrong()
        self.at += 1
        return token[1]

    def has(self, text):
        found = self.peek()[1] == text and self.peek()[0] != 'string'
        self.at += found
        return found

    def lines(self):
        while self.peek()[0] == 'line':
            self.at += 1

    # Values are ('literal', x), ('name', x), ('member', of, name),
    # ('call', name, args), ('not', of), ('text', parts), dict, list.

    def value(self):
        kind, text, _ = self.peek()
        if self.has('{'):
            return self.object()
        if self.has('['):
            return self.array()
        if self.has('!'):
            return ('not', self.value())
        self.at += 1
        if kind == 'number':
            return ('literal', int(text))
        if kind == 'string':
            return string(text[1:-1])
        if kind != 'word':
            self.at -= 1
            self.wrong()
        if text in ('true', 'false'):
            return ('literal', text == 'true')
        out = ('call', text, self.arguments()) if self.has('(') else \
            ('name', text)
        while self.has('.'):
            out = ('member', out, self.take('word'))
        return out

    def arguments(self):
        out = []
        while not self.has(')'):
            if out:
                self.take(text=',')
            out.append(self.value())
        return out

    def object(self):
        out = {}
        self.lines()
        while not self.has('}'):
            kind = self.peek()[0]
            if kind == 'string':
                name = string(self.take()[1:-1])
            else:
                name = ('literal', self.take('word'))
            self.take(text=':')
            if name in out:
                self.wrong()
            out[name] = self.value()
            self.ends('}')
        return out

    def array(self):
        out = []
        self.lines()
        while not self.has(']'):
            out.append(self.value())
            self.ends(']')
        return out

    def ends(self, closing):
        """A member ends with its line, or with what it is in."""
        if self.peek()[1] != closing:
            self.take('line')
        self.lines()


def string(text):
    """('literal', text), or ('text', parts) where something is put in."""
    if '\\' in text:
        raise BicepError(f"'{text}': escapes are not understood")
    parts = HOLE.split(text)
    if len(parts) == 1:
        return ('literal', text)
    out = []
    for i, part in enumerate(parts):
        if i % 2:
            inner = Reader(part)
            out.append(inner.value())
            inner.take('end')
        else:
            out.append(part)
    return ('text', tuple(out))


def path_of(kind):
    """A/b/c with a place for each name: A/b/{0}/c/{1}."""
    provider, *kinds = kind.split('/')
    return provider + ''.join(f'/{one}/{{{i}}}'
                              for i, one in enumerate(kinds))


def row_of(names):
    return '/'.join('{%d}' % i for i in range(len(names)))


class File:
    """The statements of a file."""

    def __init__(self, text):
        self.params, self.variables, self.outputs = {}, {}, {}
        self.resources = {}
        read = Reader(text)
        read.lines()
        notes = []
        while read.peek()[0] != 'end':
            if read.has('@'):
                name = read.take('word')
                read.take(text='(')
                read.lines()
                notes.append((name, read.arguments()))
            else:
                self.statement(read, read.take('word'), dict(notes))
                notes = []
            if read.peek()[0] != 'end':
                read.take('line')
            read.lines()

    def statement(self, read, word, notes):
        if word == 'targetScope':
            read.take(text='=')
            read.take(text="'resourceGroup'")
            return
        if word not in ('param', 'var', 'resource', 'output'):
            read.at -= 1
            read.wrong()
        name = read.take('word')
        if word in ('param', 'output'):
            kind, value = read.take('word'), None
            if word == 'output' or read.peek()[1] == '=':
                read.take(text='=')
                value = read.value()
            where = self.params if word == 'param' else self.outputs
            where[name] = (kind, value, notes)
        elif word == 'var':
            read.take(text='=')
            self.variables[name] = read.value()
        else:
            kind, _, version = read.take('string')[1:-1].partition('@')
            read.take(text='=')
            condition = None
            if read.has('if'):
                read.take(text='(')
                condition = read.value()
                read.take(text=')')
            self.resources[name] = (kind, version, condition, read.value())


class Template:
    """What Resource Manager is told for a file."""

    def __init__(self, file):
        self.file = file
        self.used = set()

    def make(self):
        file = self.file
        return {
            '$schema': SCHEMA, 'contentVersion': '1.0.0.0',
            'parameters': {name: self.parameter(*rest)
                           for name, rest in file.params.items()},
            'variables': {name: self.json(value)
                          for name, value in file.variables.items()},
            'resources': [self.resource(*rest)
                          for rest in file.resources.values()],
            'outputs': {name: {
                'type': kind, 'value': self.json(value),
                **self.decorations(notes)}
                for name, (kind, value, notes) in file.outputs.items()}}

    def decorations(self, notes):
        out = {}
        for name, arguments in notes.items():
            if name not in DECORATORS or len(arguments) != 1:
                raise BicepError(f'@{name} is not understood')
            value = self.json(arguments[0])
            out[DECORATORS[name]] = {name: value} if name == 'description' \
                else value
        return out

    def parameter(self, kind, value, notes):
        out = {'type': kind}
        if value is not None:
            out['defaultValue'] = self.json(value)
        return {**out, **self.decorations(notes)}

    def resource(self, kind, version, condition, body):
        self.used = set()
        out = {'type': kind, 'apiVersion': version}
        if condition is not None:
            out['condition'] = self.json(condition)
        explicit = []
        for name, value in body.items():
            name = name[1]
            if name == 'parent':
                self.used.add(value[1])
            elif name == 'scope':
                self.used.add(value[1])
                outer = self.file.resources[value[1]]
                out['scope'] = self.bracket(self.format(
                    path_of(outer[0]), self.names(value[1])))
            elif name == 'name':
                own = self.names_of(body)
                out['name'] = self.bracket(own[0] if len(own) == 1 else
                                           self.format(row_of(own), own))
            elif name == 'dependsOn':
                explicit = [one[1] for one in value]
            else:
                out[name] = self.json(value)
        needed = self.used | set(explicit)
        if needed:
            out['dependsOn'] = sorted(self.bracket(self.id(symbol))
                                      for symbol in needed)
        return out

    # -- names and ids of resources, as expressions -------------------------

    def names_of(self, body):
        own = self.expression(body['literal', 'name'])
        parent = body.get(('literal', 'parent'))
        return (self.names(parent[1]) if parent else []) + [own]

    def names(self, symbol):
        if symbol not in self.file.resources:
            raise BicepError(f'{symbol} is no resource')
        return self.names_of(self.file.resources[symbol][3])

    def id(self, symbol):
        kind, _, _, body = self.file.resources[symbol]
        names = ', '.join(self.names(symbol))
        scope = body.get(('literal', 'scope'))
        if scope:
            return (f"extensionResourceId({self.id(scope[1])}, '{kind}', "
                    f'{names})')
        return f"resourceId('{kind}', {names})"

    # -- values -------------------------------------------------------------

    @staticmethod
    def format(pattern, arguments):
        return f"format('{pattern}', {', '.join(arguments)})"

    @staticmethod
    def bracket(expression):
        """A literal goes without brackets."""
        plain = re.fullmatch(r"'([^'\[]*)'", expression)
        return plain.group(1) if plain else f'[{expression}]'

    def json(self, value):
        if isinstance(value, dict):
            return {self.json(name): self.json(one)
                    for name, one in value.items()}
        if isinstance(value, list):
            return [self.json(one) for one in value]
        if value[0] == 'literal':
            return value[1]
        return self.bracket(self.expression(value))

    def expression(self, value):
        kind = value[0]
        if kind == 'literal' and isinstance(value[1], str):
            return f"'{value[1]}'"
        if kind == 'literal' and not isinstance(value[1], bool):
            return str(value[1])
        if kind == 'text':
            holes = value[1][1::2]
            pattern = ''.join(part if i % 2 == 0 else '{%d}' % (i // 2)
                              for i, part in enumerate(value[1]))
            return self.format(pattern, [self.expression(one)
                                         for one in holes])
        if kind == 'not':
            return f'not({self.expression(value[1])})'
        if kind == 'call':
            return (f"{value[1]}("
                    f"{', '.join(self.expression(one) for one in value[2])})")
        if kind == 'name' and value[1] in self.file.params:
            return f"parameters('{value[1]}')"
        if kind == 'name' and value[1] in self.file.variables:
            return f"variables('{value[1]}')"
        if kind == 'member':
            return self.member(value)
        raise BicepError(f'{value} is not understood')

    def member(self, value):
        _, of, name = value
        if of[0] == 'name' and name == 'id':
            self.used.add(of[1])
            return self.id(of[1])
        if of[0] == 'member' and of[1][0] == 'name' and of[2] == 'properties':
            symbol = of[1][1]
            self.used.add(symbol)
            version = self.file.resources[symbol][1]
            return f"reference({self.id(symbol)}, '{version}').{name}"
        return f'{self.expression(of)}.{name}'


def template(text):
    """The template that says what the text says; BicepError."""
    made = Template(File(text)).make()
    return made
