/*
 * control_metrics: metrics over the socket: io.keyrotd.Status.Metrics, and
 * io.systemd.Metrics in the form that systemd's own services have.
 *
 * They go out part by part and are the call's own; the engine is another's.
 */
#ifndef KEYROTD_CONTROL_METRICS_H
#define KEYROTD_CONTROL_METRICS_H

#include "engine/engine.h"
#include "engine/metrics.h"
#include "io/varlink.h"

/* Where they come from. */
struct control_metrics {
	const struct engine *engine;
	/* What metrics tell besides the engine. */
	void (*outside)(struct metrics_outside *o, void *arg);
	void *arg;
};

/* As the text that the call's format names. */
void control_metrics_text(const struct control_metrics *from,
			  struct varlink_call *call);
/* io.systemd.Metrics.List and .Describe: one object a reply. */
void control_metrics_list(const struct control_metrics *from,
			  struct varlink_call *call);
void control_metrics_describe(struct varlink_call *call);

#endif
