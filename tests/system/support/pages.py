"""The examples of the manual pages, and how each is tried.

A comment before each display of an EXAMPLES section, and of the tutorial, says
that: "run", "check" (it is a configuration), "rotate" (a new version is made as
it would), "verified" (run, once the registry is), "systemd" (run beside one, in
tests/systemd/25-units), or "not run: WHY".
"""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))
ELSEWHERE = ('not run', 'systemd')
DISPLAY = re.compile(r'((?:^\.\\" [^\n]*\n)?)(?:^\.Dl ([^\n]*)$|'
                     r'^\.Bd -literal[^\n]*\n(.*?)^\.Ed$)', re.S | re.M)
MARK = re.compile(r'\.\\" (run|check|rotate|verified|systemd|not run: .+)\n')


def displays(page):
    """Of each display: the mark before it, and the text as it is read."""
    with open(os.path.join(ROOT, 'man', page), encoding='ascii') as file:
        text = file.read()
    if 'tutorial' not in page:
        text = re.search(r'^\.Sh EXAMPLES\n(.*?)^\.Sh ', text,
                         re.S | re.M).group(1)
    for found in DISPLAY.finditer(text):
        mark = MARK.fullmatch(found.group(1))
        shown = found.group(2) or found.group(3)
        assert mark, f'{page}: no test is said for: {shown}'
        yield mark.group(1), shown.replace('\\e', '\\').replace(
            '\\(dq', '"').replace('\\(aq', "'").replace('\\-', '-')


def commands(shown):
    """The commands without their prompts, and without what they print."""
    out, open_ = [], False
    for line in shown.split('\n'):
        if line[:2] in ('$ ', '# '):
            out.append(line[2:])
        elif open_:
            out[-1] += '\n' + line
        else:
            continue
        open_ = line.endswith(('\\', '|'))
    assert out, f'no command in: {shown}'
    return out
