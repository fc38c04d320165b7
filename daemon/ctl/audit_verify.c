/*
 * keyrotctl audit verify: recomputes all of it, from the files alone, and says
 * what was found, and what cannot be known.
 */
#include "ctl/audit_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chain_check.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/audit_files.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "io/store.h"

#define KEY_MAX 16384

static bool on_line(const char *line, size_t len, bool ended, void *arg)
{
	struct audit_verify *v = arg;

	if (!chain_check_line(&v->check, line, len, ended))
		return false;
	return !v->each || v->each(line, len, ended, v->arg);
}

/* SEQ:HASH */
static bool read_head(const char *text, struct chain *head, struct fault *f)
{
	char *end;

	head->seq = strtoull(text, &end, 10);
	if (*end == ':' && strlen(end + 1) == 64 &&
	    strspn(end + 1, "0123456789abcdef") == 64 && head->seq > 0)
		return text_copy(head->hash, sizeof(head->hash), end + 1);
	return fault_set(f, FAULT_INVALID, 0,
			 "--head takes a sequence and its hash, such as "
			 "123:89ab…, not %s.",
			 text);
}

static bool prepare(struct audit_verify *v, struct fault *f)
{
	const struct args *a = v->args;
	struct fault why = fault_none();
	struct chain head;

	if (a->head && !read_head(a->head, &head, f))
		return false;
	if (a->public_key && !store_read(a->public_key, &v->key, f))
		return false;
	if (!audit_files_find(&v->files, a, f))
		return false;
	if (!chain_check_init(&v->check,
			      a->public_key ? buf_str(&v->key) : NULL, &why))
		return fault_set(f, why.kind, why.code,
				 "The key %s cannot be used: %s.",
				 a->public_key, why.text);
	if (v->files.folder)
		chain_check_anchor(&v->check, &v->files.head);
	if (a->head)
		chain_check_anchor(&v->check, &head);
	return true;
}

static bool read_all(struct audit_verify *v, struct fault *f)
{
	for (size_t i = 0; i < v->files.list.n; i++) {
		const char *path = v->files.list.paths[i];

		chain_check_file(&v->check, audit_files_name(path));
		if (!audit_read_lines(path, on_line, v, f))
			return false;
		if (v->check.fault.kind != FAULT_NONE)
			break;
	}
	return true;
}

static void finding(struct chain_check *c, const char *file, const char *text)
{
	fault_set(&c->fault, FAULT_MISSING, 0, "%s", text);
	text_copy(c->file, sizeof(c->file), file);
	c->line = 1;
	c->seq = c->first.seq;
}

/* Whoever gives the public key wants proof: a history of which nothing is
 * signed may have been made by anybody. */
static void want_signature(struct audit_verify *v)
{
	struct chain_check *c = &v->check;

	if (c->fault.kind != FAULT_NONE || !c->key || c->signatures > 0)
		return;
	finding(c, c->name,
		"no record bears a signature, and the public key was given to "
		"check them: whoever can write all of these files can make "
		"others that fit together");
	c->line = c->at;
	c->seq = c->last.seq;
	v->fits = true;
}

/* Records of more than a day are behind the last signature: they may be others
 * than were written. */
static bool is_signed_late(const struct chain_check *c)
{
	return c->signatures > 0 && chain_check_unsigned(c) > CHAIN_SIGNED_MS;
}

/* A daemon that signs does so every day; one that was just started may not yet
 * have done it. */
static void want_later_signature(struct audit_verify *v)
{
	struct chain_check *c = &v->check;
	char text[FAULT_TEXT_MAX];

	if (c->fault.kind != FAULT_NONE || !c->key || !v->files.folder ||
	    !is_signed_late(c) || c->last_time - c->started < CHAIN_STARTED_MS)
		return;
	snprintf(text, sizeof(text),
		 "the last signature covers all up to record %" PRIu64
		 ", and for more than a day none followed: the records behind "
		 "it may be others than were written",
		 c->signed_last);
	finding(c, c->name, text);
	c->line = c->at;
	c->seq = c->unsigned_first;
	v->fits = true;
}

/* Without what audit.head says nobody knows where the records of a folder
 * ended.  Before the first record it is empty. */
static void want_head(struct audit_verify *v)
{
	struct chain_check *c = &v->check;
	enum audit_head how = v->files.head_file;

	if (c->fault.kind != FAULT_NONE || !v->files.folder ||
	    how == AUDIT_HEAD_READ || how == AUDIT_HEAD_MISSING ||
	    (how == AUDIT_HEAD_EMPTY && c->records == 0))
		return;
	finding(c, AUDIT_HEAD,
		how == AUDIT_HEAD_EMPTY
			? "it is empty, so that nothing tells whether the end "
			  "of the records was cut off"
			: "it cannot be read, or names no record, so that "
			  "nothing tells whether the end of the records was "
			  "cut off");
	c->seq = c->last.seq;
	v->fits = true;
}

