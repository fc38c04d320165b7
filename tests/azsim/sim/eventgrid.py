"""Azure Event Grid, as far as it tells a storage queue of each new version of a key.

Members of an event, in both schemas: Microsoft Learn, "Azure Key Vault as Event Grid source".
Delivery to a queue, one event a message in base64: "Storage queue as an event handler".
"""
import asyncio
import base64
import json
import ssl
import time
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from . import names
from .access import Principal
from .fields import FieldError, check, not_negative, one_of, optional, positive, text

SUBSCRIPTION = {"vault": text, "queue": optional(text), "schema": one_of("eventgrid", "cloudevents"),
                "encoding": one_of("base64", "plain"), "delay": not_negative, "copies": positive}
AUDIENCE = "https://storage.azure.com"
TRIES = 60
AGAIN_S = 1


class EventGrid:
    """One subscription for each vault at most."""

    def __init__(self, world, authority):
        self.world = world
        self.context = ssl.create_default_context(cafile=authority)
        self.principal = Principal("eventgrid", names.guid(), names.guid())
        self.subscriptions = {}
        self.tasks = set()
        world.vaults.on_new_version = self.new_version

    def subscribe(self, values):
        """What happens at a vault goes to this queue from now on; null: to none."""
        check("eventgrid", SUBSCRIPTION, values, required=["vault", "queue"])
        vault = values["vault"].lower()
        if values["queue"] is None:
            self.subscriptions.pop(vault, None)
            return {"vault": vault, "queue": None}
        asked = urlsplit(values["queue"])
        if asked.scheme != "https" or not asked.hostname or asked.path.strip("/") == "":
            raise FieldError(f"eventgrid: \"{values['queue']}\" is no queue's address")
        self.subscriptions[vault] = {"schema": "eventgrid", "encoding": "base64", "delay": 0,
                                     "copies": 1, **values}
        return self.subscriptions[vault]

    def new_version(self, vault, key, version):
        """Called for each version that is made."""
        wish = self.subscriptions.get(vault.name.lower())
        if wish is None:
            return
        event = self._event(wish["schema"], vault, key, version)
        message = json.dumps(event)
        if wish["encoding"] == "base64":
            message = base64.b64encode(message.encode()).decode()
        for _ in range(wish["copies"]):
            task = asyncio.get_running_loop().create_task(self._deliver(wish, message))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _event(self, schema, vault, key, version):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.world.clock()))
        kind = "Microsoft.KeyVault.KeyNewVersionCreated"
        source = (f"/subscriptions/{vault.subscription}/resourceGroups/{vault.group}"
                  f"/providers/Microsoft.KeyVault/vaults/{vault.name}")
        data = {"Id": self.world.key_url(vault.name, key.name, version.name), "VaultName": vault.name,
                "ObjectType": "Key", "ObjectName": key.name, "Version": version.name,
                "NBF": version.not_before, "EXP": version.expires}
        if schema == "cloudevents":
            return {"id": names.guid(), "source": source, "subject": key.name, "type": kind,
                    "time": now, "data": data, "specversion": "1.0"}
        return {"id": names.guid(), "topic": source, "subject": key.name, "eventType": kind,
                "eventTime": now, "data": data, "dataVersion": "1", "metadataVersion": "1"}

    async def _deliver(self, wish, message):
        await asyncio.sleep(wish["delay"])
        for _ in range(TRIES):
            try:
                if await self._post(wish["queue"], message) == 201:
                    return
            except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
                pass
            await asyncio.sleep(AGAIN_S)

    async def _post(self, queue, message):
        """The status with which the queue takes it (Microsoft Learn, "Put Message")."""
        asked = urlsplit(queue)
        token, _ = self.world.access.grant(self.principal, AUDIENCE)
        body = f"<QueueMessage><MessageText>{escape(message)}</MessageText></QueueMessage>".encode()
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", asked.port or 443, ssl=self.context, server_hostname=asked.hostname)
        try:
            head = [f"POST {asked.path}/messages HTTP/1.1", f"Host: {asked.netloc}",
                    f"Authorization: Bearer {token}", "x-ms-version: 2021-12-02",
                    "x-ms-date: " + time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
                    "Content-Type: application/xml", f"Content-Length: {len(body)}",
                    "Connection: close", "", ""]
            writer.write("\r\n".join(head).encode() + body)
            await writer.drain()
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()
