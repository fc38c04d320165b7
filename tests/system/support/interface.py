"""An interface of Varlink as its description has it, and whether a document is
what that says (https://varlink.org/Interface-Definition)."""

import re

PLAIN = {'bool': bool, 'int': int, 'float': float, 'string': str,
         'object': object}


class Interface:
    """types and methods (what these answer), by name."""

    def __init__(self, text):
        self.words = re.findall(r'->|\[\]|\[string\]|[\w.]+|[?():,]',
                                re.sub('#.*', '', text))
        self.types, self.methods = {}, {}
        while self.words:
            kind, name = self.words.pop(0), self.words.pop(0)
            if kind == 'type':
                self.types[name] = self._kind()
            elif kind != 'interface':       # a method, or an error
                self._kind()
            if kind == 'method':
                assert self.words.pop(0) == '->', name
                self.methods[name] = self._kind()

    def _kind(self):
        word = self.words.pop(0)
        if word in ('?', '[]', '[string]'):
            return word, self._kind()
        if word != '(':
            return word
        members = {}
        while self.words[0] != ')':
            name, colon = self.words.pop(0), self.words.pop(0)
            assert colon == ':', (name, colon)
            members[name] = self._kind()
            if self.words[0] == ',':
                self.words.pop(0)
        self.words.pop(0)
        return members

    def wrong(self, value, kind, where=''):
        """What is not as it should be; empty when all is."""
        if isinstance(kind, str) and kind in self.types:
            return self.wrong(value, self.types[kind], where)
        if isinstance(kind, str):
            fits = isinstance(value, PLAIN[kind]) and \
                isinstance(value, bool) <= (kind in ('bool', 'object'))
            return [] if fits else [f'{where} is no {kind}: {value!r}']
        if isinstance(kind, dict):
            if not isinstance(value, dict) or set(value) != set(kind):
                return [f'{where} has other members: {value!r}']
            found = [(value[name], kind[name], name) for name in kind]
        elif kind[0] == '?':
            return [] if value is None else self.wrong(value, kind[1], where)
        elif not isinstance(value, list if kind[0] == '[]' else dict):
            return [f'{where} is not {kind[0]}: {value!r}']
        else:
            found = [(one, kind[1], str(name)) for name, one in (
                enumerate(value) if kind[0] == '[]' else value.items())]
        return [problem for one, of, name in found
                for problem in self.wrong(one, of, f'{where}.{name}')]
