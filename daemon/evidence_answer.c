/* The part of evidence.h about writes, and about what was answered. */
#include "evidence.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "evidence_internal.h"
#include "io/audit.h"
#include "record.h"

const char *evidence_question(enum call_kind kind)
{
	switch (kind) {
	case CALL_KEY:
		return "key";
	case CALL_REGISTRY:
		return "registry";
	case CALL_LIST:
		return "list";
	case CALL_PATCH:
		return "write";
	case CALL_OPERATION:
		return "operation";
	default:
		return NULL;
	}
}

uint64_t evidence_write(struct evidence *v, const struct call *c,
			const struct exchange *x, const char *id)
{
	const char *lease;
	struct record r;

	if (!v)
		return 0;
	record_open(&r, &v->book, "write");
	record_add(&r, "registry", c->registry);
	record_add_key(&r, &c->key);
	record_add(&r, "version", c->key.version);
	record_add(&r, "identity", c->identity);
	json_add_str(r.w, "method", x->method);
	record_add(&r, "url", x->url);
	record_add(&r, "body", x->body);
	record_add(&r, "credential",
		   c->credential ? c->credential->name : NULL);
	record_add(&r, "role",
		   engine_role(v->options.engine, c->registry, &lease));
	record_add(&r, "lease", lease);
	json_add_str(r.w, "client_request_id", id);
	return record_put(&r);
}

bool evidence_has(const struct evidence *v, uint64_t number)
{
	return !v || audit_has(v->book.audit, number);
}

static void add_fault(struct record *r, const struct fault *f)
{
	if (f->kind == FAULT_NONE)
		return;
	json_add_str(r->w, "fault", fault_kind_str(f->kind));
	record_add(r, "code", f->azure_code);
	record_add(r, "text", f->text);
}

static const char *status_of(enum operation_status s)
{
	static const char *const names[] = {
		[OPERATION_RUNNING] = "running",
		[OPERATION_SUCCEEDED] = "succeeded",
		[OPERATION_FAILED] = "failed",
		[OPERATION_CANCELED] = "canceled",
	};

	return names[s];
}

static void put_answer(struct evidence *v, const struct call *c,
		       const struct reply *m, const char *id)
{
	bool operation = c->kind == CALL_OPERATION;
	struct record r;

	record_open(&r, &v->book, "answer");
	json_add_str(r.w, "to", evidence_question(c->kind));
	record_add(&r, "registry", c->registry);
	if (c->kind == CALL_PATCH) {
		record_add(&r, "version", c->key.version);
		json_add_bool(r.w, "sent", m->reached);
	} else {
		record_add(&r, "url", c->url);
	}
	if (m->status)
		json_add_int(r.w, "status", m->status);
	json_add_str(r.w, "client_request_id", id);
	record_add(&r, "request_id", m->request_id);
	record_add(&r, "correlation_id", m->correlation_id);
	if (m->maybe_done)
		json_add_bool(r.w, "maybe_done", true);
	add_fault(&r, &m->fault);
	if (operation && m->fault.kind == FAULT_NONE) {
		json_add_str(r.w, "operation", status_of(m->operation.status));
		if (m->operation.status == OPERATION_FAILED ||
		    m->operation.status == OPERATION_CANCELED)
			add_fault(&r, &m->operation.error);
	}
	record_put(&r);
}

void evidence_answered(struct evidence *v)
{
	if (!v)
		return;
	free(v->cause.registry);
	v->cause.registry = NULL;
	v->cause.open = false;
}

void evidence_answer(struct evidence *v, const struct call *c,
		     const struct reply *r, const char *id)
{
	if (!v)
		return;
	evidence_answered(v);
	if (c->kind == CALL_PATCH || c->kind == CALL_OPERATION)
		put_answer(v, c, r, id);
	if (!evidence_question(c->kind) || !r->answered)
		return;
	v->cause.open = true;
	v->cause.kind = c->kind;
	v->cause.registry = text_dup(c->registry);
	v->cause.key[0] = '\0';
	if (c->kind == CALL_KEY)
		keyid_print_base(&c->key, v->cause.key, sizeof(v->cause.key));
	text_copy(v->cause.id, sizeof(v->cause.id), id);
	v->cause.status = r->status;
	text_copy(v->cause.request_id, sizeof(v->cause.request_id),
		  r->request_id);
	text_copy(v->cause.correlation_id, sizeof(v->cause.correlation_id),
		  r->correlation_id);
}

void evidence_no_answer(struct evidence *v, const struct call *c,
			const char *id, bool sent, const char *why)
{
	struct record r;

	if (!v)
		return;
	record_open(&r, &v->book, "answer");
	json_add_str(r.w, "to", evidence_question(c->kind));
	record_add(&r, "registry", c->registry);
	record_add(&r, "version", c->key.version);
	json_add_bool(r.w, "sent", sent);
	if (sent)
		json_add_bool(r.w, "maybe_done", true);
	json_add_str(r.w, "client_request_id", id);
	record_add(&r, "text", why);
	record_put(&r);
}
