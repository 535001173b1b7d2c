/* SPDX-License-Identifier: MIT */
/**
 * Human-inclined data: checking a document against a schema
 *
 * A schema's node lists what a document's node may contain: "+ attribute" and
 * "+ node" by name. 'like' adds what a "+ define" at the schema's top contains,
 * so that definitions can be shared and recursive.
 */

/* public */
#include <base/hid.h>
#include <util/format.h>
#include <util/string.h>

struct check {
	struct hid const *schema;
	struct hid_error *error;
	struct hid const *former;  /* checked before; sub nodes up to 'known' passed */
	struct hid const *known;
};

static bool value_equals(struct hid_attribute const *a, char const *string)
{
	return strlen(string) == a->value_length
	       && memcmp(a->value, string, a->value_length) == 0;
}

/** Write "node 'start timer': what 'word'" */
static enum error refuse(struct check const *c, struct hid const *node,
                         uint32_t line, char const *what, char const *word,
                         size_t length)
{
	char name[32] = "";
	if (!c->error)
		return ERROR_INVALID;
	hid_name(node, name, sizeof name);
	c->error->line = line;
	format_text(c->error->text, sizeof c->error->text,
	            "node '%.*s%s%s': %s '%.*s'",
	            (int)node->type_length, node->text + node->type_offset,
	            *name ? " " : "", name, what, (int)length, word);
	return ERROR_INVALID;
}

static enum error refuse_schema(struct check const *c, struct hid const *rule,
                                char const *what)
{
	if (c->error) {
		c->error->line = rule->line;
		format_text(c->error->text, sizeof c->error->text,
		            "schema: %s", what);
	}
	return ERROR_CORRUPT;
}

/** The definition that 'rule' is like; NULL: none */
static struct hid const *definition(struct check const *c,
                                    struct hid const *rule)
{
	struct hid_attribute like, name;
	if (!hid_attribute(rule, "like", &like))
		return NULL;
	for (struct hid const *d = NULL; (d = hid_next(c->schema, d, "define"));)
		if (hid_attribute(d, "name", &name)
		 && name.value_length == like.value_length
		 && !memcmp(name.value, like.value, like.value_length))
			return d;
	return NULL;
}

/** What 'rule' says about attribute or node 'name'; NULL: nothing */
static struct hid const *find_rule(struct check const *c,
                                   struct hid const *rule, char const *kind,
                                   char const *name, size_t length)
{
	struct hid_attribute a;
	for (unsigned i = 0; rule && i < 8; i++, rule = definition(c, rule))
		for (struct hid const *r = NULL; (r = hid_next(rule, r, kind));)
			if (hid_attribute(r, "name", &a)
			 && a.value_length == length
			 && !memcmp(a.value, name, length))
				return r;
	return NULL;
}

/** Whether 'value' is one of the words, separated by blanks, of 'choice' */
static bool chosen(struct hid_attribute const *choice,
                   struct hid_attribute const *value)
{
	char const *c = choice->value, *const end = c + choice->value_length;
	while (c < end) {
		char const *const word = c;
		while (c < end && *c != ' ')
			c++;
		if ((size_t)(c - word) == value->value_length
		 && !memcmp(word, value->value, value->value_length))
			return true;
		while (c < end && *c == ' ')
			c++;
	}
	return false;
}

static bool boolean(struct hid_attribute const *a)
{
	static char const *const words[] = { "yes", "no", "true", "false",
	                                     "on", "off" };
	for (unsigned i = 0; i < 6; i++)
		if (value_equals(a, words[i]))
			return true;
	return false;
}

/** What is wrong with the attribute's value; NULL: nothing */
static char const *objection(struct hid const *rule,
                             struct hid_attribute const *a)
{
	struct hid_attribute choice;
	uint64_t number = 0;
	bool const numeric = hid_equals(rule, "type", "uint");

	if (hid_attribute(rule, "choice", &choice) && !chosen(&choice, a))
		return "is none of the choices";
	if (hid_equals(rule, "type", "bool") && !boolean(a))
		return "is neither 'yes' nor 'no'";
	if (numeric && !string_number(a->value, a->value_length, &number))
		return "is not a number";
	if (numeric && number < hid_uint(rule, "min", 0))
		return "is too small";
	if (numeric && number > hid_uint(rule, "max", UINT64_MAX))
		return "is too large";
	if (a->value_length > hid_uint(rule, "length", UINT64_MAX))
		return "is too long";
	return NULL;
}

