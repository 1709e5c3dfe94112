// The Flex Consumption plan and the app. All settings are made here, and each deployment replaces them all: a setting that was
// added by hand is gone after the next one.

import { referenceType, settingsType, tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType
param zoneRedundant bool

param identityId string
param identityClientId string
param storageName string
param packageUrl string

@description('Empty: regrets.toml is in the package.')
param configUrl string

param vaultName string
param insightsConnectionString string

@description('Empty: no network of its own.')
param subnetId string

param memoryMb int

@description('On-demand instances at most, of each function group on its own.')
param maximumInstances int

param alwaysReadyHttp int
param httpConcurrency int

@description('What the keys of clientState are called in the vault.')
param stateKeysName string

param dispatchCron string
param federatedTenants string[]
param secrets referenceType[]
param settings settingsType

var ownSettings = {
  // The identity form: the host, its triggers and the ledger reach the account by role.
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  REGRETS_DISPATCH_CRON: dispatchCron
  REGRETS_STATE_KEYS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${stateKeysName})'
}

var configSettings = empty(configUrl) ? {} : { REGRETS_CONFIG: configUrl }

var secretSettings = toObject(secrets, item => item.setting, item => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${item.secret})')

// These tenants' app registrations trust the app's identity (infra/entra): nothing to copy into regrets.toml.
var credentialSettings = toObject(federatedTenants, tenant => 'REGRETS__TENANT__${toUpper(tenant)}__CREDENTIAL', tenant => '{ federated = { client_id = "${identityClientId}" } }')

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: memoryMb
        maximumInstanceCount: maximumInstances
        // Graph gives the webhook 3 seconds, and its handshake fails for good when a cold start eats them.
        alwaysReady: alwaysReadyHttp == 0 ? [] : [
          {
            name: 'http'
            instanceCount: alwaysReadyHttp
          }
        ]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, secretSettings, credentialSettings, configSettings, ownSettings)
}

// Publishing is by Entra sign-in alone. Core Tools and the Azure CLI do that by themselves.
resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noPublishingPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
