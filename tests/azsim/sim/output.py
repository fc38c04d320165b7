"""The files that tell others where the simulator is: azsim.env and keyrotd.conf."""
import os
import shlex

from . import names

CONFIG = """\
# Made by azsim; everything points at the fake Azure.
poll-interval = "2s"
reread-interval = "10s"
state-directory = "{dir}/state"
runtime-directory = "{dir}/run"
cloud {{
    authority = "{authority}"
    resource-manager = "{arm}"
    vault-suffixes = {{".vault.localhost"}}
    storage-suffixes = {{".blob.localhost", ".queue.localhost"}}
    resource-manager-audience = "https://management.azure.com"
    vault-audience = "https://vault.localhost:{port}"
    ca-file = "{dir}/ca.pem"
    imds-endpoint = "{imds}"
    arc-key-directory = "{arc}"
}}
credential "default" {{
    type = "client-secret"
    tenant = "{tenant}"
    client-id = "{client_id}"
    secret-file = "{dir}/client-secret"
}}
watch "{vault}/keys/{key}" {{
    registries = {{ "{registry}" }}
}}
"""


def write_atomically(path, content, mode=0o644):
    """Writes the file beside its place, then moves it there: a reader sees all or nothing."""
    draft = f"{path}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(draft, path)


def write_all(world, directory, ports, secret):
    """Writes keyrotd.conf, then azsim.env, whose presence means "ready"."""
    tls, imds, admin, proxy = ports
    values = {
        "SIM_ARM": f"https://management.localhost:{tls}",
        "SIM_AUTHORITY": f"https://login.localhost:{tls}",
        "SIM_VAULT": f"https://{names.VAULT}.vault.localhost:{tls}",
        "SIM_IMDS": f"http://127.0.0.1:{imds}",
        "SIM_CA": os.path.join(directory, "ca.pem"),
        "SIM_TENANT": names.TENANT, "SIM_CLIENT_ID": names.CLIENT_ID, "SIM_CLIENT_SECRET": secret,
        "SIM_CLIENT_CERT": os.path.join(directory, "client-cert.pem"),
        "SIM_FEDERATED_TOKEN_FILE": os.path.join(directory, "federated-token"),
        "SIM_SUBSCRIPTION": names.SUBSCRIPTION, "SIM_RG": names.GROUP,
        "SIM_REGISTRY": names.REGISTRY, "SIM_KEY": names.KEY,
        "SIM_ADMIN": f"http://127.0.0.1:{admin}", "SIM_PID": str(os.getpid()),
        "SIM_MI_CLIENT_ID": names.MI_CLIENT_ID, "SIM_MI_OBJECT_ID": names.MI_OBJECT_ID,
        "SIM_MI_RESOURCE_ID": names.identity_id(names.MI_NAME),
        "SIM_APPSERVICE_ENDPOINT": f"http://127.0.0.1:{imds}/msi/token",
        "SIM_APPSERVICE_HEADER": world.appservice_header,
        "SIM_ARC_ENDPOINT": f"http://127.0.0.1:{imds}/arc/metadata/identity/oauth2/token",
        "SIM_ARC_DIRECTORY": world.arc_directory, "SIM_ARG": "1",
        "SIM_PROXY": f"http://127.0.0.1:{proxy}",
    }
    write_atomically(os.path.join(directory, "keyrotd.conf"), CONFIG.format(
        dir=directory, authority=values["SIM_AUTHORITY"], arm=values["SIM_ARM"], port=tls,
        imds=values["SIM_IMDS"], arc=world.arc_directory, tenant=names.TENANT, client_id=names.CLIENT_ID,
        vault=values["SIM_VAULT"], key=names.KEY,
        registry=names.registry_id(names.SUBSCRIPTION, names.GROUP, names.REGISTRY)))
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    write_atomically(os.path.join(directory, "azsim.env"), lines, 0o600)
