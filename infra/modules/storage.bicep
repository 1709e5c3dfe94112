// The account that holds the ledger (tables), the queues, the host's own blobs and the deployed package. Nobody has a key to
// it: shared keys are off, every access is by role.

import { operatorType, tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType
param sku string

@description('Object id of the app\'s identity.')
param principalId string

@description('People who operate Regrets: { id, type } each.')
param operators operatorType[]

@description('False: only private endpoints, and operatorIps where there are any.')
param openToInternet bool

param operatorIps string[]

var role = loadJsonContent('roles.json')

// The host keeps leases, timer status and function keys in blobs and needs Owner for that; triggers and outputs create and read
// queues; the ledger creates and writes tables.
var appRoles = [
  'Storage Blob Data Owner'
  'Storage Queue Data Contributor'
  'Storage Table Data Contributor'
]

// Enough for infra/verify: see the queues, put a message in, see the tables. Not enough to change the ledger.
var operatorRoles = [
  'Storage Queue Data Reader'
  'Storage Queue Data Message Sender'
  'Storage Table Data Reader'
]

// Made of the code's own names (tests/suites/infra/names.rs).
var names = loadJsonContent('../names.json')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: openToInternet || !empty(operatorIps) ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: openToInternet ? 'Allow' : 'Deny'
      ipRules: [for ip in operatorIps: {
        value: ip
        action: 'Allow'
      }]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'package'
  properties: {
    publicAccess: 'None'
  }
}

// Where regrets.toml may be. Whoever writes there says what is cancelled: nobody is given that right here.
resource config 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'config'
  properties: {
    publicAccess: 'None'
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

// The host would create each queue with its first message; made here, they can be watched from the first hour.
resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for queue in concat(names.queues, names.poisonQueues): {
  parent: queueService
  name: queue
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [for table in names.tables: {
  parent: tableService
  name: table
}]

resource appMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for title in appRoles: {
  scope: account
  name: guid(account.id, principalId, title)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role[title])
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

// One for each operator and role.
resource operatorMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for i in range(0, length(operators) * length(operatorRoles)): {
  scope: account
  name: guid(account.id, operators[i / length(operatorRoles)].id, operatorRoles[i % length(operatorRoles)])
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role[operatorRoles[i % length(operatorRoles)]])
    principalId: operators[i / length(operatorRoles)].id
    principalType: operators[i / length(operatorRoles)].type
  }
}]

output id string = account.id
output name string = account.name
output packageUrl string = '${account.properties.primaryEndpoints.blob}${package.name}'
output configUrl string = '${account.properties.primaryEndpoints.blob}${config.name}/regrets.toml'
