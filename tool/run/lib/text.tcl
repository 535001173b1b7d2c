# SPDX-License-Identifier: MIT
#
# Text helpers: lines, indentation, and making foreign output harmless

namespace eval text {

	# Escape sequences vanish, other control characters show as dots
	proc harmless text {
		regsub -all {\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-Z\\^-~])} \
			$text {} text
		regsub -all {[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]} $text . text
		return [string map [list \r ""] $text]
	}

	# Position of an escape sequence at the end that is not complete yet
	proc unfinished text {
		if {[regexp -indices \
			{\x1b(\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200}|[ -/]*)?$} $text at]} {
			return [lindex $at 0]
		}
		return [string length $text]
	}

	# Text of an indented block: no blank lines around, no common indentation
	proc block text {
		set lines [split [string trimright $text] \n]
		while {[llength $lines] && [string trim [lindex $lines 0]] eq ""} {
			set lines [lrange $lines 1 end]
		}
		set common [common_indentation $lines]
		set result ""
		foreach line $lines {
			append result [string range $line $common end] \n
		}
		return $result
	}

	proc common_indentation lines {
		set common ""
		set first 1
		foreach line $lines {
			if {[string trim $line] eq ""} continue
			regexp {^[ \t]*} $line indentation
			if {$first} { set common $indentation; set first 0 }
			while {![string match $common* $indentation]} {
				set common [string range $common 0 end-1]
			}
		}
		return [string length $common]
	}

	proc write {path text} {
		set file [open $path w]
		chan configure $file -encoding utf-8
		puts -nonewline $file $text
		close $file
	}

	proc read {path {encoding utf-8}} {
		set file [open $path r]
		chan configure $file -encoding $encoding
		try { return [::read $file] } finally { close $file }
	}
}

# Path as a user would name it
proc relative path {
	set path [file normalize $path]
	if {[string match $::root/* $path]} {
		return [string range $path [string length $::root/] end]
	}
	return $path
}
