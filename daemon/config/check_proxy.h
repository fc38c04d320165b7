/*
 * check_proxy: the way out, by the file or else by the environment.
 *
 * The config's proxy is completed in place.
 */
#ifndef KEYROTD_CONFIG_CHECK_PROXY_H
#define KEYROTD_CONFIG_CHECK_PROXY_H

#include "config/draft.h"

/*
 * Where the file names no proxy, that of https_proxy, HTTPS_PROXY, all_proxy
 * or ALL_PROXY, the first that is set, is taken; and where it names no hosts
 * that go without one, those of no_proxy or NO_PROXY.  A variable that cannot
 * be understood is a mistake, one that is taken is told.
 * Source: curl(1), ENVIRONMENT.
 */
void check_proxy(struct config_build *b);

#endif
