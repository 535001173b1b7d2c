# SPDX-License-Identifier: MIT
#
# Reads session headers into nested dictionaries
#
#   header     name include doc sources services interfaces constants
#   service    type name ram caps doc
#   interface  name operations hash
#   operation  name function object parameters doc
#   parameter  out opt kind type name bound limit fields
#
# 'kind' is scalar, struct, string or cap; 'fields' lists {type name limit …}
# of a struct. What cannot travel is an error that names header and line.

# Scalar types and their limits: the largest value, "" where every word is a
# value, "signed" where a word is a sign-extended one
set scalars {
	bool 1 uint8_t UINT8_MAX uint16_t UINT16_MAX uint32_t UINT32_MAX
	unsigned UINT32_MAX uint64_t "" size_t "" uintptr_t ""
	int8_t signed int16_t signed int32_t signed int signed int64_t ""
	"enum error" "N_ERRORS - 1"
}

# Names that generated functions use, and C's own
set reserved {
	m tail reply self ops
	auto bool break case char const continue default do double else enum
	extern float for goto if inline int long register restrict return short
	signed sizeof static struct switch typedef union unsigned void volatile while
}

# Refuse the header unless 'condition' holds in the caller, whose variables
# 'message' may name; the header and the line are in 'source' and 'line'
proc need {condition message} {
	if {[uplevel 1 [list expr $condition]]} return
	throw RPC "$::source:$::line: [uplevel 1 [list subst -nocommands $message]]"
}

proc newlines text { regexp -all \n $text }
proc squeeze text { string trim [regsub -all {\s+} $text " "] }

# -- text --

