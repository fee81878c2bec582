/*
 * Addresses in text: "1.2.3.4:80", "[2001:db8::1]:80" and, where allowed,
 * "name.example:80". Parsing is strict: numbers are plain decimal, an IPv6
 * address is bracketed, nothing may stand before or behind.
 */
#ifndef PTREF_ADDR_H
#define PTREF_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define HOST_MAX 255 /* a SOCKS5 domain, the longest form we meet */
#define ADDR_TEXT_MAX 64

struct hostport {
	bool is_name; /* host is to be resolved, ss is unset */
	char host[HOST_MAX + 1];
	uint16_t port;
	struct sockaddr_storage ss;
	socklen_t ss_len;
};

enum addr_flags {
	ADDR_NAME_OK = 1, /* host names as well */
	ADDR_PORT0_OK = 2,
};

enum addr_result {
	ADDR_OK,
	ADDR_BAD_SHAPE, /* no port, unbracketed IPv6, empty host */
	ADDR_BAD_HOST,	/* neither address nor possible name */
	ADDR_BAD_PORT,
	ADDR_IS_NAME, /* a host name where none is allowed */
};

enum addr_result hostport_parse(const char *text, unsigned flags,
				struct hostport *out);

/* Why a parse failed, to stand behind the quoted value. */
const char *addr_result_text(enum addr_result r);

/* Fills ss from raw address bytes (4 or 16) and a port in host order. */
void hostport_from_bytes(struct hostport *hp, int family, const void *bytes,
			 uint16_t port);

void addr_format(const struct sockaddr_storage *ss, char out[ADDR_TEXT_MAX]);
/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct sockaddr_storage *ss);
uint16_t addr_port(const struct sockaddr_storage *ss);
void addr_set_port(struct sockaddr_storage *ss, uint16_t port);

/* "host:port" with brackets around IPv6, for names too. */
void hostport_format(const struct hostport *hp, char *out, size_t size);

#endif
