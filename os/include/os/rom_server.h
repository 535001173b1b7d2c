/* SPDX-License-Identifier: MIT */
/**
 * ROM server: HID content that is written when a client asks for it
 *
 * A copy is made for each session, on its client's account, and stays as it is
 * until the client asks again. Zeroed memory is a closed server.
 */
#pragma once

#include <base/service.h>

struct rom_server;
struct hid_writer;

struct rom_server_ops {
	/**
	 * Write the content for sessions with this label; the same twice, if nothing
	 * changed in between: once to know its size. NOT_FOUND: there is none yet
	 */
	enum error (*write)(struct rom_server *, char const *label,
	                    struct hid_writer *);
	/** Whether a session may be opened; NULL: any may */
	enum error (*permit)(struct rom_server *, char const *label);
};

/** Set 'ops' before */
struct rom_server {
	struct service               service;
	struct rom_server_ops const *ops;
};

/** Returns as service_announce */
enum error rom_server_open(struct rom_server *server, struct env *env) MUST_USE;

/** The content of all sessions has changed, or may have */
void rom_server_changed(struct rom_server *server);
