/*
 * The protocol of directory synchronization, as both sides have it: a requestor numbers its changes and sends those that
 * are not confirmed (ReqTx), the dirsync server numbers those of all and answers with what came from others since the
 * requestor's last number (SrvTx). Numbers that are known already are dropped, so what is sent twice does no harm.
 */
#ifndef DIRSYNC_H
#define DIRSYNC_H

#include "lines.h"

/* Who takes part, a post office or Exchange: its name in mail, and the folders of its state and its mail. */
struct party {
	/* NET/PO-HARBOR/$SYSTEM */
	char address[128];
	wchar_t data[MAX_PATH], in[MAX_PATH], out[MAX_PATH];
};

/* The address from MASTER.GLB; 0 where there is none. */
int party_open(struct party *party);
void party_file(const struct party *party, const wchar_t *name, wchar_t *path);
/* NET/PO-HARBOR/, which all its users' addresses begin with. */
const char *party_prefix(const char *address);

/* T1: what is not confirmed yet, from REQTRANS.GLB. */
void requestor_send(const struct party *party);
/* Answers of the server to SRVTRANS.GLB. Answers how many there were. */
int requestor_receive(const struct party *party);
/* SRVTRANS.GLB into a list of addresses. Answers how many transactions there were. */
int requestor_apply(const struct party *party, const wchar_t *list);

/* T2, first half: requests to MSTTRANS.GLB. */
void server_receive(const struct party *party);
/* T2, second half: an answer for each requestor that asked. */
void server_send(const struct party *party);
/* Exchange as server is its own requestor without any mail: its changes to MSTTRANS.GLB, those of others to SRVTRANS.GLB. */
void server_serve_itself(const struct party *party);

/* What is not a number of Microsoft's: "No Tasks From Requestor" bears none. */
#define SAYS_NO_TASKS 1000

/* What the program that uses these has to provide: a message by its number, and the middle of what it does. */
void dirsync_say(unsigned number, int count);
void dirsync_middle(void);

#endif
