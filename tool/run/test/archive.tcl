# SPDX-License-Identifier: MIT
#
# Test of the archive writer: sums by definition, placement, names

source [file join [file dirname [info script]] ../lib/archive.tcl]

proc slow_sum {data start} {
	append data [string repeat \0 [expr {-[string length $data] & 7}]]
	binary scan $data w* words
	set sum $start
	foreach word $words {
		set sum [expr {[archive::rotl $sum 5]
		               ^ ($word & 0xffffffffffffffff)}]
	}
	return $sum
}

proc require {condition} {
	if {[uplevel 1 [list expr $condition]]} return
	puts "not true: [uplevel 1 [list subst $condition]]"
	exit 1
}

proc sums {} {
	expr {srand(1)}
	set data ""
	for {set i 0} {$i < 9000} {incr i} {
		append data [binary format c [expr {int(rand() * 256)}]]
	}
	foreach size {0 1 7 8 9 511 512 513 519 520 521 4096 9000} {
		set part [string range $data 0 [expr {$size - 1}]]
		require {[archive::sum $part $size] == [slow_sum $part $size]}
	}
}

proc layout {path empty} {
	archive::write $path [list self [info script] none $empty]
	set data [archive::contents $path]
	binary scan $data a8iiwwu magic version count total sum
	require {$magic eq "ASHLARBI" && $version == 1 && $count == 2}
	require {$total == [string length $data] && $total % 4096 == 0}
	set table [string range $data 64 [expr {64 + 2 * 80 - 1}]]
	require {$sum == [slow_sum $table 2]}
	binary scan $table a48wwwuw name offset size sum zero
	require {[string trimright $name \0] eq "self" && $offset == 4096}
	set module [string range $data $offset [expr {$offset + $size - 1}]]
	require {$module eq [archive::contents [info script]]}
	require {$sum == [slow_sum $module $size]}
}

lassign $argv folder
sums
close [open $folder/empty w]
layout $folder/archive $folder/empty
