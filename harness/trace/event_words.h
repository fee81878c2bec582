/*
 * event_words.h - the closed sets of words in events: the one table of them.
 *
 * For each set there are an enum, its words and what they mean, from here;
 * event_kinds.h says which field takes which set.  Words that somebody else
 * gives are no sets of this table: steps, limits, signals, system calls.
 * It is included as event_kinds.h is:
 *
 *   EVENT_WORDS(SET, set)       enum set, set_word()
 *   WORD(SET, ID, "word", "doc")  SET_ID; "word" in the file; what it means
 *                               beyond the word itself, or ""
 *   EVENT_WORDS_END             of the set
 */
#ifndef EVENT_WORDS
#define EVENT_WORDS(...)
#endif
#ifndef WORD
#define WORD(...)
#endif
#ifndef EVENT_WORDS_END
#define EVENT_WORDS_END
#endif
/* clang-format off */

EVENT_WORDS(CLOSED, closed_how)
	WORD(CLOSED, FULLY, "", "in order and for good")
	WORD(CLOSED, HALF, "half", "when it goes on reading")
	WORD(CLOSED, RST, "rst", "with a reset")
EVENT_WORDS_END

EVENT_WORDS(EXIT_HOW, exit_how)
	WORD(EXIT_HOW, EXITED, "exited", "")
	WORD(EXIT_HOW, KILLED, "killed", "by a signal")
EVENT_WORDS_END

EVENT_WORDS(WINDOW, window_state)
	WORD(WINDOW, OPEN, "open", "")
	WORD(WINDOW, CLOSED, "closed", "")
EVENT_WORDS_END

EVENT_WORDS(SHARE, share_state)
	WORD(SHARE, FREE, "free", "to run, or waiting for something else")
	WORD(SHARE, HELD, "held",
		"a thread could have run, or waited for the disk, at the end of it")
EVENT_WORDS_END

EVENT_WORDS(SHARE_BY, share_source)
	WORD(SHARE_BY, SCHEDSTAT, "schedstat", "of each thread")
	WORD(SHARE_BY, PRESSURE, "pressure", "of the whole machine")
	WORD(SHARE_BY, STAT, "stat", "the idle time of the whole machine")
	WORD(SHARE_BY, NOTHING, "nothing", "")
EVENT_WORDS_END

EVENT_WORDS(FILE_IS, file_type)
	WORD(FILE_IS, DIR, "dir", "")
	WORD(FILE_IS, FILE, "file", "")
	WORD(FILE_IS, OTHER, "other", "")
EVENT_WORDS_END

EVENT_WORDS(CONNECT, connect_result)
	WORD(CONNECT, OK, "ok", "")
	WORD(CONNECT, REFUSED, "refused", "")
	WORD(CONNECT, UDP, "udp", "refused, but a UDP socket is bound there")
	WORD(CONNECT, TIMEOUT, "timeout", "")
	WORD(CONNECT, RESET, "reset", "")
	WORD(CONNECT, UNREACHABLE, "unreachable", "")
	WORD(CONNECT, NO_PORT, "no-port", "of our own to connect from")
	WORD(CONNECT, ERROR, "error", "any other")
EVENT_WORDS_END

EVENT_WORDS(CAPTURE, capture_state)
	WORD(CAPTURE, ON, "on", "")
	WORD(CAPTURE, OFF, "off", "")
	WORD(CAPTURE, DONE, "done", "")
EVENT_WORDS_END

EVENT_WORDS(PACKET_IS, packet_type)
	WORD(PACKET_IS, TCP_SYN, "tcp-syn", "")
	WORD(PACKET_IS, TCP, "tcp", "")
	WORD(PACKET_IS, UDP, "udp", "")
	WORD(PACKET_IS, ICMP, "icmp", "")
	WORD(PACKET_IS, OTHER, "other", "")
EVENT_WORDS_END

