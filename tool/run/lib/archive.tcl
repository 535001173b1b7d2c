# SPDX-License-Identifier: MIT
#
# Writer of the module archive, the one file that holds all boot modules
#
# Layout (little endian): a 64-byte header {magic "ASHLARBI", u32 version,
# u32 entries, u64 total size, u64 sum over the entries}, then 80 bytes an
# entry {name[48], u64 offset, u64 size, u64 sum, u64 0}, then the modules,
# each at a multiple of 4096.  A sum takes each 64-bit word w by
# s = rotl64(s, 5) ^ w; it starts at the number of bytes of a module, or at the
# number of entries.

namespace eval archive {

	variable page 4096

	proc round_up {value unit} {
		return [expr {($value + $unit - 1) / $unit * $unit}]
	}

	proc rotl {value bits} {
		set bits [expr {$bits % 64}]
		set value [expr {$value & 0xffffffffffffffff}]
		return [expr {(($value << $bits) | ($value >> (64 - $bits)))
		              & 0xffffffffffffffff}]
	}

	# The rotation repeats after 64 words and is linear in XOR.  So words that
	# are 64 apart are first combined as they are, 64 columns at a time, and
	# only the 64 results are rotated: 20 ms a MiB instead of half a second.
	proc define_columns {} {
		set names {}
		set zeros {}
		set steps {}
		for {set i 0} {$i < 64} {incr i} {
			lappend names w$i
			append zeros "set s$i 0\n"
			append steps "set s$i \[expr {\$s$i ^ \$w$i}\]\n"
		}
		set results [lmap i [lsearch -all $names *] {string cat \$s $i}]
		proc columns words [string cat $zeros \
			"foreach {$names} \$words {\n$steps}\n" \
			"return \[list [join $results]\]"]
	}
	define_columns

	proc sum {data start} {
		set size [string length $data]
		binary scan $data[string repeat \0 [expr {-$size & 511}]] w* words
		set n [expr {($size + 7) / 8}]
		set sum [rotl $start [expr {5 * $n}]]
		set i 0
		foreach column [columns $words] {
			set sum [expr {$sum ^ [rotl $column [expr {5 * ($n - 1 - $i)}]]}]
			incr i
		}
		return $sum
	}

	proc contents path {
		set file [open $path rb]
		try { return [read $file] } finally { close $file }
	}

	# modules: list of name and path by turns
	proc write {path modules} {
		variable page
		set count   [expr {[llength $modules] / 2}]
		set offset  [round_up [expr {64 + 80 * $count}] $page]
		set entries {}
		set body    {}
		foreach {name file} $modules {
			set data [contents $file]
			set size [string length $data]
			append entries [binary format a48wwww \
				[encoding convertto utf-8 $name] $offset $size [sum $data $size] 0]
			set fill [expr {[round_up $size $page] - $size}]
			append body $data [string repeat \0 $fill]
			incr offset [expr {$size + $fill}]
		}
		set header [binary format a8iiww ASHLARBI 1 $count \
			$offset [sum $entries $count]]
		set gap [expr {$offset - [string length $body] - 64 - 80 * $count}]
		set file [open $path wb]
		puts -nonewline $file [binary format a64 $header]
		puts -nonewline $file $entries[string repeat \0 $gap]$body
		close $file
	}
}
