// A registry whose key keyrotd rotates, with all that belongs to it: the vault
// and its key, the identity by which the registry reads the key, and the rights
// of that identity and of keyrotd, each on one thing alone.  The registry names
// its key without a version.  template.json beside this file is the same for
// tools that do not know Bicep.
//
// The role of keyrotd comes first, from role.json.  See README.md here.

targetScope = 'resourceGroup'

@description('Where everything is made.')
param location string = resourceGroup().location

@description('Name of the registry: 5 to 50 letters and digits, unique in Azure.')
@minLength(5)
@maxLength(50)
param registryName string

@description('Name of the vault: 3 to 24 letters, digits and hyphens, unique in Azure.')
@minLength(3)
@maxLength(24)
param vaultName string

@description('Name of the key.')
param keyName string = 'acr-cmk'

@description('Name of the identity by which the registry reads its key.')
param identityName string = '${registryName}-key'

@description('Object id (not client id) of the principal that keyrotd is.')
param principalId string

@description('The GUID that Azure gave the role of role.json.')
param rotatorRoleId string

@description('Whether the vault goes by roles; if not, by access policies, and those that others have made are lost.')
param useRoles bool = true

@description('Size of the key, in bits.')
@allowed([
  2048
  3072
  4096
])
param keySize int = 2048

@description('Age at which Key Vault makes the next version of the key, ISO 8601.')
param rotateAfter string = 'P90D'

@description('Age at which a version of the key expires, ISO 8601: leave room after rotateAfter.')
param expireAfter string = 'P2Y'

@description('Whether a storage account is made as well: a container for leases, by which several daemons share the work, and a queue for hints.')
param useStorage bool = false

@description('Name of the storage account: 3 to 24 lower-case letters and digits, unique in Azure.')
@minLength(3)
@maxLength(24)
param storageName string = take(toLower(registryName), 24)

// Key Vault Reader, and Key Vault Crypto Service Encryption User.
var readerRole = '21090545-7ca7-4776-b22c-e363652d74d2'
var encryptionUserRole = 'e147488a-f6f5-4113-8e2d-b22465e65bf6'

// Storage Blob Data Contributor, and Storage Queue Data Message Processor.
var blobRole = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueRole = '8a0f0c08-91a1-4084-bc3d-661d67233fed'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: useRoles
    accessPolicies: []
    // Whoever deletes the key makes the registry unreadable: for 90 days that
    // can be taken back, and nobody can shorten it.
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
  }
}

resource key 'Microsoft.KeyVault/vaults/keys@2026-02-01' = {
  parent: vault
  name: keyName
  properties: {
    kty: 'RSA'
    keySize: keySize
    keyOps: [
      'wrapKey'
      'unwrapKey'
    ]
    rotationPolicy: {
      attributes: {
        expiryTime: expireAfter
      }
      lifetimeActions: [
        {
          trigger: {
            timeAfterCreate: rotateAfter
          }
          action: {
            type: 'rotate'
          }
        }
        {
          trigger: {
            timeBeforeExpiry: 'P30D'
          }
          action: {
            type: 'notify'
          }
        }
      ]
    }
  }
}

// With roles: the registry's identity may wrap and unwrap, keyrotd may look.
resource encryptionUser 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (useRoles) {
  scope: vault
  name: guid(vault.id, identity.id, encryptionUserRole)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', encryptionUserRole)
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (useRoles) {
  scope: vault
  name: guid(vault.id, principalId, readerRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', readerRole)
  }
}

// Without them: the same by policies.
resource policies 'Microsoft.KeyVault/vaults/accessPolicies@2026-02-01' = if (!useRoles) {
  parent: vault
  name: 'add'
  properties: {
    accessPolicies: [
      {
        tenantId: tenant().tenantId
        objectId: identity.properties.principalId
        permissions: {
          keys: [
            'get'
            'wrapKey'
            'unwrapKey'
          ]
        }
      }
      {
        tenantId: tenant().tenantId
        objectId: principalId
        permissions: {
          keys: [
            'get'
          ]
        }
      }
    ]
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: registryName
  location: location
  sku: {
    name: 'Premium'
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    adminUserEnabled: false
    encryption: {
      status: 'enabled'
      keyVaultProperties: {
        identity: identity.properties.clientId
        keyIdentifier: key.properties.keyUri
      }
    }
  }
  dependsOn: [
    encryptionUser
    policies
  ]
}

// On this registry alone.
resource rotator 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, principalId, rotatorRoleId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', rotatorRoleId)
  }
}

// Leases and hints: keyrotd comes with a token, and nobody with a key.
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = if (useStorage) {
  name: storageName
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = if (useStorage) {
  parent: storage
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = if (useStorage) {
  parent: blobs
  name: 'keyrotd'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = if (useStorage) {
  parent: storage
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = if (useStorage) {
  parent: queues
  name: 'keyrotd'
}

// On this container and this queue alone.
resource holder 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (useStorage) {
  scope: container
  name: guid(container.id, principalId, blobRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobRole)
  }
}

resource processor 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (useStorage) {
  scope: queue
  name: guid(queue.id, principalId, queueRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueRole)
  }
}

@description('For the title of the watch in keyrotd.conf.')
output keyIdentifier string = key.properties.keyUri

@description('For the registries of that watch.')
output registryId string = registry.id
