"""Whether a registry's identity can use a key: the errors of customer-managed keys."""

HELP = "For more information on bring your own key, please visit 'https://aka.ms/acr/cmk'."


def _detached(registry):
    # MicrosoftDocs/azure-management-docs, tutorial-troubleshoot-customer-managed-keys.md
    return (f"Azure resource '{registry.id}' does not have access to identity "
            f"'{registry.identity}' Try forcibly adding the identity to the registry "
            f"{registry.name}. {HELP}")


def _no_access(registry):
    # MicrosoftDocs/azure-docs#61015; the same text comes when a firewall is in the way.
    return (f"Failed to access KeyId '{registry.key_identifier}'. Verify that identity "
            f"'{registry.identity}' has 'Get, Wrap Key, Unwrap Key' permission on key "
            f"'{registry.key_identifier}'. {HELP}")


def _unusable(registry, why):
    # No public source quotes the service's words for this case.
    return f"The key '{registry.key_identifier}' cannot be used: {why}. {HELP}"


def is_attached(registry):
    """Whether the identity that reads the key is assigned to the registry."""
    if registry.identity.lower() == "system":
        return registry.system_object_id is not None
    return any(client.lower() == registry.identity.lower() for client, _ in registry.assigned.values())


def _may_wrap(world, registry, vault):
    subject = registry.identity
    if subject.lower() == "system":
        subject = registry.system_object_id
    if vault.network != "open" and not vault.trusted_services:
        return False
    return world.access.allowed(subject, "vault_wrap", registry.key_identifier)


def cmk_problem(world, registry):
    """The error of a registry that would use its key with its identity, or None."""
    vault, _, version = world.vaults.resolve(registry.key_identifier)
    why = version.unusable(world.clock()) if version else None
    if not is_attached(registry):
        message = _detached(registry)
    elif version is None or not _may_wrap(world, registry, vault):
        message = _no_access(registry)
    elif why:
        message = _unusable(registry, why)
    else:
        return None
    # Which code the service uses is not known; BadRequest is what it uses elsewhere
    # (Azure/azure-cli, acr recording test_acr_with_dual_stack_endpoints.yaml).
    return {"code": "BadRequest", "message": message}
