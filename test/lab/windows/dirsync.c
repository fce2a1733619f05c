#include "dirsync.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A requestor in the server's SRVCONF.GLB: its last change, its last answer, and whether it sent a request since T2. */
struct requestor {
	char address[128];
	int changes, answers, asked;
};

struct message {
	wchar_t path[MAX_PATH];
	struct lines lines;
	const char *from, *subject;
};

void party_file(const struct party *party, const wchar_t *name, wchar_t *path) {
	swprintf(path, MAX_PATH, L"%ls\\%ls", party->data, name);
}

const char *party_prefix(const char *address) {
	static char prefix[128];
	snprintf(prefix, sizeof prefix, "%s", address);
	char *end = strrchr(prefix, '/');
	if (end) end[1] = 0;
	return prefix;
}

static struct lines load(const struct party *party, const wchar_t *name) {
	wchar_t path[MAX_PATH];
	party_file(party, name, path);
	return lines_read(path);
}

static void save(const struct party *party, const wchar_t *name, const struct lines *lines) {
	wchar_t path[MAX_PATH];
	party_file(party, name, path);
	if (!lines_write(path, lines)) dirsync_say(150, 0);
}

static int there(const struct party *party, const wchar_t *name) {
	wchar_t path[MAX_PATH];
	party_file(party, name, path);
	return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

int party_open(struct party *party) {
	struct lines master = load(party, L"MASTER.GLB");
	snprintf(party->address, sizeof party->address, "%s", lines_value(&master, "address"));
	return *party->address;
}

/* A message appears complete: the transport moves only files with this extension. */
static void mail(const struct party *party, const char *to, const char *subject, const struct lines *body) {
	static int sent;
	wchar_t path[MAX_PATH];
	SYSTEMTIME now;
	struct lines message = {0};
	lines_add(&message, "from=%s", party->address);
	lines_add(&message, "to=%s", to);
	lines_add(&message, "subject=%s", subject);
	for (size_t i = 0; i < body->count; i++) lines_add(&message, "%s", body->line[i]);
	GetSystemTime(&now);
	swprintf(path, MAX_PATH, L"%ls\\%02d%02d%02d%02d%02d%03d-%04lx%02d.MSG", party->out, now.wMonth, now.wDay, now.wHour,
		now.wMinute, now.wSecond, now.wMilliseconds, GetCurrentProcessId(), sent++);
	if (!lines_write(path, &message)) dirsync_say(113, 0);
}

static int by_path(const void *left, const void *right) {
	return wcscmp(((const struct message *)left)->path, ((const struct message *)right)->path);
}

/* The messages whose subject begins like this, oldest first. */
static struct message *waiting(const struct party *party, const char *beginning, size_t *count) {
	struct message *messages = NULL;
	wchar_t path[MAX_PATH];
	WIN32_FIND_DATAW found;
	*count = 0;
	swprintf(path, MAX_PATH, L"%ls\\*.MSG", party->in);
	HANDLE search = FindFirstFileW(path, &found);
	if (search == INVALID_HANDLE_VALUE) return NULL;
	do {
		struct message one;
		swprintf(one.path, MAX_PATH, L"%ls\\%ls", party->in, found.cFileName);
		one.lines = lines_read(one.path);
		one.from = lines_value(&one.lines, "from");
		one.subject = lines_value(&one.lines, "subject");
		if (strncmp(one.subject, beginning, strlen(beginning))) continue;
		/* From, to and subject. */
		lines_drop(&one.lines, 3);
		messages = realloc(messages, (*count + 1) * sizeof *messages);
		messages[(*count)++] = one;
	} while (FindNextFileW(search, &found));
	FindClose(search);
	if (messages) qsort(messages, *count, sizeof *messages, by_path);
	return messages;
}

static void discard(const struct message *messages, size_t count) {
	for (size_t i = 0; i < count; i++) DeleteFileW(messages[i].path);
}

void requestor_send(const struct party *party) {
	char subject[256];
	struct lines configuration = load(party, L"REQCONF.GLB"), changes = load(party, L"REQTRANS.GLB"), none = {0};
	const char *server = lines_value(&configuration, "server");
	int was = atoi(lines_value(&configuration, "reqsync")), answers = atoi(lines_value(&configuration, "srvsync"));
	int count = (int)changes.count;
	if (!there(party, L"REQCONF.GLB")) {
		dirsync_say(151, 0);
		return;
	}
	if (!*server) {
		dirsync_say(54, 0);
		return;
	}
	if (!there(party, L"REQTRANS.GLB")) {
		dirsync_say(40, 0);
		return;
	}
	snprintf(subject, sizeof subject, "Status report from %s", party->address);
	*strrchr(subject, '/') = 0;
	mail(party, server, subject, &none);
	dirsync_middle();
	snprintf(subject, sizeof subject, "ReqTx R=%d (was %d), S=%d, I=0 %d sent", was + count, was, answers, count);
	mail(party, server, subject, &changes);
	dirsync_say(count ? 106 : 171, count);
}

/* Drops the changes up to this number, which have reached the server. */
static void confirm(const struct party *party, struct lines *configuration, int changes) {
	struct lines kept = load(party, L"REQTRANS.GLB");
	int was = atoi(lines_value(configuration, "reqsync"));
	if (changes <= was) return;
	lines_drop(&kept, changes - was);
	save(party, L"REQTRANS.GLB", &kept);
	lines_set(configuration, "reqsync", changes);
}

int requestor_receive(const struct party *party) {
	size_t count;
	struct message *answers = waiting(party, "SrvTx ", &count);
	struct lines configuration = load(party, L"REQCONF.GLB"), updates = load(party, L"SRVTRANS.GLB");
	size_t before = updates.count;
	int known = atoi(lines_value(&configuration, "srvsync")), confirmed = 0;
	for (size_t i = 0; i < count; i++) {
		int changes = 0, last = 0;
		sscanf(answers[i].subject, "SrvTx R=%d S=%d", &changes, &last);
		for (size_t j = 0; j < answers[i].lines.count; j++) {
			const char *line = answers[i].lines.line[j];
			if (atoi(line) > known) lines_add(&updates, "%s", strchr(line, '\t') + 1);
		}
		if (last > known) known = last;
		if (changes > confirmed) confirmed = changes;
	}
	if (!count) return 0;
	save(party, L"SRVTRANS.GLB", &updates);
	dirsync_middle();
	confirm(party, &configuration, confirmed);
	lines_set(&configuration, "srvsync", known);
	save(party, L"REQCONF.GLB", &configuration);
	discard(answers, count);
	dirsync_say(105, (int)(updates.count - before));
	return (int)count;
}

static void apply(struct lines *list, const char *transaction) {
	size_t i = 0;
	while (i < list->count && strcmp(list->line[i], transaction + 1)) i++;
	if (*transaction == '+' && i == list->count) lines_add(list, "%s", transaction + 1);
	if (*transaction == '-' && i < list->count) list->line[i] = list->line[--list->count];
}

int requestor_apply(const struct party *party, const wchar_t *path) {
	struct lines updates = load(party, L"SRVTRANS.GLB"), list = lines_read(path), none = {0};
	for (size_t i = 0; i < updates.count; i++) apply(&list, updates.line[i]);
	if (!lines_write(path, &list)) {
		dirsync_say(150, 0);
		return 0;
	}
	dirsync_middle();
	save(party, L"SRVTRANS.GLB", &none);
	return (int)updates.count;
}

static struct requestor *load_requestors(const struct party *party, size_t *count) {
	struct lines configuration = load(party, L"SRVCONF.GLB");
	struct requestor *requestors = calloc(configuration.count + 1, sizeof *requestors);
	*count = configuration.count;
	for (size_t i = 0; i < *count; i++)
		sscanf(configuration.line[i], "%127[^\t]\t%d\t%d\t%d", requestors[i].address, &requestors[i].changes,
			&requestors[i].answers, &requestors[i].asked);
	return requestors;
}

static void save_requestors(const struct party *party, const struct requestor *requestors, size_t count) {
	struct lines configuration = {0};
	for (size_t i = 0; i < count; i++)
		lines_add(&configuration, "%s\t%d\t%d\t%d", requestors[i].address, requestors[i].changes, requestors[i].answers,
			requestors[i].asked);
	save(party, L"SRVCONF.GLB", &configuration);
}

/* The master list numbers its own lines, from 1. */
static void record(struct lines *master, const char *prefix, const char *change) {
	lines_add(master, "%d\t%c%s%s", (int)master->count + 1, *change, prefix, change + 1);
}

static int is_of(const char *transaction, const char *prefix) {
	return !strncmp(strchr(transaction, '\t') + 2, prefix, strlen(prefix));
}

/* Adds the new changes of a request. Returns their number. */
static int merge(struct lines *master, struct requestor *requestor, const struct message *request) {
	size_t before = master->count;
	int changes = 0, was = 0;
	sscanf(request->subject, "ReqTx R=%d (was %d), S=%d", &changes, &was, &requestor->answers);
	for (size_t i = 0; i < request->lines.count; i++)
		if (was + (int)i + 1 > requestor->changes)
			record(master, party_prefix(requestor->address), request->lines.line[i]);
	if (changes > requestor->changes) requestor->changes = changes;
	requestor->asked = 1;
	return (int)(master->count - before);
}

void server_receive(const struct party *party) {
	size_t count, reports, requestor_count;
	struct message *requests = waiting(party, "ReqTx ", &count), *status = waiting(party, "Status report ", &reports);
	struct requestor *requestors = load_requestors(party, &requestor_count);
	struct lines master = load(party, L"MSTTRANS.GLB");
	int received = 0;
	if (!there(party, L"SRVCONF.GLB")) {
		dirsync_say(161, 0);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		size_t who = 0;
		while (who < requestor_count && strcmp(requestors[who].address, requests[i].from)) who++;
		if (who == requestor_count) dirsync_say(120, 0);
		else received += merge(&master, &requestors[who], &requests[i]);
	}
	save(party, L"MSTTRANS.GLB", &master);
	dirsync_middle();
	save_requestors(party, requestors, requestor_count);
	discard(requests, count);
	discard(status, reports);
	dirsync_say(105, received);
}

static int answer(const struct party *party, const struct lines *master, const struct requestor *requestor) {
	char subject[256];
	struct lines news = {0};
	const char *prefix = party_prefix(requestor->address);
	for (size_t i = requestor->answers; i < master->count; i++)
		if (!is_of(master->line[i], prefix)) lines_add(&news, "%s", master->line[i]);
	snprintf(subject, sizeof subject, "SrvTx R=%d S=%d (was %d), I=0 %d sent", requestor->changes, (int)master->count,
		requestor->answers, (int)news.count);
	mail(party, requestor->address, subject, &news);
	return (int)news.count;
}

void server_send(const struct party *party) {
	size_t count;
	struct requestor *requestors = load_requestors(party, &count);
	struct lines master = load(party, L"MSTTRANS.GLB");
	int sent = 0, asked = 0;
	if (!there(party, L"SRVCONF.GLB")) {
		dirsync_say(161, 0);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (!requestors[i].asked) continue;
		sent += answer(party, &master, &requestors[i]);
		requestors[i].asked = 0;
		asked++;
		dirsync_middle();
	}
	save_requestors(party, requestors, count);
	dirsync_say(!asked ? SAYS_NO_TASKS : sent ? 106 : 171, sent);
}

void server_serve_itself(const struct party *party) {
	const char *prefix = party_prefix(party->address);
	struct lines changes = load(party, L"REQTRANS.GLB"), master = load(party, L"MSTTRANS.GLB"), none = {0};
	struct lines configuration = load(party, L"REQCONF.GLB"), updates = load(party, L"SRVTRANS.GLB");
	for (size_t i = 0; i < changes.count; i++) record(&master, prefix, changes.line[i]);
	for (size_t i = atoi(lines_value(&configuration, "srvsync")); i < master.count; i++)
		if (!is_of(master.line[i], prefix)) lines_add(&updates, "%s", strchr(master.line[i], '\t') + 1);
	lines_set(&configuration, "srvsync", (int)master.count);
	save(party, L"MSTTRANS.GLB", &master);
	save(party, L"REQTRANS.GLB", &none);
	save(party, L"SRVTRANS.GLB", &updates);
	save(party, L"REQCONF.GLB", &configuration);
}
