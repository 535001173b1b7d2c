/* SPDX-License-Identifier: MIT */
/** Screen: text to and keys from the terminal */
#pragma once

#include <base/env.h>

/** 'key' runs for each character that was typed. Returns as session_open */
enum error screen_open(struct env *env, void (*key)(char c)) MUST_USE;

/** Printf's notation; a newline also returns the carriage */
void screen_print(char const *format, ...)
	__attribute__((format(printf, 1, 2)));

void screen_put(char const *text);

/* VT100; a terminal that does not know them shows a few odd characters */
#define SCREEN_BOLD   "\033[1m"
#define SCREEN_RED    "\033[31m"
#define SCREEN_PLAIN  "\033[0m"
#define SCREEN_HOME   "\033[H"
#define SCREEN_CLEAR  "\033[2J\033[H"
#define SCREEN_REST   "\033[J"     /* clear from here on */
#define SCREEN_LINE   "\r\033[K"   /* clear this line */
