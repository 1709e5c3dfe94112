// The network of the private form: one subnet that the app calls out of, one that holds the private endpoints, and the names by
// which they are found. The webhook stays open to the internet, because Graph posts from there.

import { tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType

@description('A /24, split into the app\'s subnet and that of the private endpoints.')
param addressPrefix string

@description('A NAT gateway with one public address, by which the LMS and its firewall know the app.')
param natGateway bool

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = if (natGateway) {
  name: 'pip-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource nat 'Microsoft.Network/natGateways@2024-05-01' = if (natGateway) {
  name: 'ng-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIpAddresses: [
      {
        id: address.id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${name}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          natGateway: natGateway ? {
            id: nat.id
          } : null
          // Flex Consumption runs on the platform of Container Apps, and asks for its delegation.
          delegations: [
            {
              name: 'functions'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 27, 2)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

output id string = network.id
output appSubnetId string = '${network.id}/subnets/app'
output endpointsSubnetId string = '${network.id}/subnets/endpoints'
output outboundAddress string = natGateway ? address!.properties.ipAddress : ''
