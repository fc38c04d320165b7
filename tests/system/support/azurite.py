"""Azure Storage as Azurite has it: blobs with leases, and queues, over TLS with
tokens that azsim signs.

    with Azurite(s) as storage:
        storage.make_container('keyrotd')
        url = storage.blob_url('keyrotd', 'leader')

The scenario is skipped where Azurite is not installed (tests/azurite/install).
"""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import urllib.parse
import xml.etree.ElementTree as ElementTree

from . import process
from .runner import Skip
from .wait import until

HERE = os.path.join(process.ROOT, 'build', 'azurite')
SOURCES = os.path.join(HERE, 'node_modules', 'azurite', 'dist', 'src')
ACCOUNT = 'devstoreaccount1'
VERSION = '2021-12-02'


def find():
    """The program that runs it; Skip, when it is not there."""
    node = shutil.which('node')
    if not node:
        raise Skip('there is no node')
    if not os.path.exists(os.path.join(HERE, 'installed')):
        raise Skip('Azurite is not installed (tests/azurite/install)')
    return node


class _Service:
    """One of "blob" and "queue", which keeps its port when it starts again."""

    def __init__(self, name, cloud, folder):
        self.name, self.cloud = name, cloud
        self.folder = os.path.join(folder, f'azurite-{name}')
        self.log_file = self.folder + '.log'
        self.port, self.process = 0, None
        self.paused = False

    def start(self):
        os.makedirs(self.folder, exist_ok=True)
        began = os.path.exists(self.log_file) and \
            os.path.getsize(self.log_file)
        with open(self.log_file, 'ab') as log:
            self.process = process.spawn(
                [find(), os.path.join(SOURCES, self.name, 'main.js'),
                 f'--{self.name}Host', '127.0.0.1',
                 f'--{self.name}Port', str(self.port), '--oauth', 'basic',
                 '--cert', os.path.join(self.cloud.dir, 'server.pem'),
                 '--key', os.path.join(self.cloud.dir, 'server.key'),
                 '--location', self.folder, '--disableTelemetry'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=process.environment())

        def listens():
            text = self.log()[began:]
            assert self.process.poll() is None, f'Azurite has ended: {text}'
            return re.search(r'listens on https://127[.]0[.]0[.]1:(\d+)', text)
        # A node that starts takes a core for some seconds.
        self.port = int(until(f'Azurite ({self.name}) listens',
                              listens, 120).group(1))

    def stop(self, number=signal.SIGTERM):
        self.resume()
        process.end(self.process, number)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        if self.paused:
            self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def log(self):
        """What it says, a line for each request among it."""
        with open(self.log_file, encoding='utf-8', errors='replace') as file:
            return file.read()

    @property
    def host(self):
        return f'{ACCOUNT}.{self.name}.localhost:{self.port}'


class Azurite:
    """Both services in a scenario's folder, as long as the `with` lasts; or
    those that are named."""

    def __init__(self, stage, services=('blob', 'queue')):
        find()
        self.cloud = stage.cloud
        self.trust = ssl.create_default_context(
            cafile=os.path.join(self.cloud.dir, 'ca.pem'))
        self.held = None
        self.services = {name: _Service(name, stage.cloud, stage.dir)
                         for name in services}

    def __enter__(self):
        for service in self.services.values():
            service.start()
        return self

    def __exit__(self, *_unused):
        for service in self.services.values():
            if service.process:
                service.stop(signal.SIGKILL)

    # -- troubles ---------------------------------------------------------

    def stop(self, name):
        """Its connections are refused from now on."""
        self.services[name].stop()

    def start(self, name, empty=False):
        """Again, at its port; empty: it has forgotten everything."""
        service = self.services[name]
        if empty:
            shutil.rmtree(service.folder)
        service.start()

    def pause(self, name):
        """It takes connections and does not answer."""
        self.services[name].pause()

    def resume(self, name):
        self.services[name].resume()

    def log(self, name):
        return self.services[name].log()

    # -- where things are -------------------------------------------------

    def blob_url(self, container, blob):
        return f'https://{self.services["blob"].host}/{container}/{blob}'

    def queue_url(self, name):
        return f'https://{self.services["queue"].host}/{name}'

    # -- asking -----------------------------------------------------------

    def _exchange(self, method, url, body=None, **headers):
        parts = urllib.parse.urlsplit(url)
        talk = http.client.HTTPSConnection('127.0.0.1', parts.port,
                                           timeout=30, context=self.trust)
        try:
            talk.request(
                method, parts.path + ('?' + parts.query if parts.query
                                      else ''),
                body=body,
                headers={'Host': parts.netloc, **headers})
            answer = talk.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            talk.close()

    def token(self):
        """azsim's, for Storage."""
        env = self.cloud.env
        form = urllib.parse.urlencode(
            {'grant_type': 'client_credentials',
             'client_id': env['SIM_CLIENT_ID'],
             'client_secret': env['SIM_CLIENT_SECRET'],
             'scope': 'https://storage.azure.com/.default'})
        url = f'{env["SIM_AUTHORITY"]}/{env["SIM_TENANT"]}/oauth2/v2.0/token'
        status, _, body = self._exchange('POST', url, form)
        assert status == 200, body
        return json.loads(body)['access_token']

    def ask(self, method, url, body=None, wanted=(200, 201, 202, 204),
            **headers):
        """A request of Storage: (status, headers in lower case, body).
        Headers with _ in place of -."""
        self.held = self.held or self.token()
        status, told, answer = self._exchange(
            method, url, body, Authorization=f'Bearer {self.held}',
            **{'x-ms-version': VERSION,
               **{name.replace('_', '-'): value
                  for name, value in headers.items()}})
        assert status in wanted, (method, url, status, answer)
        return (status, {name.lower(): value for name, value in told.items()},
                answer)

    def make_container(self, name):
        host = self.services['blob'].host
        self.ask('PUT', f'https://{host}/{name}?restype=container', b'')

    def lease(self, url):
        """The state of a blob's lease, and its metadata."""
        _, headers, _ = self.ask('HEAD', url)
        return (headers['x-ms-lease-state'],
                {name[len('x-ms-meta-'):]: value
                 for name, value in headers.items()
                 if name.startswith('x-ms-meta-')})

    def make_queue(self, name):
        self.ask('PUT', self.queue_url(name), b'')
        return self.queue_url(name)

    def post(self, url, text, plain=False):
        """A message, as Event Grid puts it: in base64, or plain."""
        if not plain:
            text = base64.b64encode(text if isinstance(text, bytes)
                                    else text.encode()).decode()
        message = ElementTree.Element('QueueMessage')
        ElementTree.SubElement(message, 'MessageText').text = text
        self.ask('POST', url + '/messages', ElementTree.tostring(message),
                 Content_Type='application/xml')

    def left(self, url):
        """How many messages there are, hidden ones among them."""
        _, headers, _ = self.ask('GET', url + '?comp=metadata')
        return int(headers['x-ms-approximate-messages-count'])
