/*
 * areas.h - the areas of the catalogue, in its order.  X(enum part, name,
 * title, why, mend); the name is that of reports and of --select; why its rules
 * matter, and where one who broke them looks first, are empty where nothing is
 * judged.
 */
#ifndef PTCHECK_REQ_CORE_AREAS_H
#define PTCHECK_REQ_CORE_AREAS_H

/* clang-format off */
#define REQ_AREAS(X)								\
	X(GENERAL, "general", "General and architecture",			\
	  "A parent relies on these to use any transport in the same "		\
	  "way.",								\
	  "Compare the launch with the architecture of the section: who "	\
	  "starts what, and who listens.")					\
	X(NAMING, "naming", "Naming",						\
	  "Names are how bridges, configuration files and parents agree "	\
	  "on a transport.",							\
	  "Take names apart by the grammar before they are used, and "		\
	  "refuse the others.")						\
	X(CONFIG, "config", "Configuration mechanics",				\
	  "What a parent configures and the transport does not see "		\
	  "takes effect nowhere, and nobody is told.",				\
	  "Read the environment and the flags in one place, with the "		\
	  "order of precedence of the section.")				\
	X(VERSION, "version", "Version negotiation",				\
	  "Without an agreed version a parent gives the transport up, "	\
	  "or misreads all lines that follow.",				\
	  "Look for whole list elements in the order that the transport "	\
	  "prefers, and write exactly one answer before any other line.")	\
	X(STATE, "state", "State location",					\
	  "Keys that are lost, or readable by others, change or betray "	\
	  "a bridge.",								\
	  "Make the directory when it is needed, for the owner alone, "	\
	  "and write nothing outside it.")					\
	X(STDIN, "stdin", "Closing stdin",					\
	  "A closed stdin is how a transport learns that its parent is "	\
	  "gone; one that misses it stays behind with its ports.",		\
	  "Watch stdin for its end where the variable is 1, and only "		\
	  "then.")								\
	X(CLIENT_LIST, "client-list", "Client transport list",			\
	  "The parent starts only what it is told of, and waits for all "	\
	  "that it asked for.",						\
	  "Answer each known name once, whatever else is in the list.")	\
	X(PROXY, "proxy", "Upstream proxy",					\
	  "A connection past the proxy shows the user's address to "		\
	  "those whom the proxy was to keep it from.",				\
	  "Dial through one function that knows of the proxy, names "		\
	  "included, and refuse to start when it cannot be used.")		\
	X(SERVER_LIST, "server-list", "Server transport list",			\
	  "The parent starts only what it is told of, and waits for all "	\
	  "that it asked for.",						\
	  "Answer each known name once, whatever else is in the list.")	\
	X(OPTIONS, "options", "Server transport options",			\
	  "An option that is taken apart wrongly sets up another bridge "	\
	  "than the operator wrote down.",					\
	  "Split at semicolons and signs that are not escaped, and undo "	\
	  "the escapes afterwards.")						\
	X(BINDADDR, "bindaddr", "Server bind address",				\
	  "A bridge on another address or port is not found by clients, "	\
	  "or is by others than its operator meant.",				\
	  "Bind to what is given for that transport, and report the "		\
	  "address of the socket.")						\
	X(DESTINATION, "destination", "Forward destination",			\
	  "Traffic that leads elsewhere is lost, or reaches somebody "		\
	  "whom nobody named.",						\
	  "Take the destination from the variables of the section "		\
	  "alone.")								\
	X(EXTOR, "extor", "Extended ORPort",					\
	  "Through the Extended ORPort a bridge learns of its clients' "	\
	  "transports and addresses; a handshake that is not checked "		\
	  "lets anyone pose as the bridge.",					\
	  "Check the server's hash before anything else is sent, and "		\
	  "read replies by their lengths.")					\
	X(LINES, "lines", "Line protocol",					\
	  "Parents take lines apart strictly; one that is malformed may "	\
	  "end the launch or be lost.",					\
	  "Write all lines through one function that ends each with a "	\
	  "newline, escapes what it quotes, and flushes.")			\
	X(ENV_ERROR, "env-error", "Environment errors",			\
	  "Who started the transport sees no other reason why it does "	\
	  "not run.",								\
	  "Say what is wrong in one ENV-ERROR line, on the stream and "	\
	  "with the status of the version that applies, and end.")		\
	X(CMETHOD, "cmethod", "Client status messages",			\
	  "The parent connects to what these lines say, and waits for "	\
	  "DONE.",								\
	  "Print a line when its listener accepts connections, an error "	\
	  "where it does not, and DONE behind all.")				\
	X(SMETHOD, "smethod", "Server status messages",			\
	  "What these lines say is published for clients, and the "		\
	  "parent waits for DONE.",						\
	  "Print a line when its listener accepts connections, an error "	\
	  "where it does not, and DONE behind all.")				\
	X(PARENT, "parent", "Parent process",					\
	  "",									\
	  "")									\
	X(SHUTDOWN, "shutdown", "Shutdown",					\
	  "A transport that does not end in time is killed, or stays "		\
	  "behind with its ports.",						\
	  "Let one handler close the listeners and end the process, "		\
	  "from every state.")							\
	X(SOCKS, "socks", "SOCKS5 front end",					\
	  "Applications speak plain SOCKS5; what they cannot follow is "	\
	  "a tunnel that does not open.",					\
	  "Read messages by their lengths, in pieces as they come, and "	\
	  "answer each before the connection is closed.")			\
	X(SOCKS_ARGS, "socks-args", "SOCKS settings of version 1",		\
	  "Settings that are lost or changed on their way make a bridge "	\
	  "unreachable.",							\
	  "Join user name and password before they are taken apart, and "	\
	  "undo the escapes last.")						\
	X(SOCKS4, "socks4", "SOCKS4 front end of version 1",			\
	  "Parents of version 1 may be told of SOCKS4 only, and then "		\
	  "speak nothing else.",						\
	  "Read the request up to its closing zeros, in pieces as it "		\
	  "comes.")								\
	X(TCP, "tcp", "Transparent TCP",					\
	  "An application cannot know of the transport: what differs "		\
	  "from a plain connection breaks it.",				\
	  "Hand bytes on as they come, and each end of a connection on "	\
	  "its own.")								\
	X(UDP_CLIENT, "udp-client", "UDP, client side, transparent mode",	\
	  "Applications rely on the borders of their datagrams, and on "	\
	  "replies that reach the socket that asked.",				\
	  "Frame each datagram whole, and keep the table of connections "	\
	  "as a state machine apart from the sockets.")			\
	X(UDP_SERVER, "udp-server", "UDP, server side, transparent mode",	\
	  "Applications rely on the borders of their datagrams, and on "	\
	  "replies that reach the client that asked.",				\
	  "Read the stream by the lengths in it, however it is cut, and "	\
	  "send each frame as one datagram.")					\
	X(STUN, "stun", "STUN-aware mode",					\
	  "A stream of STUN messages has no borders but the lengths in "	\
	  "them: after one that is misread all is lost.",			\
	  "Take the length of each message from its own header, and "		\
	  "change no byte of it.")						\
	X(MODES, "modes", "Proxy modes",					\
	  "A parent that asks for a mode sends what that mode carries.",	\
	  "Offer only modes that work, and say so in the method line.")	\
	X(ADAPTERS, "adapters", "Adapters",					\
	  "",									\
	  "")									\
	X(ANONYMITY, "anonymity", "Anonymity",					\
	  "It may show who uses the transport, or what for, to those "		\
	  "from whom it is to hide that.",					\
	  "Find where the bytes or packets of the evidence come from, "	\
	  "and do without them.")						\
	X(APPENDIX, "appendix", "Appendix sessions (App. A, App. B)",		\
	  "These sessions are what implementers copy, and parents are "	\
	  "tested by them.",							\
	  "Compare the launch line by line with the session of the "		\
	  "appendix.")								\
	X(API, "api", "Library API",						\
	  "",									\
	  "")									\
	X(HYGIENE, "hygiene", "Good behaviour",				\
	  "No rule of the specification, but what operators of many "		\
	  "transports trip over.",						\
	  "See in the launch what is left behind, used up or blocked.")
/* clang-format on */

enum req_area {
#define X(id, ...) AREA_##id,
	REQ_AREAS(X)
#undef X
		AREAS
};

const char *area_name(enum req_area a);
const char *area_title(enum req_area a);
const char *area_why(enum req_area a);
const char *area_mend(enum req_area a);

#endif
