// Log Analytics, Application Insights and the workbook. Only identities with a role may send: a leaked connection string is
// worth nothing.

import { operatorType, tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType

@description('Object id of the app\'s identity.')
param principalId string

@description('People who operate Regrets: { id, type } each.')
param operators operatorType[]

param retentionDays int

@description('Gigabytes a day after which nothing more is taken in, and so no alert fires; -1: no limit.')
param dailyCapGb int

var role = loadJsonContent('roles.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource appMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, principalId, 'Monitoring Metrics Publisher')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role['Monitoring Metrics Publisher'])
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource operatorMay 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: workspace
  name: guid(workspace.id, operator.id, 'Log Analytics Reader')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role['Log Analytics Reader'])
    principalId: operator.id
    principalType: operator.type
  }
}]

// The workbook is opened from the component, which says where its logs are.
resource operatorMayOpen 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: insights
  name: guid(insights.id, operator.id, 'Reader')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.Reader)
    principalId: operator.id
    principalType: operator.type
  }
}]

resource operatorMayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: workbook
  name: guid(workbook.id, operator.id, 'Reader')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.Reader)
    principalId: operator.id
    principalType: operator.type
  }
}]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  // A GUID that stays the same, so that the next deployment changes this workbook instead of making another.
  name: guid(insights.id, 'regrets')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Regrets'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: insights.id
    serializedData: replace(loadTextContent('workbook.json'), '{component}', insights.id)
  }
}

output workspaceId string = workspace.id
output workspaceCustomerId string = workspace.properties.customerId
output insightsId string = insights.id
output insightsName string = insights.name
output connectionString string = insights.properties.ConnectionString
