/* SPDX-License-Identifier: MIT */
/** Formatted text; a small, bounded part of printf */

/* public */
#include <stdbool.h>
#include <stdint.h>
#include <util/format.h>
#include <util/string.h>

/** Where text goes; 'length' counts also what did not fit */
struct output { char *buffer; size_t size, length; };

/** One conversion, decoded */
struct conversion
{
	bool     left, zero, precise;
	size_t   width, precision;
	unsigned bytes;                /* of an integer argument */
	char     letter;
};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buffer[out->length] = c;
	out->length++;
}

static void put_repeated(struct output *out, char c, size_t count)
{
	while (count--)
		put(out, c);
}

static void put_block(struct output *out, char const *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
}

/** Sign or "0x", then digits, padded to the width */
static void put_padded(struct output *out, struct conversion const *c,
                       char const *prefix, char const *text, size_t length)
{
	size_t const used  = strlen(prefix) + length;
	size_t const blank = c->width > used ? c->width - used : 0;
	if (!c->left && !c->zero)
		put_repeated(out, ' ', blank);
	put_block(out, prefix, strlen(prefix));
	if (!c->left && c->zero)
		put_repeated(out, '0', blank);
	put_block(out, text, length);
	if (c->left)
		put_repeated(out, ' ', blank);
}

static void put_number(struct output *out, struct conversion const *c,
                       char const *prefix, uint64_t value, unsigned base)
{
	char const *const digits = c->letter == 'X' ? "0123456789ABCDEF"
	                                            : "0123456789abcdef";
	char text[64];
	size_t start = sizeof text;
	do {
		text[--start] = digits[value % base];
		value /= base;
	} while (value);
	while (c->precise && sizeof text - start < c->precision && start)
		text[--start] = '0';
	put_padded(out, c, prefix, text + start, sizeof text - start);
}

static void put_string(struct output *out, struct conversion *c,
                       char const *text)
{
	if (!text)
		text = "(null)";
	c->zero = false;
	put_padded(out, c, "", text,
	           strnlen(text, c->precise ? c->precision : SIZE_MAX));
}

static uint64_t truncated(uint64_t value, unsigned bytes)
{
	return bytes < 8 ? value & (((uint64_t)1 << bytes * 8) - 1) : value;
}

static void put_signed(struct output *out, struct conversion const *c,
                       int64_t value)
{
	if (c->bytes == 1) value = (int8_t)value;
	if (c->bytes == 2) value = (int16_t)value;
	put_number(out, c, value < 0 ? "-" : "",
	           value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

/** Decimal number at *format, which is moved behind it; bounded */
static size_t read_number(char const **format)
{
	size_t number = 0;
	for (; **format >= '0' && **format <= '9'; (*format)++)
		if (number < 4096)
			number = number * 10 + (size_t)(**format - '0');
	return number;
}

static void read_flags(char const **format, struct conversion *c)
{
	for (;; (*format)++) {
		if (**format == '-')      c->left = true;
		else if (**format == '0') c->zero = true;
		else break;
	}
}

static void read_length(char const **format, struct conversion *c)
{
	c->bytes = 4;
	for (;; (*format)++) {
		switch (**format) {
		case 'h': c->bytes /= 2; break;
		case 'l': case 'z': case 'j': case 't': c->bytes = 8; break;
		default: c->letter = **format; return;
		}
	}
}

/* va_list may be an array type, which a struct lets one pass by pointer */
struct arguments { va_list list; };

static size_t read_size(char const **format, struct arguments *arguments,
                        struct conversion *c, bool width)
{
	if (**format != '*')
		return read_number(format);
	(*format)++;
	int const value = va_arg(arguments->list, int);
	if (value < 0 && width)
		c->left = true;
	if (value < 0 && !width)
		c->precise = false;
	return (size_t)(value < 0 && width ? -(int64_t)value : value);
}

static int64_t signed_argument(struct arguments *arguments, unsigned bytes)
{
	return bytes == 8 ? va_arg(arguments->list, int64_t)
	                  : va_arg(arguments->list, int);
}

static uint64_t unsigned_argument(struct arguments *arguments, unsigned bytes)
{
	return truncated(bytes == 8 ? va_arg(arguments->list, uint64_t)
	                            : va_arg(arguments->list, unsigned), bytes);
}

/** Carry out one conversion; 'start' is its '%', 'end' its letter */
static void convert(struct output *out, struct conversion *c,
                    struct arguments *arguments, char const *start,
                    char const *end)
{
	switch (c->letter) {
	case 'd':
	case 'i':
		put_signed(out, c, signed_argument(arguments, c->bytes));
		return;
	case 'u':
		put_number(out, c, "", unsigned_argument(arguments, c->bytes), 10);
		return;
	case 'x':
	case 'X':
		put_number(out, c, "", unsigned_argument(arguments, c->bytes), 16);
		return;
	case 'p':
		put_number(out, c, "0x",
		           (uintptr_t)va_arg(arguments->list, void *), 16);
		return;
	case 's':
		put_string(out, c, va_arg(arguments->list, char const *));
		return;
	case 'c': {
		char const character = (char)va_arg(arguments->list, int);
		c->zero = false;
		put_padded(out, c, "", &character, 1);
		return; }
	case '%':
		put(out, '%');
		return;
	default:
		put_block(out, start, (size_t)(end - start) + (*end != 0));
	}
}

size_t format_print(char *buffer, size_t size, char const *format,
                    va_list list)
{
	struct output out = { buffer, size, 0 };
	struct arguments arguments;
	va_copy(arguments.list, list);

	for (; *format; format++) {
		char const *const start = format;
		struct conversion c = { .left = false };
		if (*format != '%') {
			put(&out, *format);
			continue;
		}
		format++;
		read_flags(&format, &c);
		c.width = read_size(&format, &arguments, &c, true);
		if (*format == '.') {
			format++;
			c.precise = true;
			c.precision = read_size(&format, &arguments, &c, false);
		}
		read_length(&format, &c);
		convert(&out, &c, &arguments, start, format);
		if (!*format)
			break;
	}
	va_end(arguments.list);
	if (size)
		buffer[out.length < size ? out.length : size - 1] = 0;
	return out.length;
}

size_t format_text(char *buffer, size_t size, char const *format, ...)
{
	va_list list;
	va_start(list, format);
	size_t const length = format_print(buffer, size, format, list);
	va_end(list);
	return length;
}
