"""How keys look in JSON (Azure/azure-rest-api-specs, Key Vault 7.4 keys.json)."""
from .vaults import RETENTION


def attributes(version):
    """The attributes of a version. hsmPlatform is not in the 7.4 text but in real answers
    (Azure/azure-cli, recording test_keyvault_key_rotation.yaml)."""
    shape = {"enabled": version.enabled}
    if version.not_before is not None:
        shape["nbf"] = version.not_before
    if version.expires is not None:
        shape["exp"] = version.expires
    purge_only = version.recovery_level == "Purgeable"
    shape.update(created=version.created, updated=version.updated,
                 recoveryLevel=version.recovery_level,
                 recoverableDays=0 if purge_only else 90, exportable=False, hsmPlatform="2")
    return shape


def _with_tags(shape, version):
    if version.tags:
        shape["tags"] = dict(version.tags)
    return shape


def bundle(url, version):
    """A KeyBundle; `url` is the key's identifier without a version."""
    key = {"kid": f"{url}/{version.name}", "kty": version.kty, "key_ops": list(version.key_ops),
           **version.public}
    return _with_tags({"key": key, "attributes": attributes(version)}, version)


def item(kid, version):
    """A list item: no key material."""
    return _with_tags({"kid": kid, "attributes": attributes(version)}, version)


def deleted_bundle(base, key):
    """A DeletedKeyBundle."""
    shape = bundle(f"{base}/keys/{key.name}", key.newest)
    shape.update(recoveryId=f"{base}/deletedkeys/{key.name}", deletedDate=int(key.deleted),
                 scheduledPurgeDate=int(key.deleted) + RETENTION)
    return shape


def policy(base, key):
    """A rotation policy; one never written shows the notification that is there by default."""
    shape = {"id": f"{base}/keys/{key.name}/rotationpolicy",
             "lifetimeActions": [{"trigger": {"timeBeforeExpiry": "P30D"},
                                  "action": {"type": "Notify"}}],
             "attributes": {}}
    shape.update(key.policy or {})
    return shape
