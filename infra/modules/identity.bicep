// The one identity that the app acts as: towards storage, Key Vault, Application Insights and, by a federated credential,
// Microsoft Graph. User-assigned, so that it exists, with all its roles, before the app starts for the first time.

import { tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output name string = identity.name
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
