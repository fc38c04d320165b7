/* Puts a finding into words. */
#include "engine/doctor_advice.h"

#include <stdarg.h>
#include <stdio.h>

#include "azure/page.h"
#include "base/text.h"

static void say(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void say(struct buf *b, const char *fmt, va_list ap)
{
	char line[ADVICE_TEXT_MAX];

	/* The words may come from b itself. */
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	buf_reset(b);
	buf_printf(b, "%s%s", line, text_stop(line));
}

void doctor_advice_tell(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

void doctor_advice_warn(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	a->result = FINDING_WARN;
	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

void doctor_advice_fail(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	a->result = FINDING_FAIL;
	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

void doctor_advice_do(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(&a->to_do, fmt, ap);
	va_end(ap);
}

struct remedy_who doctor_advice_who(const struct doctor_facts *f)
{
	return (struct remedy_who){ .claims = &f->who,
				    .credential = f->credential };
}

bool doctor_advice_unknown(const struct fault *f)
{
	return f->kind == FAULT_DENIED && f->code == 401;
}

/* A code below is the system's (errno), or there is none. */
bool doctor_advice_answered(const struct fault *f)
{
	return f->request_id[0] || f->azure_code[0] || f->code >= 200;
}

/* Whatever has no cure of its own. */
void doctor_advice_again(const struct fault *f, struct advice *a)
{
	if (doctor_advice_unknown(f))
		doctor_advice_do(
			a,
			"No role helps, for the token is not accepted: use a credential of that tenant, or name the tenant in allowed-tenants; if it is the same one, see the application's sign-ins in Entra");
	else if (page_is(f))
		doctor_advice_do(
			a,
			"See to what stands between this host and Azure: a proxy (https-proxy), a firewall, or a network that wants a login");
	else if (f->kind == FAULT_TRANSIENT && !doctor_advice_answered(f))
		doctor_advice_do(
			a,
			"Try again in a minute; if it goes on, see to this host's way out, then to Azure's service health");
	else if (f->kind == FAULT_TRANSIENT)
		doctor_advice_do(
			a,
			"Try again in a minute; if it goes on, see Azure's service health");
	else if (f->kind == FAULT_THROTTLED)
		doctor_advice_do(
			a,
			"Wait as long as Azure says, and see who else asks there so often");
	else if (f->kind == FAULT_LOCAL)
		doctor_advice_do(a, "See to this host: it could not even ask");
	else if (f->request_id[0])
		doctor_advice_do(
			a,
			"Do what the message says; Azure's support finds the request by its id");
	else
		doctor_advice_do(a, "Do what the message says");
}
