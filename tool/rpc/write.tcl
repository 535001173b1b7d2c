# SPDX-License-Identifier: MIT
#
# Writes C from what parse.tcl read: templates, filled with the variables of the
# procedure that holds them
#
# On the wire: scalars and struct fields in the order of the parameters, a word
# each, at fixed places; then the strings; capabilities in their own array.

proc fill {template} { uplevel 1 [list subst -nocommands -nobackslashes $template] }

# Break lines of C at 80 columns: conditions after ||, others after a comma
proc wrap {text} {
	set result {}
	foreach line [split $text \n] {
		regexp {^\t*} $line indent
		set condition [string match "*if (*" $line]
		append indent [expr {$condition ? "    " : $indent eq "" ? "\t\t" : "\t"}]
		while {[string length [string map {\t "        "} $line]] > 80
		       && ![regexp {^\s*(/\*| \*|#|_Static)} $line]} {
			set room [expr {80 - 7 * [regexp -all \t $line]}]
			set space [string last " " [string range $line 0 $room]]
			while {$space > 0 && [string index $line $space-1] ne [expr {$condition ? "|" : ","}]} {
				set space [string last " " $line $space-1]
			}
			if {$space <= [string length $indent]} break
			lappend result [string range $line 0 $space-1]
			set line $indent[string range $line $space+1 end]
		}
		lappend result $line
	}
	join $result \n
}

proc each {variable list script} { join [uplevel 1 [list lmap $variable $list $script]] "" }

proc opcode {interface operation} {
	string toupper [dict get $interface name]_OP_[dict get $operation name]
}

proc declaration {p} {
	dict with p {}
	switch $kind,$out {
		string,0          { return "$type$name" }
		string,1          { return "$type $name\[$bound\]" }
		struct,0          { return "$type const *$name" }
		scalar,0 - cap,0  { return "$type $name" }
		default           { return "$type *$name" }
	}
}

proc declarations {first parameters} {
	join [list $first {*}[lmap p $parameters { declaration $p }]] ", "
}

# A direction's words as {expression type limit …}; 'deref' leads to an OUT
# scalar, 'arrow' to a struct's field
proc words {parameters out deref arrow} {
	set result {}
	foreach p [select $parameters $out scalar struct] {
		if {[dict get $p kind] eq "scalar"} {
			lappend result $deref[dict get $p name] [dict get $p type] [dict get $p limit]
		}
		foreach {type field limit} [dict get $p fields] {
			lappend result [dict get $p name]$arrow$field $type $limit
		}
	}
	return $result
}

proc decoded {word type} {
	expr {$type in {uint64_t size_t uintptr_t} ? $word : "($type)$word"}
}

# Condition that 'word' is no value of 'type', as a list; empty: every word is
proc out_of_range {word type limit} {
	switch $limit {
		""      { return }
		signed  { return [list "$word != (uint64_t)($type)$word"] }
		default { return [list "$word > $limit"] }
	}
}

# Put a direction's arguments into message 'm' ("m." or "m->")
proc encode {parameters out deref arrow m failure} {
	set words [words $parameters $out $deref $arrow]
	set caps [select $parameters $out cap]
	set text "\t${m}words = [expr {[llength $words] / 3}];\n\t${m}caps = [llength $caps];\n"
	set i -1
	foreach {value type -} $words {
		set cast [expr {[string match int* $type] ? "(uint64_t)" : ""}]
		append text "\t${m}word\[[incr i]\] = $cast$value;\n"
	}
	set i -1
	foreach p $caps {
		set field [expr {[dict get $p type] eq "cap_t" ? "" : ".cap"}]
		set value [expr {$field ne "" && $arrow eq "." ? "" : $deref}][dict get $p name]$field
		append text "\t${m}cap\[[incr i]\] = $value;\n"
	}
	set tests [lmap p [select $parameters $out string] {
		string cat "!rpc_put_string([message $m], [dict get $p name], [dict get $p bound])"
	}]
	append text [refuse_if $tests $failure]
}

proc message {m} { expr {$m eq "m." ? "&m" : "m"} }

proc refuse_if {tests failure} {
	if {[llength $tests]} { return "\tif ([join $tests { || }])\n\t\treturn $failure;\n" }
}

# Check counts, ranges and null capabilities; read the strings
proc check {parameters out m failure} {
	set words [words $parameters $out "" .]
	set n [expr {[llength $words] / 3}]
	set caps [select $parameters $out cap]
	set strings [select $parameters $out string]
	set tests {}
	if {$n || ![llength $strings]} {
		lappend tests "${m}words [expr {[llength $strings] ? "<" : "!="}] $n"
	}
	lappend tests "${m}caps != [llength $caps]"
	set i -1
	foreach {- type limit} $words {
		lappend tests {*}[out_of_range ${m}word\[[incr i]\] $type $limit]
	}
	set i -1
	foreach p $caps {
		incr i
		if {![dict get $p opt]} { lappend tests !${m}cap\[$i\] }
	}
	set text [refuse_if $tests $failure]
	if {![llength $strings]} { return $text }
	set tests [lmap p $strings {
		string cat "!rpc_get_string([message $m], &tail, [dict get $p name], [dict get $p bound])"
	}]
	append text "\n\tuint32_t tail = $n;\n" \
		[refuse_if [list {*}$tests "tail != ${m}words"] $failure]
}

# -- client --

proc client_stub {interface operation} {
	dict with operation {}
	set opcode [opcode $interface $operation]
	set callee [dict get $object name]
	set list [declarations [declaration $object] $parameters]
	set caps [select $parameters 1 cap]
	set n [llength $caps]
	set encode [encode $parameters 0 "" -> m. ERROR_LIMIT]
	set check [check $parameters 1 m. [expr {$n ? "rpc_corrupt(&m)" : "ERROR_CORRUPT"}]]
	set results ""
	set i -1
	foreach {result type -} [words $parameters 1 * ->] {
		append results "\t$result = [decoded m.word\[[incr i]\] $type];\n"
	}
	set i -1
	foreach p $caps {
		set name [dict get $p name]
		set result [expr {[dict get $p type] eq "cap_t" ? "*$name" : "$name->cap"}]
		append results "\t$result = m.cap\[[incr i]\];\n"
	}
	fill {
enum error ${function}($list)
{
	struct rpc_message m;
	m.tag = $opcode;
$encode
	enum error const reply = rpc_call($callee.cap, &m, $n);
	if (reply)
		return reply;
$check
$results	return ERROR_OK;
}
}
}

proc service_stubs {service} {
	dict with service {}
	set text [each verb {open request} { fill {
enum error ${type}_${verb}(struct ${type}_session *session, struct env *env, struct session_args const *args)
{
	return session_${verb}(&session->session, env, "$name", args, $ram, $caps);
}
} }]
	append text [fill {
void ${type}_close(struct ${type}_session *session)
{
	session_close(&session->session);
}
}]
}

proc client_source {header} {
	dict with header {}
	set stubs [each service $services { service_stubs $service }]
	append stubs [each interface $interfaces {
		each operation [dict get $interface operations] { client_stub $interface $operation }
	}]
	wrap [fill {/* Generated by tool/rpc from <$include>; do not edit */

#include <base/rpc_stub.h>
#include <rpc/$name.h>
$stubs}]
}

# -- server --

# Function that decodes, runs and answers one operation
proc serve_function {interface operation} {
	set locals ""
	set structs ""
	set arguments self
	set word -1
	set cap -1
	foreach p [dict get $operation parameters] {
		dict with p {}
		switch $kind,$out {
			scalar,0 { set argument [decoded m->word\[[incr word]\] $type] }
			struct,0 {
				set argument &$name
				set values [lmap {type field -} $fields {
					string cat ".$field = [decoded m->word\[[incr word]\] $type]"
				}]
				append structs "\t[dict get $p type] const $name = { [join $values {, }] };\n"
			}
			cap,0 {
				set argument m->cap\[[incr cap]\]
				if {$type ne "cap_t"} { set argument "($type){ $argument }" }
			}
			string,0 - string,1 {
				set argument $name
				append locals "\tchar $name\[$bound\][expr {$out ? " = \"\"" : ""}];\n"
			}
			default {
				set argument &$name
				set zero [expr {$type eq "cap_t" || $kind eq "scalar" ? "0" : "{ 0 }"}]
				append locals "\t$type $name = $zero;\n"
			}
		}
		lappend arguments $argument
	}
	dict with operation {}
	set arguments [join $arguments ", "]
	set check [check $parameters 0 m-> "rpc_refuse(m, ERROR_INVALID)"]
	set encode [encode $parameters 1 "" . m-> "rpc_refuse(m, ERROR_LIMIT)"]
	set interface [dict get $interface name]
	fill {
static enum error serve_${function}(struct rpc_object *self, struct rpc_message *m)
{
	struct ${interface}_ops const *const ops = self->ops;
$locals
	if (!ops->$name)
		return rpc_refuse(m, ERROR_REFUSED);
$check
$structs	enum error const reply = ops->${name}($arguments);
	if (reply)
		return rpc_refuse(m, reply);

$encode	return ERROR_OK;
}
}
}

proc dispatch_function {interface} {
	dict with interface {}
	set functions [each operation $operations { serve_function $interface $operation }]
	set cases [each operation $operations {
		string cat "\tcase [opcode $interface $operation]:\n" \
			"\t\treturn serve_[dict get $operation function](self, m);\n"
	}]
	fill {$functions
enum error ${name}_dispatch(struct rpc_object *self, struct rpc_message *m)
{
	switch (m->tag) {
$cases	}
	return rpc_refuse(m, ERROR_REFUSED);
}
}
}

proc server_source {header} {
	dict with header {}
	set functions [each interface $interfaces { dispatch_function $interface }]
	wrap [fill {/* Generated by tool/rpc from <$include>; do not edit */

#include <base/rpc_stub.h>
#include <rpc/$name.h>
$functions}]
}

proc comment {doc} {
	if {$doc eq ""} return
	if {[string first \n $doc] < 0} { return "\t/** $doc */\n" }
	string cat "\t/**\n" [each line [split $doc \n] {
		string cat [string trimright "\t * $line"] \n
	}] "\t */\n"
}

proc interface_declarations {interface} {
	dict with interface {}
	set upper [string toupper $name]
	set hash [format 0x%012lxul $hash]
	set i -1
	set opcodes [each operation $operations {
		string cat "#define [opcode $interface $operation] (${upper}_INTERFACE << 16 | [incr i])\n"
	}]
	set members [each operation $operations {
		set list [declarations "struct rpc_object *" [dict get $operation parameters]]
		string cat [comment [dict get $operation doc]] \
			"\tenum error (*[dict get $operation name])($list);\n"
	}]
	fill {
/** Identifies prototypes and wire types of '$name' */
#define ${upper}_INTERFACE $hash

$opcodes
/** Operations of a server; one that is not set answers REFUSED */
struct ${name}_ops {
$members};

/** Decode 'm', run the operation, encode its reply */
enum error ${name}_dispatch(struct rpc_object *, struct rpc_message *m);

/** Let 'object' (zeroed, or closed) answer by 'ops' */
static inline void ${name}_object_init(struct rpc_object *object, struct ${name}_ops const *ops)
{
	object->dispatch = ${name}_dispatch;
	object->ops = ops;
}
}
}

proc server_header {header} {
	dict with header {}
	set checks [each constant [dict keys $constants] {
		string cat "\n_Static_assert($constant == [dict get $constants $constant], \"as tool/rpc read it\");\n"
	}]
	set text [each interface $interfaces { interface_declarations $interface }]
	wrap [fill {/* Generated by tool/rpc from <$include>; do not edit */
#pragma once

#include <base/rpc.h>
#include <$include>
$checks$text}]
}
