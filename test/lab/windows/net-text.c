#include "lab.h"
#include "net-text.h"
#include <stdio.h>
#include <wchar.h>

static const struct {
	unsigned number;
	const wchar_t *english, *german;
} texts[] = {
	{2140, L"An internal Windows NT error occurred.", L"Es ist ein interner Windows NT-Fehler aufgetreten."},
	{2182, L"The requested service has already been started.", L"Der angeforderte Dienst wurde bereits gestartet."},
	{2184, L"The service has not been started.", L"Der Dienst wurde nicht gestartet."},
	{2185, L"The service name is invalid.", L"Der Dienstname ist ung\x00fcltig."},
	{2186, L"The service is not responding to the control function.", L"Der Dienst antwortet nicht auf die Steuerfunktion."},
	{2187, L"The service control is busy.", L"Die Dienststeuerung ist ausgelastet."},
	{2189, L"The service could not be controlled in its present state.",
		L"Der Dienst kann in seinem momentanen Zustand nicht gesteuert werden."},
	{2191, L"The requested pause or stop is not valid for this service.",
		L"Der angeforderte Befehl zum Anhalten oder Beenden ist f\x00fcr diesen Dienst nicht zul\x00e4ssig."},
	{3521, L"The %1 service is not started.", L"%1 wurde nicht gestartet."},
	{3522, L"The %1 service is starting", L"%1 wird gestartet"},
	{3523, L"The %1 service could not be started.", L"%1 konnte nicht gestartet werden."},
	{3524, L"The %1 service was started successfully.", L"%1 wurde erfolgreich gestartet."},
	{3527, L"The %1 service is stopping", L"%1 wird beendet"},
	{3528, L"The %1 service could not be stopped.", L"%1 konnte nicht beendet werden."},
	{3529, L"The %1 service was stopped successfully.", L"%1 wurde erfolgreich beendet."},
	{3533, L"The service is starting or stopping.  Please try again later.",
		L"Der Dienst wird gerade gestartet oder beendet. Versuchen Sie es sp\x00e4ter noch einmal."},
	{3534, L"The service did not report an error.", L"Der Dienst meldete keinen Fehler."},
	{3536, L"The %1 service was continued successfully.", L"%1 wurde erfolgreich fortgesetzt."},
	{3537, L"The %1 service was paused successfully.", L"%1 wurde erfolgreich angehalten."},
	{3538, L"The %1 service failed to resume.", L"%1 konnte nicht fortgesetzt werden."},
	{3539, L"The %1 service failed to pause.", L"%1 konnte nicht angehalten werden."},
	{3540, L"The %1 service continue is pending", L"Das Fortsetzen von %1 steht noch aus"},
	{3541, L"The %1 service pause is pending", L"Das Anhalten von %1 steht noch aus"},
	{3547, L"A service specific error occurred: %1.", L"Ein dienstspezifischer Fehler ist aufgetreten: %1."},
	{3871, L"%1 is not a valid Windows NT network message number.",
		L"%1 ist keine g\x00fcltige Windows NT-Netzwerkmeldungsnummer."},
};

static const struct {
	const wchar_t *english, *german;
} phrases[] = {
	[PHRASE_MORE_HELP] = {L"More help is available by typing NET HELPMSG %u.",
		L"Sie erhalten weitere Hilfe, wenn Sie NET HELPMSG %u eingeben."},
	[PHRASE_SYSTEM_ERROR] = {L"System error %u has occurred.", L"Systemfehler %u aufgetreten."},
	[PHRASE_A_SYSTEM_ERROR] = {L"A system error has occurred.", L"Ein Systemfehler ist aufgetreten."},
	[PHRASE_STARTED_LIST] = {L"These Windows NT services are started:", L"Folgende Windows NT-Dienste sind gestartet:"},
	[PHRASE_DONE] = {L"The command completed successfully.", L"Der Befehl wurde erfolgreich ausgef\x00fchrt."},
};

const wchar_t *net_text(unsigned number, const wchar_t *insert) {
	static wchar_t text[1024];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (texts[i].number != number) continue;
		const wchar_t *form = host_is_german() ? texts[i].german : texts[i].english;
		const wchar_t *hole = wcsstr(form, L"%1");
		if (!hole) return form;
		swprintf(text, 1024, L"%.*ls%ls%ls", (int)(hole - form), form, insert, hole + 2);
		return text;
	}
	return NULL;
}

const wchar_t *net_phrase(enum net_phrase phrase) {
	return host_is_german() ? phrases[phrase].german : phrases[phrase].english;
}
