/* SPDX-License-Identifier: MIT */
/*
 * Driver of a 16550 UART: one Terminal session over a serial line
 *
 *     config | base: 0x3f8 | irq: 4 | baud: 115200
 *
 * Interrupt-driven in both directions. Output waits in a ring that the
 * transmitter empties, 16 bytes an interrupt; input waits in another one, and
 * what does not fit is lost and counted. Registers: National Semiconductor
 * PC16550D data sheet, chapter 8.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/service.h>
#include <os/config_number.h>
#include <rpc/terminal.h>
#include <session/io_port.h>
#include <session/irq.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>

/* Registers, as offsets from the base port */
enum { DATA = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };

enum { IER_RECEIVE = 1, IER_TRANSMIT = 2 };
enum { FCR_ENABLE = 1, FCR_CLEAR = 6, FCR_TRIGGER_8 = 0x80 };
enum { LCR_8N1 = 3, LCR_DLAB = 0x80 };
enum { MCR_DTR = 1, MCR_RTS = 2, MCR_OUT2 = 8 };  /* OUT2 gates the interrupt */
enum { LSR_DATA = 1, LSR_OVERRUN = 2, LSR_THRE = 0x20 };
enum { FIFO = 16, CLOCK = 115200 };

struct ring { char data[4096]; uint32_t head, tail; };

static uint32_t ring_used(struct ring const *r) { return r->head - r->tail; }

static bool ring_full(struct ring const *r)
{
	return ring_used(r) == sizeof r->data;
}

static void ring_put(struct ring *r, char c)
{
	r->data[r->head++ % sizeof r->data] = c;
}

static char ring_get(struct ring *r)
{
	return r->data[r->tail++ % sizeof r->data];
}

struct terminal {
	struct session_object base;
	signal_cap_t          changed;
	bool                  wants_room;   /* a write did not fit */
};

static struct io_port_session io;
static struct irq_session     irq;
static uint16_t               port;
static struct ring            input, output;
static struct terminal       *session;    /* the one user, NULL: none */
static uint64_t               lost;
static uint8_t                ier;

/* The port's range is ours: only a dead core refuses */
static uint8_t get(unsigned reg)
{
	uint32_t value = 0xff;
	error_ignore(io_port_read(io.cap, (uint16_t)(port + reg), 1, &value),
	             "reads as an absent device");
	return (uint8_t)value;
}

static void put(unsigned reg, uint8_t value)
{
	error_ignore(io_port_write(io.cap, (uint16_t)(port + reg), 1, value),
	             "nobody is there to be told");
}

static void notify(void)
{
	if (session && session->changed.cap)
		error_ignore(signal_submit(session->changed), "the client is gone");
}

static void receive(void)
{
	uint8_t status;
	bool some = false;
	/* bounded: a stuck status bit must not keep us here */
	for (unsigned i = 0; i < 256 && (status = get(LSR)) & LSR_DATA
	                     && status != 0xff; i++) {
		char const c = (char)get(DATA);
		if (status & LSR_OVERRUN || ring_full(&input))
			lost++;
		if (c && !ring_full(&input))
			ring_put(&input, c);
		some = true;
	}
	if (some)
		notify();
}

/** Fill the transmitter; its interrupt is on as long as there is output */
static void transmit(void)
{
	if (ring_used(&output) && get(LSR) & LSR_THRE) {
		char text[FIFO + 1];
		unsigned n = 0;
		while (n < FIFO && ring_used(&output))
			text[n++] = ring_get(&output);
		text[n] = 0;
		error_ignore(io_port_write_bytes(io.cap, port, text), "as put");
	}
	uint8_t const wanted = ring_used(&output) ? IER_RECEIVE | IER_TRANSMIT
	                                          : IER_RECEIVE;
	if (wanted != ier)
		put(IER, ier = wanted);
	if (session && session->wants_room
	    && ring_used(&output) < sizeof output.data / 2) {
		session->wants_room = false;
		notify();
	}
}

/** Whether the device requests service; takes the transmitter's request back */
static bool requested(void) { return !(get(IIR) & 1); }

