/*
 * MSExchangeDX, the directory synchronization agent (EXCHSRVR\BIN\DXA.EXE): reads PauseKicksDX when it starts; with it a
 * pause runs a cycle (T1 as requestor, T2 as server) and the service stays running, without it a pause is refused.
 * What it does is in L:\service.log; faults come from L:\settings.
 */
#include "lab.h"
#include <stdio.h>

#define NAME L"MSExchangeDX"
#define KEY L"SYSTEM\\CurrentControlSet\\Services\\" NAME
#define LOG L"service.log"

static SERVICE_STATUS_HANDLE handle;
static HANDLE stopping;
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

/* Passes through a pending state, with check points that advance, for as long as the setting says. */
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

static void run_cycle(void) {
	lab_log(LOG, "cycle %s", lab_setting_is("role", "server") ? "T2" : "T1");
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
		report(SERVICE_STOPPED);
		SetEvent(stopping);
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
	WaitForSingleObject(stopping, INFINITE);
	if (status.dwCurrentState == SERVICE_STOPPED) return;
	linger(SERVICE_STOP_PENDING, "stopSeconds");
	lab_log(LOG, "stop");
	report(SERVICE_STOPPED);
}

int wmain(void) {
	SERVICE_TABLE_ENTRYW table[] = {{(wchar_t *)NAME, service_main}, {NULL, NULL}};
	return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
