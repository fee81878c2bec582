/*
 * app.h - the program: one transport program, its events and what is carried.
 */
#ifndef PTPARENT_APP_H
#define PTPARENT_APP_H

#include "parent/lib/poller.h"
#include "parent/program/output.h"
#include "parent/program/relay.h"
#include "parent/ptparent.h"

#define APP_BRIDGES_MAX 256

/* The statuses of the program. */
enum { APP_STOPPED = 0, APP_FAILED = 1, APP_USAGE = 2 };

/* One bridge of a client and where it is offered. */
struct app_bridge {
	struct ptp_bridge bridge;
	const char *listen;	  /* as asked for; NULL: any port */
	struct client_bridge *at; /* while it is offered */
};

/* What the command line says. */
struct app_options {
	struct ptp_config config;
	struct app_bridge bridge[APP_BRIDGES_MAX];
	size_t nbridges, nlisten;
	struct ptp_server server[APP_BRIDGES_MAX];
	const char *transport[APP_BRIDGES_MAX];
	const char *app;    /* "127.0.0.1:80" */
	const char *public; /* address of a server as clients reach it */
	const char *bridge_lines, *events;
	bool extor, proxy_protocol, quiet;
};

struct app {
	struct app_options *o;
	struct output out;
	struct poller poller;
	struct poll_watch process, signals, extor_watch;
	struct relays relays;
	struct ptp *ptp;
	struct ptp_extor *extor;
	bool asked_to_stop, failed, ended;
	char why[1024];
};

/* Client: open and close the local listeners. */
int client_open(struct app *a, struct ptp_error *err);
void client_close(struct app *a);

/* Server: before the transport is started, and when it is ready. */
int server_prepare(struct app *a, struct ptp_error *err);
void server_ready(struct app *a);
void server_close(struct app *a);

/* 0, or the status to leave with; @done: --help and the like. */
int options_parse_line(struct app_options *o, int argc, char **argv);

/* "127.0.0.1:80" as what the socket calls want; 0 or -1. */
int address_parse(const char *text, struct sockaddr_storage *to, socklen_t *n);

#endif
