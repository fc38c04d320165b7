/* Brings the doctor's findings to the one caller who wants them. */
#include "control_doctor.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define PART_MAX ((size_t)8 << 20) /* bytes of one reply */
#define PART_SUBJECTS 50	   /* and subjects */

struct control_doctor {
	struct engine *engine;
	struct varlink_call *call; /* NULL: nobody asks */
	struct finding_count count;
	size_t told; /* subjects done, as was said last */
};

static void gone(void *arg)
{
	struct control_doctor *d = arg;

	d->call = NULL;
	engine_dismiss(d->engine);
}

struct part {
	struct control_doctor *doctor;
	struct json_writer *w;
};

static void count(const struct finding *f, void *arg)
{
	struct part *p = arg;

	p->doctor->count.n[f->result]++;
	finding_write(f, p->w);
}

/* What somebody should see to of the daemon itself. */
static void count_hints(struct part *p)
{
	for (int i = 0; i < HINTS; i++) {
		enum engine_hint h = (enum engine_hint)i;
		const char *text = engine_hint_text(p->doctor->engine, h);

		if (*text)
			count(&(struct finding){ .result = FINDING_WARN,
						 .kind = "daemon",
						 .name = "keyrotd",
						 .check = engine_hint_code(h),
						 .text = text },
			      p);
	}
}

/* One reply: the findings of some subjects.  False when it cannot be made. */
static bool make(struct control_doctor *d, struct buf *out, size_t *subjects,
		 bool *over)
{
	struct part p = { d, json_writer_new(out, false) };
	size_t done, all;

	*subjects = 0;
	json_open(p.w);
	json_key(p.w, "findings");
	json_open_array(p.w);
	if (d->told == SIZE_MAX)
		count_hints(&p);
	while (*subjects < PART_SUBJECTS && engine_found(d->engine, count, &p))
		++*subjects;
	json_close_array(p.w);
	*over = engine_examined(d->engine, &done, &all);
	json_add_int(p.w, "done", (int64_t)done);
	json_add_int(p.w, "all", (int64_t)all);
	finding_write_count(&d->count, p.w);
	json_close(p.w);
	*subjects += done != d->told;
	d->told = done;
	return json_finish(p.w);
}

static void end(struct control_doctor *d, const char *last)
{
	struct varlink_call *call = d->call;

	engine_dismiss(d->engine);
	d->call = NULL;
	if (last)
		varlink_reply(call, last);
	else
		varlink_error(call, "io.keyrotd.Status.TooLarge", NULL);
}

void control_doctor_turn(struct control_doctor *d)
{
	bool over = false, ok = true;
	size_t subjects = 1;
	struct buf out;

	buf_init(&out, PART_MAX);
	while (d->call && ok && subjects && !over) {
		buf_reset(&out);
		ok = make(d, &out, &subjects, &over);
		if (ok && !over && subjects)
			varlink_continue(d->call, buf_str(&out));
	}
	if (d->call && (over || !ok))
		end(d, ok ? buf_str(&out) : NULL);
	buf_free(&out);
}

void control_doctor_begin(struct control_doctor *d, struct varlink_call *call,
			  struct instant now)
{
	if (!varlink_wants_more(call)) {
		varlink_error(call, "io.keyrotd.Control.MoreRequired", NULL);
		return;
	}
	if (!engine_examine(d->engine, now)) {
		varlink_error(
			call, "io.keyrotd.Control.Busy",
			"{\"reason\":\"Somebody else is examining just now; try again when that is over.\"}");
		return;
	}
	d->call = call;
	d->count = (struct finding_count){ { 0 } };
	d->told = SIZE_MAX; /* the first turn says how much there is to do */
	varlink_stream(call, gone, d);
}

struct control_doctor *control_doctor_new(struct engine *e)
{
	struct control_doctor *d = text_alloc(1, sizeof(*d));

	d->engine = e;
	return d;
}

void control_doctor_free(struct control_doctor *d)
{
	free(d);
}
