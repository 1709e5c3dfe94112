// What the lists among the parameters hold. Each type is sealed: the compiler refuses a member that it does not name.

@export()
@sealed()
@description('Somebody who operates Regrets.')
type operatorType = {
  @description('Object id in Entra.')
  @minLength(36)
  @maxLength(36)
  id: string

  type: 'User' | 'Group'
}

@export()
@sealed()
@description('An app setting whose value stands in the vault.')
type referenceType = {
  @description('Name of the app setting: that of { env = … } in regrets.toml.')
  @minLength(1)
  setting: string

  @description('Name of the secret in the vault.')
  @minLength(1)
  @maxLength(127)
  secret: string
}

@export()
@description('App settings by name. Each value is a text.')
type settingsType = {
  *: string
}

@export()
type tagsType = {
  *: string
}
