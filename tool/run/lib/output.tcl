# SPDX-License-Identifier: MIT
#
# Judging what came: "output" is the text, most procedures look at its lines

proc output_lines {} {
	return [split [string trimright $::output] \n]
}

# Keep only the lines that match
proc grep_output pattern {
	set lines [lsearch -all -inline -regexp [output_lines] $pattern]
	set ::output [join $lines \n]
}

# Replace what varies from run to run
proc unify_output {pattern replacement} {
	regsub -all -line -- $pattern $::output $replacement ::output
}

# Number of lines that match
proc count_lines pattern {
	return [llength [lsearch -all -regexp [output_lines] $pattern]]
}

# Some line must match
proc assert_line pattern {
	if {![count_lines $pattern]} { fail "no line matches \"$pattern\"" }
}

# No line may match
proc assert_no_line pattern {
	set index [lsearch -regexp [output_lines] $pattern]
	if {$index >= 0} {
		fail "unexpected line: [lindex [output_lines] $index]"
	}
}

# What an expression with one pair of parentheses finds first
proc value_of pattern {
	if {![regexp -line -- $pattern $::output match value]} {
		fail "no line matches \"$pattern\""
	}
	return $value
}

proc trimmed_lines text {
	return [lmap line [split [string trim $text] \n] { string trim $line }]
}

# Line by line, white space around lines does not count
proc compare_output_to expected {
	set got [trimmed_lines $::output]
	set i 0
	foreach want [trimmed_lines $expected] have $got {
		incr i
		if {$want ne $have} {
			fail "output line $i is \"$have\" instead of \"$want\"" $got
		}
	}
}
