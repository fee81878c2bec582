/*
 * Lists of requirements that several faults trip, or may trip, for their rows
 * (faults/faults.h says how these are written).
 */
#ifndef PTREF_FAULTS_TRIPS_H
#define PTREF_FAULTS_TRIPS_H

/* After these faults a parent gets no usable transport out of that role, so
 * whatever is judged on such a session suffers too. */
#define NO_CLIENT                                                      \
	"CT-* CM-* PX-* SK-* GEN-* NAME-* CFG-* SD-* IPC-* ST-* AN-* " \
	"ENV-VER-* MSG-VER-* APPX-A-1 APPX-B-2 SM-ARGS-5 OR-* EXT-* "  \
	"UC-* STN-*"
#define NO_SERVER                                                         \
	"SVT-* SM-* OPT-* BA-* OR-* EXT-* GEN-* NAME-* CFG-* SD-* IPC-* " \
	"ST-* AN-* ENV-VER-* MSG-VER-* PX-SRV-1 APPX-B-1 APPX-B-2 "       \
	"SK-JPB-* US-* STN-*"

#define ANY_ENV_ERROR                                       \
	"ENVERR-* EXT-CFG-2 OR-NONE-1 OR-MALF-1 BA-MALF-1 " \
	"OPT-MALF-1 BA-NAME-2 GEN-ROLE-2 GEN-ROLE-1 EXT-CFG-10 ENV-VER-11"
#define ANY_PROXY_ERROR                             \
	"PX-ERR-* PX-MALF-1 PX-SCHEME-1 PX-HOST-1 " \
	"PX-AUTH-3 PX-ANS-1 ENVERR-ONLY-1"
#define ANY_VERSION_ERROR                             \
	"MSG-VERERR-* MSG-VER-1 ENV-VER-4 ENV-VER-5 " \
	"ENV-VER-8 CFG-OVR-VER-1 ENVERR-ONLY-1"
#define VERSION_LISTS "ENV-VER-* GEN-MODE-2 CFG-OVR-VER-1 MSG-VER-1"

/* What goes wrong as well when no session comes to its tunnel; and when one
 * carries other bytes than it should. */
#define NO_EXTOR_TUNNEL "EXT-MSG-* EXT-FAIL-1"
#define NO_EXTOR_HASH "EXT-AUTH-* EXT-CFG-9 CFG-OVR-EXT-1 " NO_EXTOR_TUNNEL

/* Files outside: each form of the state setting has a rule of its own. */
#define STRAY_FILES                                          \
	"ST-CHARS-1 ST-DEF-1 ST-EMPTY-1 ST-REL-1 ST-FLAG-1 " \
	"CFG-OVR-STATE-1"

/* Not requirements, but the words without which the faults of SOCKS4 show
 * nowhere. */
#define SOCKS4_ARGS "-mode socks4"

/* What suffers when datagrams do not come out. */
#define NO_DATAGRAMS "UC-* US-* STN-* MODE-2"

#endif
