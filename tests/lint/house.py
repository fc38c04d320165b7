"""Reading tests/lint/house, the table of folders and files."""

import fnmatch
import os
import re

PATH = 'tests/lint/house'


class Folder:
    """One folder's row: what it may include, and its files in order."""

    def __init__(self, name, others, barred):
        self.name = name
        self.others = others
        self.barred = barred
        self.files = {}     # name: its libraries; the order is the order

    def may_use(self, folder, file):
        """May a file of this folder include or call the other one?"""
        return (folder == self.name or folder in self.others) and not any(
            fnmatch.fnmatch(f'{folder}/{file}', p) for p in self.barred)


class House:
    """The whole table.  What is wrong with the table is in problems."""

    def __init__(self, root):
        self.folders = {}
        self.libraries = {}     # name: pattern of its headers
        self.headers = {'pure': set(), 'system': set()}
        self.problems = []
        folder = None
        with open(os.path.join(root, PATH), encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                line = line.partition('#')[0].rstrip()
                if not line:
                    continue
                if not self._read(line, folder):
                    self.problems.append(f'{PATH}:{number}: not understood, '
                                         f'or a second time: {line.strip()}')
                folder = next(reversed(self.folders.values()), None)

    def _read(self, line, folder):
        if line[0] == '\t' and folder:
            name, *libraries = line.split()
            new = name not in folder.files
            folder.files[name] = libraries
            return new and set(libraries) <= set(self.libraries)
        match = re.fullmatch(r'headers (pure|system): (.*)', line)
        if match:
            self.headers[match.group(1)] |= set(match.group(2).split())
            return True
        match = re.fullmatch(
            r'(library|folder) (\w+):(.*?)(, not (.*))?', line)
        if not match:
            return False
        word, name, rest = match.group(1), match.group(2), match.group(3)
        if word == 'library':
            self.libraries[name] = rest.strip()
        elif name in self.folders or set(rest.split()) - set(self.folders):
            return False
        else:
            barred = (match.group(5) or '').split()
            self.folders[name] = Folder(name, rest.split(), barred)
        return True


def place(path):
    """The folder and the name of a source: daemon/io/http.c is io, http."""
    parts = os.path.splitext(path)[0].split('/')
    if parts[0] == 'tests':
        return 'sim', parts[-1]
    return ('/'.join(parts[1:-1]) or 'top'), parts[-1]
