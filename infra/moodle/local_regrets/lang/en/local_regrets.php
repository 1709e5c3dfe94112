<?php
// This file is part of local_regrets, a plugin for Moodle - http://moodle.org/
//
// This plugin is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// It is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

/**
 * English strings.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['busy'] = 'Another request to this session is being carried out. Try again.';
$string['heading:cancel'] = 'Cancelling';
$string['heading:keep'] = 'Keys of requests';
$string['heading:post'] = 'Telling Regrets what changed';
$string['heading:restore'] = 'Giving places back';
$string['invalidkey'] = 'key: 1 to 128 visible ASCII characters.';
$string['invalidsecret'] = 'The secret is not 24 to 64 bytes in base64, with or without whsec_ in front.';
$string['invalidurl'] = 'The address must begin with https:// (http:// only on this machine) and hold no user name.';
$string['keyreused'] = 'This key was used for another request.';
$string['notcancelled'] = 'The place was not cancelled: it is "{$a}". Nothing was changed.';
$string['notposted'] = 'Regrets did not take a message: {$a}';
$string['notrestored'] = 'The place was not given back: it is "{$a}". Nothing was changed.';
$string['outcome:already_cancelled'] = 'The place had been cancelled before.';
$string['outcome:done'] = 'The place was cancelled.';
$string['outcome:full'] = 'The session is full.';
$string['outcome:held'] = 'The learner has the place again.';
$string['outcome:not_enrolled'] = 'The learner has no place in this session.';
$string['outcome:requested'] = 'The place has been asked for again and waits for approval.';
$string['outcome:unknown_learner'] = 'Nobody is known by this value.';
$string['outcome:unknown_session'] = 'There is no such session.';
$string['outcome:waitlisted'] = 'The learner is on the wait list.';
$string['pluginname'] = 'Regrets';
$string['privacy:regrets'] = 'Changes of sessions and sign-ups are posted to Regrets, which keeps calendars and sign-ups in step.';
$string['privacy:regrets:email'] = 'The mail address, where the site sends it.';
$string['privacy:regrets:id'] = 'The id of the account.';
$string['privacy:regrets:idnumber'] = 'The ID number, where the site sends it.';
$string['privacy:regrets:state'] = 'The state of the place.';
$string['privacy:regrets:username'] = 'The user name, where the site sends it.';
$string['privacy:request'] = 'Requests of Regrets to cancel a place or to give one back.';
$string['privacy:request:action'] = 'What was asked for.';
$string['privacy:request:answer'] = 'What came of it.';
$string['privacy:request:keytext'] = 'The key by which Regrets knows the request.';
$string['privacy:request:sessionid'] = 'The session.';
$string['privacy:request:timecreated'] = 'When it was asked.';
$string['privacy:request:userid'] = 'The learner whose place it was.';
$string['privacy:signup'] = 'What Regrets was last told of a place.';
$string['privacy:signup:sessionid'] = 'The session.';
$string['privacy:signup:state'] = 'The state of the place.';
$string['privacy:signup:timemodified'] = 'When it was told.';
$string['privacy:signup:userid'] = 'The learner.';
$string['reason:ambiguouslearner'] = 'Several accounts have this value.';
$string['reason:attendancetaken'] = 'Attendance has been taken.';
$string['reason:cancellationsoff'] = 'The session does not allow cancellations.';
$string['reason:cutoff'] = 'The session starts too soon to cancel.';
$string['reason:managermissing'] = 'The learner\'s profile names no manager to approve the place.';
$string['reason:maynotsignup'] = 'The learner may not sign up for this activity.';
$string['reason:nevercancelled'] = 'No place of the learner was cancelled in this session.';
$string['reason:notincourse'] = 'The learner is not enrolled in the course any more.';
$string['reason:notours'] = 'Somebody else cancelled the place.';
$string['reason:otherswait'] = 'Others are waiting for a place.';
$string['reason:sessionstarted'] = 'The session has started.';
$string['reason:signedupelsewhere'] = 'The learner has signed up for another session of this activity.';
$string['reason:stillheld'] = 'The learner has this already; nothing was changed.';
$string['reason:unknownstate'] = 'The place has a status that is not known.';
$string['regrets:cancel'] = 'Cancel a learner\'s sign-up through web services';
$string['regrets:read'] = 'Read sessions and sign-ups through web services';
$string['regrets:restore'] = 'Give a cancelled sign-up back through web services';
$string['setting:cutoff'] = 'Cut-off';
$string['setting:cutoff_desc'] = 'How long before its start a session can no longer be cancelled. 0: until the start.';
$string['setting:keep'] = 'Keep keys for';
$string['setting:keep_desc'] = 'A request that comes again with its key gets the same answer for so long. Keep them until the session is over, at least.';
$string['setting:learnerfields'] = 'About the learner';
$string['setting:learnerfields_desc'] = 'What is sent beside the id of the account.';
$string['setting:notify'] = 'Send notices';
$string['setting:notify_desc'] = 'Whether the activity sends the learner its usual notice when Regrets cancels a place or gives it back. Who moves up from the wait list is told in any case. Booking goes by its own rules and templates instead.';
$string['setting:obeyallowcancellations'] = 'Obey "Allow cancellations"';
$string['setting:obeyallowcancellations_desc'] = 'Whether a session that lets no learner cancel, or not any more, is closed to Regrets too.';
$string['setting:post'] = 'Post changes';
$string['setting:post_desc'] = 'Whether changes of sessions and sign-ups are posted to Regrets, by a task.';
$string['setting:postenrolments'] = 'Post sign-ups';
$string['setting:postenrolments_desc'] = 'enrolment.upserted and enrolment.removed';
$string['setting:postsessions'] = 'Post sessions';
$string['setting:postsessions_desc'] = 'session.upserted and session.cancelled';
$string['setting:restoreonlyours'] = 'Only what Regrets cancelled';
$string['setting:restoreonlyours_desc'] = 'Whether a place that a trainer or the learner cancelled here stays cancelled.';
$string['setting:restorepastwaitlist'] = 'Pass over the wait list';
$string['setting:restorepastwaitlist_desc'] = 'Whether a place may be given back while others wait for one.';
$string['setting:restoretowaitlist'] = 'Give back onto the wait list';
$string['setting:restoretowaitlist_desc'] = 'Whether a learner who had a place is put at the end of the wait list when there is none any more. Who stood on the wait list is put there in any case.';
$string['setting:secret'] = 'Secret';
$string['setting:secret_desc'] = 'The webhook secret, 24 to 64 bytes in base64 (whsec_…), the same as in the configuration of Regrets.';
$string['setting:url'] = 'Address';
$string['setting:url_desc'] = 'Where Regrets takes messages: https://…/api/lms/TENANT/events';
$string['task:prune'] = 'Forget old keys';
$string['task:sweep'] = 'Find changes that no event told';
$string['unknownprovider'] = 'There is no activity "{$a}" that Regrets can serve on this site.';
$string['warning:hidden'] = 'Course or activity is hidden from the caller.';
$string['warning:nopermissions'] = 'The caller may not read this activity.';
