/*
 * plugin: the convention of monitoring plugins (Monitoring Plugins
 * Development Guidelines, "Plugin Output for Nagios" and "Performance data"):
 * one line "SERVICE STATUS - text | name=value ...", and an exit code.
 */
#ifndef KEYROTD_CTL_PLUGIN_H
#define KEYROTD_CTL_PLUGIN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "ctl/out.h"

enum plugin_code {
	PLUGIN_OK = 0,
	PLUGIN_WARNING = 1,
	PLUGIN_CRITICAL = 2,
	PLUGIN_UNKNOWN = 3,
};

/* How grave the overall state in a reply to Summary is; none and others:
 * UNKNOWN.  What is well now and will be late is a WARNING. */
enum plugin_code plugin_judge(const struct json *summary);

/* The sentence for a reply to Summary; the caller frees it. */
char *plugin_text(const struct json *summary);

/* "current=12 rotating=0 ..." for the states of a reply to Summary. */
void plugin_perfdata(struct buf *out, const struct json *summary);

/* The same three of one registry, as a reply to Explain has it at now (ms since
 * 1970).  The performance data are the seconds left of its window, negative
 * when it is late, and those since it was verified, where they are known. */
enum plugin_code plugin_judge_registry(const struct json *r);
char *plugin_text_registry(const struct json *r);
void plugin_perfdata_registry(struct buf *out, const struct json *r,
			      int64_t now);

/* The word of a code: "OK". */
const char *plugin_code_str(enum plugin_code code);

/* The line; perfdata may be NULL.  A "|" in text becomes "/". */
void plugin_print(struct out *o, enum plugin_code code, const char *text,
		  const char *perfdata);

#endif
