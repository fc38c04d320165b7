/* keyrotctl report: the rotations of a time, out of the audit's files alone. */
#include "ctl/report.h"

#include <string.h>

#include "ctl/args.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/report_html.h"
#include "ctl/report_json.h"
#include "ctl/report_read.h"
#include "ctl/report_text.h"
#include "io/store_publish.h"

static bool to_file(const char *data, size_t len, void *arg, struct fault *f)
{
	return store_publish_add(arg, data, len, f);
}

static bool to_output(const char *data, size_t len, void *arg, struct fault *f)
{
	struct out *o = arg;

	(void)f; /* told at the end */
	out_bytes(o, data, len);
	return true;
}

static bool put_html(const struct report *r, struct ctl *ctl, struct fault *f)
{
	const char *path = ctl->args->html;
	struct store_publish *file;

	if (!strcmp(path, "-"))
		return report_html_put(r, to_output, &ctl->out, f);
	file = store_publish_begin(path, 0644, f);
	if (!file)
		return false;
	if (!report_html_put(r, to_file, file, f)) {
		store_publish_drop(file);
		return false;
	}
	if (!store_publish_end(file, f))
		return false;
	out_line(&ctl->out, "The report is in %s.", path);
	return true;
}

static bool put_json(const struct report *r, struct ctl *ctl, struct fault *f)
{
	struct document d;

	document_open(&d, &ctl->out);
	report_json_put(r, d.w);
	return document_print(&d, &ctl->out, f);
}

int report_run(struct ctl *ctl)
{
	const struct args *a = ctl->args;
	struct fault f = fault_none();
	struct report r;
	bool ok = report_read(&r, a, &f), good = false, misused = r.twice;

	if (ok) {
		good = report_read_is_whole(&r);
		if (a->html)
			ok = put_html(&r, ctl, &f);
		else if (a->json)
			ok = put_json(&r, ctl, &f);
		else
			report_text_print(&r, &ctl->out);
	}
	/* Elsewhere the text says so itself. */
	if (ok && !good && (a->html || a->json))
		out_line(&ctl->err, "The audit is not as it was written; the "
				    "report says where it ends.");
	report_read_free(&r);
	if (misused) {
		out_line(&ctl->err, "keyrotctl: %s", f.text);
		return COMMAND_USAGE;
	}
	if (!ok)
		return failure_report(ctl, &f);
	return good ? COMMAND_OK : COMMAND_FAILED;
}
