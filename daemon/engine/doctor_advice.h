/*
 * doctor_advice: what one check has to say, and the ways to say it.  Whoever
 * makes the checks (engine/doctor_checks) owns it.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_ADVICE_H
#define KEYROTD_ENGINE_DOCTOR_ADVICE_H

#include "azure/remedy.h"
#include "base/buf.h"
#include "base/finding.h"
#include "engine/doctor_facts.h"

#define ADVICE_TEXT_MAX 1024

/* It begins as "ok" without words. */
struct advice {
	enum finding_result result;
	struct buf text, to_do, command;
};

/* What is so; a stop is put behind it where there is none.  The last word
 * counts. */
void doctor_advice_tell(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_advice_warn(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_advice_fail(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What a person is to do about it. */
void doctor_advice_do(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The token itself was refused: no role helps. */
bool doctor_advice_unknown(const struct fault *f);
/* Somebody has answered, be it with a refusal; false: it went wrong here, or on
 * the way. */
bool doctor_advice_answered(const struct fault *f);
/* What to do about a fault that has no cure of its own. */
void doctor_advice_again(const struct fault *f, struct advice *a);
/* Whom a right is to be given to. */
struct remedy_who doctor_advice_who(const struct doctor_facts *f);

#endif
