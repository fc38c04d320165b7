"""Instructions, counted by callgrind, by the object that they are in."""

import glob
import os
import re
import shutil


# callgrind's file names an object once, be it as a caller's or as a callee's,
# and then by its number.
_OBJECT = re.compile(r'(c?)ob=\((\d+)\)(?: (.*))?')


def missing():
    return None if shutil.which('valgrind') else 'valgrind is not installed'


def prefix(folder):
    """What stands before the command of a program that is to be counted."""
    return ['valgrind', '--quiet', '--tool=callgrind', '--trace-children=no',
            f'--callgrind-out-file={folder}/counted.%p']


def read(path):
    """{object: instructions} of one file of callgrind's."""
    names, costs, current, called = {}, {}, None, False
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            found = _OBJECT.match(line)
            if found:
                callee, number, name = found.groups()
                if name:
                    names[number] = name
                if not callee:
                    current = number
            elif line.startswith('calls='):
                called = True       # the next line is what it called
            elif line[0].isdigit() or line[0] in '+-*':
                if not called:
                    costs[current] = costs.get(current, 0) + \
                        int(line.split()[1])
                called = False
    out = {}
    for number, cost in costs.items():
        name = os.path.basename(names.get(number, '?'))
        out[name] = out.get(name, 0) + cost
    return out


def take(folder, pid=None):
    """What was counted of that process, or of the only one; its file goes."""
    paths = [f'{folder}/counted.{pid}'] if pid else \
        glob.glob(f'{folder}/counted.*')
    assert len(paths) == 1, paths
    out = read(paths[0])
    for path in glob.glob(f'{folder}/counted.*'):
        os.unlink(path)
    return out


def difference(more, less, number):
    """{object: instructions for each of so many things more}"""
    return {name: (cost - less.get(name, 0)) / number
            for name, cost in more.items()}


def grouped(costs):
    """The objects that matter by their names, all others as one."""
    out = {}
    for name, cost in costs.items():
        for word in ('keyrotd', 'libcurl', 'libssl', 'libcrypto', 'libyajl',
                     'libnghttp2', 'libc.so', 'libev', 'libexpat'):
            if name.startswith(word):
                out[word] = out.get(word, 0) + cost
                break
        else:
            out['others'] = out.get('others', 0) + cost
    return out


