"""Keys as ARM resources: the way round a vault's firewall.

Source: Azure/azure-rest-api-specs, specification/keyvault/resource-manager/
Microsoft.KeyVault/stable/2022-07-01/keys.json. Only reading is served.
"""
from . import arm_errors as errors, clouds, names
from .arm_common import Resources
from .vault_shapes import attributes
from .wire import Reply

KIND = names.VAULT_TYPE


class KeyResources(Resources):
    """Vaults and keys below a resource group."""

    def _vault(self, request, claims, subscription, group, name, action="read", below=""):
        """The vault and its id, or the refusal; below: the rest of the path, under it."""
        self.only(request, "GET")
        spelled = self.known_group(subscription, group)
        scope = f"/subscriptions/{subscription}/resourceGroups/{spelled}/providers/{KIND}/{name}{below}"
        self.require(claims, "arm_read", f"{KIND}/{action}", scope)
        vault = self.world.vaults.find(name)
        if vault is None or vault.group.lower() != group.lower() \
                or vault.subscription.lower() != subscription.lower():
            raise errors.no_parent(name) if below else errors.no_resource(f"{KIND}/{name}", group)
        return vault, f"/subscriptions/{vault.subscription}/resourceGroups/{spelled}" \
                      f"/providers/{KIND}/{vault.name}"

    def _key(self, request, claims, subscription, group, name, key):
        vault, base = self._vault(request, claims, subscription, group, name, "keys/read", f"/keys/{key}")
        found = vault.find(key)
        if found is None:
            raise errors.no_resource(f"{KIND}/{name}/keys/{key}", group)
        return vault, found, f"{base}/keys/{found.name}"

    def _shape(self, request, vault, key, version, resource, kind):
        """Unlike the vault's own answer: keyOps, keySize and no modulus, and URIs that
        spell the port."""
        host = clouds.vault_host(request.host_name, vault.name, self.world.port)
        url = f"https://{host}/keys/{key.name}"
        properties = {"attributes": attributes(version), "kty": version.kty,
                      "keyOps": list(version.key_ops)}
        if version.bits:
            properties["keySize"] = version.bits
        else:
            properties["curveName"] = version.public["crv"]
        properties.update(keyUri=url, keyUriWithVersion=f"{url}/{version.name}")
        return {"id": resource, "name": resource.rsplit("/", 1)[1], "type": kind,
                "location": names.LOCATION, "tags": dict(version.tags), "properties": properties}

    def vault(self, request, claims, subscription, group, name):
        """A vault."""
        vault, base = self._vault(request, claims, subscription, group, name)
        host = clouds.vault_host(request.host_name, vault.name, self.world.port).removesuffix(":443")
        return Reply(json={
            "id": base, "name": vault.name, "type": KIND, "location": names.LOCATION, "tags": {},
            "properties": {"tenantId": vault.tenant, "vaultUri": f"https://{host}/",
                           "sku": {"family": "A", "name": "premium"}, "enableSoftDelete": True,
                           "enableRbacAuthorization": True, "provisioningState": "Succeeded"}})

    def list(self, request, claims, subscription, group, name):
        """The vault's keys, each by its newest version."""
        vault, base = self._vault(request, claims, subscription, group, name, "keys/read", "/keys")
        keys = [key for _, key in sorted(vault.keys.items()) if key.deleted is None]
        return self.page(request, keys, lambda key: self._shape(
            request, vault, key, key.newest, f"{base}/keys/{key.name}", f"{KIND}/keys"))

    def key(self, request, claims, subscription, group, name, key):
        """The newest version."""
        vault, found, resource = self._key(request, claims, subscription, group, name, key)
        return Reply(json=self._shape(request, vault, found, found.newest, resource, f"{KIND}/keys"))

    def versions(self, request, claims, subscription, group, name, key):
        """All versions, by hash."""
        vault, found, resource = self._key(request, claims, subscription, group, name, key)
        return self.page(request, found.by_hash(), lambda one: self._shape(
            request, vault, found, one, f"{resource}/versions/{one.name}", f"{KIND}/keys/versions"))

    def version(self, request, claims, subscription, group, name, key, version):
        """One version."""
        vault, found, resource = self._key(request, claims, subscription, group, name, key)
        one = found.find(version)
        if one is None:
            raise errors.no_resource(f"{KIND}/{name}/keys/{key}/versions/{version}", group)
        return Reply(json=self._shape(request, vault, found, one, f"{resource}/versions/{one.name}",
                                      f"{KIND}/keys/versions"))
