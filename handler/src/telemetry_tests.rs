use super::*;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What came on stdout and on stderr.
fn streams(filter: Option<&str>, say: impl FnOnce()) -> (String, String) {
    let (out, err) = (Lines::default(), Lines::default());
    let (to_out, to_err) = (out.clone(), err.clone());
    let subscriber = subscriber(filter, move || to_out.clone(), move || to_err.clone());
    tracing::subscriber::with_default(subscriber, say);
    (out.text(), err.text())
}

fn said(filter: Option<&str>) -> String {
    let (out, err) = streams(filter, || {
        tracing::debug!(target: "azure_core::policies::transport", "authorization: hunter2");
        tracing::trace!(target: "azure_storage::authorization", "authorization: hunter2");
        tracing::warn!(target: "azure_core", "a warning of theirs");
        tracing::debug!(target: "regrets::store", "ours at debug");
        tracing::info!(target: "regrets::store", "ours at info");
    });
    out + &err
}

#[test]
fn the_stream_and_a_word_tell_the_host_how_bad_a_line_is() {
    let (out, err) = streams(None, || {
        tracing::info!("a plain warning to nobody");
        tracing::warn!("beware");
        tracing::error!(why = "Warnings of C:\\warn, ünWARNed", "we are forewarned");
    });
    assert!(out.contains("a plain warning to nobody") && out.lines().count() == 1, "{out}");
    let [warning, error] = err.lines().collect::<Vec<_>>().try_into().unwrap();
    assert!(warning.contains("beware") && warning.to_lowercase().contains("warn"), "{warning}");
    assert!(!error.to_lowercase().contains("warn"), "{error}");
    let error: serde_json::Value = serde_json::from_str(error).unwrap();
    assert_eq!((&error["level"], &error["message"]), (&"ERROR".into(), &"we are forewarned".into()));
    assert_eq!(error["why"], "Warnings of C:\\warn, ünWARNed");
}

#[test]
fn no_rust_log_brings_out_what_the_sdk_should_hide() {
    for filter in ["trace", "debug,azure_core=trace,azure_storage=trace"] {
        let said = said(Some(filter));
        assert!(!said.contains("hunter2"), "{filter}: {said}");
        assert!(said.contains("a warning of theirs") && said.contains("ours at debug"), "{filter}: {said}");
    }
}

#[test]
fn usually_only_ours_from_info_on() {
    for filter in [None, Some(" "), Some("not=a=filter")] {
        let said = said(filter);
        assert!(
            !said.contains("ours at debug") && said.contains(r#""message":"ours at info""#),
            "{filter:?}: {said}"
        );
    }
}
