/*
 * setting.h - files of the kernel that take a text in one write: settings below
 * /proc/sys, and the id maps of a user namespace.
 */
#ifndef PTCHECK_SYS_NETWORK_SETTING_H
#define PTCHECK_SYS_NETWORK_SETTING_H

#include "parent/base/err.h"

int setting_write(const char *path, const char *text, struct err *e);

#endif
