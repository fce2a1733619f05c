/*
 * NET.EXE as in NT 4, for services: START, STOP, PAUSE, CONTINUE and HELPMSG with the real service control manager, and
 * with NT's texts, numbers and exit codes (0, or 2 after a failure). Failures go to STDERR, as in NT.
 */
#include "lab.h"
#include "net-text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* NT waits for a pending service until its check point has not advanced for PATIENCE milliseconds. */
#define POLL 100
#define PATIENCE 10000

static SC_HANDLE manager;

/* The control that this program was called for; NULL if for none. */
static const wchar_t *asked;

static int is_asked(const char *verb) {
	char utf8[32] = "";
	if (asked) WideCharToMultiByte(CP_UTF8, 0, asked, -1, utf8, sizeof utf8, NULL, NULL);
	return asked && !strcmp(verb, utf8);
}

static void leave(int code) {
	if (asked) lab_log(L"net.log", "end %ls", asked);
	lab_exit(code);
}

static void put_line(DWORD to, const wchar_t *text) {
	put_text(to, text);
	put_text(to, L"\r\n");
}

/* A network message has a number for HELPMSG. Any other error is a "system error". */
static void fail(unsigned number, const wchar_t *insert) {
	wchar_t line[512];
	const wchar_t *text = net_text(number, insert);
	if (text) {
		put_line(STD_ERROR_HANDLE, text);
		swprintf(line, 512, net_phrase(PHRASE_MORE_HELP), number);
		put_text(STD_ERROR_HANDLE, L"\r\n");
		put_line(STD_ERROR_HANDLE, line);
		put_text(STD_ERROR_HANDLE, L"\r\n");
	} else {
		swprintf(line, 512, net_phrase(PHRASE_SYSTEM_ERROR), number);
		put_line(STD_ERROR_HANDLE, line);
		put_text(STD_ERROR_HANDLE, L"\r\n");
		if (FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, number, 0, line, 512, NULL))
			put_line(STD_ERROR_HANDLE, line);
	}
	leave(2);
}

/* LAN Manager's numbers for the service errors that NT's NET shows in this form. */
static unsigned network_number(DWORD error) {
	switch (error) {
	case ERROR_SERVICE_DOES_NOT_EXIST: return 2185;
	case ERROR_SERVICE_ALREADY_RUNNING: return 2182;
	case ERROR_SERVICE_NOT_ACTIVE: return 2184;
	case ERROR_SERVICE_REQUEST_TIMEOUT: return 2186;
	case ERROR_SERVICE_CANNOT_ACCEPT_CTRL: return 2189;
	case ERROR_INVALID_SERVICE_CONTROL: return 2191;
	}
	return error;
}

struct service {
	SC_HANDLE handle;
	wchar_t display[256];
	SERVICE_STATUS status;
};

static void query(struct service *service) {
	if (!QueryServiceStatus(service->handle, &service->status)) fail(network_number(GetLastError()), L"");
}

/* Opens a service by short or display name, because NET accepts both. */
static struct service open_service(const wchar_t *name, DWORD access) {
	struct service service = {0};
	wchar_t key[256];
	DWORD size = 256;
	if (!GetServiceKeyNameW(manager, name, key, &size)) swprintf(key, 256, L"%ls", name);
	service.handle = OpenServiceW(manager, key, access | SERVICE_QUERY_STATUS);
	if (!service.handle) fail(network_number(GetLastError()), name);
	size = 256;
	if (!GetServiceDisplayNameW(manager, key, service.display, &size) || !*service.display)
		swprintf(service.display, 256, L"%ls", key);
	query(&service);
	return service;
}

/* Polls, with a dot each second, while the service is in this pending state and its check point advances. */
static void wait_while(struct service *service, DWORD pending) {
	DWORD check_point = service->status.dwCheckPoint, stood = 0;
	while (service->status.dwCurrentState == pending && stood < PATIENCE) {
		Sleep(POLL);
		stood += POLL;
		if (stood % 1000 == 0) put_text(STD_OUTPUT_HANDLE, L".");
		query(service);
		if (service->status.dwCheckPoint != check_point) stood = 0;
		check_point = service->status.dwCheckPoint;
	}
}

static void refuse_pending(struct service *service) {
	DWORD state = service->status.dwCurrentState;
	if (state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING) fail(3533, service->display);
}

/* A control has been delivered. From here on a test can make NET never return. */
static void delivered(void) {
	char hangs[32];
	lab_setting("netHangs", hangs, sizeof hangs, "");
	while (is_asked(hangs)) Sleep(INFINITE);
}