/* What only the whole can tell. */
static void judge(struct audit_verify *v)
{
	struct chain_check *c = &v->check;
	enum chain_verdict verdict = chain_check_end(c);
	char text[FAULT_TEXT_MAX];

	/* Half a record that was not yet on the disk is no finding: nobody has
	 * acted on it.  Without audit.head it might have been. */
	if (verdict == CHAIN_TORN && v->files.folder && c->anchor.seq &&
	    c->anchor.seq <= c->last.seq) {
		c->fault = fault_none();
		v->torn = true;
	}
	want_head(v);
	want_signature(v);
	want_later_signature(v);
	if (c->fault.kind != FAULT_NONE || !v->files.folder ||
	    c->first.seq <= 1 || c->removal_told || c->after_damage)
		return;
	snprintf(text, sizeof(text),
		 c->taken ? "records 1 to %" PRIu64
			    " are missing: their file was taken away while it "
			    "was written to, as this record tells"
			  : "records 1 to %" PRIu64
			    " are missing, and no record tells that they were "
			    "removed",
		 c->first.seq - 1);
	v->fits = c->taken != 0;
	finding(c, audit_files_name(v->files.list.paths[0]), text);
}

/* ---- what is said ---- */

bool audit_verify_late(const struct audit_verify *v, char *dst, size_t size)
{
	const struct chain_check *c = &v->check;
	char from[CHAIN_TIME_MAX];

	if (!is_signed_late(c))
		return false;
	chain_time(from, c->unsigned_time);
	snprintf(dst, size,
		 "Warning: the records from %" PRIu64
		 " on, of %s and later, are behind the last signature, more "
		 "than a day of them: whoever can write all of these files can "
		 "have made them.",
		 c->unsigned_first, from);
	return true;
}

bool audit_verify_no_head(const struct audit_verify *v)
{
	return v->files.folder && v->files.head_file == AUDIT_HEAD_MISSING;
}

static void say_signatures(struct out *o, const struct audit_verify *v)
{
	const struct chain_check *c = &v->check;
	char late[FAULT_TEXT_MAX];

	if (c->signatures == 0)
		out_line(o, "It bears no signature: whoever can write all of "
			    "these files can make others that fit together.");
	else if (c->key)
		out_line(o,
			 "%" PRIu64 " %s right; the last one covers all up to "
			 "record %" PRIu64 ".",
			 c->signatures,
			 c->signatures == 1 ? "signature is" : "signatures are",
			 c->signed_last);
	else
		out_line(o,
			 "%" PRIu64 " %s not checked: give the public key with "
			 "--public-key.",
			 c->signatures,
			 c->signatures == 1 ? "signature was"
					    : "signatures were");
	if (audit_verify_late(v, late, sizeof(late)))
		out_line(o, "%s", late);
}

/* How far it is known that the last record is the last one. */
static void say_end(struct out *o, const struct audit_verify *v)
{
	const struct chain_check *c = &v->check;
	bool folder = v->files.folder;

	if (audit_verify_no_head(v))
		out_line(o, "%s Compare it with --head.", AUDIT_VERIFY_NO_HEAD);
	if (!c->closed && c->records)
		out_line(o,
			 "The last record is no stop: the daemon runs, or was "
			 "killed, or the end was cut off%s. Compare it with "
			 "--head%s.",
			 folder && c->anchor.seq ? " and audit.head, too" : "",
			 folder ? "" : ", or verify the whole folder");
}

static void say_limits(struct out *o, const struct audit_verify *v)
{
	const struct chain_check *c = &v->check;

	if (c->torn)
		out_line(o,
			 "%" PRIu64 " half %s found after a crash, and told of "
			 "by the record behind.",
			 c->torn, c->torn == 1 ? "record was" : "records were");
	if (v->torn)
		out_line(o, "Behind it is half a record, which was not yet on "
			    "the disk when its writer ended; the next start "
			    "tells of it.");
	if (c->first.seq > 1 && c->removal_told)
		out_line(o,
			 "Records 1 to %" PRIu64 " were removed by age, as a "
			 "record tells.",
			 c->first.seq - 1);
	else if (c->after_damage)
		out_line(o, "It begins after a damaged one, which was set "
			    "aside, as its first record tells.");
	else if (c->taken)
		out_line(o,
			 "It begins with record %" PRIu64
			 ", which tells that the file before it, from record "
			 "%" PRIu64 " on, was taken away while it was written "
			 "to.",
			 c->first.seq, c->taken);
	else if (c->first.seq > 1)
		out_line(o,
			 "It begins with record %" PRIu64
			 ": what was before is not in this file.",
			 c->first.seq);
	say_end(o, v);
}

