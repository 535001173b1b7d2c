# SPDX-License-Identifier: MIT
#
# Reads session headers into nested dictionaries
#
#   header     name include sources services interfaces constants
#   service    type name ram caps doc
#   interface  name hash operations
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
}

# Names that generated functions use, and C's own
set reserved {
	m tail reply self ops
	auto bool break case char const continue default do double else enum
	extern float for goto if inline int long register restrict return short
	signed sizeof static struct switch typedef union unsigned void volatile while
}

proc fail {line message} { throw RPC "$::source:$line: $message" }

proc find_header {name path} {
	foreach dir $path { if {[file isfile $dir/$name]} { return $dir/$name } }
	return ""
}

# Same text with comments blanked, so that positions and lines stay
proc blank_comments {text} {
	set result ""
	set at 0
	set comment {/\*(?:[^*]|\*+[^*/])*\*+/|//[^\n]*}
	foreach range [regexp -all -inline -indices $comment $text] {
		lassign $range first last
		append result [string range $text $at $first-1] \
			[regsub -all {[^\n]} [string range $text $first $last] " "]
		set at [expr {$last + 1}]
	}
	return $result[string range $text $at end]
}

# Text of the comment that ends right before 'at'
proc comment_before {text at} {
	set pattern {/\*\*((?:[^*]|\*+[^*/])*)\*+/\s*$}
	if {![regexp $pattern [string range $text 0 $at-1] - body]} { return "" }
	string trim [regsub -all -line {^[ \t]*\*?[ \t]?} $body ""]
}

# Marked statements as a list of {line text comment}
proc statements {text} {
	set code [blank_comments $text]
	set result {}
	foreach range [regexp -all -inline -indices -line {^(?:RPC|WIRE|SERVICE)\M} $code] {
		set first [lindex $range 0]
		set line [llength [split [string range $text 0 $first] \n]]
		set depth 0
		set last -1
		foreach end [regexp -all -inline -indices -start $first {[\{\};]} $code] {
			switch [string index $code [lindex $end 0]] {
				\{ { incr depth }
				\} { incr depth -1 }
				;  { if {!$depth} { set last [lindex $end 0]; break } }
			}
		}
		set statement [string range $code $first $last]
		if {$last < 0 || [regexp -line {.\n(RPC|WIRE|SERVICE)\M} $statement]} {
			fail $line "statement does not end with ';'"
		}
		lappend result [list $line $statement [comment_before $text $first]]
	}
	return $result
}

# Read 'file' and what it includes for constants and WIRE types into 'wire';
# return the file's statements
proc read_header {file path} {
	global source wire
	dict lappend wire files $file
	set handle [open $file]
	fconfigure $handle -encoding utf-8
	set text [read $handle]
	close $handle

	foreach {- name} [regexp -all -inline -line {^#include <([^>]+)>} $text] {
		set included [find_header $name $path]
		if {$included ne "" && $included ni [dict get $wire files]} {
			read_header $included $path
		}
	}
	set source $file
	regexp {^\s*/\*[^*][^\n]*\*/\s*/\*\*(?:[^*]|\*+[^*/])*\*+/} $text head
	dict set wire doc [expr {[info exists head] ? [comment_before $head [string length $head]] : ""}]
	set constant {\m([A-Z]\w*)\s*=\s*(0x[[:xdigit:]]+|\d+)\s*[,\}]}
	foreach {- name value} [regexp -all -inline $constant [blank_comments $text]] {
		dict set wire constants $name [expr {$value}]
	}
	set statements [statements $text]
	foreach item $statements {
		lassign $item line statement
		if {[string match WIRE* $statement]} { parse_wire $line $statement }
	}
	return $statements
}

proc parse_wire {line statement} {
	global wire
	if {![regexp {^WIRE\s+(enum|struct)\s+(\w+)\s*\{(.*)\}\s*;$} $statement - kind name body]} {
		fail $line "WIRE stands before 'enum name { … };' or 'struct name { … };'"
	}
	if {[dict exists $wire $kind $name]} { fail $line "$kind $name exists already" }
	dict set wire $kind $name [parse_$kind $line $name $body]
}

# Constants of a WIRE enum; a last one N_… is their number, not a value
proc parse_enum {line name body} {
	set values {}
	foreach item [split [regsub {,\s*$} $body ""] ,] {
		set value [regsub {\s*=\s*0$} [string trim $item] ""]
		if {![regexp {^\w+$} $value] || ($value ne [string trim $item] && [llength $values])} {
			fail $line "enum $name must be dense from 0, without '='"
		}
		lappend values $value
	}
	if {[string match N_* [lindex $values end]]} { set values [lrange $values 0 end-1] }
	if {![llength $values]} { fail $line "enum $name has no value" }
	return $values
}

# Fields of a WIRE struct as {type name limit …}
proc parse_struct {line name body} {
	set fields {}
	foreach item [split [string trim $body] \;] {
		set item [string trim [regsub -all {\s+} $item " "]]
		if {$item eq ""} continue
		if {![regexp {^((?:enum )?\w+) (\w+(?: ?, ?\w+)*)$} $item - type names]
		    || ![is_scalar $type]} {
			fail $line "struct $name: '$item' is not a scalar"
		}
		foreach field [split $names ,] { lappend fields $type [string trim $field] $limit }
	}
	if {![llength $fields]} { fail $line "struct $name has no field" }
	return $fields
}

# Whether 'type' is a scalar; its limit goes to the caller's variable 'limit'
proc is_scalar {type} {
	upvar limit limit
	if {[dict exists $::scalars $type]} {
		set limit [dict get $::scalars $type]
	} elseif {$type eq "enum error"} {
		set limit "N_ERRORS - 1"
	} elseif {[regexp {^enum (.*)$} $type - tag] && [dict exists $::wire enum $tag]} {
		set limit [lindex [dict get $::wire enum $tag] end]
	} else {
		return 0
	}
	return 1
}

# Size of a string: a number, or a constant that a header defines as one
proc parse_bound {line text} {
	global wire
	if {[dict exists $wire constants $text]} {
		set bound [dict get $wire constants $text]
		dict set wire used $text $bound
	} elseif {[string is integer -strict $text]} {
		set bound [expr {$text}]
	} else {
		fail $line "'$text' is neither a number nor a constant 'NAME = number'"
	}
	if {$bound < 1} { fail $line "a string has at least one byte" }
	return $bound
}

# One parameter, 'text' has single spaces
proc parse_parameter {line text} {
	set rest $text
	set flags {}
	while {[regexp {^(IN|OUT|OPT) (.*)$} $rest - flag rest]} { lappend flags $flag }
	set out [expr {"OUT" in $flags}]
	set opt [expr {"OPT" in $flags}]
	if {$out && "IN" in $flags} { fail $line "'$text' is IN and OUT" }
	set bound 0
	set limit ""
	set fields {}
	if {[regexp {^STRING ?\( ?(\w+) ?\) ?(\w+)$} $rest - size name]} {
		set type "char const *"
		set kind string
		set bound [parse_bound $line $size]
		if {$out} { fail $line "an OUT string is 'OUT char $name\[$size\]'" }
	} elseif {[regexp {^char (\w+) ?\[ ?(\w+) ?\]$} $rest - name size]} {
		set type char
		set kind string
		set bound [parse_bound $line $size]
		if {!$out} { fail $line "an IN string is 'STRING($size) $name'" }
	} elseif {[regexp {^struct (\w+) (const )?\* ?(\w+)$} $rest - tag const name]} {
		set type "struct $tag"
		set kind struct
		if {![dict exists $::wire struct $tag]} { fail $line "struct $tag is not WIRE" }
		if {$out == ($const ne "")} {
			fail $line "'$name' must be 'IN $type const *' or 'OUT $type *'"
		}
		set fields [dict get $::wire struct $tag]
	} elseif {[regexp {^((?:enum )?\w+) (\* ?)?(\w+)$} $rest - type star name]} {
		if {[regexp {^(\w+_)?cap_t$} $type]} {
			set kind cap
		} elseif {[is_scalar $type]} {
			set kind scalar
		} else {
			fail $line "type '$type' of '$name' cannot travel"
		}
		if {$out && $star eq ""} { fail $line "OUT parameter '$name' is no pointer" }
		if {!$out && $star ne ""} { fail $line "'$name' is a pointer, but not OUT" }
	} else {
		fail $line "cannot read parameter '$text'"
	}
	if {$opt && $kind ne "cap"} { fail $line "OPT is for capabilities; '$name' is none" }
	if {$name in $::reserved} { fail $line "'$name' is reserved, choose another name" }
	dict create out $out opt $opt kind $kind type $type name $name \
		bound $bound limit $limit fields $fields
}

# An operation and the interface that it belongs to
proc parse_rpc {line statement doc} {
	if {![regexp {^RPC\s+enum\s+error\s+(\w+)\s*\((.*)\)\s*;$} $statement - function list]} {
		fail $line "an RPC is 'RPC enum error name(capability, …);'"
	}
	set parameters {}
	set at $line
	foreach item [split "[string range $statement 0 [string first ( $statement]-1],$list" ,] {
		regexp {^\s*} $item space
		lappend parameters [list [expr {$at + [regexp -all \n $space]}] \
			[string trim [regsub -all {\s+} $item " "]]]
		incr at [regexp -all \n $item]
	}
	set parameters [lmap item [lrange $parameters 1 end] { parse_parameter {*}$item }]
	set parameters [lassign $parameters object]
	if {[dict get $object kind] ne "cap" || [dict get $object out] || [dict get $object opt]
	    || ![regexp {^(\w+)_cap_t$} [dict get $object type] - interface]} {
		fail $line "the first parameter of $function must be a '<interface>_cap_t'"
	}
	if {![regexp "^${interface}_(\\w+)\$" $function - name]} {
		fail $line "$function must begin with '${interface}_'"
	}
	if {$name in $::reserved} { fail $line "'$name' is reserved, choose another name" }
	foreach {direction out} {request 0 reply 1} {
		set words [largest $parameters $out]
		if {$words > 64} { fail $line "${function}: $direction has up to $words words, 64 is the limit" }
		set caps [llength [select $parameters $out cap]]
		if {$caps > 4} { fail $line "${function}: $direction has $caps capabilities, 4 is the limit" }
	}
	list $interface [dict create name $name function $function \
		object $object parameters $parameters doc $doc]
}

proc select {parameters out args} {
	lmap p $parameters {
		if {[dict get $p out] != $out || [dict get $p kind] ni $args} continue
		set p
	}
}

# Words that a direction may need at most
proc largest {parameters out} {
	set words 0
	foreach p [select $parameters $out scalar struct string] {
		switch [dict get $p kind] {
			scalar { incr words }
			struct { incr words [expr {[llength [dict get $p fields]] / 3}] }
			string { incr words [expr {([dict get $p bound] + 7) / 8}] }
		}
	}
	return $words
}

proc parse_service {line statement doc} {
	if {![regexp {^SERVICE\s*\(\s*(\w+)\s*,\s*"([^"]+)"\s*,([^,]+),([^,]+)\)\s*;$} \
	        $statement - type name ram caps]} {
		fail $line "a service is 'SERVICE(type, \"Name\", ram, caps);'"
	}
	dict create type $type name $name ram [string trim $ram] \
		caps [string trim $caps] doc $doc
}

# 48 bits of FNV-1a over all that client and server must agree on
proc interface_hash {name operations} {
	set text $name
	foreach operation $operations {
		append text \n[dict get $operation name]
		foreach p [dict get $operation parameters] {
			append text |[join [dict values $p] ,]
			set type [dict get $p type]
			foreach {type - -} [list $type - - {*}[dict get $p fields]] {
				if {[regexp {^enum (.*)$} $type - tag] && $tag ne "error"} {
					append text :[dict get $::wire enum $tag]
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
	global source wire
	set source $include
	set file [find_header $include $path]
	if {$file eq ""} { throw RPC "rpc: no '$include' in: $path" }
	set wire {files {} constants {} enum {} struct {} used {}}
	set services {}
	set interfaces {}
	set functions {}
	foreach item [read_header $file $path] {
		lassign $item line statement doc
		set source $file
		switch -glob $statement {
			SERVICE* { lappend services [parse_service $line $statement $doc] }
			RPC* {
				lassign [parse_rpc $line $statement $doc] interface operation
				set function [dict get $operation function]
				if {$function in $functions} { fail $line "$function exists already" }
				lappend functions $function
				dict lappend interfaces $interface $operation
			}
		}
	}
	set list {}
	dict for {name operations} $interfaces {
		lappend list [dict create name $name operations $operations \
			hash [interface_hash $name $operations]]
	}
	dict create include $include doc [dict get $wire doc] services $services interfaces $list \
		name [regsub {_session$} [file rootname [file tail $include]] ""] \
		sources [dict get $wire files] constants [dict get $wire used]
}
