#include "postoffice.h"
#include "lab.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LOG L"programs.log"

/* Another program has FLAG.GLB open, for example ADMIN. */
#define IN_USE 91
/* NSDA's number if a program's files are not found. */
#define NOT_HERE 2

static const struct {
	unsigned number;
	const wchar_t *level, *english, *german;
} messages[] = {
	{2, L"Fatal", L"Program files not found", L"Programmdateien k\x00f6nnen nicht gefunden werden"},
	{40, L"Error", L"REQTRANS.GLB is missing", L"REQTRANS.GLB ist nicht verf\x00fcg" L"bar"},
	{54, L"Fatal", L"No directory server name set", L"Kein Name f\x00fcr den Verzeichnisserver"},
	{91, L"Fatal", L"Postoffice locked by another program", L"Postoffice ist f\x00fcr ein anderes Programm gesperrt"},
	{105, L"Status", L"%d updates received", L"%d \x00c4nderungen empfangen"},
	{106, L"Status", L"%d updates sent", L"%d \x00c4nderungen gesendet"},
	{113, L"Fatal", L"Failure to send mail", L"Nachricht kann nicht \x00fc" L"bermittelt werden"},
	{120, L"Error", L"Requestor not registered", L"Anforderer f\x00fcr diesen Server nicht registriert"},
	{128, L"Warning", L"Could not process requestor status report", L"Statusbericht nicht verf\x00fcg" L"bar"},
	{133, L"Error", L"Invalid Server Request", L"Ung\x00fcltige Anforderung an den Server"},
	{150, L"Fatal", L"Could not append transactions to the updates file",
		L"\x00c4nderungsdatei kann nicht erweitert werden"},
	{151, L"Fatal", L"Requestor configuration busy", L"Konfiguration des Anforderers nicht verf\x00fcg" L"bar"},
	{156, L"Error", L"Invalid DirSync password from requestor", L"Kennwort des Anforderers ung\x00fcltig"},
	{161, L"Fatal", L"Server configuration busy", L"Konfiguration des Servers nicht verf\x00fcg" L"bar"},
	{171, L"Status", L"No updates to send", L"Keine \x00c4nderungen zu senden"},
	{202, L"Fatal", L"No Valid postoffice found", L"Kein g\x00fcltiges Postoffice gefunden"},
	{203, L"Fatal", L"GAL Rebuild problem accessing files", L"Zugriff auf Dateien beim Erneuern der GAL nicht m\x00f6glich"},
	{204, L"Fatal", L"GAL Rebuild out of disk space", L"Kein Platz f\x00fcr das Erneuern der GAL"},
};

static const char *program;
static struct arguments arguments;

/* Faults that a test has set for this call: print unreadable text, or die halfway. */
static int foreign, dies;

static void leave(int code) {
	lab_log(LOG, "end %s exit=%d", program, code);
	lab_exit(code);
}

void postoffice_leave(void) {
	leave(0);
}

static void put(const wchar_t *text) {
	DWORD written;
	if (foreign) {
		WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "\x83\x81\xff\x8c\x90\r\n", 7, &written, NULL);
		return;
	}
	put_text(STD_OUTPUT_HANDLE, text);
	put_text(STD_OUTPUT_HANDLE, L"\r\n");
}

/* Every post office logs these messages. A drive without a post office has no such folder. */
static void keep(const wchar_t *text) {
	wchar_t path[MAX_PATH];
	SYSTEMTIME now;
	swprintf(path, MAX_PATH, L"%lc:\\LOG\\DIRSYNC.LOG", arguments.drive);
	FILE *file = _wfopen(path, L"a");
	if (!file) return;
	char *utf8 = to_utf8(text);
	GetLocalTime(&now);
	fprintf(file, "%04d-%02d-%02d %02d:%02d:%02d %s %s\n", now.wYear, now.wMonth, now.wDay, now.wHour, now.wMinute,
		now.wSecond, program, utf8);
	fclose(file);
}

static void tell(const wchar_t *text) {
	put(text);
	keep(text);
}

void postoffice_tell(const wchar_t *english, const wchar_t *german, int count) {
	wchar_t text[256];
	swprintf(text, 256, host_is_german() ? german : english, count);
	tell(text);
}

void postoffice_whisper(const wchar_t *english, const wchar_t *german) {
	put(host_is_german() ? german : english);
}

/* The forms of a number in the KB: Fatal[150], Fatal 113 (Q130449), Fatal [ 40] (Q119017). */
static const wchar_t *number_form = L"%ls[%u] %ls";

