//! What can be wrong with a template when it is read, and with a value when it is put in.

use std::ops::Range;

/// What is wrong with a template, and where (bytes of its text).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct TemplateError {
    pub at: Range<usize>,
    pub fault: TemplateFault,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    #[error("`{{{{` is not closed by `}}}}`")]
    Open,
    #[error("`}}}}` without a `{{{{`")]
    Stray,
    #[error("there are no blocks in templates, only placeholders")]
    Block,
    #[error("expected a name such as `learner` or `user.id`")]
    Name,
    #[error("expected `|` and a filter, or `}}}}`")]
    AfterName,
    #[error("{0}")]
    Filter(#[from] FilterFault),
    #[error("a path begins with `/`")]
    PathStart,
    #[error("`{0}` does not belong into a path; a query stands in `query`")]
    NotInPath(char),
    #[error("`.` and `..` are no segments")]
    DotSegment,
    #[error("a placeholder must stand inside '…' here, or be a number (`| number`)")]
    OutsideLiteral,
    #[error("a placeholder stands in the text between tags, or inside the quotes of an attribute")]
    OutsideXmlText,
    #[error("this is not well formed: {0}")]
    Xml(&'static str),
    #[error("an address begins with https:// (or http:// for this machine), or with a placeholder")]
    Scheme,
    #[error("a placeholder in the host stands for one whole label, between dots")]
    HostLabel,
    #[error("a header holds one line of printable ASCII")]
    NotInHeader,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    #[error(
        "there is no filter of this name; there are lower, trim, base64, default(\"…\"), date(\"%Y-%m-%d\"), \
         prefix(\"…\"), suffix(\"…\"), part(\":\", 0), capture(\"^([a-z]+)-\"), number, boolean"
    )]
    Unknown,
    #[error("expected {0}")]
    Arguments(&'static str),
    #[error("this is no pattern of a date: see strftime")]
    Date,
    #[error("expected a regular expression with one group")]
    Pattern,
}

/// Which placeholder could not be filled, and why; never with what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{{{{ {name} }}}}` {why}")]
pub struct RenderError {
    pub name: String,
    pub why: NotRendered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRendered {
    #[error("has no value")]
    Nothing,
    #[error("is empty, and that can't stand there")]
    Empty,
    #[error("would be a segment of dots, which leads elsewhere")]
    Dots,
    #[error("has no such part")]
    NoPart,
    #[error("is no time")]
    NoTime,
    #[error("is no number")]
    NoNumber,
    #[error("is neither true nor false")]
    NoBoolean,
    #[error("is no label of a host's name")]
    NoHostLabel,
    #[error("holds characters that no header takes")]
    NotInHeader,
    #[error("holds characters that no XML takes")]
    NotInXml,
    #[error("makes the text longer than 64 KiB")]
    TooLong,
}
