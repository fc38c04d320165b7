"""Processes and folders that must be gone in the end, whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
import threading

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..',
                                    '..'))
# A leak or an undefined operation ends the program with a status of its own.
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:detect_stack_use_after_return=1:'
                    'exitcode=99',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1:exitcode=99',
}

_lock = threading.Lock()
_running = set()
_folders = set()
_ending = []


def environment(**more):
    """A small environment; nothing of the caller's service manager in it."""
    env = {'PATH': os.environ.get('PATH', ''), 'LC_ALL': 'C.UTF-8',
           'TZ': 'UTC', 'HOME': os.environ.get('HOME', '/'), **SANITIZERS}
    env.update(more)
    return env


def spawn(*args, **more):
    """subprocess.Popen, remembered."""
    with _lock:
        process = subprocess.Popen(*args, **more)
        _running.add(process)
    return process


def end(process, number=signal.SIGKILL):
    """Ends a process that may have ended already; its exit code."""
    if process.poll() is None:
        process.send_signal(number)
    code = process.wait(30)
    forget(process)
    return code


def forget(process):
    with _lock:
        _running.discard(process)


def keep_folder(path):
    with _lock:
        _folders.add(path)
    return path


def drop_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    with _lock:
        _folders.discard(path)


def tidy():
    for process in list(_running):
        if process.poll() is None:
            process.kill()
    for path in list(_folders):
        shutil.rmtree(path, ignore_errors=True)


def ending():
    """Whether a signal ends all of it: what goes wrong now says nothing."""
    return bool(_ending)


def on_signal(number, _frame):
    _ending.append(number)
    tidy()
    sys.stdout.flush()
    os._exit(128 + number)
