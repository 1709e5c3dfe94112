// The app registration by which Regrets calls Microsoft Graph, with no more permissions than its way of watching needs, and the
// federated credential by which it trusts the app's identity: no client secret exists. Deploy it once, as somebody who may make app
// registrations; granting the permissions takes an administrator (consent = true, or the consent page).

// The Microsoft Graph extension is fetched from Microsoft's registry, which takes Bicep 0.36.1 or newer.
extension microsoftGraphV1

targetScope = 'resourceGroup'

@description('Shown to administrators.')
param displayName string = 'Regrets'

@description('Stays the same for good: by this name a later deployment finds the registration again.')
param uniqueName string = 'regrets'

@description('Output identityPrincipalId of main.bicep. Empty: no federated credential; then make a secret or upload a certificate.')
param identityPrincipalId string = ''

@description('watch.mode of the tenant.')
@allowed([
  'attendees'
  'organizer'
  'both'
])
param watch string = 'attendees'

@description('Who says which calendars may be read. exchange: RBAC for Applications in Exchange, mailbox by mailbox (README.md). tenant: Calendars.Read on every mailbox there is.')
@allowed([
  'exchange'
  'tenant'
])
param calendars string = 'exchange'

@description('Whether watch.mailboxes or policy.only names a group.')
param readsGroups bool = watch != 'organizer'

@description('Optional: tells a decline that a mailbox gave by its automatic replies from the learner\'s own (policy.automatic).')
param readsAutomaticReplies bool = false

@description('Optional: people are told of alerts by mail through Graph (alerts.channel.<name>.graph_mail). Mail.Send in Entra is good for every mailbox: better Exchange\'s role Application Mail.Send on the one that sends (README.md).')
param mailsAlerts bool = false

@description('Optional: rooms are found in the directory (publish.rooms).')
param findsRooms bool = false

@description('Optional: online meetings beside the calendar (publish.online = "meeting"). Teams wants an application access policy for the organizer, too.')
param makesMeetings bool = false

@description('Grants the permissions as well. Whoever deploys needs Privileged Role Administrator.')
param consent bool = false

@description('public_url of regrets.toml, without a trailing slash: where the consent page of an administrator leads back to. Empty: no consent by link.')
param publicUrl string = ''

@description('For directories other than this one. Each of their administrators consents on their own.')
param manyDirectories bool = false

@description('Global: api://AzureADTokenExchange. US Government: api://AzureADTokenExchangeUSGov. China: api://AzureADTokenExchangeChina.')
param audience string = 'api://AzureADTokenExchange'

var graphAppId = '00000003-0000-0000-c000-000000000000'

var appRoles = loadJsonContent('roles.json')

var wanted = concat(['User.Read.All'], readsGroups ? ['GroupMember.Read.All'] : [], calendars == 'tenant' ? ['Calendars.Read'] : [], readsAutomaticReplies ? ['MailboxSettings.Read'] : [], mailsAlerts ? ['Mail.Send'] : [], findsRooms ? ['Place.Read.All'] : [], makesMeetings ? ['OnlineMeetings.ReadWrite.All'] : [])

// Declaring the assignment is what an administrator's consent comes to.
var granted = consent ? wanted : []

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: graphAppId
}

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: manyDirectories ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  web: {
    redirectUris: empty(publicUrl) ? [] : ['${publicUrl}/api/consent/-/return']
  }
  requiredResourceAccess: [
    {
      resourceAppId: graphAppId
      resourceAccess: [for title in wanted: {
        id: appRoles[title]
        type: 'Role'
      }]
    }
  ]
}

resource trust 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = if (!empty(identityPrincipalId)) {
  name: '${app.uniqueName}/regrets-identity'
  description: 'The managed identity of the Functions app'
  audiences: [
    audience
  ]
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: identityPrincipalId
}

// The enterprise application: what consent is given to, and what Exchange knows the app by.
resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: app.appId
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for title in granted: {
  appRoleId: appRoles[title]
  principalId: principal.id
  resourceId: graph.id
}]

@description('client_id in regrets.toml, and -AppId in Exchange.')
output clientId string = app.appId

@description('Object id of the enterprise application: -ObjectId in Exchange. Not that of the registration.')
output principalId string = principal.id

output permissions string[] = wanted
