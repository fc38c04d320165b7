"""Runs the scenarios of one file, each under each flavour of the programs.

Some at a time, for they wait most of the time; each worker has a fake Azure
of its own.  Prints what tests/run counts.

    tests/system/100-modes [NAME ...]
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from . import process, requests
from .cloud import Cloud
from .stage import Stage

WORKERS = int(os.environ.get('SYSTEM_WORKERS', '6'))
_scenarios = []
_print = threading.Lock()


class Skip(Exception):
    """Cannot be tried here; the text says why."""


def scenario(function=None, *, plain_only=False):
    """Marks a scenario.  plain_only: not under sanitizers."""
    def mark(one):
        _scenarios.append((one, plain_only))
        return one
    return mark(function) if function else mark


def _flavours():
    """(name, folder): the one that BUILD names, and the sanitized one."""
    usual = os.path.join(process.ROOT, 'build')
    build = os.path.abspath(os.environ.get('BUILD') or usual)
    if build == usual:
        _make_sanitized(usual)
    found = [('plain' if build == usual else os.path.basename(build), build)]
    sanitized = os.path.join(build, 'asan')
    if os.path.exists(os.path.join(sanitized, 'keyrotd')):
        found.append(('asan', sanitized))
    return found


def _make_sanitized(build):
    """The sanitized programs, brought up to date under make's lock."""
    subprocess.run(['flock', '-o', os.path.join(build, '.lock'), 'make',
                    '--no-print-directory', '-C', process.ROOT,
                    'SANITIZE=1', 'programs'], check=True,
                   stdout=subprocess.DEVNULL)


def say(line):
    with _print:
        print(line, flush=True)


def attempt(function, name, folder, clouds):
    """One scenario; False when it failed."""
    cloud, stage, told = clouds.get(), None, []
    began = time.monotonic()
    try:
        if cloud is None:
            cloud = Cloud()
        stage = Stage(cloud, folder)
        function(stage)
        stage.judge()
        verdict = f'ok {name}'
    except Skip as why:
        verdict = f'skip {name}: {why}'
    except Exception as problem:  # any at all: the others still run
        verdict = f'not ok {name}: {type(problem).__name__}'
        told = [*str(problem).splitlines(), *_where(problem)]
        told += stage.tell() if stage else []
    finally:
        if stage:
            stage.close()
        clouds.put(cloud)
    if os.environ.get('SYSTEM_TIMES'):
        verdict += f' ({time.monotonic() - began:.1f} s)'
    say('\n# '.join([verdict, *told]))
    return not verdict.startswith('not')


def _where(problem):
    """The lines of the test itself that led there."""
    return [f'at {os.path.basename(frame.filename)}:{frame.lineno}: '
            f'{frame.line}'
            for frame in traceback.extract_tb(problem.__traceback__)]


def _jobs(wanted):
    for flavour, folder in _flavours():
        for function, plain_only in _scenarios:
            name = function.__name__.replace('_', '-')
            if plain_only and flavour == 'asan':
                continue
            if not wanted or name in wanted or flavour in wanted:
                yield function, f'{name} ({flavour})', folder


def _finish(clouds):
    """Ends each fake Azure; what its daemons asked must be as published."""
    while not clouds.empty():
        cloud = clouds.get()
        if cloud:
            cloud.stop()
    for line in Cloud.judge.verdict():
        say(line)
    return Cloud.judge.good()


def perform(jobs, workers, done=lambda job, good: None):
    """Each (function, name, folder), so many at a time.  done(): one has
    ended, told in its worker.  Whether all were good; then, too, nothing is
    left behind."""
    signal.signal(signal.SIGTERM, process.on_signal)
    signal.signal(signal.SIGINT, process.on_signal)
    Cloud.judge = requests.Requests()
    clouds = queue.LifoQueue()
    for _ in range(workers):
        clouds.put(None)

    def one(job):
        fine = attempt(*job, clouds)
        done(job, fine)
        return fine
    good = True
    try:
        with ThreadPoolExecutor(workers) as pool:
            good = all(list(pool.map(one, jobs)))
        good = _finish(clouds) and good
    finally:
        process.tidy()
    return good


def run(workers=WORKERS):
    """The main program of a file of scenarios."""
    sys.exit(0 if perform(list(_jobs(sys.argv[1:])), workers) else 1)