static enum error check_attribute(struct check const *c,
                                  struct hid const *node,
                                  struct hid const *rule,
                                  struct hid_attribute const *a)
{
	struct hid const *const r = find_rule(c, rule, "attribute", a->tag,
	                                      a->tag_length);
	char what[80];
	if (!r)
		return refuse(c, node, a->line, "unknown attribute", a->tag,
		              a->tag_length);
	char const *const text = objection(r, a);
	if (!text)
		return ERROR_OK;
	format_text(what, sizeof what, "attribute '%.*s' %s:",
	            (int)a->tag_length, a->tag, text);
	return refuse(c, node, a->line, what, a->value, a->value_length);
}

static enum error check_attributes(struct check const *c,
                                   struct hid const *node,
                                   struct hid const *rule)
{
	struct hid_attribute a = { 0 }, quoted = { 0 };
	enum error error = ERROR_OK;
	while (!error && hid_attribute_next(node, &a))
		error = check_attribute(c, node, rule, &a);
	if (!error && !hid_bool(rule, "quoted", false)
	 && hid_quoted_next(node, &quoted))
		error = refuse(c, node, quoted.line, "unexpected quoted text",
		               quoted.value, quoted.value_length);
	return error;
}

/** Whether an earlier sibling has the same type and name */
static bool repeated(struct hid const *parent, struct hid const *node)
{
	struct hid_attribute mine, other;
	if (!hid_attribute(node, "name", &mine))
		return false;
	for (struct hid const *n = NULL; (n = hid_next(parent, n, NULL));) {
		if (n == node)
			return false;
		if (n->type_length == node->type_length
		 && !memcmp(n->text + n->type_offset,
		            node->text + node->type_offset, n->type_length)
		 && hid_attribute(n, "name", &other)
		 && other.value_length == mine.value_length
		 && !memcmp(other.value, mine.value, mine.value_length))
			return true;
	}
	return false;
}

static uint64_t hash(struct hid_attribute const *a)
{
	uint64_t h = 0xcbf29ce484222325;    /* FNV-1a … */
	for (uint32_t i = 0; i < a->value_length; i++)
		h = (h ^ (uint8_t)a->value[i]) * 0x100000001b3;
	return (h ^ h >> 32) * 0x9e3779b97f4a7c15;  /* … spread upwards */
}

enum { SEEN_BITS = 1 << 15 };

/** Set the bit that 'h' selects; whether it was set before */
static bool mark(uint64_t *bits, uint64_t h)
{
	uint64_t *const word = &bits[h % SEEN_BITS / 64];
	bool const before = *word >> h % 64 & 1;
	*word |= 1ul << h % 64;
	return before;
}

/**
 * Whether all nodes of that type have names of their own
 *
 * Siblings are compared only where both bits of a name's hash are set already,
 * so that a thousand of them do not take a million steps.
 */
static enum error check_unique(struct check const *c, struct hid const *node,
                               char const *type)
{
	uint64_t seen[2][SEEN_BITS / 64] = { 0 };
	struct hid_attribute name;
	for (struct hid const *n = NULL; (n = hid_next(node, n, type));) {
		if (!hid_attribute(n, "name", &name))
			continue;
		uint64_t const h = hash(&name);
		bool const first  = mark(seen[0], h >> 49);
		bool const second = mark(seen[1], h >> 34);
		if (first && second && repeated(node, n))
			return refuse(c, n, n->line, "name stands twice in",
			              node->text + node->type_offset,
			              node->type_length);
	}
	return ERROR_OK;
}

