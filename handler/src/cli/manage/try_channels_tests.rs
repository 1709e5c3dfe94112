use super::*;

#[test]
fn each_channel_is_told_with_what_came_back_and_what_mends_it() {
    let test = |channel: &str, taken: &str, step: Option<&str>| ChannelTest {
        channel: channel.into(),
        goes: "a webhook of shape slack at hooks.slack.com".into(),
        taken: taken.into(),
        seen: "HTTP 404.".into(),
        step: step.map(str::to_owned),
    };
    let told = tell(&[test("ops", "yes", None), test("chat", "no", Some("Make it anew."))]);
    insta::assert_snapshot!(told, @r#"
    ops: a webhook of shape slack at hooks.slack.com
      taken. HTTP 404.
    chat: a webhook of shape slack at hooks.slack.com
      not taken. HTTP 404.
      Make it anew.
    "#);
}