static void interrupt(struct signal_handler *self, uint64_t count)
{
	unsigned i = 0;
	do {
		receive();
		transmit();
	} while (++i < 4 && requested());

	enum error error = irq_ack(irq.cap);
	/* as long as there is a request, no other edge comes */
	if (!error && requested())
		error = signal_submit(self->cap);
	if (error)
		log_error("interrupt: %s", error_text(error));
}

static struct signal_handler handler = { .handle = interrupt };

/* -- Terminal session -- */

static struct terminal *of(struct rpc_object *object)
{
	return container_of(object, struct terminal, base.object);
}

static enum error op_write(struct rpc_object *object, char const *text,
                           uint32_t *written)
{
	uint32_t n = 0;
	for (; text[n] && !ring_full(&output); n++)
		ring_put(&output, text[n]);
	of(object)->wants_room |= text[n] != 0;
	transmit();
	*written = n;
	return ERROR_OK;
}

static enum error op_read(struct rpc_object *object, char text[256])
{
	uint32_t n = 0;
	while (n < TERMINAL_CHUNK - 1 && ring_used(&input))
		text[n++] = ring_get(&input);
	text[n] = 0;
	if (ring_used(&input))
		notify();
	return ERROR_OK;
}

static enum error op_changed(struct rpc_object *object, signal_cap_t changed)
{
	struct terminal *const terminal = of(object);
	cap_drop(terminal->changed.cap);
	cap_keep(changed.cap);
	terminal->changed = changed;
	if (ring_used(&input))
		notify();
	return ERROR_OK;
}

static enum error op_size(struct rpc_object *object, uint32_t *columns,
                          uint32_t *rows)
{
	*columns = 80;
	*rows    = 24;
	return ERROR_OK;
}

static struct terminal_ops const ops = {
	.write = op_write, .read = op_read, .changed = op_changed, .size = op_size,
};

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	if (session) {
		static unsigned logged;
		if (log_few(&logged))
			log_warning("\"%s\": the line is in use",
			            request->label);
		return ERROR_CONFLICT;
	}
	session = container_of(base, struct terminal, base);
	terminal_object_init(&base->object, &ops);
	return ERROR_OK;
}

static void destroy(struct service *service, struct session_object *base)
{
	struct terminal *const terminal = container_of(base, struct terminal, base);
	cap_drop(terminal->changed.cap);
	if (session == terminal)
		session = NULL;
	if (lost)
		log_warning("%lu characters were lost", lost);
	lost = 0;
}

static struct service service = {
	.name = "Terminal", .session_size = sizeof(struct terminal),
	.create = create, .destroy = destroy,
};

/* -- set-up -- */

static enum error open_device(struct env *env)
{
	char text[64];
	port = (uint16_t)config_number(env->config, "base", 0x3f8, 0, 0xfff8);
	format_text(text, sizeof text, "io_port | base: 0x%x | size: 8", port);
	enum error error = io_port_open(&io, env,
		&(struct session_args) { .text = text });
	if (!error) {
		format_text(text, sizeof text, "irq | gsi: %lu | trigger: edge",
		            config_number(env->config, "irq", 4, 0, 255));
		error = irq_open(&irq, env, &(struct session_args) { .text = text });
	}
	if (!error)
		error = signal_handler_open(&handler, env->ep);
	if (!error)
		error = irq_handler(irq.cap, handler.cap);
	return error;
}

static enum error set_up(struct env *env)
{
	uint64_t const baud = config_number(env->config, "baud", 115200, 50,
	                                    115200);
	if (!baud || CLOCK % baud || CLOCK / baud > 0xffff) {
		log_error("baud: %lu is no divisor of %u", baud, CLOCK);
		return ERROR_INVALID;
	}
	uint16_t const divisor = (uint16_t)(CLOCK / baud);
	if (get(LSR) == 0xff)
		return ERROR_NOT_FOUND;
	put(IER, 0);
	put(LCR, LCR_8N1 | LCR_DLAB);
	put(DATA, (uint8_t)divisor);
	put(IER, (uint8_t)(divisor >> 8));
	put(LCR, LCR_8N1);
	put(FCR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_8);
	put(MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	put(IER, ier = IER_RECEIVE);
	return irq_ack(irq.cap);
}

enum error component_construct(struct env *env)
{
	enum error error = open_device(env);
	if (!error) error = set_up(env);
	if (!error) error = service_announce(&service, env);
	return error;
}
