//! Tokens, the service's account, and when the site is off.

use super::params::Params;
use super::{Moodle, Refusal, TOKEN, bad_parameter, refuse};
use crate::call::{Answer, Call};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    Up,
    /// Switched on in the pages of the site.
    Maintenance,
    /// Switched on from the command line.
    MaintenanceCli,
    Upgrading,
    DatabaseDown,
    /// Web services, or REST, are switched off.
    ServicesOff,
    /// Our address is on the block list.
    Blocked,
    /// The address that we call is not the site's own.
    CalledOtherwise,
    /// The body of a request is lost on its way.
    BodyLost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenState {
    Good,
    /// Tells it once; then the token is gone.
    Expired,
    Gone,
    /// What the service's account needs, by its errorcode: `wsaccessusersuspended`, `sitepolicynotagreed`, …
    Account(&'static str),
}

const REASONS: &str = "Access control exception";

impl Moodle {
    /// What is answered before anybody looks at the request.
    pub(super) fn not_reached(&self, call: &Call) -> Option<Answer> {
        match self.site {
            Site::MaintenanceCli => {
                let page = "<html><body>Back soon</body></html>";
                return Some(Answer::text(503, "text/html", page).with("retry-after", "300"));
            }
            Site::ServicesOff => return Some(Answer::text(403, "text/html", "")),
            Site::Blocked => {
                return Some(Answer::text(200, "text/html", "This site is not available currently."));
            }
            Site::CalledOtherwise => {
                return Some(Answer::text(303, "text/html", "").with("location", "https://lms.example/"));
            }
            Site::BodyLost => return Some(xml_error("invalidtoken")),
            Site::Up | Site::Maintenance | Site::Upgrading | Site::DatabaseDown => {}
        }
        (call.path != "/webservice/rest/server.php")
            .then(|| Answer::text(404, "text/html", "<html><body>Not found</body></html>"))
    }

    /// The token comes before maintenance; without a database there is no token.
    pub(super) fn let_in(&mut self, params: &Params) -> Result<(), Refusal> {
        if self.site == Site::DatabaseDown {
            let message = "<p>Error: Database connection failed</p>\
                           <p>It is possible that the database is overloaded.</p>";
            return Err(refuse("dml_connection_exception", "dbconnectionfailed", message));
        }
        let gone = || refuse("moodle_exception", "invalidtoken", "Invalid token - token not found");
        if params.get("wstoken") != Some(TOKEN) {
            return Err(gone());
        }
        match self.token.clone() {
            TokenState::Good => {}
            TokenState::Expired => {
                self.token = TokenState::Gone;
                return Err(refuse("webservice_access_exception", "accessexception", REASONS));
            }
            TokenState::Gone => return Err(gone()),
            TokenState::Account(code) => {
                return Err(refuse("moodle_exception", code, &format!("error/{code}")));
            }
        }
        if self.lacks("webservice/rest:use") {
            return Err(refuse("webservice_access_exception", "accessexception", REASONS));
        }
        match self.site {
            Site::Maintenance => {
                let message = "The site is undergoing maintenance and is currently not available";
                Err(refuse("moodle_exception", "sitemaintenance", message))
            }
            Site::Upgrading => Err(refuse("moodle_exception", "upgraderunning", "Site is being upgraded")),
            Site::Up
            | Site::MaintenanceCli
            | Site::DatabaseDown
            | Site::ServicesOff
            | Site::Blocked
            | Site::CalledOtherwise
            | Site::BodyLost => Ok(()),
        }
    }

    /// Whether the course is there and the caller may enter it.
    pub(super) fn entered(&self, course: u64, for_writing: bool) -> Result<(), Refusal> {
        let Some(found) = self.courses.get(&course) else { return Err(super::no_record("course")) };
        if !found.is_closed && !self.lacks("moodle/course:view") {
            return Ok(());
        }
        if for_writing {
            return Err(refuse(
                "require_login_exception",
                "requireloginerror",
                "Course or activity not accessible.",
            ));
        }
        let message = "Course context is not valid: Course or activity not accessible.";
        Err(refuse("moodle_exception", "errorcoursecontextnotvalid", message))
    }

    pub(super) fn known_field<'f>(field: &'f str, known: &[&str]) -> Result<&'f str, Refusal> {
        if known.contains(&field) { Ok(field) } else { Err(bad_parameter()) }
    }
}

pub(super) fn xml_error(code: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<EXCEPTION class=\"moodle_exception\">\n\
         <ERRORCODE>{code}</ERRORCODE>\n</EXCEPTION>"
    );
    Answer::text(200, "application/xml; charset=utf-8", &body)
}
