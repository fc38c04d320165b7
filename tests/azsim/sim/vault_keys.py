"""The operations on keys: what each one answers and changes."""
from . import names, vault_errors as errors, vault_shapes as shapes
from .paging import page, vault_token
from .service import read_json
from .vault_input import read_create, read_policy, read_update, seconds
from .wire import Reply
from .wrapping import Wrapping

PAGE = 25


class KeyOperations:
    """One method for each operation of the vault's route table."""

    def __init__(self, world):
        self.world = world
        self.wrapping = Wrapping(world.clock)

    # -- reading ---------------------------------------------------------------------

    def _key(self, vault, name):
        key = vault.find(name)
        deleted = vault.find_deleted(name)
        if deleted and self._in_transit(deleted):
            raise errors.no_key(name)
        if key is None:
            raise errors.no_key(name)
        return key

    def _in_transit(self, key):
        """A delete ends in the background; until then the key is in neither place."""
        return self.world.clock() - key.deleted < self.world.settings.delete_seconds

    def _version(self, key, name):
        found = key.find(name) if name else key.newest
        if found is None:
            raise errors.no_key(f"{key.name}/{name}")
        return found

    def get(self, request, vault, name, version=None):
        """The newest version or one of them. A disabled one is shown as it is; whether the
        service refuses instead is not settled, so a setting says which."""
        key = self._key(vault, name)
        found = self._version(key, version)
        if not found.enabled and self.world.settings.disabled_get == "403":
            raise errors.disabled("get")
        return Reply(json=shapes.bundle(f"{request.base}/keys/{key.name}", found))

    def list_versions(self, request, vault, name, _word):
        """All versions, by hash."""
        key = self._key(vault, name)
        url = f"{request.base}/keys/{key.name}"
        items = [(f"{key.name}/{one.name}", shapes.item(f"{url}/{one.name}", one)) for one in key.by_hash()]
        return self._page(request, items, "key")

    def list_keys(self, request, vault):
        """All keys, without versions."""
        items = [(key.name, shapes.item(f"{request.base}/keys/{key.name}", key.newest))
                 for _, key in sorted(vault.keys.items()) if key.deleted is None]
        return self._page(request, items, "key")

    def list_deleted(self, request, vault):
        """All deleted keys."""
        items = []
        for _, key in sorted(vault.keys.items()):
            if key.deleted is not None:
                shape = shapes.deleted_bundle(request.base, key)
                shape["kid"] = f"{request.base}/keys/{key.name}"
                del shape["key"]
                items.append((key.name, shape))
        return self._page(request, items, "deletedkey")

    def _page(self, request, items, kind):
        size = request.query.get("maxresults", "25")
        if not size.isdecimal() or not 1 <= int(size) <= PAGE:
            raise errors.bad_parameter("maxresults must be between 1 and 25.")
        settings = self.world.settings
        limit = int(size) if "maxresults" in request.query else min(PAGE, settings.page_size or PAGE)
        try:
            part, following, empty = page(items, limit, request.query.get("$skiptoken"), settings.empty_pages)
        except ValueError:
            raise errors.bad_parameter("The skiptoken is not valid.") from None
        link = None
        if following is not None:
            token = vault_token(following, empty, kind, items[following][0])
            link = self._link(request, token)
        return Reply(json={"value": [shape for _, shape in part], "nextLink": link})

    @staticmethod
    def _link(request, token):
        """The link spells the port, leaves "$" alone, and repeats maxresults only when the
        caller gave it (Azure/azure-rest-api-specs, GetKeyVersions-example.json)."""
        host = request.host if ":" in request.host else f"{request.host}:443"
        tail = f"&maxresults={request.query['maxresults']}" if "maxresults" in request.query else ""
        path = request.path.rstrip("/")
        return f"https://{host}{path}?api-version={request.api_version}&$skiptoken={token}{tail}"

    # -- writing ---------------------------------------------------------------------

    def _settle(self, vault, name):
        self.world.registries.settle_key(vault.name, name)

    def _add(self, request, vault, name, wish):
        self._settle(vault, name)
        key, version = self.world.vaults.add_version(vault, name, **wish)
        return Reply(json=shapes.bundle(f"{request.base}/keys/{key.name}", version))

    def create(self, request, vault, name, _word):
        """A new key, or a new version of it, which is the newest at once."""
        if not names.KEY_NAME.match(name):
            raise errors.bad_parameter(f"The key name {name} is not valid.")
        deleted = vault.find_deleted(name)
        if deleted:
            raise errors.being_deleted(name) if self._in_transit(deleted) else errors.name_taken(name)
        wish = read_create(read_json(request, "BadParameter"), self.world.vaults.material)
        return self._add(request, vault, name, wish)

    def rotate(self, request, vault, name, _word):
        """A new version like the newest one; its expiry comes from the rotation policy."""
        key = self._key(vault, name)
        last = key.newest
        wish = {"kty": last.kty, "key_ops": list(last.key_ops), "tags": dict(last.tags),
                "recovery_level": last.recovery_level}
        wish.update({"curve": last.public["crv"]} if last.kty.startswith("EC") else {"bits": last.bits})
        life = ((key.policy or {}).get("attributes") or {}).get("expiryTime")
        if life:
            wish["expires"] = int(self.world.clock()) + seconds(life)
        return self._add(request, vault, name, wish)

    def update(self, request, vault, name, version=None):
        """Changes the attributes given and no others."""
        key = self._key(vault, name)
        found = self._version(key, version)
        change = read_update(read_json(request, "BadParameter"))
        self._settle(vault, name)
        found.__dict__.update(change)
        found.updated = int(self.world.clock())
        return Reply(json=shapes.bundle(f"{request.base}/keys/{key.name}", found))

    def get_policy(self, request, vault, name, _word):
        """The rotation policy."""
        return Reply(json=shapes.policy(request.base, self._key(vault, name)))

    def set_policy(self, request, vault, name, _word):
        """Replaces the rotation policy."""
        key = self._key(vault, name)
        policy = read_policy(read_json(request, "BadParameter"))
        now = int(self.world.clock())
        before = (key.policy or {}).get("attributes", {})
        policy["attributes"].update(created=before.get("created", now), updated=now)
        key.policy = policy
        return Reply(json=shapes.policy(request.base, key))

    # -- using -----------------------------------------------------------------------

    def _use(self, request, vault, name, version, operation):
        key = self._key(vault, name)
        found = self._version(key, version)
        value = self.wrapping.use(found, operation, read_json(request, "BadParameter"))
        return Reply(json={"kid": f"{request.base}/keys/{key.name}/{found.name}", "value": value})

    def wrap(self, request, vault, name, version):
        """Encrypts somebody's key."""
        return self._use(request, vault, name, version, "wrapKey")

    def unwrap(self, request, vault, name, version):
        """Gives it back."""
        return self._use(request, vault, name, version, "unwrapKey")

    # -- deleting --------------------------------------------------------------------

    def delete(self, request, vault, name, *_):
        """Deletes the key with all its versions; it can be recovered for a while."""
        key = self._key(vault, name)
        self._settle(vault, name)
        key.deleted = self.world.clock()
        return Reply(json=shapes.deleted_bundle(request.base, key))

    def _deleted(self, vault, name):
        key = vault.find_deleted(name)
        if key is None or self._in_transit(key):
            raise errors.no_deleted_key(name)
        return key

    def get_deleted(self, request, vault, name, *_):
        """A deleted key."""
        return Reply(json=shapes.deleted_bundle(request.base, self._deleted(vault, name)))

    def recover(self, request, vault, name, _word):
        """Takes the deletion back."""
        key = self._deleted(vault, name)
        key.deleted = None
        return Reply(json=shapes.bundle(f"{request.base}/keys/{key.name}", key.newest))

    def purge(self, _request, vault, name, *_):
        """Ends a deleted key for good."""
        self._deleted(vault, name)
        del vault.keys[name.lower()]
        return Reply(204)
