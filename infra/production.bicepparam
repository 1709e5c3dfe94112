// Production: thousands of mailboxes, storage and vault on private endpoints, one address for the LMS's firewall.
using 'main.bicep'

param name = 'regrets'
param network = 'private'
param natGateway = true
param memoryMb = 2048
param alwaysReadyHttp = 2
param maximumInstances = 100
param zoneRedundant = true
param storageSku = 'Standard_ZRS'
param logRetentionDays = 90

param tags = {
  application: 'regrets'
}

param alertEmails = [
  'learning-operations@contoso.com'
]

// A group of those who operate Regrets, and the addresses they come from.
param operators = [
  {
    id: '00000000-0000-0000-0000-000000000000'
    type: 'Group'
  }
]

param operatorIps = [
  '203.0.113.10'
]

param federatedTenants = [
  'contoso'
]

param secrets = [
  {
    setting: 'CONTOSO_LMS_SECRET'
    secret: 'contoso-lms-secret'
  }
]

param settings = {
  // The name that Graph knows: a custom domain outlives the app behind it.
  REGRETS__PUBLIC_URL: 'https://regrets.contoso.com'
}
