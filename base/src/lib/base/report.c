/* SPDX-License-Identifier: MIT */
/* Producer of reports */

/* public */
#include <base/heap.h>
#include <base/rom.h>
#include <util/align.h>
#include <util/format.h>

/** What struct reporter holds */
struct reporter_data {
	struct report_session session;
	dataspace_cap_t       ds;
	char                 *buffer;
	size_t                size;
	struct hid_writer     writer;
};
_Static_assert(sizeof(struct reporter_data) <= sizeof(struct reporter),
               "struct reporter is too small");

static struct reporter_data *data_of(struct reporter *reporter)
{
	return (struct reporter_data *)reporter;
}

enum error reporter_open(struct reporter *reporter, struct env *env,
                         char const *name, size_t size)
{
	struct reporter_data *const data = data_of(reporter);
	char text[64];
	void *at = NULL;

	*reporter = (struct reporter) { 0 };
	size = align_up(size, 4096);
	format_text(text, sizeof text, "report | buffer: %zu", size);
	enum error error = report_open(&data->session, env,
		&(struct session_args) { .label = name, .text = text, .ram = size });
	if (!error)
		error = report_dataspace(data->session.cap, &data->ds);
	if (!error)
		error = ram_attach_part(env, data->ds, size, true, &at);
	data->buffer = at;
	data->size   = size;
	if (error)
		reporter_close(reporter);
	return error;
}

struct hid_writer *reporter_begin(struct reporter *reporter)
{
	struct reporter_data *const data = data_of(reporter);
	hid_writer_init(&data->writer, data->buffer, data->size);
	return &data->writer;
}

enum error reporter_submit(struct reporter *reporter)
{
	struct reporter_data *const data = data_of(reporter);
	size_t length;
	enum error const error = hid_finish(&data->writer, &length);
	return error ? error : report_submit(data->session.cap, length);
}

void reporter_close(struct reporter *reporter)
{
	struct reporter_data *const data = data_of(reporter);
	struct env *const env = data->session.session.env;
	if (!env)
		return;
	ram_detach(env, data->buffer);
	cap_drop(data->ds.cap);
	report_close(&data->session);
	*reporter = (struct reporter) { 0 };
}
