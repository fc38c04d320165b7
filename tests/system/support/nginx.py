"""nginx in front of azsim, where it is installed: what many put before a
service, and another HTTP/2 than the front's."""

import os
import shutil
import socket
import subprocess

from . import process
from .wait import until

CONF = """\
daemon off;
master_process off;
error_log {dir}/nginx.err;
pid {dir}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log {dir}/nginx.log combined;
    client_body_temp_path {dir}/nginx.body;
    proxy_temp_path {dir}/nginx.proxy;
    fastcgi_temp_path {dir}/nginx.fastcgi;
    uwsgi_temp_path {dir}/nginx.uwsgi;
    scgi_temp_path {dir}/nginx.scgi;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {cloud}/server.pem;
        ssl_certificate_key {cloud}/server.key;
        location / {{
            proxy_pass https://127.0.0.1:{to};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_pass_header Date;
            proxy_pass_header Server;
        }}
    }}
}}
"""


def find():
    """The program, or None."""
    path = os.environ.get('PATH', '') + ':/usr/sbin:/usr/local/sbin'
    return os.environ.get('NGINX') or shutil.which('nginx', path=path)


class Nginx:
    """One of them, as long as the `with` lasts."""

    def __init__(self, cloud, folder):
        self.folder = folder
        with socket.socket() as one:
            one.bind(('127.0.0.1', 0))
            self.port = one.getsockname()[1]
        conf = os.path.join(folder, 'nginx.conf')
        with open(conf, 'w', encoding='utf-8') as file:
            file.write(CONF.format(
                dir=folder, cloud=cloud.dir, port=self.port,
                to=cloud.env['SIM_ARM'].rsplit(':', 1)[1]))
        self.process = process.spawn(
            [find(), '-p', folder, '-c', conf], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=process.environment())
        until('nginx listens', self._listens)

    def _listens(self):
        with socket.socket() as one:
            return one.connect_ex(('127.0.0.1', self.port)) == 0

    def log(self):
        """The lines of its access log."""
        with open(os.path.join(self.folder, 'nginx.log'),
                  encoding='utf-8') as file:
            return file.read().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        process.end(self.process, 15)
