// The private endpoints of one storage account, one after the other: made side by side, they fail now and then with
// StorageAccountOperationInProgress.

import { tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType
param networkId string
param subnetId string
param accountId string

var services = [
  'blob'
  'queue'
  'table'
]

@batchSize(1)
module endpoints 'endpoint.bicep' = [for service in services: {
  name: 'endpoint-${service}'
  params: {
    name: name
    location: location
    tags: tags
    networkId: networkId
    subnetId: subnetId
    targetId: accountId
    service: service
  }
}]
