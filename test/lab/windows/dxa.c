/*
 * MSExchangeDX, the directory synchronization agent (EXCHSRVR\BIN\DXA.EXE). It reads PauseKicksDX when it starts. With
 * the value a pause runs a cycle (T1 as requestor, T2 as server) and the service stays running; without it a pause is
 * refused. If its data folder names partners, it takes part in directory synchronization: as requestor it sends its
 * changes with T1 and applies answers as they arrive, as server it answers with T2.
 * Its events are in L:\service.log; its faults are set in L:\settings.
 */
#include "dirsync.h"
#include "lab.h"
#include <stdio.h>
#include <wchar.h>

#define NAME L"MSExchangeDX"
#define KEY L"SYSTEM\\CurrentControlSet\\Services\\" NAME
#define LOG L"service.log"
#define EXCHANGE L"C:\\exchsrvr"

/* The interval in which it checks for mail, in milliseconds. */
#define POLL 250

static SERVICE_STATUS_HANDLE handle;
static HANDLE stopping;
static CRITICAL_SECTION at_work;
static SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};

static void report(DWORD state) {
	status.dwCurrentState = state;
	SetServiceStatus(handle, &status);
}

/* Only the service key itself counts, and only REG_DWORD 1. */
static int pause_kicks(void) {
	DWORD type = 0, value = 0, size = sizeof value;
	HKEY key;
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, KEY_READ, &key)) return 0;
	LONG error = RegQueryValueExW(key, L"PauseKicksDX", NULL, &type, (BYTE *)&value, &size);
	RegCloseKey(key);
	return !error && type == REG_DWORD && value == 1;
}

/* Stays in a pending state for the time in the setting, with check points that advance. */
static void linger(DWORD pending, const char *setting) {
	DWORD left = lab_setting_seconds(setting);
	status.dwWaitHint = 3000;
	for (status.dwCheckPoint = 1; left; status.dwCheckPoint++) {
		DWORD step = left < 500 ? left : 500;
		report(pending);
		Sleep(step);
		left -= step;
	}
	status.dwCheckPoint = status.dwWaitHint = 0;
}

void dirsync_say(unsigned number, int count) {
	lab_log(LOG, "says %u %d", number, count);
}

void dirsync_middle(void) {}

/* Whether Exchange has partners. */
static int takes_part(struct party *exchange) {
	swprintf(exchange->data, MAX_PATH, EXCHANGE L"\\dxadata");
	swprintf(exchange->in, MAX_PATH, EXCHANGE L"\\connect\\maildat\\in");
	swprintf(exchange->out, MAX_PATH, EXCHANGE L"\\connect\\maildat\\out");
	return party_open(exchange);
}

static void apply_updates(const struct party *exchange) {
	wchar_t recipients[MAX_PATH];
	party_file(exchange, L"recipients", recipients);
	lab_log(LOG, "applied %d", requestor_apply(exchange, recipients));
}

static void serve(const struct party *exchange) {
	server_receive(exchange);
	server_serve_itself(exchange);
	server_send(exchange);
	apply_updates(exchange);
}

static void run_cycle(void) {
	struct party exchange;
	int server = lab_setting_is("role", "server");
	lab_log(LOG, "cycle %s", server ? "T2" : "T1");
	if (!takes_part(&exchange)) return;
	EnterCriticalSection(&at_work);
	if (server) serve(&exchange);
	else requestor_send(&exchange);
	LeaveCriticalSection(&at_work);
}

/* T3 has no schedule and no control: a requestor applies answers as they arrive. A server's mail waits for T2. */
static DWORD WINAPI watch_mail(void *unused) {
	struct party exchange;
	for (;; Sleep(POLL)) {
		if (status.dwCurrentState != SERVICE_RUNNING || !takes_part(&exchange) || lab_setting_is("role", "server")) continue;
		EnterCriticalSection(&at_work);
		if (requestor_receive(&exchange)) apply_updates(&exchange);
		LeaveCriticalSection(&at_work);
	}
	return 0;
}

/*
 * The answer to a control leaves after its handler has returned. If the service is stopped or its process has ended
 * before, Wine breaks the pipe. So the service ends later, and NET waits for its end (net.c).
 */
static DWORD WINAPI end_soon(void *unused) {
	(void)unused;
	Sleep(1000);
	report(SERVICE_STOPPED);
	SetEvent(stopping);
	return 0;
}

static void on_pause(void) {
	lab_log(LOG, "pause");
	if (lab_setting_is("pause", "really")) {
		lab_log(LOG, "paused");
		report(SERVICE_PAUSED);
		return;
	}
	if (lab_setting_is("pause", "hang")) Sleep(lab_setting_seconds("hangSeconds"));
	run_cycle();
	if (lab_setting_is("pause", "dies")) {
		lab_log(LOG, "died");
		CreateThread(NULL, 0, end_soon, NULL, 0, NULL);
		return;
	}
	report(SERVICE_RUNNING);
}

static void on_continue(void) {
	lab_log(LOG, "continue");
	report(lab_setting_is("continue", "fail") ? SERVICE_PAUSED : SERVICE_RUNNING);
}

static void on_stop(void) {
	if (lab_setting_is("stop", "hang")) {
		lab_log(LOG, "stop hangs");
		report(SERVICE_STOP_PENDING);
		return;
	}
	report(SERVICE_STOP_PENDING);
	SetEvent(stopping);
}

static DWORD WINAPI on_control(DWORD control, DWORD type, void *data, void *context) {
	switch (control) {
	case SERVICE_CONTROL_PAUSE:
		on_pause();
		return NO_ERROR;
	case SERVICE_CONTROL_CONTINUE:
		on_continue();
		return NO_ERROR;
	case SERVICE_CONTROL_STOP:
		on_stop();
		return NO_ERROR;
	case CONTROL_REFUSED_STOP:
		lab_log(LOG, "stop refused");
		return NO_ERROR;
	case SERVICE_CONTROL_INTERROGATE:
		return NO_ERROR;
	}
	return ERROR_CALL_NOT_IMPLEMENTED;
}

static void WINAPI service_main(DWORD argc, LPWSTR *argv) {
	stopping = CreateEventW(NULL, TRUE, FALSE, NULL);
	handle = RegisterServiceCtrlHandlerExW(NAME, on_control, NULL);
	report(SERVICE_START_PENDING);
	linger(SERVICE_START_PENDING, "startSeconds");
	if (lab_setting_is("start", "fail")) {
		lab_log(LOG, "start failed 2140");
		status.dwWin32ExitCode = 2140;
		report(SERVICE_STOPPED);
		return;
	}
	int kicks = pause_kicks();
	status.dwControlsAccepted = SERVICE_ACCEPT_STOP | (kicks ? SERVICE_ACCEPT_PAUSE_CONTINUE : 0);
	lab_log(LOG, "start kicks=%d", kicks);
	report(SERVICE_RUNNING);
	CreateThread(NULL, 0, watch_mail, NULL, 0, NULL);
	WaitForSingleObject(stopping, INFINITE);
	if (status.dwCurrentState == SERVICE_STOPPED) return;
	linger(SERVICE_STOP_PENDING, "stopSeconds");
	lab_log(LOG, "stop");
	report(SERVICE_STOPPED);
}

int wmain(void) {
	InitializeCriticalSection(&at_work);
	SERVICE_TABLE_ENTRYW table[] = {{(wchar_t *)NAME, service_main}, {NULL, NULL}};
	return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
