"""Programs that fetch the same URLs, and what running something costs."""

import os
import re
import shutil
import subprocess
import time

from support import process

TOKEN = 'Authorization: Bearer eyJ' + 't' * 1200
API = '?api-version=7.4'


class Cost:
    """What a program that ran to its end has used."""

    def __init__(self, wall, usage, code, out):
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.code = code
        self.out = out


def ran(command, out=subprocess.PIPE, **more):
    """Runs it; its Cost, its children's included when it waited for them."""
    began = time.monotonic()
    child = process.spawn(command, stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.STDOUT,
                          env=process.environment(**more))
    text = child.stdout.read().decode(errors='replace') \
        if out == subprocess.PIPE else ''
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    process.forget(child)
    return Cost(time.monotonic() - began, usage, child.returncode, text)


def urls(world, number=None):
    return [f'{world.key(i)}{API}' for i in range(number or world.keys)]


def pages(world):
    """The pages of its lists, which a pass over all registries reads, too."""
    found = []
    for run in range(world.subscriptions):
        first = world.registry(run * world.per_subscription)
        base = first.rsplit('/resourceGroups/', 1)[0]
        found += [f'https://management.localhost:{world.server.port}{base}/'
                  'providers/Microsoft.ContainerRegistry/registries'
                  f'?api-version=2023-07-01&skip={skip}'
                  for skip in range(0, world.per_subscription, 100)]
    return found


class Curl:
    """curl --parallel over these URLs."""

    def __init__(self, world, protocol='2', number=None, more=()):
        self.file = os.path.join(world.dir, f'curl-{protocol}-{len(more)}')
        self.command = ['curl', '--parallel', '--silent', '--show-error',
                        '--fail', '--cacert', world.server.ca,
                        '--http2' if protocol == '2' else '--http1.1',
                        '--header', TOKEN, '--config', self.file]
        with open(self.file, 'w', encoding='ascii') as file:
            for url in *urls(world, number), *more:
                file.write(f'url = "{url}"\noutput = "/dev/null"\n')

    def run(self):
        cost = ran(self.command)
        assert cost.code == 0, f'curl: {cost.code} {cost.out[-300:]}'
        return cost


class H2load:
    """h2load over the same: it hardly looks at what it gets.

    It takes one host's URLs over each of its connections, so it is asked for
    those of one vault only."""

    def __init__(self, world, number=None):
        self.file = os.path.join(world.dir, 'h2load')
        self.number = number or world.keys
        with open(self.file, 'w', encoding='ascii') as file:
            file.write('\n'.join(urls(world, number)) + '\n')
        self.command = ['h2load', '-n', str(self.number), '-c', '1', '-m',
                        '32', '-t', '1', '-H', TOKEN, '-i', self.file,
                        f'--connect-to=127.0.0.1:{world.server.port}']

    def run(self):
        cost = ran(self.command)
        found = re.search(r'(\d+) 2xx', cost.out)
        assert cost.code == 0 and found and \
            int(found.group(1)) == self.number, f'h2load: {cost.out[-600:]}'
        return cost


def has(name):
    return shutil.which(name) is not None
