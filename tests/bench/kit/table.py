"""What the rows have found: a table for people, JSON for programs."""

import sys
from dataclasses import asdict, dataclass

MET, MISSED, SKIPPED, FAILED, TOLD = 'met', 'MISSED', 'skipped', 'FAILED', ''
HEAD = ('what', 'target', 'figure', 'peer', 'ratio', 'verdict')


class Skip(Exception):
    """A row cannot be run here; the text says why."""


@dataclass
class Line:
    """One figure.  target: at most so much; None: it is only told."""

    what: str
    figure: float = None
    unit: str = ''
    target: float = None
    peer: float = None
    peer_name: str = ''
    note: str = ''
    verdict: str = None
    row: str = ''
    curve: str = ''     # of which point of the curves

    def __post_init__(self):
        if self.verdict is None:
            self.verdict = TOLD if self.target is None else \
                MET if self.figure <= self.target else MISSED

    @property
    def ratio(self):
        return self.figure / self.peer if self.figure is not None \
            and self.peer else None

    def cells(self):
        peer = show(self.peer, self.unit)
        return (self.what,
                '' if self.target is None else
                '<= ' + show(self.target, self.unit),
                show(self.figure, self.unit),
                f'{peer} {self.peer_name}'.strip(),
                '' if self.ratio is None else f'{self.ratio:.2f}',
                self.verdict)

    def json(self):
        return {**asdict(self), 'ratio': self.ratio,
                'verdict': self.verdict.lower() or 'told'}


def against(what, figure, peer, peer_name, unit, note=''):
    """A figure that may be as large as the peer's."""
    return Line(what, figure, unit, target=peer, peer=peer,
                peer_name=peer_name, note=note)


def show(value, unit):
    """A figure with its unit, with as many digits as it is worth."""
    if value is None:
        return ''
    if unit == 'instructions' or isinstance(value, int):
        text = f'{value:,.0f}'
    else:
        text = f'{value:.3f}' if abs(value) < 10 else f'{value:.1f}'
    return f'{text} {unit}'.strip()


def columns(head, rows, out=sys.stdout):
    """Rows of texts below their heads."""
    width = [max(len(row[i]) for row in (head, *rows))
             for i in range(len(head))]
    for row in (head, tuple('-' * n for n in width), *rows):
        print('  '.join(cell.ljust(n) for cell, n
                        in zip(row, width)).rstrip(), file=out)


def print_curves(lines, out=sys.stdout):
    """A row for each point, a column for each figure."""
    points = {}
    for line in lines:
        if line.curve:
            name = line.what.removeprefix(f'{line.curve}: ')
            head = f'{name} {line.unit}'.strip()
            points.setdefault(line.curve, {})[head] = show(line.figure, '')
    if points:
        heads = list(next(iter(points.values())))
        print(file=out)
        columns(('growth', *heads),
                [(where, *(figures.get(head, '') for head in heads))
                 for where, figures in points.items()], out)


def print_lines(lines, out=sys.stdout):
    """The table, what is to be said of it, and the curves."""
    _print_table([line for line in lines if not line.curve], out)
    print_curves(lines, out)


def _print_table(lines, out):
    if not lines:
        return
    columns(HEAD, [line.cells() for line in lines], out)
    notes = [line for line in lines if line.note]
    if notes:
        print(file=out)
    for line in notes:
        print(f'{line.what}: {line.note}', file=out)