/** Whether there are as many nodes of type 'name' as there may be */
static enum error check_count(struct check const *c, struct hid const *node,
                              struct hid const *rule, char const *name)
{
	uint64_t const least = hid_uint(rule, "min", 0);
	uint64_t const most  = hid_uint(rule, "max", UINT64_MAX);
	uint64_t count = 0;
	if (!least && most == UINT64_MAX)
		return ERROR_OK;
	for (struct hid const *n = NULL; (n = hid_next(node, n, name));)
		count++;
	return count < least ? refuse(c, node, node->line, "missing node", name,
	                              strlen(name))
	     : count > most  ? refuse(c, node, node->line, "too many nodes",
	                              name, strlen(name))
	                     : ERROR_OK;
}

/** Check whether what 'rule' demands of 'node' is there, as often as it may */
static enum error check_presence(struct check const *c, struct hid const *node,
                                 struct hid const *rule)
{
	char name[64];
	enum error error = ERROR_OK;
	for (struct hid const *r = NULL;
	     !error && (r = hid_next(rule, r, NULL));) {
		bool const attribute = hid_type_equals(r, "attribute");
		if (!hid_name(r, name, sizeof name))
			return refuse_schema(c, r, "a rule has no name");
		if (attribute && hid_bool(r, "required", false)
		 && !hid_has(node, name))
			return refuse(c, node, node->line, "missing attribute",
			              name, strlen(name));
		if (!hid_type_equals(r, "node"))
			continue;
		error = check_count(c, node, r, name);
		if (!error && hid_bool(r, "unique", false))
			error = check_unique(c, node, name);
	}
	return error;
}

/** What stands on a node's first line moves with its column, the rest does not */
static bool same_shape(struct hid const *a, struct hid const *b)
{
	for (uint32_t i = 0; i <= a->below; i++)
		if (a[i].below != b[i].below)
			return false;
	return true;
}

bool hid_same_text(struct hid const *a, struct hid const *b)
{
	return a && b && a->size == b->size && a->below == b->below
	       && !memcmp(a->text, b->text, a->size) && same_shape(a, b);
}

/** Whether sub node 'n' of the top stands in the former document, too */
static bool known(struct check *c, struct hid const *n)
{
	enum { AHEAD = 4 };                 /* nodes that may have been removed */
	struct hid const *f = c->known;
	for (unsigned i = 0; c->former && i < AHEAD; i++) {
		f = hid_next(c->former, f, NULL);
		if (!f)
			return false;
		if (hid_same_text(n, f)) {
			c->known = f;
			return true;
		}
	}
	return false;
}

/** The recursion is bounded by the depth of the checked document */
static enum error check_node(struct check *c, struct hid const *node,
                             struct hid const *rule, bool top)
{
	if (hid_bool(rule, "any", false))
		return ERROR_OK;
	if (hid_has(rule, "like") && !definition(c, rule))
		return refuse_schema(c, rule, "no such definition");

	enum error error = check_attributes(c, node, rule);
	unsigned depth = 0;
	for (struct hid const *r = rule; !error && r && depth++ < 8;
	     r = definition(c, r))
		error = check_presence(c, node, r);

	for (struct hid const *n = NULL; !error && (n = hid_next(node, n, NULL));) {
		char const *const type = n->text + n->type_offset;
		if (top && known(c, n))
			continue;
		struct hid const *const r = find_rule(c, rule, "node", type,
		                                      n->type_length);
		if (!r)
			error = refuse(c, node, n->line, "unknown node", type,
			               n->type_length);
		else
			error = check_node(c, n, r, false);
	}
	return error;
}

enum error hid_check(struct hid const *node, struct hid const *schema,
                     struct hid_error *error)
{
	struct check c = { .schema = schema, .error = error };
	char type[64];
	if (!hid_type_equals(schema, "schema")
	 || !hid_name(schema, type, sizeof type))
		return refuse_schema(&c, schema, "no 'schema' with a name");
	if (!hid_type_equals(node, type))
		return refuse(&c, node, node->line, "the top-level node must be",
		              type, strlen(type));
	return check_node(&c, node, schema, true);
}

enum error hid_check_content(struct hid const *node, struct hid const *schema,
                             struct hid_error *error)
{
	return hid_check_change(node, NULL, schema, error);
}

enum error hid_check_change(struct hid const *node, struct hid const *former,
                            struct hid const *schema, struct hid_error *error)
{
	struct check c = { .schema = schema, .error = error, .former = former };
	return check_node(&c, node, schema, true);
}
