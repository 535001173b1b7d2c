/* SPDX-License-Identifier: MIT */
/** Commands: what the user can say */
#pragma once

/** What the console does after a command */
enum command_mode {
	COMMAND_PROMPT,   /* ask for the next one */
	COMMAND_LIVE,     /* show the refreshing table until a key */
	COMMAND_FOLLOW,   /* show log lines as they come until a key */
	COMMAND_TRACE,    /* show what a component does until a key */
	COMMAND_TOUR,     /* the tour goes on by itself */
	COMMAND_EXIT,
};

/** Whose lines COMMAND_FOLLOW shows ("": all), COMMAND_TRACE's component */
extern char command_follow[];

/** Run one; 'text' is changed by it */
enum command_mode command_run(char *text);

void command_greet(void);
