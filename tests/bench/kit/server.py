"""nginx as Key Vault, Resource Manager and metadata service, all of whose
answers it makes from numbers and keeps in memory (server.lua)."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from support import nginx, process
from support.wait import until

from .measure import cpu

HERE = os.path.dirname(os.path.abspath(__file__))
TLS = os.path.join(process.ROOT, 'tests', 'azsim')
MODULES = '/usr/lib/nginx/modules'

# One worker, for its state is its own.  Connections are kept as long as the
# client keeps them: how often one is made anew is the client's doing.
CONF = """\
daemon off;
master_process off;
load_module {modules}/ndk_http_module.so;
load_module {modules}/ngx_http_lua_module.so;
error_log {dir}/nginx.err warn;
pid {dir}/nginx.pid;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    keepalive_time 24h;
    http2_max_concurrent_streams 128;
    lua_package_path "{here}/?.lua;;";
    init_by_lua_block {{ azure = require "server" }}
    ssl_certificate {dir}/server.pem;
    ssl_certificate_key {dir}/server.key;
    server {{
        listen 127.0.0.1:{two} ssl http2;
        listen 127.0.0.1:{one} ssl;
        server_name management.localhost;
        location / {{ content_by_lua_block {{ azure.manager() }} }}
    }}
    server {{
        listen 127.0.0.1:{two} ssl http2 default_server;
        listen 127.0.0.1:{one} ssl default_server;
        location / {{ content_by_lua_block {{ azure.vault() }} }}
    }}
    server {{
        listen 127.0.0.1:{plain};
        location /metadata/ {{ content_by_lua_block {{ azure.token() }} }}
        location /bench {{ content_by_lua_block {{ azure.admin() }} }}
    }}
}}
"""


def missing():
    """Why it cannot run here, or None."""
    if not nginx.find():
        return 'nginx is not installed'
    for name in 'ndk_http_module.so', 'ngx_http_lua_module.so':
        if not os.path.exists(os.path.join(MODULES, name)):
            return f"nginx's module {name} is not installed"
    return None


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def make_certificates(folder):
    """azsim's own way: its names are those that are served here."""
    subprocess.run(
        [sys.executable, '-c', 'import sys; from sim import tls; '
         'tls.prepare(sys.argv[1])', folder],
        check=True, cwd=TLS, env=process.environment(
            PYTHONDONTWRITEBYTECODE='1'))


class Server:
    """One of them, as long as the `with` lasts."""

    def __init__(self):
        self.dir = process.keep_folder(tempfile.mkdtemp(prefix='kbs.'))
        make_certificates(self.dir)
        self.two, self.one, self.plain = (free_port() for _ in range(3))
        self.port = self.two
        self.generation = 0
        conf = os.path.join(self.dir, 'nginx.conf')
        with open(conf, 'w', encoding='utf-8') as file:
            file.write(CONF.format(dir=self.dir, here=HERE, two=self.two,
                                   one=self.one, plain=self.plain,
                                   modules=MODULES))
        self.process = process.spawn(
            [nginx.find(), '-p', self.dir, '-c', conf],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=process.environment())
        until('nginx listens', self._listens)
        self.world(port=self.port)

    def _listens(self):
        assert self.process.poll() is None, self.complaints()
        with socket.socket() as one:
            return one.connect_ex(('127.0.0.1', self.plain)) == 0

    def complaints(self):
        with open(os.path.join(self.dir, 'nginx.err'), encoding='utf-8',
                  errors='replace') as file:
            return file.read()

    @property
    def ca(self):
        return os.path.join(self.dir, 'ca.pem')

    def _ask(self, query=''):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f'http://127.0.0.1:{self.plain}/bench{query}',
                         timeout=60) as reply:
            return json.load(reply)

    def world(self, **numbers):
        """Sets numbers of server.lua's world; what was counted is gone."""
        return self._ask('?' + '&'.join(f'{name}={value}' for name, value
                                        in numbers.items()))

    def forget(self):
        """Begins to count anew."""
        self.world(silent=-1)

    def counts(self):
        """How often each kind of thing was asked since the world was set."""
        return self._ask()

    def protocol(self, name):
        """Serves from now on with HTTP/2 ("2"), or without it ("1.1")."""
        self.port = self.two if name == '2' else self.one
        self.world(port=self.port)

    def rotate(self):
        """A new version of every key, effective now; its generation."""
        self.generation += 1
        self.world(generation=self.generation, created=int(time.time()))
        return self.generation

    def cpu(self):
        """CPU seconds that it has used."""
        return cpu(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        process.end(self.process, 15)
        complaints = [line for line in self.complaints().splitlines()
                      if '[warn]' not in line]
        process.drop_folder(self.dir)
        assert not complaints, complaints[:3]
