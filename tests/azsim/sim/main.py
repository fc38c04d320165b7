"""Starts and stops the simulator."""
import argparse
import asyncio
import json
import os
import secrets
import signal
import socket
import sys

from . import appservice, arc, clouds, tls
from .admin import Admin
from .arm import Arm
from .client_assertion import federated_token
from .entra import Entra
from .eventgrid import EventGrid
from .gate import Gate, Nowhere
from .imds import Imds
from .jwt import Signer
from .log import RequestLog
from .output import write_all, write_atomically
from .proxy import Proxy
from .server import Server
from .vault import Vault
from .world import World


def chooser(world):
    """Picks the service of the TLS port by the Host header."""
    login, arm, vault, nowhere = Entra(world), Arm(world), Vault(world), Nowhere(world)

    def choose(request):
        return {"login": login, "arm": arm, "vault": vault, "hsm": vault}.get(
            clouds.service_kind(request.host_name, request.path), nowhere)
    return choose


def local_chooser(world):
    """Picks the identity service of the plain port by the path: the metadata service of a
    virtual machine, App Service's endpoint, or the agent of Azure Arc."""
    machine, app, agent = Imds(world), appservice.AppService(world), arc.Arc(world)

    def choose(request):
        parts = [part.lower() for part in request.segments]
        return {tuple(appservice.PATH): app, tuple(arc.PATH): agent}.get(tuple(parts), machine)
    return choose


def arguments(argv):
    """The command line."""
    parser = argparse.ArgumentParser(prog="azsim", description="A fake Azure on loopback, for tests.")
    parser.add_argument("--dir", required=True, help="where its files go; made when missing")
    parser.add_argument("--port", type=int, default=0, help="TLS port; 0 takes a free one (default)")
    parser.add_argument("--cloud", choices=clouds.CLOUDS, default="public",
                        help="whose names are served beside *.localhost (default: public)")
    parser.add_argument("--scenario", help="JSON file with the world to start from")
    return parser.parse_args(argv)


def directories(directory):
    """Makes DIR and the daemon's two directories in it."""
    os.makedirs(directory, mode=0o755, exist_ok=True)
    os.makedirs(os.path.join(directory, "arc-tokens"), mode=0o755, exist_ok=True)
    for name in ("state", "run"):
        os.makedirs(os.path.join(directory, name), exist_ok=True)
        os.chmod(os.path.join(directory, name), 0o750)


def client_secret(directory):
    """The daemon's secret, made once per directory."""
    path = os.path.join(directory, "client-secret")
    if not os.path.exists(path):
        write_atomically(path, secrets.token_urlsafe(24), 0o600)
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def bind(wanted, strict):
    """A bound socket on the wanted port; any free one if that is taken and not strict."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", wanted))
    except OSError:
        if strict or not wanted:
            raise
        sock.bind(("127.0.0.1", 0))
    return sock


def sockets(directory, port):
    """The TLS, IMDS, admin and proxy sockets. A restart in the same directory takes the same
    ports again while they are free, so that nobody has to be told."""
    path = os.path.join(directory, "ports.json")
    before = [0, 0, 0, 0]
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            before = json.load(file)
    bound = [bind(port or before[0], bool(port)), *(bind(one, False) for one in before[1:])]
    ports = [sock.getsockname()[1] for sock in bound]
    write_atomically(path, json.dumps(ports))
    return bound, ports


def build(directory):
    """Makes the keys and the world. The two kinds of keys are made side by side."""
    signing = os.path.join(directory, "token-signing.key")
    making = tls.start_signing_key(signing)
    certificate = os.path.join(directory, "client-cert.pem")
    certifying = tls.start_client_certificate(certificate)
    context = tls.prepare(directory)
    if making is not None and making.wait() != 0:
        raise RuntimeError("openssl genrsa failed")
    with open(signing, encoding="ascii") as file:
        signer = Signer(file.read())
    secret = client_secret(directory)
    log = RequestLog(os.path.join(directory, "requests.jsonl"))
    world = World(signer, secret, log)
    world.access.find("daemon").certificates.register(
        {"pem": tls.finish_client_certificate(certificate, certifying)})
    write_atomically(os.path.join(directory, "federated-token"), federated_token(world, {})["token"], 0o600)
    return world, context, secret


async def serve(world, context, bound, ready):
    """Serves until a signal comes."""
    server, stop = Server(world), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    admin = world.admin
    gate = Gate(world, chooser(world))
    context.sni_callback = gate.handshake
    await server.listen(bound[0], gate.service, context)
    await server.listen(bound[1], local_chooser(world))
    await server.listen(bound[2], lambda request: admin)
    await world.proxy.listen(bound[3], world.port)
    ready()
    await stop.wait()
    await world.proxy.close()
    await server.close()


def main(argv):
    """The program."""
    options = arguments(argv)
    directory = os.path.realpath(options.dir)
    os.umask(0o022)
    environment = os.path.join(directory, "azsim.env")
    clouds.serve(options.cloud)
    try:
        directories(directory)
        if os.path.exists(environment):
            os.unlink(environment)     # what an earlier run left says nothing about this one
        world, context, secret = build(directory)
        bound, ports = sockets(directory, options.port)
        world.port = ports[0]
        world.arc_directory = os.path.join(directory, "arc-tokens")
        world.proxy = Proxy(os.path.join(directory, "proxy.jsonl"))
        world.populate()
        world.eventgrid = EventGrid(world, os.path.join(directory, "ca.pem"))
        world.admin = Admin(world)
        if options.scenario:
            with open(options.scenario, encoding="utf-8") as file:
                world.admin.load(json.load(file))
        asyncio.run(serve(world, context, bound, lambda: write_all(world, directory, ports, secret)))
        os.unlink(environment)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"azsim: {error}", file=sys.stderr)
        return 1
    return 0
