"""Installs the programs into a sandbox and runs the scenarios of one file
there, one after the other.

    tests/systemd/20-start [NAME ...]

SYSTEMD_SANDBOX names another program to boot systemd with; it needs the
options of tests/systemd/sandbox.
"""

import os
import subprocess
import sys
import tempfile
import time
import traceback

from support import process
from support.cloud import Cloud

from .service import Service

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = 'KEYROTD_TREE'       # what was installed; set: we are inside
# The daemon's user has to reach azsim's CA, which it cannot in /tmp.
ROOM = '/srv/keyrotd-tests'
LIMIT_S = 280
_scenarios = []


def scenario(function):
    _scenarios.append(function)
    return function


def wanted():
    return [one for one in _scenarios
            if not sys.argv[1:] or name_of(one) in sys.argv[1:]]


def name_of(function):
    return function.__name__.replace('_', '-')


# --- outside ----------------------------------------------------------------

def install(tree):
    done = subprocess.run(
        ['make', '--no-print-directory', '-C', process.ROOT, 'install',
         f'DESTDIR={tree}'], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, 'not ok install: make install failed',
              sep='\n', flush=True)
        sys.exit(1)


def outside():
    """This same program again, as root beside a systemd of its own."""
    name = os.path.basename(sys.argv[0])
    if os.geteuid() != 0:
        print(f'skip {name}: the sandbox needs root')
        return 77
    sandbox = os.environ.get('SYSTEMD_SANDBOX') or f'{HERE}/sandbox'
    with tempfile.TemporaryDirectory(prefix='kbt.') as tree:
        os.chmod(tree, 0o755)     # cp -a makes / like it
        install(tree)
        done = subprocess.run(
            [sandbox, '--bind-ro', tree, '--bind-ro', process.ROOT,
             '--chdir', '/', '--time-limit', str(LIMIT_S), '--',
             'env', '-u', 'AZSIM_KEYS', f'{TREE}={tree}', sys.executable,
             os.path.realpath(sys.argv[0]), *sys.argv[1:]], check=False,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode == 77:
        why = (done.stderr.splitlines() or ['it did not say why'])[-1]
        print(f'skip {name}: {why}')
    return done.returncode


# --- inside -----------------------------------------------------------------

def prepare(tree):
    subprocess.run(['cp', '-a', f'{tree}/.', '/'], check=True)
    subprocess.run(['systemd-sysusers'], check=True, capture_output=True)
    subprocess.run(['systemctl', 'daemon-reload'], check=True)
    os.environ['PATH'] = '/usr/local/sbin:/usr/local/bin:' \
        + os.environ.get('PATH', '/usr/sbin:/usr/bin')
    os.makedirs(ROOM, exist_ok=True)
    os.environ['TMPDIR'] = tempfile.tempdir = ROOM


def attempt(function, cloud):
    name, told, stage = name_of(function), [], None
    began = time.monotonic()
    try:
        stage = Service(cloud)
        function(stage)
        stage.judge()
        verdict = f'ok {name}'
    except Exception as problem:  # any at all: the others still run
        verdict = f'not ok {name}: {type(problem).__name__}'
        told = str(problem).splitlines()
        told += [f'at {os.path.basename(one.filename)}:{one.lineno}: '
                 f'{one.line}'
                 for one in traceback.extract_tb(problem.__traceback__)]
        told += stage.tell() if stage else []
    finally:
        if stage:
            stage.close()
    if os.environ.get('SYSTEM_TIMES'):
        verdict += f' ({time.monotonic() - began:.1f} s)'
    print('\n# '.join([verdict, *told]), flush=True)
    return not verdict.startswith('not')


def inside():
    prepare(os.environ[TREE])
    cloud = Cloud()
    os.chmod(cloud.dir, 0o755)
    try:
        good = [attempt(one, cloud) for one in wanted()]
    finally:
        cloud.stop()
        process.tidy()
    return 0 if good and all(good) else 1


def run():
    """The main program of a file of scenarios."""
    sys.exit(inside() if TREE in os.environ else outside())
