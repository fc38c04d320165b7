"""Reading C sources for the lint checks: what is code, and what is not."""

import os
import re

_SKIP = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code(text):
    """The text with comments and literals blanked; line numbers are kept.

    The name of an included file is a literal to C's eyes, but not to ours.
    """
    def blank(match):
        start = text.rfind('\n', 0, match.start()) + 1
        before = text[start:match.start()]
        if match.group(0)[0] == '"' and re.fullmatch(r'\s*#\s*include\s*',
                                                     before):
            return match.group(0)
        return re.sub(r'[^\n]', ' ', match.group(0))
    return _SKIP.sub(blank, text)


def line_of(text, at):
    """The line number of a position."""
    return text.count('\n', 0, at) + 1


def files(root, folder, endings):
    """Paths below root/folder with one of the endings, sorted, relative."""
    found = []
    for place, folders, names in os.walk(os.path.join(root, folder)):
        folders.sort()
        found += [os.path.relpath(os.path.join(place, name), root)
                  for name in names if name.endswith(endings)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def verdict(name, problems):
    """Print the verdict of one check; returns the exit status."""
    for problem in problems:
        print(problem)
    if problems:
        print(f'not ok {name}: {len(problems)} problem(s), listed above')
        return 1
    print(f'ok {name}')
    return 0