/* A number that is not in this table has no text. Returns whether the program ends. */
static int say(unsigned number, int count) {
	wchar_t insert[200] = L"", text[256];
	const wchar_t *level = L"Fatal";
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		if (messages[i].number != number) continue;
		level = messages[i].level;
		swprintf(insert, 200, host_is_german() ? messages[i].german : messages[i].english, count);
	}
	swprintf(text, 256, number_form, level, number, insert);
	tell(text);
	return !wcscmp(level, L"Fatal");
}

void dirsync_say(unsigned number, int count) {
	if (number == SAYS_NO_TASKS)
		postoffice_tell(L"No Tasks From Requestor", L"Keine Auftr\x00e4ge vom Anforderer", 0);
	else if (say(number, count))
		postoffice_leave();
}

void dirsync_middle(void) {
	if (dies) TerminateProcess(GetCurrentProcess(), 1);
}

static void take_argument(const wchar_t *argument, const wchar_t *letters, int with_admin) {
	wchar_t letter = argument[0] == '-' ? towlower(argument[1]) : 0;
	if (letter == 'd' && iswalpha(argument[2]) && !argument[3]) arguments.drive = argument[2];
	else if (with_admin && letter == 'p') arguments.password = argument + 2;
	else if (with_admin && !letter && !arguments.admin) arguments.admin = argument;
	else if (letter && wcschr(letters, letter) && !argument[2]) arguments.flag[letter] = 1;
	else lab_unknown(L"a post office's program: unknown argument", argument);
}

/* The program searches for its message file and all other files in the current directory. */
static int is_at_home(void) {
	wchar_t own[MAX_PATH], current[MAX_PATH];
	GetModuleFileNameW(NULL, own, MAX_PATH);
	GetCurrentDirectoryW(MAX_PATH, current);
	*wcsrchr(own, '\\') = 0;
	return !_wcsicmp(own, current);
}

static void be_faulty(const char *fault) {
	if (!strcmp(fault, "foreign")) foreign = 1;
	else if (!strcmp(fault, "dies")) dies = 1;
	else if (!strncmp(fault, "hangs ", 6)) Sleep((DWORD)(atof(fault + 6) * 1000));
	else if (atoi(fault)) {
		if (strstr(fault, " bare")) number_form = L"%ls %u %ls";
		if (strstr(fault, " padded")) number_form = L"%ls [%3u] %ls";
		say(atoi(fault), 0);
		postoffice_leave();
	}
	else lab_unknown(L"a post office's program: unknown fault in L:\\settings", L"programFault");
}

/* `<part of the call>:<fault>`. The part is not case-sensitive. */
static void do_as_told(const char *call) {
	char setting[256], lower[512];
	lab_setting("programFault", setting, sizeof setting, "");
	char *fault = strrchr(setting, ':');
	if (!fault) return;
	*fault++ = 0;
	snprintf(lower, sizeof lower, "%s", call);
	if (strstr(strlwr(lower), strlwr(setting))) be_faulty(fault);
}

struct arguments postoffice_begin(const char *name, int argc, wchar_t **argv, const wchar_t *letters, int with_admin) {
	wchar_t current[MAX_PATH];
	program = name;
	char *call = lab_call(name, argc, argv);
	lab_gate("before", GetCommandLineW());
	GetCurrentDirectoryW(MAX_PATH, current);
	lab_log(LOG, "begin %s cwd=%s", call, to_utf8(current));
	for (int i = 1; i < argc; i++) take_argument(argv[i], letters, with_admin);
	if (!arguments.drive || (with_admin && (!arguments.admin || !arguments.password)))
		lab_unknown(L"a post office's program: an argument is missing", GetCommandLineW());
	if (!is_at_home()) say(NOT_HERE, 0), postoffice_leave();
	do_as_told(call);
	return arguments;
}

void postoffice_file(const struct party *office, const wchar_t *name, wchar_t *path) {
	swprintf(path, MAX_PATH, L"%lc:\\%ls", *office->data, name);
}

struct party postoffice_open(const struct arguments *given) {
	struct party office;
	wchar_t path[MAX_PATH];
	swprintf(office.data, MAX_PATH, L"%lc:\\GLB", given->drive);
	postoffice_file(&office, L"MBG\\SYSTEM", office.in);
	postoffice_file(&office, L"P1", office.out);
	if (!party_open(&office)) say(202, 0), postoffice_leave();
	party_file(&office, L"FLAG.GLB", path);
	if (CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL) == INVALID_HANDLE_VALUE)
		say(IN_USE, 0), postoffice_leave();
	return office;
}
