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
 * German strings.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['busy'] = 'Eine andere Anfrage zu diesem Termin wird gerade ausgeführt. Bitte erneut versuchen.';
$string['heading:cancel'] = 'Absagen';
$string['heading:keep'] = 'Schlüssel der Anfragen';
$string['heading:post'] = 'Änderungen an Regrets melden';
$string['heading:restore'] = 'Plätze zurückgeben';
$string['invalidkey'] = 'key: 1 bis 128 sichtbare ASCII-Zeichen.';
$string['invalidsecret'] = 'Das Geheimnis besteht nicht aus 24 bis 64 Bytes in Base64, mit oder ohne whsec_ davor.';
$string['invalidurl'] = 'Die Adresse muss mit https:// beginnen (http:// nur auf diesem Rechner) und darf keinen Anmeldenamen enthalten.';
$string['keyreused'] = 'Dieser Schlüssel wurde für eine andere Anfrage benutzt.';
$string['notcancelled'] = 'Der Platz wurde nicht abgesagt: Er ist "{$a}". Nichts wurde geändert.';
$string['notposted'] = 'Regrets hat eine Nachricht nicht angenommen: {$a}';
$string['notrestored'] = 'Der Platz wurde nicht zurückgegeben: Er ist "{$a}". Nichts wurde geändert.';
$string['outcome:already_cancelled'] = 'Der Platz war schon abgesagt.';
$string['outcome:done'] = 'Der Platz wurde abgesagt.';
$string['outcome:full'] = 'Der Termin ist voll.';
$string['outcome:held'] = 'Die Person hat ihren Platz wieder.';
$string['outcome:not_enrolled'] = 'Die Person hat keinen Platz in diesem Termin.';
$string['outcome:requested'] = 'Der Platz ist wieder angefragt und wartet auf Genehmigung.';
$string['outcome:unknown_learner'] = 'Unter diesem Wert ist niemand bekannt.';
$string['outcome:unknown_session'] = 'Diesen Termin gibt es nicht.';
$string['outcome:waitlisted'] = 'Die Person steht auf der Warteliste.';
$string['pluginname'] = 'Regrets';
$string['privacy:regrets'] = 'Änderungen an Terminen und Anmeldungen werden an Regrets gemeldet, das Kalender und Anmeldungen abgleicht.';
$string['privacy:regrets:email'] = 'Die E-Mail-Adresse, falls die Website sie sendet.';
$string['privacy:regrets:id'] = 'Die ID des Kontos.';
$string['privacy:regrets:idnumber'] = 'Die ID-Nummer, falls die Website sie sendet.';
$string['privacy:regrets:state'] = 'Der Stand des Platzes.';
$string['privacy:regrets:username'] = 'Der Anmeldename, falls die Website ihn sendet.';
$string['privacy:request'] = 'Anfragen von Regrets, einen Platz abzusagen oder zurückzugeben.';
$string['privacy:request:action'] = 'Was angefragt wurde.';
$string['privacy:request:answer'] = 'Was daraus wurde.';
$string['privacy:request:keytext'] = 'Der Schlüssel, unter dem Regrets die Anfrage kennt.';
$string['privacy:request:sessionid'] = 'Der Termin.';
$string['privacy:request:timecreated'] = 'Wann angefragt wurde.';
$string['privacy:request:userid'] = 'Die Person, um deren Platz es ging.';
$string['privacy:signup'] = 'Was Regrets zuletzt von einem Platz gemeldet wurde.';
$string['privacy:signup:sessionid'] = 'Der Termin.';
$string['privacy:signup:state'] = 'Der Stand des Platzes.';
$string['privacy:signup:timemodified'] = 'Wann gemeldet wurde.';
$string['privacy:signup:userid'] = 'Die Person.';
$string['reason:ambiguouslearner'] = 'Mehrere Konten haben diesen Wert.';
$string['reason:attendancetaken'] = 'Die Anwesenheit ist schon erfasst.';
$string['reason:cancellationsoff'] = 'Der Termin erlaubt keine Absagen.';
$string['reason:cutoff'] = 'Der Termin beginnt zu bald, um noch abzusagen.';
$string['reason:managermissing'] = 'Im Profil der Person steht niemand, der den Platz genehmigt.';
$string['reason:maynotsignup'] = 'Die Person darf sich für diese Aktivität nicht anmelden.';
$string['reason:nevercancelled'] = 'In diesem Termin wurde kein Platz der Person abgesagt.';
$string['reason:notincourse'] = 'Die Person ist nicht mehr im Kurs eingeschrieben.';
$string['reason:notours'] = 'Jemand anderes hat den Platz abgesagt.';
$string['reason:otherswait'] = 'Andere warten auf einen Platz.';
$string['reason:sessionstarted'] = 'Der Termin hat begonnen.';
$string['reason:signedupelsewhere'] = 'Die Person ist für einen anderen Termin dieser Aktivität angemeldet.';
$string['reason:stillheld'] = 'Die Person hat das schon; nichts wurde geändert.';
$string['reason:unknownstate'] = 'Der Platz hat einen unbekannten Stand.';
$string['regrets:cancel'] = 'Anmeldungen anderer über Webservices absagen';
$string['regrets:read'] = 'Termine und Anmeldungen über Webservices lesen';
$string['regrets:restore'] = 'Abgesagte Anmeldungen über Webservices zurückgeben';
$string['setting:cutoff'] = 'Frist';
$string['setting:cutoff_desc'] = 'Wie lange vor seinem Beginn ein Termin nicht mehr abgesagt werden kann. 0: bis zum Beginn.';
$string['setting:keep'] = 'Schlüssel behalten für';
$string['setting:keep_desc'] = 'So lange bekommt eine Anfrage, die mit ihrem Schlüssel wiederkommt, dieselbe Antwort. Mindestens bis der Termin vorbei ist.';
$string['setting:learnerfields'] = 'Zur Person';
$string['setting:learnerfields_desc'] = 'Was neben der ID des Kontos gesendet wird.';
$string['setting:notify'] = 'Benachrichtigen';
$string['setting:notify_desc'] = 'Ob die Aktivität der Person ihre übliche Nachricht schickt, wenn Regrets einen Platz absagt oder zurückgibt. Wer von der Warteliste nachrückt, erfährt es in jedem Fall. Buchung geht stattdessen nach ihren eigenen Regeln und Vorlagen.';
$string['setting:obeyallowcancellations'] = '"Absagen erlauben" beachten';
$string['setting:obeyallowcancellations_desc'] = 'Ob ein Termin, der keine Absagen erlaubt oder keine mehr, auch Regrets verschlossen ist.';
$string['setting:post'] = 'Änderungen melden';
$string['setting:post_desc'] = 'Ob Änderungen an Terminen und Anmeldungen an Regrets gemeldet werden, durch einen Task.';
$string['setting:postenrolments'] = 'Anmeldungen melden';
$string['setting:postenrolments_desc'] = 'enrolment.upserted und enrolment.removed';
$string['setting:postsessions'] = 'Termine melden';
$string['setting:postsessions_desc'] = 'session.upserted und session.cancelled';
$string['setting:restoreonlyours'] = 'Nur was Regrets abgesagt hat';
$string['setting:restoreonlyours_desc'] = 'Ob ein Platz abgesagt bleibt, den eine Trainerin oder die Person selbst hier abgesagt hat.';
$string['setting:restorepastwaitlist'] = 'Warteliste übergehen';
$string['setting:restorepastwaitlist_desc'] = 'Ob ein Platz zurückgegeben werden darf, während andere auf einen warten.';
$string['setting:restoretowaitlist'] = 'Auf die Warteliste zurückgeben';
$string['setting:restoretowaitlist_desc'] = 'Ob jemand, der einen Platz hatte, ans Ende der Warteliste kommt, wenn keiner mehr frei ist. Wer auf der Warteliste stand, kommt in jedem Fall wieder auf sie.';
$string['setting:secret'] = 'Geheimnis';
$string['setting:secret_desc'] = 'Das Webhook-Geheimnis, 24 bis 64 Bytes in Base64 (whsec_…), dasselbe wie in der Konfiguration von Regrets.';
$string['setting:url'] = 'Adresse';
$string['setting:url_desc'] = 'Wo Regrets Nachrichten annimmt: https://…/api/lms/TENANT/events';
$string['task:prune'] = 'Alte Schlüssel vergessen';
$string['task:sweep'] = 'Änderungen finden, die kein Ereignis gemeldet hat';
$string['unknownprovider'] = 'Auf dieser Website gibt es keine Aktivität "{$a}", die Regrets bedienen kann.';
$string['warning:hidden'] = 'Kurs oder Aktivität ist vor dem Aufrufer verborgen.';
$string['warning:nopermissions'] = 'Der Aufrufer darf diese Aktivität nicht lesen.';
