// Regrets on Azure: one Functions app on Flex Consumption, one storage account, one vault, and what watches over them.
// No key and no password is made or stored here; the app acts by its own identity. README.md tells the steps.

targetScope = 'resourceGroup'

import { operatorType, referenceType, settingsType, tagsType } from 'modules/types.bicep'

@description('Goes into all names: letters, digits, and single hyphens between them. A suffix of the resource group\'s id makes them unique.')
@minLength(3)
@maxLength(10)
param name string = 'regrets'

@description('Region. Must offer Flex Consumption: az functionapp list-flexconsumption-locations')
param location string = resourceGroup().location

param tags tagsType = {}

@description('public: storage and vault answer on the internet, to those who have a role. private: on private endpoints only.')
@allowed([
  'public'
  'private'
])
param network string = 'public'

@description('For network private: a /24 that collides with nothing it is to be peered with.')
param addressPrefix string = '10.61.0.0/24'

@description('For network private: one fixed address for all calls to Graph and the LMS.')
param natGateway bool = false

@description('For network private: addresses from which operators may reach vault and storage (secrets, infra/verify).')
param operatorIps string[] = []

@description('People or groups who operate Regrets: { id: <object id>, type: User or Group }. They may write secrets, read queues, tables and logs, open the workbook, and send a queue message.')
param operators operatorType[] = []

@description('Memory of an instance in MB. The host takes most of it; Regrets itself needs some twenty.')
@allowed([
  512
  2048
  4096
])
param memoryMb int = 2048

@description('On-demand instances at most, of each function group on its own: the HTTP functions are one group, every queue and timer function is another. Always-ready instances come on top.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that always wait for HTTP. With 0 a cold start meets the 3 seconds that Graph gives the webhook.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int = 1

@description('Requests that one instance takes side by side before another is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('Spread over zones; needs a region that has them, alwaysReadyHttp of 2 or more, and storageSku with ZRS.')
param zoneRedundant bool = false

@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param storageSku string = 'Standard_LRS'

@description('Protects a deleted vault from being purged. Can never be switched off again.')
param purgeProtection bool = true

@description('When the agenda is looked at (NCRONTAB, UTC).')
param dispatchCron string = '0 * * * * *'

@description('What the keys of clientState (REGRETS_STATE_KEYS) are called in the vault.')
param stateKeysName string = 'regrets-state-keys'

@description('App settings that come from the vault: { setting: \'CONTOSO_LMS_SECRET\', secret: \'contoso-lms-secret\' } for each { env = … } in regrets.toml.')
param secrets referenceType[] = []

@description('Names of tenants in regrets.toml whose app registration trusts the app\'s identity (infra/entra): they need no secret.')
param federatedTenants string[] = []

@description('Further app settings, as OPERATIONS.md lists them: REGRETS__…, RUST_LOG, GRAPH_ENDPOINT.')
param settings settingsType = {}

@description('True: regrets.toml is read from the blob config/regrets.toml of the storage account, and from there again each minute; false: from the package.')
param configInBlob bool = false

@description('Who is told when something is wrong.')
param alertEmails string[] = []

@description('False until the first package is published: an app without code is a stopped one.')
param alertsEnabled bool = true

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Gigabytes a day after which no more logs are taken in, and so no alert fires any more; -1: no limit.')
param logDailyCapGb int = -1

// No vault may have two hyphens in a row or one at an end, and nothing may have another character.
var strangers = filter(range(0, length(name)), i => !contains('abcdefghijklmnopqrstuvwxyz0123456789-', toLower(substring(name, i, 1))))
var goodName = empty(strangers) && !contains('-${name}-', '--') ? name : fail('The parameter name takes letters, digits and single hyphens between them, none at its ends: "${name}" does not do.')

var suffix = take(uniqueString(resourceGroup().id), 6)
var unique = '${goodName}-${suffix}'
var isPrivate = network == 'private'

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-${unique}'
    location: location
    tags: tags
  }
}

module telemetry 'modules/telemetry.bicep' = {
  name: 'telemetry'
  params: {
    name: unique
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    operators: operators
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: toLower('st${replace(goodName, '-', '')}${suffix}')
    location: location
    tags: tags
    sku: storageSku
    principalId: identity.outputs.principalId
    operators: operators
    openToInternet: !isPrivate
    operatorIps: operatorIps
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: 'kv-${unique}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    operators: operators
    purgeProtection: purgeProtection
    openToInternet: !isPrivate
    operatorIps: operatorIps
    workspaceId: telemetry.outputs.workspaceId
  }
}

module privateNetwork 'modules/network.bicep' = if (isPrivate) {
  name: 'network'
  params: {
    name: unique
    location: location
    tags: tags
    addressPrefix: addressPrefix
    natGateway: natGateway
  }
}

module storageEndpoints 'modules/storageEndpoints.bicep' = if (isPrivate) {
  name: 'endpoints-storage'
  params: {
    name: unique
    location: location
    tags: tags
    networkId: privateNetwork!.outputs.id
    subnetId: privateNetwork!.outputs.endpointsSubnetId
    accountId: storage.outputs.id
  }
}

module vaultEndpoint 'modules/endpoint.bicep' = if (isPrivate) {
  name: 'endpoint-vault'
  params: {
    name: unique
    location: location
    tags: tags
    networkId: privateNetwork!.outputs.id
    subnetId: privateNetwork!.outputs.endpointsSubnetId
    targetId: vault.outputs.id
    service: 'vault'
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: 'func-${unique}'
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageUrl: storage.outputs.packageUrl
    configUrl: configInBlob ? storage.outputs.configUrl : ''
    vaultName: vault.outputs.name
    insightsConnectionString: telemetry.outputs.connectionString
    subnetId: isPrivate ? privateNetwork!.outputs.appSubnetId : ''
    memoryMb: memoryMb
    maximumInstances: maximumInstances
    alwaysReadyHttp: alwaysReadyHttp
    httpConcurrency: httpConcurrency
    stateKeysName: stateKeysName
    dispatchCron: dispatchCron
    federatedTenants: federatedTenants
    secrets: secrets
    settings: settings
  }
  // Without their endpoints, the app would not find storage and vault at its first start.
  dependsOn: [
    storageEndpoints
    vaultEndpoint
  ]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: unique
    location: location
    tags: tags
    insightsId: telemetry.outputs.insightsId
    vaultId: vault.outputs.id
    emails: alertEmails
    enabled: alertsEnabled
  }
}

output appName string = app.outputs.name
output hostName string = app.outputs.hostName
output vaultName string = vault.outputs.name
output storageName string = storage.outputs.name
output workspaceId string = telemetry.outputs.workspaceCustomerId

@description('For regrets.toml where it is not set by federatedTenants, and for managed_identity.')
output identityClientId string = identity.outputs.clientId

@description('For infra/entra: whom the app registration is to trust.')
output identityPrincipalId string = identity.outputs.principalId

@description('For the firewall of the LMS; empty without natGateway.')
output outboundAddress string = isPrivate ? privateNetwork!.outputs.outboundAddress : ''
