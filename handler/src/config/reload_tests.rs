use super::super::tests::{env, minimal};
use super::*;

#[tokio::test]
async fn the_last_good_configuration_stays_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regrets.toml");
    std::fs::write(&file, minimal("")).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Same));

    std::fs::write(&file, minimal("grace = 'soon'")).unwrap();
    for _ in 0..2 {
        let Reloaded::Refused(errors) = watched.reload().await else { panic!("a bad file was taken") };
        assert_eq!(errors.problems().len(), 1);
    }
    assert_eq!(grace(&watched), 600);

    std::fs::remove_file(&file).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Refused(_)));
    assert_eq!(grace(&watched), 600);

    std::fs::write(&file, minimal("grace = '1m'")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!(grace(&watched), 60);

    std::fs::write(&file, minimal("grace = 'soon'")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Refused(_)));
    std::fs::write(&file, minimal("grace = '1m'")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Same));
}

/// The text of `minimal`, with another app setting for the LMS's secret.
fn naming(secret: &str) -> String {
    minimal("grace = '1m'").replace("CONTOSO_LMS_SECRET", secret)
}

fn why_closed(watched: &Watched) -> String {
    watched.current().tenants.values().next().unwrap().why_closed().unwrap_or_default()
}

fn is_closed(watched: &Watched) -> bool {
    watched.current().tenants.values().next().unwrap().is_closed()
}

#[tokio::test]
async fn a_missing_secret_is_taken_up_by_a_corrected_file_or_when_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (file, settings) = (folder.path().join("regrets.toml"), folder.path().join("local.settings.json"));
    std::fs::write(&file, naming("LATER")).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    assert!(is_closed(&watched) && why_closed(&watched).contains("app setting LATER is not set"));
    assert!(matches!(watched.reload().await, Reloaded::Same), "nothing has changed");

    let secret = env()["CONTOSO_LMS_SECRET"].clone();
    for (value, closed) in [("whsec_AAAA", true), (secret.as_str(), false)] {
        let values = serde_json::json!({ "Values": { "LATER": value, "REGRETS_STORE": "postgres:x" } });
        std::fs::write(&settings, values.to_string()).unwrap();
        assert!(matches!(watched.reload().await, Reloaded::Changed(_)), "{value}");
        assert!(matches!(watched.reload().await, Reloaded::Same), "{value}");
        assert_eq!(is_closed(&watched), closed, "{value}");
    }
    assert_eq!(why_closed(&watched), "");

    std::fs::write(&file, naming("NEVER")).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    std::fs::write(&file, naming("CONTOSO_LMS_SECRET")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert!(!is_closed(&watched));
}

#[tokio::test]
async fn what_the_environment_says_is_not_overridden_by_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("regrets.toml"), minimal("")).unwrap();
    let mut env = env();
    let secret = env.insert("CONTOSO_LMS_SECRET".to_owned(), "whsec_AAAA".to_owned()).unwrap();
    let watched = Watched::start(folder.path(), env).await.unwrap();
    let values = serde_json::json!({ "Values": { "CONTOSO_LMS_SECRET": secret } });
    std::fs::write(folder.path().join("local.settings.json"), values.to_string()).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Same));
    assert!(is_closed(&watched));
}

#[tokio::test]
async fn a_tenant_that_works_goes_on_as_it_was_when_its_new_secret_cannot_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regrets.toml");
    std::fs::write(&file, minimal("")).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    std::fs::write(&file, naming("LATER")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!((is_closed(&watched), grace(&watched)), (false, 600), "as it was, whole");
    assert!(why_closed(&watched).contains("The tenant goes on as it was configured before"));
    assert!(matches!(watched.reload().await, Reloaded::Same));
    std::fs::write(&file, naming("CONTOSO_LMS_SECRET")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!((why_closed(&watched).as_str(), grace(&watched)), ("", 60));
}

/// Whoever switches a tenant off wants it to stop, whatever it lacks.
#[tokio::test]
async fn a_tenant_is_switched_off_though_its_new_secret_cannot_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regrets.toml");
    std::fs::write(&file, minimal("")).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    let off = naming("LATER").replacen("directory", "active = false\ndirectory", 1);
    std::fs::write(&file, off).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert!(watched.current().tenants.values().all(|tenant| !tenant.active));
}

/// What was signed with it is still told from a forgery; what else is new counts.
#[tokio::test]
async fn a_secret_of_the_push_that_can_not_be_had_any_more_is_the_one_that_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regrets.toml");
    let text = super::super::tests::publish::pushed("every = '1h'");
    std::fs::write(&file, &text).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap();
    let push = "push = { secrets = [{ env = 'CONTOSO_LMS_SECRET' }";
    let later = text.replace(push, &push.replace("CONTOSO_LMS_SECRET", "LATER")).replace("'1h'", "'2h'");
    std::fs::write(&file, later).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    let publish = watched.current().tenants.values().next().unwrap().publish.clone().unwrap();
    assert!(!publish.lacks_source_secrets());
    assert_eq!(publish.every, chrono::Duration::hours(2));
    assert!(why_closed(&watched).contains("LATER"), "{}", why_closed(&watched));
}

fn grace(watched: &Watched) -> i64 {
    watched.current().tenants.values().next().unwrap().policy.grace.num_seconds()
}