static void say(unsigned number, struct service *service) {
	put_line(STD_OUTPUT_HANDLE, net_text(number, service->display));
}

/* Prints why a start did not end in RUNNING, in NT's three forms. */
static void fail_start(struct service *service) {
	wchar_t code[16];
	DWORD error = service->status.dwWin32ExitCode;
	put_line(STD_ERROR_HANDLE, net_text(3523, service->display));
	put_text(STD_ERROR_HANDLE, L"\r\n");
	if (error == NO_ERROR) fail(3534, service->display);
	if (error == ERROR_SERVICE_SPECIFIC_ERROR) {
		swprintf(code, 16, L"%lu", service->status.dwServiceSpecificExitCode);
		fail(3547, code);
	}
	put_line(STD_ERROR_HANDLE, net_phrase(PHRASE_A_SYSTEM_ERROR));
	put_text(STD_ERROR_HANDLE, L"\r\n");
	fail(error, service->display);
}

/*
 * Whether a start that Wine reports as timed out (1053) belongs to a service that started and ended at once. On a
 * loaded machine Wine's control manager may check only after the end, and cannot distinguish the two. On NT the start
 * succeeds.
 */
static int has_run(struct service *service) {
	DWORD error = GetLastError();
	if (error == ERROR_SERVICE_REQUEST_TIMEOUT) query(service);
	SetLastError(error);
	DWORD ended = service->status.dwWin32ExitCode;
	return error == ERROR_SERVICE_REQUEST_TIMEOUT && service->status.dwCurrentState == SERVICE_STOPPED &&
		ended != NO_ERROR && ended != ERROR_SERVICE_NEVER_STARTED;
}

/*
 * Wine's control manager reads a start type only when it starts itself, so it would ignore a type that a test writes
 * later.
 */
static void refuse_disabled(struct service *service, const wchar_t *name) {
	wchar_t path[512];
	DWORD type = 0, size = sizeof type;
	HKEY key;
	if (service->status.dwCurrentState != SERVICE_STOPPED) return;
	swprintf(path, 512, L"SYSTEM\\CurrentControlSet\\Services\\%ls", name);
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key)) return;
	LONG error = RegQueryValueExW(key, L"Start", NULL, NULL, (BYTE *)&type, &size);
	RegCloseKey(key);
	if (!error && type == SERVICE_DISABLED) fail(ERROR_SERVICE_DISABLED, service->display);
}

static void start(const wchar_t *name) {
	struct service service = open_service(name, SERVICE_START);
	refuse_pending(&service);
	refuse_disabled(&service, name);
	if (!StartServiceW(service.handle, 0, NULL) && !has_run(&service)) fail(network_number(GetLastError()), service.display);
	delivered();
	put_text(STD_OUTPUT_HANDLE, net_text(3522, service.display));
	query(&service);
	wait_while(&service, SERVICE_START_PENDING);
	put_line(STD_OUTPUT_HANDLE, L".");
	if (service.status.dwCurrentState != SERVICE_RUNNING) fail_start(&service);
	say(3524, &service);
}

static void control(struct service *service, DWORD code) {
	if (!ControlService(service->handle, code, &service->status)) fail(network_number(GetLastError()), service->display);
	delivered();
	query(service);
}

static void stop(const wchar_t *name) {
	struct service service = open_service(name, SERVICE_STOP | SERVICE_ENUMERATE_DEPENDENTS | SERVICE_USER_DEFINED_CONTROL);
	DWORD size, count = 0;
	refuse_pending(&service);
	if (service.status.dwCurrentState == SERVICE_STOPPED) fail(3521, service.display);
	EnumDependentServicesW(service.handle, SERVICE_ACTIVE, NULL, 0, &size, &count);
	if (GetLastError() == ERROR_MORE_DATA) lab_unknown(L"net: STOP of a service others depend on", name);
	control(&service, lab_setting_is("stop", "refuse") ? CONTROL_REFUSED_STOP : SERVICE_CONTROL_STOP);
	put_text(STD_OUTPUT_HANDLE, net_text(3527, service.display));
	wait_while(&service, SERVICE_STOP_PENDING);
	put_line(STD_OUTPUT_HANDLE, L".");
	if (service.status.dwCurrentState != SERVICE_STOPPED) {
		/* NT prints this message without a number. */
		put_line(STD_ERROR_HANDLE, net_text(3528, service.display));
		leave(2);
	}
	say(3529, &service);
}