EVENT_WORDS(WIRE_IS, wire_type)
	WORD(WIRE_IS, TCP, "tcp", "somebody connects")
	WORD(WIRE_IS, UDP, "udp", "the first datagram")
	WORD(WIRE_IS, TURN, "turn", "the other side has the word, 64 a launch at most")
	WORD(WIRE_IS, END, "end", "a connection is ended, or reset")
EVENT_WORDS_END

EVENT_WORDS(WIRE_BY, wire_side)
	WORD(WIRE_BY, CLIENT, "client", "")
	WORD(WIRE_BY, SERVER, "server", "")
EVENT_WORDS_END

EVENT_WORDS(QUERY_BY, query_way)
	WORD(QUERY_BY, UDP, "udp", "")
	WORD(QUERY_BY, TCP, "tcp", "")
EVENT_WORDS_END

EVENT_WORDS(FSWATCH_IS, fswatch_state)
	WORD(FSWATCH_IS, ON, "on", "")
	WORD(FSWATCH_IS, OFF, "off", "")
	WORD(FSWATCH_IS, SPARED, "spared",
		"because a signal would have met the transport in a watched "
		"call")
EVENT_WORDS_END

EVENT_WORDS(PROXY_DID, proxy_did)
	WORD(PROXY_DID, GREETING, "greeting", "it was greeted")
	WORD(PROXY_DID, AUTH, "auth", "it was told a password")
	WORD(PROXY_DID, REQUEST, "request", "it was asked for something")
	WORD(PROXY_DID, GRANTED, "granted", "")
	WORD(PROXY_DID, REFUSED, "refused", "")
	WORD(PROXY_DID, STALL, "stall", "its misdeed")
	WORD(PROXY_DID, CLOSE, "close", "its misdeed")
	WORD(PROXY_DID, RESET, "reset", "its misdeed")
	WORD(PROXY_DID, DROPPED, "dropped", "its misdeed")
EVENT_WORDS_END

EVENT_WORDS(EXTOR_DID, extor_did)
	WORD(EXTOR_DID, COOKIE, "cookie", "the key under which it answers")
	WORD(EXTOR_DID, STALLED, "stalled", "its misdeed")
	WORD(EXTOR_DID, CLOSED, "closed", "its misdeed")
	WORD(EXTOR_DID, RESET, "reset", "its misdeed")
	WORD(EXTOR_DID, GRANTED, "granted", "")
	WORD(EXTOR_DID, DENIED, "denied", "")
	WORD(EXTOR_DID, FAILED, "failed", "nobody was authenticated")
	WORD(EXTOR_DID, CLIENT, "client",
		"the first packet of a client to a server, 64 a launch at most")
EVENT_WORDS_END

EVENT_WORDS(SOCKS_END, socks_result)
	WORD(SOCKS_END, OK, "ok", "")
	WORD(SOCKS_END, REFUSED, "refused", "")
	WORD(SOCKS_END, METHOD, "method", "none was taken")
	WORD(SOCKS_END, SETTINGS, "settings", "they were not taken")
	WORD(SOCKS_END, CLOSED, "closed", "")
	WORD(SOCKS_END, GARBAGE, "garbage", "")
	WORD(SOCKS_END, TIMEOUT, "timeout", "")
	WORD(SOCKS_END, UNREACHABLE, "unreachable", "")
	WORD(SOCKS_END, LEFT, "left", "before an answer, by the case")
EVENT_WORDS_END

EVENT_WORDS(PUMP, pump_result)
	WORD(PUMP, OK, "ok", "")
	WORD(PUMP, SHORT, "short", "")
	WORD(PUMP, DIFFERS, "differs", "")
	WORD(PUMP, SURPLUS, "surplus", "")
	WORD(PUMP, NOTHING, "nothing", "")
	WORD(PUMP, FULL, "full", "nobody reads it, and no more goes in")
EVENT_WORDS_END

/* clang-format on */
#undef EVENT_WORDS
#undef WORD
#undef EVENT_WORDS_END
