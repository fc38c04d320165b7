"""Reading the kernel's figures of a process (proc(5))."""

import os
import re


def cpu(pid):
    """CPU seconds of its threads so far, as the scheduler counts them: to the
    nanosecond, but for threads that have ended."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/schedstat',
                  encoding='ascii') as file:
            total += int(file.read().split()[0])
    return total / 1e9


def waited(pid):
    """Seconds that its first thread has waited for a processor."""
    with open(f'/proc/{pid}/schedstat', encoding='ascii') as file:
        return int(file.read().split()[1]) / 1e9


def _status(pid, name):
    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
        return int(re.search(rf'^{name}:\s+(\d+)', file.read(),
                             re.M).group(1))


def rss_anon(pid):
    """kB of its own memory."""
    return _status(pid, 'RssAnon')


def threads(pid):
    return _status(pid, 'Threads')


def sleeps(pid):
    """How often its first thread has gone to sleep by itself."""
    return _status(pid, 'voluntary_ctxt_switches')


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def connections(pid):
    """Its TCP connections."""
    own = set()
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            own.add(os.readlink(f'/proc/{pid}/fd/{name}'))
        except FileNotFoundError:   # closed meanwhile
            pass
    with open(f'/proc/{pid}/net/tcp', encoding='ascii') as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(1 for row in rows
               if row[3] == '01' and f'socket:[{row[9]}]' in own)


def load():
    """How busy the machine is: load averages, and processors."""
    one, five, _ = os.getloadavg()
    return {'load_1_min': round(one, 2), 'load_5_min': round(five, 2),
            'processors': os.cpu_count()}
