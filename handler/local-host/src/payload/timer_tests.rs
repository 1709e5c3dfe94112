use super::*;

#[test]
fn a_tick_is_told_as_the_host_tells_it() {
    let now: DateTime<Utc> = "2026-11-21T10:00:00.05Z".parse().unwrap();
    let last: DateTime<Utc> = "2026-11-21T09:55:00.0012Z".parse().unwrap();
    let mut status = TimerStatus {
        schedule: "0 */5 * * * *".into(),
        last: Some(last),
        next: "2026-11-21T10:00:00Z".parse().unwrap(),
        updated: Some(last),
    };
    let mut payload = timer("tick", "timer", Some(&status), false, now);
    payload["Metadata"]["sys"]["RandGuid"] = json!("[guid]");
    insta::assert_json_snapshot!(payload, @r#"
        {
          "Data": {
            "timer": {
              "IsPastDue": false,
              "Schedule": {
                "AdjustForDST": true
              },
              "ScheduleStatus": {
                "Last": "2026-11-21T09:55:00.001200+00:00",
                "LastUpdated": "2026-11-21T09:55:00.001200+00:00",
                "Next": "2026-11-21T10:00:00+00:00"
              }
            }
          },
          "Metadata": {
            "sys": {
              "MethodName": "tick",
              "RandGuid": "[guid]",
              "UtcNow": "2026-11-21T10:00:00.0500000Z"
            }
          }
        }
        "#);
    status.last = None;
    assert_eq!(
        timer("tick", "timer", Some(&status), true, now)["Data"]["timer"]["ScheduleStatus"]["Last"],
        NEVER
    );
    assert_eq!(timer("tick", "timer", None, false, now)["Data"]["timer"]["ScheduleStatus"], Value::Null);
}
