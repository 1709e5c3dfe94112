//! What mends each kind of alert, in a sentence or two.

use super::alert_kind::AlertKind;

impl AlertKind {
    /// What mends it, in a sentence or two. Where more is known, [`super::alerts::raise_with`] says that
    /// instead.
    pub fn step(self) -> &'static str {
        match self {
            Self::Review => {
                "Cancellations wait for a person; list them with state=review and approve or ignore each."
            }
            Self::Expired => {
                "Declines were made in time and could not be carried out before the deadline; list them with \
                 state=expired, tell the training administrator, and see what held them up."
            }
            Self::DeclinedLate => {
                "Learners declined after the deadline, so their places stand; list them with state=expired \
                 and tell the training administrator."
            }
            Self::TakeBack => {
                "Learners accepted again after their place had been cancelled; list them with \
                 state=taken-back, give the place back in the LMS or tell the learner, then ignore each."
            }
            Self::Brake => {
                "Unusually many declines within a short time: see whether a script or a sync client made \
                 them, then open \
                 the valve."
            }
            Self::PoisonChanges
            | Self::PoisonMailboxes
            | Self::PoisonCancellations
            | Self::PoisonSessions => {
                "Messages failed in every try of the host; see the log for why. What could be read is tried \
                 again by itself."
            }
            Self::PoisonUnreadable => {
                "A queue message could not be read; it is kept on the agenda in the partition `unreadable`."
            }
            Self::MailboxesUnwatched => {
                "Mailboxes that should be watched have been without a subscription for too long; their \
                 declines are found \
                 by no notification. The log says what Graph answers; the calendars are compared as soon as \
                 it lets us."
            }
            Self::NotificationUrl => {
                "Graph can't reach our notification URL: check public_url, DNS, the certificate and what \
                 stands in front."
            }
            Self::SubscriptionQuota => {
                "Mailboxes have reached their quota of subscriptions; find out which other apps subscribe to \
                 them."
            }
            Self::GraphCredential => {
                "Entra gives us no token: mend the tenant's credential; the log says what it answers."
            }
            Self::GraphUnauthorized => {
                "Graph does not accept our token; check the app registration and its consent."
            }
            Self::GraphInvalid => {
                "Graph refuses a request of ours; report it with the request-id in the log."
            }
            Self::Directory => {
                "The directory can't be read in full: check User.Read.All and GroupMember.Read.All, and the \
                 names in watch.mailboxes."
            }
            Self::DirectoryShrunk => {
                "The directory names less than half of the people whom it named before, so nobody is \
                 released for a day. \
                 Check the group that watch.mailboxes names, and its rule; if it is meant so, nothing is to \
                 be done."
            }
            Self::LmsBreaker => {
                "The LMS is down; cancellations wait and go on by themselves when it answers. If it is not \
                 down, see what \
                 answers at lms.url."
            }
            Self::LmsCredential => {
                "The LMS does not accept our credential: mend the connection's secret, then open the valve."
            }
            Self::LmsGone => "The LMS says that its endpoint is gone: correct lms.url, then open the valve.",
            Self::LmsAnswer => {
                "At lms.url something other than the LMS's receiver answers (a page, a text, half an \
                 answer): see what stands \
                 before it, a sign-in or a proxy. Cancellations wait until the receiver answers; `regrets \
                 lms ping` shows it."
            }
            Self::GraphSilent => {
                "Graph has sent no notification for hours in which it usually sends many: check that \
                 public_url can be \
                 reached from the internet and nothing in front of it refuses Graph. Calendars are compared \
                 meanwhile."
            }
            Self::GraphAway => {
                "Graph answers for no mailbox; nothing is lost that it shows again, and it goes on by \
                 itself: all calendars \
                 are compared then. Where it lasts, the log says what is in the way (network, proxy, trust \
                 anchors)."
            }
            Self::ChunkedPosts => {
                "Posts without a body reach the webhook: something in front of it sends chunked bodies, \
                 which the host drops."
            }
            Self::Blind => {
                "Mailboxes were not watched for a while and no organizer's calendar is readable; name \
                 organizers in \
                 watch.organizers."
            }
            Self::Configuration => {
                "The changed configuration is refused; the log says where. The last good one stays in force."
            }
            Self::Start => {
                "The handler can't begin its work, because the ledger or a client can't be used; the log \
                 says why. It is \
                 tried again every few seconds."
            }
            Self::LearnerWithoutKey => {
                "The directory does not fill the field that learner.key names for some invited people; fill \
                 it or choose \
                 another field."
            }
            Self::OrganizerUnknown => {
                "Events that name a session are sent under a name of Exchange's own directory that no user \
                 here has; give the \
                 organizer's mailbox that X500 address."
            }
            Self::AttendeeUnknown => {
                "People are invited under names of Exchange's own directory that no user here has, so that \
                 their declines \
                 can't be told; give their mailboxes those X500 addresses."
            }
            Self::UnreadableRow => {
                "A row of the ledger can't be read by this build; the log names it. Deploy the newer build \
                 again, or mend \
                 the row."
            }
            Self::PartsUnknown => {
                "For more than six hours the calendars of some learners can't be read, so their declines may \
                 be missed: see \
                 in the log what Graph answers for them, and whether the app may read these mailboxes. \
                 Whoever's copy is gone \
                 meanwhile goes to a person at the deadline."
            }
            Self::NoAnswerWanted => {
                "Invitations to sessions ask for no response (responseRequested is false), so Outlook sends \
                 none: no \
                 organizer's copy shows who declined, and whoever declines looks like one who merely \
                 deletes. Have \
                 invitations ask for a response."
            }
            Self::RowRefused => {
                "The store refuses a row that this build wrote; the log says which and why. It is a defect: \
                 report it."
            }
            Self::SecretMissing => {
                "A secret of the tenant can't be had, so nothing is sent to its LMS; `regrets check` says \
                 which."
            }
            Self::SessionAmbiguous => {
                "More than one session of the LMS fits an event, so nobody is linked to any: give the \
                 sessions different titles or times, or have the invitation name its session."
            }
            Self::ConsentMissing => {
                "Rights that the configuration needs were never granted: `regrets consent` gives the link \
                 for an administrator of the directory, and what is to be done in Exchange. Nothing is lost \
                 meanwhile, and it goes on by itself once they are there."
            }
            Self::ConsentWithdrawn => {
                "Rights are gone that were granted: ask the directory's administrator whether that is meant, \
                 and send the link of `regrets consent`. Calendars are compared by themselves once they are \
                 there again."
            }
            Self::ConsentDrifted => {
                "What is granted is not what it was: `regrets consent` shows what is missing for this \
                 configuration, or what came on top; have that taken away where it is not meant, else \
                 acknowledge this."
            }
            Self::Doctor => {
                "The daily examination has found something that fails; `regrets doctor` says what, and what \
                 mends it."
            }
            Self::Canary => {
                "The test decline of the day was not carried out; `regrets canary` says at which stage it \
                 got stuck, and what mends it."
            }
            Self::SourceVanished => {
                "Far more sessions or places are missing in the LMS than may be believed, so none is taken \
                 for gone and nobody is written to: see whether the LMS was moved or restored, or a right \
                 was taken away."
            }
            Self::EventTakenAway => {
                "Events of training sessions were deleted or called off by hand in the organizer's \
                 calendar; they are not made again unasked, and no place is touched. Cancel the session or \
                 the place in the LMS where that was meant; `regrets publish again` shows them, and invites \
                 again whom you name."
            }
            Self::EventEdited => {
                "Somebody has edited published events in the organizer's calendar. Make it so in the LMS, or \
                 take it back in the calendar; what the LMS changes in it next is sent as usual."
            }
            Self::OrganizerCalendar => {
                "Nothing is written into such a calendar, and no place is touched. `regrets publish again \
                 --organizer` with its address shows how many would be mailed; it invites them again, or \
                 with --leave leaves it at that, and goes on. Where the mailbox can't be read, give the app \
                 access again: that ends by itself."
            }
            Self::InstructorDeclined => {
                "Instructors have declined the event of a session that they lead; no place is touched by it. \
                 Name another in the LMS, or ask them; the log says of which sessions."
            }
            Self::OnlineMeeting => {
                "Sessions lack their online meeting, or a link to it, so learners are invited without: \
                 `regrets doctor` says what is missing; or turn publish.online off."
            }
            Self::Room => {
                "Rooms have declined a session, do not answer, or are too small: name another venue in the \
                 LMS, or book one by hand; the log says of which sessions."
            }
            Self::SessionCrowded => {
                "Sessions have more learners than one event takes, who are not invited: split the session \
                 in the LMS, or say publish.events = \"learner\" before anything of it is published; the \
                 log says how many are left out."
            }
            Self::PublishHeld => {
                "Invitations, changes or cancellations wait for a person, because they are the first ones, \
                 or more than publish.confirm_above in an hour: `regrets publish preview` shows what \
                 would go out, `regrets publish confirm` lets it out."
            }
            Self::SourceUnread => {
                "The LMS's sessions could not be read from one end to the other for more than three hours, \
                 so nothing is removed meanwhile: `regrets publish status` says what was doubtful; see \
                 whether the connection's token may read them."
            }
            Self::SourceEntry => {
                "Sessions or places of the LMS could not be understood, and are kept out: `regrets publish \
                 status` and the log say which, and what would be right."
            }
            Self::OrganizerUnfollowed => {
                "The calendar of a mailbox in watch.organizers could not be followed to its end for more \
                 than two hours, so \
                 whoever declines before anybody saw their invitation is found late. See in the log what \
                 Graph answers for it, \
                 and whether the app may read it; take it out of watch.organizers where it may not."
            }
        }
    }
}
