/* SPDX-License-Identifier: MIT */
/* Commands */

/* public */
#include <base/hid.h>
#include <util/string.h>

/* local */
#include "command.h"
#include "journal.h"
#include "screen.h"
#include "subsystem.h"
#include "table.h"
#include "tour.h"
#include "usage.h"

enum { LOG_LINES = 16 };

char command_follow[SUBSYSTEM_NAME];

/** Words of a command line; absent ones are "" */
struct words { char const *verb, *name, *tag, *value; };

/** Cut off the first word; the rest begins at the next one */
static char *cut(char *text)
{
	while (*text && *text != ' ')
		text++;
	while (*text == ' ')
		*text++ = 0;
	return text;
}

static struct words split(char *text)
{
	struct words w;
	while (*text == ' ')
		text++;
	w.verb = text;
	w.name = text = cut(text);
	w.tag  = text = cut(text);
	w.value = cut(text);
	return w;
}

static enum command_mode answer(enum error error, char const *name,
                                char const *good)
{
	switch (error) {
	case ERROR_OK:
		if (*good)
			screen_print("%s: %s\n", name, good);
		break;
	case ERROR_NOT_FOUND:
		screen_print("there is no '%s'; 'tree' shows what there is\n",
		             name);
		break;
	default:
		screen_print("%s: not done: %s\n", name, error_text(error));
	}
	return COMMAND_PROMPT;
}

static enum command_mode tree(struct words const *w)
{
	table_print(false);
	return COMMAND_PROMPT;
}

static enum command_mode live(struct words const *w)
{
	return COMMAND_LIVE;
}

static bool running(char const *name)
{
	unsigned n;
	usage_read(&n);
	for (struct part *p = NULL; (p = subsystem_next(p));)
		if ((string_equal(p->name, name)
		     || string_equal(p->subsystem, name))
		 && !string_equal(usage_of(p->name)->state, "running"))
			return false;
	return true;
}

/** One that ended by itself is begun anew */
static enum command_mode start(struct words const *w)
{
	if (!subsystem_count(w->name))
		return answer(ERROR_NOT_FOUND, w->name, "");
	if (running(w->name))
		return answer(ERROR_OK, w->name, "is running");
	return answer(subsystem_restart(w->name), w->name, "started");
}

static enum command_mode restart(struct words const *w)
{
	return answer(subsystem_restart(w->name), w->name, "restarted");
}

static enum command_mode kill(struct words const *w)
{
	return answer(subsystem_switch(w->name, false), w->name,
	              "ended; all that it had is free again");
}

static enum command_mode set(struct words const *w)
{
	if (!*w->tag || !*w->value) {
		screen_put("set <name> <attribute> <value>, for example:\n"
		           "  set ticker text hello\n"
		           "  set ticker ram 2M       also caps\n"
		           "  set hog priority 20     of 127\n"
		           "  set hog cpu_quota 30    percent; 0: none\n"
		           "It is not started again for any of that.\n");
		return COMMAND_PROMPT;
	}
	return answer(subsystem_set(w->name, w->tag, w->value), w->name, "set");
}

static enum command_mode route(struct words const *w)
{
	if (!*w->tag || !*w->value) {
		screen_put("route <name> <service> <server>, for example:\n"
		           "  start second\n"
		           "  route visitor Hello second\n");
		return COMMAND_PROMPT;
	}
	return answer(subsystem_route(w->name, w->tag, w->value), w->name,
	              "goes there from now on");
}

static enum command_mode trace(struct words const *w)
{
	unsigned n;
	usage_read(&n);
	if (!*w->name || !usage_of(w->name))
		return answer(ERROR_NOT_FOUND, w->name, "");
	string_copy(command_follow, sizeof command_follow, w->name);
	screen_put("any key ends it\n");
	return COMMAND_TRACE;
}

static enum command_mode log(struct words const *w)
{
	table_log(w->name, LOG_LINES, false);
	return COMMAND_PROMPT;
}

static enum command_mode follow(struct words const *w)
{
	string_copy(command_follow, sizeof command_follow, w->name);
	screen_put("any key ends it\n");
	return COMMAND_FOLLOW;
}

static enum command_mode crash(struct words const *w)
{
	enum error error = ERROR_OK;
	if (*w->name)
		error = subsystem_set("crasher", "kind", w->name);
	if (!error)
		error = subsystem_restart("crasher");
	return answer(error, "crasher", "");
}

static enum command_mode hog(struct words const *w)
{
	return answer(subsystem_restart("hog"), "hog",
	              "computes; 'live' shows who gets what, 'kill hog' ends it");
}

static enum command_mode tour(struct words const *w)
{
	tour_begin(!string_equal(w->name, "run"));
	return COMMAND_TOUR;
}

static enum command_mode leave(struct words const *w)
{
	return COMMAND_EXIT;
}

static enum command_mode help(struct words const *w);

static struct {
	char const *verb, *arguments, *text;
	enum command_mode (*run)(struct words const *);
} const commands[] = {
	{ "tour", "", "what capabilities give you, in one minute", tour },
	{ "tree", "", "components, what they have and consume", tree },
	{ "live", "", "the same, again and again, until a key", live },
	{ "start", "<name>", "start a subsystem or component", start },
	{ "kill", "<name>", "end it and take back what it had", kill },
	{ "restart", "<name>", "both", restart },
	{ "set", "<name> <attr> <value>", "reconfigure it while it runs", set },
	{ "route", "<name> <service> <to>", "another server, while it runs",
	  route },
	{ "trace", "<name>", "what it calls and serves, until a key", trace },
	{ "crash", "[<kind>]", "null, divide, stack, jump, illegal, text", crash },
	{ "hog", "", "start an endless loop", hog },
	{ "log", "[<name>]", "what was logged last", log },
	{ "follow", "[<name>]", "log lines as they come, until a key", follow },
	{ "help", "", "this list", help },
	{ "exit", "", "switch the machine off", leave },
	{ "top", "", NULL, live },
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static enum command_mode help(struct words const *w)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (commands[i].text)
			screen_print("  %-8s %-22s %s\n", commands[i].verb,
			             commands[i].arguments, commands[i].text);
	return COMMAND_PROMPT;
}

enum command_mode command_run(char *text)
{
	struct words const words = split(text);
	if (!*words.verb)
		return COMMAND_PROMPT;
	for (unsigned i = 0; i < COMMANDS; i++)
		if (string_equal(commands[i].verb, words.verb))
			return commands[i].run(&words);
	screen_print("'%s' is no command; 'help' lists them\n", words.verb);
	return COMMAND_PROMPT;
}

void command_greet(void)
{
	screen_put("\n" SCREEN_BOLD "Ashlar" SCREEN_PLAIN
	           ": a system composed of small sandboxed components.\n"
	           "You talk to 'console', one of them. 'tour' shows the"
	           " essence in a minute,\n'help' lists the commands.\n\n");
}