static void pause(const wchar_t *name) {
	char answer[16];
	struct service service = open_service(name, SERVICE_PAUSE_CONTINUE);
	refuse_pending(&service);
	control(&service, SERVICE_CONTROL_PAUSE);
	lab_setting("pauseAnswers", answer, sizeof answer, "");
	if (*answer) fail(atoi(answer), service.display);
	if (lab_setting_is("pause", "dies")) wait_while(&service, SERVICE_RUNNING);
	wait_while(&service, SERVICE_PAUSE_PENDING);
	if (service.status.dwCurrentState == SERVICE_PAUSE_PENDING) fail(3541, service.display);
	if (service.status.dwCurrentState != SERVICE_PAUSED) fail(3539, service.display);
	say(3537, &service);
}

static void resume(const wchar_t *name) {
	struct service service = open_service(name, SERVICE_PAUSE_CONTINUE);
	refuse_pending(&service);
	control(&service, SERVICE_CONTROL_CONTINUE);
	wait_while(&service, SERVICE_CONTINUE_PENDING);
	if (service.status.dwCurrentState == SERVICE_CONTINUE_PENDING) fail(3540, service.display);
	if (service.status.dwCurrentState != SERVICE_RUNNING) fail(3538, service.display);
	say(3536, &service);
}

/* Gives the answer that a test has set, without sending the control. */
static void refuse_as_told(const wchar_t *name) {
	char answer[64];
	lab_setting("netAnswers", answer, sizeof answer, "");
	char *number = strchr(answer, ':');
	if (lab_setting_is("access", "denied")) fail(ERROR_ACCESS_DENIED, name);
	if (!number) return;
	*number++ = 0;
	if (is_asked(answer)) fail(atoi(number), open_service(name, 0).display);
}

static int by_display_name(const void *left, const void *right) {
	return _wcsicmp(((const ENUM_SERVICE_STATUSW *)left)->lpDisplayName,
		((const ENUM_SERVICE_STATUSW *)right)->lpDisplayName);
}

/* Prints every service that is not stopped, including pending and paused ones. */
static void list_started(void) {
	static BYTE buffer[65536];
	ENUM_SERVICE_STATUSW *services = (ENUM_SERVICE_STATUSW *)buffer;
	DWORD needed, count = 0, resume_at = 0;
	if (!EnumServicesStatusW(manager, SERVICE_WIN32, SERVICE_ACTIVE, services, sizeof buffer, &needed, &count, &resume_at))
		fail(GetLastError(), L"");
	qsort(services, count, sizeof *services, by_display_name);
	put_line(STD_OUTPUT_HANDLE, net_phrase(PHRASE_STARTED_LIST));
	put_text(STD_OUTPUT_HANDLE, L"\r\n");
	for (DWORD i = 0; i < count; i++) {
		put_text(STD_OUTPUT_HANDLE, L"   ");
		put_line(STD_OUTPUT_HANDLE, services[i].lpDisplayName);
	}
	put_text(STD_OUTPUT_HANDLE, L"\r\n");
	put_line(STD_OUTPUT_HANDLE, net_phrase(PHRASE_DONE));
}

static void help_message(const wchar_t *argument) {
	const wchar_t *text = net_text(_wtoi(argument), L"***");
	if (!text) fail(3871, argument);
	put_text(STD_OUTPUT_HANDLE, L"\r\n");
	put_line(STD_OUTPUT_HANDLE, text);
}

int wmain(int argc, wchar_t **argv) {
	static const struct {
		const wchar_t *name;
		void (*run)(const wchar_t *argument);
	} verbs[] = {{L"start", start}, {L"stop", stop}, {L"pause", pause}, {L"continue", resume}, {L"helpmsg", help_message}};
	/* /Y answers questions that this NET does not ask. */
	if (argc > 2 && !_wcsicmp(argv[argc - 1], L"/y")) argc--;
	lab_gate("before", GetCommandLineW());
	manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
	if (argc == 2 && !_wcsicmp(argv[1], L"start")) {
		list_started();
		put_text(STD_OUTPUT_HANDLE, L"\r\n");
		leave(0);
	}
	for (size_t i = 0; argc == 3 && argv[2][0] != '/' && i < sizeof verbs / sizeof *verbs; i++) {
		if (_wcsicmp(argv[1], verbs[i].name)) continue;
		if (verbs[i].run != help_message) {
			asked = verbs[i].name;
			lab_log(L"net.log", "begin %ls", asked);
			refuse_as_told(argv[2]);
		}
		verbs[i].run(argv[2]);
		put_text(STD_OUTPUT_HANDLE, L"\r\n");
		leave(0);
	}
	lab_unknown(L"net: unknown arguments", GetCommandLineW());
	return 99;
}
