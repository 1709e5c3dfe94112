// The vault of the secrets that can't be avoided: the keys of clientState and what the LMS wants. The app reads them through
// Key Vault references; every reading is written down in the workspace.

import { operatorType, tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType

@description('Object id of the app\'s identity.')
param principalId string

@description('People who operate Regrets: { id, type } each. They write the secrets.')
param operators operatorType[]

@description('A vault that was deleted can\'t be purged before its retention is over. Can never be switched off again.')
param purgeProtection bool

@description('False: only private endpoints, and operatorIps where there are any.')
param openToInternet bool

param operatorIps string[]
param workspaceId string

var role = loadJsonContent('roles.json')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: purgeProtection ? 90 : 7
    // The service refuses `false`.
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: openToInternet || !empty(operatorIps) ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: openToInternet ? 'Allow' : 'Deny'
      ipRules: [for ip in operatorIps: {
        value: ip
      }]
    }
  }
}

resource appMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, 'Key Vault Secrets User')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role['Key Vault Secrets User'])
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource operatorMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: vault
  name: guid(vault.id, operator.id, 'Key Vault Secrets Officer')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role['Key Vault Secrets Officer'])
    principalId: operator.id
    principalType: operator.type
  }
}]

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

output id string = vault.id
output name string = vault.name
