// Who is told, and of what. Regrets opens an alert in its ledger, says it at once and says it again in every planning round (five
// minutes) until its cause is gone; so each rule here fires while the lines come and resolves itself when they stop. The lines are
// traces, which host.json keeps out of sampling.

import { tagsType } from 'types.bicep'

param name string
param location string
param tags tagsType
param insightsId string
param vaultId string

@description('Who gets the mail.')
param emails string[]

@description('False: the rules are there, and keep quiet.')
param enabled bool

// Every alert that the code can raise stands in exactly one of these; `other` takes in what a newer version adds.
var rules = [
  {
    name: 'person'
    title: 'Regrets: somebody must decide'
    severity: 2
    kinds: ['review', 'expired', 'declined-late', 'take-back', 'brake']
  }
  {
    name: 'poison'
    title: 'Regrets: messages could not be digested'
    severity: 2
    kinds: ['poison-changes', 'poison-mailboxes', 'poison-cancellations', 'poison-sessions', 'poison-unreadable']
  }
  {
    name: 'watching'
    title: 'Regrets: mailboxes are not watched as they should be'
    severity: 1
    kinds: ['mailboxes-unwatched', 'notification-url', 'subscription-quota', 'graph-credential', 'consent-missing', 'consent-withdrawn', 'consent-drifted', 'secret-missing', 'graph-unauthorized', 'graph-invalid', 'directory', 'directory-shrunk']
  }
  {
    name: 'lms'
    title: 'Regrets: the LMS can\'t be reached or refuses us'
    severity: 1
    kinds: ['lms-answer', 'lms-breaker', 'lms-credential', 'lms-gone']
  }
  {
    name: 'silence'
    title: 'Regrets: notifications don\'t come, or come to nothing'
    severity: 1
    kinds: ['graph-silent', 'graph-away', 'chunked-posts', 'blind', 'organizer-unfollowed', 'parts-unknown']
  }
  {
    name: 'data'
    title: 'Regrets: configuration or data is not as it should be'
    severity: 2
    kinds: ['attendee-unknown', 'canary', 'configuration', 'doctor', 'event-edited', 'event-taken-away', 'instructor-declined', 'learner-without-key', 'no-answer-wanted', 'online-meeting', 'organizer-calendar', 'organizer-unknown', 'publish-held', 'room', 'row-refused', 'session-ambiguous', 'session-crowded', 'source-entry', 'source-unread', 'source-vanished', 'start', 'unreadable-row']
  }
]

var knownKinds = flatten(map(rules, rule => rule.kinds))
var quoted = '"${join(knownKinds, '", "')}"'

// Cheap tests first: only lines that can hold an alert are parsed.
var alertLines = 'traces | where message startswith "{" and message has "alert" | extend line = parse_json(message) | extend alertKind = tostring(line.alert), tenant = tostring(line.tenant) | where isnotempty(alertKind)'

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    // At most twelve characters.
    groupShortName: 'regrets'
    enabled: true
    emailReceivers: [for (email, i) in emails: {
      name: 'mail ${i + 1}'
      emailAddress: email
      useCommonAlertSchema: true
    }]
  }
}

resource byKind 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: 'alert-${name}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: 'The alert\'s dimensions name the tenant and the kind. The mending step stands in the log line, and in /api/manage/status under alerts.'
    severity: rule.severity
    enabled: enabled
    scopes: [
      insightsId
    ]
    targetResourceTypes: [
      'microsoft.insights/components'
    ]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: '${alertLines} | where alertKind in ("${join(rule.kinds, '", "')}")'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'tenant'
              operator: 'Include'
              values: ['*']
            }
            {
              name: 'alertKind'
              operator: 'Include'
              values: ['*']
            }
          ]
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    skipQueryValidation: true
    actions: {
      actionGroups: [
        group.id
      ]
    }
  }
}]

// Three more that hang on no alert of the ledger.
var watches = [
  {
    name: 'other'
    title: 'Regrets: an alert of a kind that no rule names'
    severity: 2
    query: '${alertLines} | where alertKind !in (${quoted})'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
  }
  {
    // Nobody is left who could raise an alert: the app does not start, its storage refuses it, or it was stopped.
    name: 'stopped'
    title: 'Regrets: no planning round for half an hour'
    severity: 0
    query: 'traces | where message startswith "{" and message has "renew-subscriptions" | extend line = parse_json(message) | where tostring(line["function"]) == "renew-subscriptions" and tostring(line.level) == "INFO"'
    operator: 'LessThan'
    threshold: 1
    window: 'PT30M'
  }
  {
    // Single failures are tried again by the host and mean nothing.
    name: 'failing'
    title: 'Regrets: invocations fail, one after the other'
    severity: 2
    query: 'traces | where message startswith "{" and (message has "failed" or message has "refused") | extend line = parse_json(message) | where tostring(line.message) in ("failed; the host will try again", "invocation failed", "invocation refused: the functions are not ready")'
    operator: 'GreaterThan'
    threshold: 20
    window: 'PT15M'
  }
]

resource watch 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in watches: {
  name: 'alert-${name}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    severity: rule.severity
    enabled: enabled
    scopes: [
      insightsId
    ]
    targetResourceTypes: [
      'microsoft.insights/components'
    ]
    evaluationFrequency: 'PT15M'
    windowSize: rule.window
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: rule.operator
          threshold: rule.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    skipQueryValidation: true
    actions: {
      actionGroups: [
        group.id
      ]
    }
  }
}]

// The vault says 30 days ahead that a secret ends, of secrets that were given an end. It counts only versions that were made
// after this subscription.
resource vaultEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'egst-${name}'
  location: location
  tags: tags
  properties: {
    source: vaultId
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

resource secretEnds 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (enabled) {
  parent: vaultEvents
  name: 'secret-ends'
  properties: {
    // Alerts are made of CloudEvents only.
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.KeyVault.SecretNearExpiry'
        'Microsoft.KeyVault.SecretExpired'
      ]
    }
    destination: {
      endpointType: 'MonitorAlert'
      properties: {
        severity: 'Sev2'
        description: 'A secret of Regrets ends soon or has ended. SECURITY.md tells how each is rotated.'
        actionGroups: [
          group.id
        ]
      }
    }
  }
}

output actionGroupId string = group.id
