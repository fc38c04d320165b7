"""What somebody would do without this: the Azure CLI in a loop, or a script on
the official SDKs.  Only told, and only where they are installed.

The CLI talks to azsim, for it has to log in first.
"""

import os
from statistics import median

from kit import peers
from kit.server import HERE
from kit.table import Line, Skip
from kit.world import World
from support import process
from support.cloud import Cloud

KEYS = 1000
LOOKS = 5           # of the CLI: each takes a second
# Reading a key, in the order of trying: Debian's lacks a library for the first.
CLI = (('keyvault', 'key', 'show', '--vault-name', 'simvault', '--name',
        'acr-cmk'),
       ('rest', '--resource', 'https://vault.azure.net', '--url',
        'https://simvault.vault.azure.net/keys/acr-cmk?api-version=7.4'))


def sdk_folder():
    """Where node finds the SDKs, or None."""
    for folder in (os.environ.get('NODE_PATH', ''),
                   os.path.join(process.ROOT, 'build', 'sdk',
                                'node_modules')):
        if os.path.isdir(os.path.join(folder, '@azure', 'keyvault-keys')):
            return folder
    return None


def with_sdk(server, options):
    """(keyrotd's CPU seconds for a key, the script's)"""
    folder = sdk_folder()
    ours, theirs = [], []
    with World(server, KEYS, subscriptions=1) as world:
        command = ['node', os.path.join(HERE, 'sdk.cjs'),
                   world.key(0).rsplit('/keys/', 1)[0],
                   f'https://management.localhost:{server.port}',
                   world.registry(0).split('/')[2], str(KEYS),
                   peers.TOKEN.rsplit(' ', 1)[1]]
        for _ in range(options.runs):
            cost = peers.ran(command, NODE_PATH=folder,
                             NODE_EXTRA_CA_CERTS=server.ca)
            assert cost.code == 0, cost.out[-400:]
            theirs.append(cost.cpu / KEYS)
            cost = world.once()
            assert cost.code == 0, cost.out[-400:]
            ours.append(cost.cpu / KEYS)
    return median(ours), median(theirs)


def with_cli():
    """(CPU seconds that the CLI takes for a key, its command)"""
    cloud = Cloud()
    env = {'AZURE_CONFIG_DIR': os.path.join(cloud.dir, 'az'),
           'HTTPS_PROXY': cloud.env['SIM_PROXY'],
           'REQUESTS_CA_BUNDLE': cloud.env['SIM_CA'],
           'AZURE_CORE_COLLECT_TELEMETRY': 'no'}
    try:
        cost = peers.ran(
            ['az', 'login', '--service-principal', '--username',
             cloud.env['SIM_CLIENT_ID'], '--password',
             cloud.env['SIM_CLIENT_SECRET'], '--tenant',
             cloud.env['SIM_TENANT']], **env)
        assert cost.code == 0, f'az login: {cost.out[-400:]}'
        command = next((one for one in CLI if peers.ran(
            ['az', *one], **env).code == 0), None)
        assert command, 'the CLI could not read a key'
        seen = [peers.ran(['az', *command], **env).cpu for _ in range(LOOKS)]
    finally:
        cloud.stop()
    return median(seen), 'az ' + ' '.join(command[:3]).split(' -')[0]


def row(server, options):
    absent, ours = [], None
    if not peers.has('node'):
        absent.append('node is not installed')
    elif not sdk_folder():
        absent.append('the SDKs are not installed (npm install --prefix '
                      'build/sdk @azure/keyvault-keys '
                      '@azure/arm-containerregistry)')
    else:
        ours, theirs = with_sdk(server, options)
        yield Line('CPU for a key and its registry, once', 1000 * ours, 'ms',
                   peer=1000 * theirs, peer_name='official SDKs')
    if not peers.has('az'):
        absent.append('the Azure CLI is not installed')
    else:
        theirs, command = with_cli()
        if ours is None:
            with World(server, KEYS) as world:
                ours = world.once().cpu / KEYS
        yield Line('CPU for a key, once', 1000 * ours, 'ms',
                   peer=1000 * theirs, peer_name=command)
    if absent:
        raise Skip('; '.join(absent))
