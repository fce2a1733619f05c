/*
 * The protocol of directory synchronization for both sides. A requestor numbers its changes and sends those that are
 * not confirmed (ReqTx). The dirsync server numbers the changes of all requestors and answers with those of others
 * since the requestor's last number (SrvTx). Known numbers are dropped, so changes that are sent twice do no harm.
 */
#ifndef DIRSYNC_H
#define DIRSYNC_H

#include "lines.h"

/* A post office or Exchange: its name in mail, and the folders of its state and its mail. */
struct party {
	/* NET/PO-HARBOR/$SYSTEM */
	char address[128];
	wchar_t data[MAX_PATH], in[MAX_PATH], out[MAX_PATH];
};

/* Reads the address from MASTER.GLB. Returns 0 if there is none. */
int party_open(struct party *party);
void party_file(const struct party *party, const wchar_t *name, wchar_t *path);
/* NET/PO-HARBOR/, the beginning of all its users' addresses. */
const char *party_prefix(const char *address);

/* T1: sends the changes in REQTRANS.GLB that are not confirmed yet. */
void requestor_send(const struct party *party);
/* Moves the server's answers to SRVTRANS.GLB. Returns their number. */
int requestor_receive(const struct party *party);
/* Applies SRVTRANS.GLB to a list of addresses. Returns the number of transactions. */
int requestor_apply(const struct party *party, const wchar_t *list);

/* T2, first half: merges requests into MSTTRANS.GLB. */
void server_receive(const struct party *party);
/* T2, second half: sends an answer to each requestor that sent a request. */
void server_send(const struct party *party);
/*
 * As the server, Exchange is also its own requestor, without any mail: its changes go to MSTTRANS.GLB, those of others
 * to SRVTRANS.GLB.
 */
void server_serve_itself(const struct party *party);

/* Not one of Microsoft's numbers: the message "No Tasks From Requestor" has none. */
#define SAYS_NO_TASKS 1000

/*
 * The program that uses these functions provides both: a message by its number, and a hook for the middle of the work.
 */
void dirsync_say(unsigned number, int count);
void dirsync_middle(void);

#endif