static void say_good(const struct audit_verify *v, struct out *o)
{
	const struct chain_check *c = &v->check;
	char from[CHAIN_TIME_MAX], to[CHAIN_TIME_MAX];

	if (c->records == 0) {
		out_line(o, "%s holds no record.", v->files.path);
		say_end(o, v);
		return;
	}
	chain_time(from, c->first_time);
	chain_time(to, c->last_time);
	out_text(o, OUT_GREEN, "Whole");
	out_line(o,
		 ": %" PRIu64 " %s in %zu %s, %" PRIu64 " to %" PRIu64
		 ", from %s to %s.",
		 c->records, c->records == 1 ? "record" : "records",
		 v->files.list.n, v->files.list.n == 1 ? "file" : "files",
		 c->first.seq, c->last.seq, from, to);
	say_signatures(o, v);
	say_limits(o, v);
	out_line(o, "Head: %" PRIu64 ":%s", c->last.seq, c->last.hash);
}

static void say_bad(const struct audit_verify *v, struct out *o)
{
	const struct chain_check *c = &v->check;

	out_text(o, OUT_RED, "Broken");
	out_line(o, ": %s:%" PRIu64 ": record %" PRIu64 ": %s%s", c->file,
		 c->line, c->seq, c->fault.text, text_stop(c->fault.text));
	if (c->taken && v->fits)
		out_line(o,
			 "The %" PRIu64 " %s from there on fit together, up to "
			 "record %" PRIu64 ".",
			 c->records, c->records == 1 ? "record" : "records",
			 c->last.seq);
	if (c->records && !v->fits)
		out_line(o,
			 "The %" PRIu64 " %s before it fit together, up to "
			 "record %" PRIu64 "; what stands behind was not "
			 "looked at.",
			 c->records, c->records == 1 ? "record" : "records",
			 c->last.seq);
}

void audit_verify_json(const struct audit_verify *v, struct json_writer *w)
{
	const struct chain_check *c = &v->check;
	bool good = audit_verify_is_whole(v);

	json_open(w);
	json_add_bool(w, "whole", good);
	json_add_int(w, "files", (int64_t)v->files.list.n);
	json_add_int(w, "records", (int64_t)c->records);
	json_add_int(w, "first", (int64_t)c->first.seq);
	json_add_int(w, "last", (int64_t)c->last.seq);
	json_add_time(w, "from", c->first_time);
	json_add_time(w, "to", c->last_time);
	json_add_str(w, "head", c->records ? c->last.hash : NULL);
	json_add_int(w, "signatures", (int64_t)c->signatures);
	json_add_bool(w, "signatures_checked", c->key != NULL);
	json_add_int(w, "signed_to", (int64_t)c->signed_last);
	json_add_int(w, "unsigned_ms", chain_check_unsigned(c));
	json_add_int(w, "torn", (int64_t)c->torn);
	json_add_bool(w, "stopped", c->closed);
	json_add_bool(w, "end_known", c->anchor.seq > 0);
	json_key(w, "finding");
	if (good) {
		json_put_null(w);
	} else {
		json_open(w);
		json_add_str(w, "file", c->file);
		json_add_int(w, "line", (int64_t)c->line);
		json_add_int(w, "sequence", (int64_t)c->seq);
		json_add_str(w, "text", c->fault.text);
		json_close(w);
	}
	json_close(w);
}

static bool print_json(const struct audit_verify *v, struct out *o,
		       struct fault *f)
{
	struct document d;

	document_open(&d, o);
	audit_verify_json(v, d.w);
	return document_print(&d, o, f);
}

void audit_verify_free(struct audit_verify *v)
{
	chain_check_free(&v->check);
	audit_files_free(&v->files);
	buf_free(&v->key);
}

bool audit_verify_is_whole(const struct audit_verify *v)
{
	return v->check.fault.kind == FAULT_NONE;
}

bool audit_verify_read(struct audit_verify *v, const struct args *a,
		       audit_read_line *each, void *arg, struct fault *f)
{
	*v = (struct audit_verify){ .args = a, .each = each, .arg = arg };
	buf_init(&v->key, KEY_MAX);
	if (!prepare(v, f) || !read_all(v, f))
		return false;
	judge(v);
	return true;
}

bool audit_verify_again(const struct audit_verify *v)
{
	return v->files.folder && !audit_verify_is_whole(v);
}

void audit_verify_say(const struct audit_verify *v, struct out *o)
{
	if (audit_verify_is_whole(v))
		say_good(v, o);
	else
		say_bad(v, o);
}

int audit_verify_run(struct ctl *ctl)
{
	struct audit_verify v;
	struct fault f = fault_none();
	bool ok = audit_verify_read(&v, ctl->args, NULL, NULL, &f), good;

	if (ok && audit_verify_again(&v)) {
		audit_verify_free(&v);
		ok = audit_verify_read(&v, ctl->args, NULL, NULL, &f);
	}
	good = ok && audit_verify_is_whole(&v);
	if (ok && ctl->args->json)
		ok = print_json(&v, &ctl->out, &f);
	else if (ok)
		audit_verify_say(&v, &ctl->out);
	audit_verify_free(&v);
	if (!ok)
		return failure_report(ctl, &f);
	return good ? COMMAND_OK : COMMAND_FAILED;
}