# Same text with comments blanked, so that positions and lines stay
proc blank_comments text {
	set comment {/\*(?:[^*]|\*+[^*/])*\*+/|//[^\n]*}
	foreach range [regexp -all -inline -indices $comment $text] {
		set blank [regsub -all {[^\n]} [string range $text {*}$range] " "]
		set text [string replace $text {*}$range $blank]
	}
	return $text
}

# Content of the comment /** … */ that ends 'text'
proc last_comment text {
	if {![regexp {/\*\*((?:[^*]|\*+[^*/])*)\*+/\s*$} $text - body]} return
	string trim [regsub -all -line {^[ \t]*\*?[ \t]?} $body ""]
}

# Marked statements as a list of {line statement comment}
proc statements text {
	set code [blank_comments $text]
	set pattern {^(?:(?:RPC|SERVICE)\M[^;]*;?|WIRE\M[^\{;]*(?:\{[^\}]*\})?[^;]*;?)}
	lmap range [regexp -all -inline -indices -lineanchor $pattern $code] {
		set before [string range $text 0 [lindex $range 0]-1]
		set ::line [expr {[newlines $before] + 1}]
		set statement [string range $code {*}$range]
		need {[string match *\; $statement] && ![regexp {\n(?:RPC|WIRE|SERVICE)\M} $statement]} \
			{statement does not end with ';'}
		list $::line $statement [last_comment $before]
	}
}

proc find_header {name path} {
	foreach dir $path { if {[file isfile $dir/$name]} { return $dir/$name } }
}

# Read a header, and what it includes: that for constants and WIRE types only
proc read_header {file path included} {
	global source line wire
	dict lappend wire files $file
	set handle [open $file]
	fconfigure $handle -encoding utf-8
	set text [read $handle]
	close $handle

	foreach {- name} [regexp -all -inline -line {^#include <([^>]+)>} $text] {
		set found [find_header $name $path]
		if {$found ni [list "" {*}[dict get $wire files]]} { read_header $found $path true }
	}
	set source $file
	set head ""
	regexp {^\s*/\*[^*][^\n]*\*/\s*/\*\*(?:[^*]|\*+[^*/])*\*+/} $text head
	dict set wire doc [last_comment $head]
	set constant {\m([A-Z]\w*)\s*=\s*(0x[[:xdigit:]]+|\d+)\s*[,\}]}
	foreach {- name value} [regexp -all -inline $constant [blank_comments $text]] {
		dict set wire constants $name [expr {$value}]
	}
	foreach item [statements $text] {
		lassign $item line statement doc
		regexp {^[A-Z]+} $statement mark
		if {$mark eq "WIRE" || !$included} { parse_$mark $statement $doc }
	}
}

# -- types --

proc parse_WIRE {statement doc} {
	need {[regexp {^WIRE\s+(enum|struct)\s+(\w+)\s*\{(.*)\}\s*;$} $statement - kind name body]} \
		{WIRE stands before 'enum name { … };' or 'struct name { … };'}
	need {![dict exists $::wire $kind $name]} {$kind $name exists already}
	dict set ::wire $kind $name [parse_$kind $name $body]
}

# Constants of a WIRE enum; a last one N_… is their number, not a value
proc parse_enum {name body} {
	set values [split [regsub {,$} [squeeze [regsub {=\s*0\s*(,|$)} $body {\1}]] ""] ,]
	set values [lmap value $values { string trim $value }]
	need {![regexp {^[^,]*,.*=} $body] && [lsearch -not -regexp $values {^\w+$}] < 0} \
		{enum $name must be dense from 0, without '='}
	if {[string match N_* [lindex $values end]]} { set values [lrange $values 0 end-1] }
	need {[llength $values]} {enum $name has no value}
	return $values
}

# Fields of a WIRE struct as {type name limit …}
proc parse_struct {name body} {
	set fields {}
	foreach item [lsearch -all -inline -not -exact [split [squeeze $body] \;] ""] {
		set item [string trim $item]
		need {[regexp {^((?:enum )?\w+) (\w+(?: ?, ?\w+)*)$} $item - type names] && [is_scalar $type]} \
			{struct $name: '$item' is not a scalar}
		foreach field [split $names ,] {
			lappend fields $type [string trim $field] [limit_of $type]
		}
	}
	need {[llength $fields]} {struct $name has no field}
	return $fields
}

proc enum_values type { dict get $::wire enum [lindex $type 1] }
proc is_wire {kind tag} { dict exists $::wire $kind $tag }
proc is_scalar type {
	expr {[dict exists $::scalars $type] || [string match "enum *" $type] && [is_wire {*}$type]}
}
proc limit_of type {
	if {[dict exists $::scalars $type]} { return [dict get $::scalars $type] }
	lindex [enum_values $type] end
}

# -- operations --

# Size of a string: a number, or a constant that a header defines as one
proc parse_bound text {
	global wire
	if {[dict exists $wire constants $text]} {
		set bound [dict get $wire constants $text]
		dict set wire used $text $bound
	} else {
		need {[string is integer -strict $text]} \
			{'$text' is neither a number nor a constant 'NAME = number'}
		set bound [expr {$text}]
	}
	need {$bound >= 1} {a string has at least one byte}
	return $bound
}

# One parameter, 'text' has single spaces
proc parse_parameter text {
	set rest $text
	set flags {}
	while {[regexp {^(IN|OUT|OPT) (.*)$} $rest - flag rest]} { lappend flags $flag }
	set out [expr {"OUT" in $flags}]
	set opt [expr {"OPT" in $flags}]
	lassign {0 "" ""} bound limit fields
	need {!$out || "IN" ni $flags} {'$text' is IN and OUT}
	if {[regexp {^STRING ?\( ?(\w+) ?\) ?(\w+)$} $rest - size name]} {
		lassign {string "char const *"} kind type
		set bound [parse_bound $size]
		need {!$out} {an OUT string is 'OUT char ${name}[$size]'}
	} elseif {[regexp {^char (\w+) ?\[ ?(\w+) ?\]$} $rest - name size]} {
		lassign {string char} kind type
		set bound [parse_bound $size]
		need {$out} {an IN string is 'STRING($size) $name'}
	} else {
		need {[regexp {^((?:enum |struct )?\w+)( const)? ?(\*?) ?\m(\w+)$} $rest - type const star name]} \
			{cannot read parameter '$text'}
		if {[string match "struct *" $type]} {
			set kind struct
			need {[is_wire {*}$type]} {$type is not WIRE}
			need {$star ne "" && $out == ($const eq "")} \
				{'$name' must be 'IN $type const *' or 'OUT $type *'}
			set fields [dict get $::wire {*}$type]
		} else {
			set kind [expr {[regexp {^(\w+_)?cap_t$} $type] ? "cap" : "scalar"}]
			need {$const eq "" && ($kind eq "cap" || [is_scalar $type])} \
				{type '$type$const' of '$name' cannot travel}
			need {!$out || $star ne ""} {OUT parameter '$name' is no pointer}
			need {$out || $star eq ""} {'$name' is a pointer, but not OUT}
			if {$kind eq "scalar"} { set limit [limit_of $type] }
		}
	}
	need {!$opt || $kind eq "cap"} {OPT is for capabilities; '$name' is none}
	need {$name ni $::reserved} {'$name' is reserved, choose another name}
	dict create out $out opt $opt kind $kind type $type name $name \
		bound $bound limit $limit fields $fields
}

proc select {parameters out args} {
	lmap p $parameters {
		if {[dict get $p out] != $out || [dict get $p kind] ni $args} continue
		set p
	}
}

proc need_room {function parameters} {
	foreach {out direction} {0 request 1 reply} {
		set caps [llength [select $parameters $out cap]]
		set words 0
		foreach p [select $parameters $out scalar struct string] {
			dict with p {
				incr words [expr {($kind eq "scalar") + [llength $fields] / 3 + ($bound + 7) / 8}]
			}
		}
		need {$words <= 64} {$function: $direction has up to $words words, 64 is the limit}
		need {$caps <= 4} {$function: $direction has $caps capabilities, 4 is the limit}
	}
}

proc parse_RPC {statement doc} {
	global wire line
	set begin $line
	need {[regexp {^(RPC\s+enum\s+error\s+(\w+)\s*\()(.*)\)\s*;$} $statement - start function list]} \
		{an RPC is 'RPC enum error name(capability, …);'}
	incr line [newlines $start]
	set parameters [lmap item [split $list ,] {
		regexp {^(\s*)(.*)$} $item - space text
		incr line [newlines $space]
		set parameter [parse_parameter [squeeze $text]]
		incr line [newlines $text]
		set parameter
	}]
	set line $begin
	set parameters [lassign $parameters object]
	dict with object {
		need {$kind eq "cap" && !$out && !$opt && [regexp {^(\w+)_cap_t$} $type - interface]} \
			{the first parameter of $function must be a '<interface>_cap_t'}
	}
	need {[regexp "^${interface}_(\\w+)\$" $function - name]} {$function must begin with '${interface}_'}
	need {$name ni $::reserved} {'$name' is reserved, choose another name}
	need {![dict exists $wire functions $function]} {$function exists already}
	need_room $function $parameters
	dict set wire functions $function 1
	dict update wire operations operations {
		dict lappend operations $interface [dict create name $name function $function \
			object $object parameters $parameters doc $doc]
	}
}

proc parse_SERVICE {statement doc} {
	need {[regexp {^SERVICE\s*\(\s*(\w+)\s*,\s*"([^"]+)"\s*,([^,]+),([^,]+)\)\s*;$} \
	        $statement - type name ram caps]} \
		{a service is 'SERVICE(type, "Name", ram, caps);'}
	dict lappend ::wire services [dict create type $type name $name \
		ram [string trim $ram] caps [string trim $caps] doc $doc]
}

# 48 bits of FNV-1a over all that client and server must agree on
proc interface_hash {name operations} {
	set text $name
	foreach operation $operations {
		append text \n[dict get $operation name]
		foreach p [dict get $operation parameters] {
			append text |[join [dict values $p] ,]
			foreach {type - -} [list [dict get $p type] - - {*}[dict get $p fields]] {
				if {[string match "enum *" $type] && $type ne "enum error"} {
					append text :[enum_values $type]
				}
			}
		}
	}
	set hash 0xcbf29ce484222325
	foreach byte [split $text ""] {
		set hash [expr {(($hash ^ [scan $byte %c]) * 0x100000001b3) & 0xffffffffffffffff}]
	}
	expr {($hash >> 16) ^ ($hash & 0xffff)}
}

proc parse_header {include path} {
	global wire
	set file [find_header $include $path]
	if {$file eq ""} { throw RPC "rpc: no '$include' in: $path" }
	set wire {files {} constants {} used {} enum {} struct {} services {} operations {} functions {}}
	read_header $file $path false
	dict with wire {}
	set interfaces [lmap {name list} $operations {
		dict create name $name operations $list hash [interface_hash $name $list]
	}]
	dict create include $include doc $doc services $services interfaces $interfaces \
		name [regsub {_session$} [file rootname [file tail $include]] ""] \
		sources $files constants $used
}
