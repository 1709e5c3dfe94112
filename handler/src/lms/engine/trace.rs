//! For whoever tries out or records a connector: each request and each answer, as they go by.

/// Told of everything that goes to the LMS and comes back. Secrets are blotted out, and people, too, unless
/// they are asked for.
pub trait Trace: Send + Sync + 'static {
    /// Whether the learner's data are to be shown as they are: to nobody but the one who tries it out.
    fn shows_people(&self) -> bool {
        false
    }

    /// About to be sent.
    fn request(&self, request: &SeenRequest);

    fn answer(&self, answer: &SeenAnswer);
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    pub recipe: &'static str,
    pub step: String,
    /// It may change something at the LMS.
    pub writes: bool,
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAnswer {
    pub recipe: &'static str,
    pub step: String,
    /// `None`: there was none, and `note` says why.
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// What it is taken for, or why there is none.
    pub note: String,
}
