/*
 * service: what org.varlink.service tells of a Varlink server
 * (https://varlink.org/Service): its name, its interfaces, their texts.
 * Pure: texts in, JSON text out.
 */
#ifndef KEYROTD_IO_SERVICE_H
#define KEYROTD_IO_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/varlink.h"

#define SERVICE_NAME "org.varlink.service"

/* The name after "interface" at the start of a description (comments and
 * empty lines may precede it): pointer into the text and length, or NULL. */
const char *service_interface(const char *description, size_t *len);

/* The description of the interface with that name, its own included; NULL:
 * there is none. */
const char *service_find(const struct varlink_options *o, const char *name,
			 size_t len);

/* The parameters of GetInfo's reply; false when out is too small. */
bool service_info(const struct varlink_options *o, struct buf *out);

/* {"NAME":"VALUE"}, escaped as JSON wants it; "{}" when out is too small. */
const char *service_member(struct buf *out, const char *name,
			   const char *value);

#endif
