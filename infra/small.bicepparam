// A test: a few dozen mailboxes, mode observe, everything as cheap as it gets without missing Graph's time limits.
using 'main.bicep'

param name = 'regrets'
param memoryMb = 512
param alwaysReadyHttp = 1
param purgeProtection = false
param logDailyCapGb = 1
// Set to true and deploy again once the first package is published.
param alertsEnabled = false

param alertEmails = [
  'you@contoso.com'
]

// Your own object id: az ad signed-in-user show --query id -o tsv
param operators = [
  {
    id: '00000000-0000-0000-0000-000000000000'
    type: 'User'
  }
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
  // Nothing reaches the LMS while you look at what would.
  REGRETS__TENANT__CONTOSO__POLICY__MODE: 'observe'
}
