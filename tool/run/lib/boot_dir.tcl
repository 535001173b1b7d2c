# SPDX-License-Identifier: MIT
#
# The boot directory: what becomes the boot modules of the image
#
# The kernel, core and ld belong to every image and are never named.

namespace eval boot_dir {

	variable modules {}         ;# name, path by turns, as in the image

	proc path name { return [temporary boot/$name] }

	# Places where a boot module of that name may come from
	proc candidates name {
		set build [setting BUILD_DIR]
		return [list [path $name] $build/[kernel]/install/$name \
			$build/x86_64/install/$name]
	}

	proc find name {
		foreach file [candidates $name] {
			if {[file isfile $file]} { return $file }
		}
		return ""
	}

	# A name with a slash is a file of the host, below the root if relative
	proc module name {
		if {[string match */* $name]} {
			set file [file join $::root $name]
			set name [file tail $name]
			if {![file isfile $file]} { set file "" }
		} else {
			set file [find $name]
		}
		if {$file eq ""} { fail "boot image: there is no module '$name'" }
		if {[string length [encoding convertto utf-8 $name]] > 47} {
			fail "boot image: the name '$name' is too long"
		}
		return [list $name $file]
	}

	# Programs of every system of the kernel; hw has core in the kernel
	proc system {} {
		return [expr {[have_kernel nova] ? {kernel core ld} : {kernel ld}}]
	}

	proc collect names {
		variable modules
		set modules {}
		if {[file exists [path config]]} { lappend names config }
		lappend names {*}[lrange [system] 1 end]
		foreach name [lsort -unique $names] {
			lappend modules {*}[module $name]
		}
		set seen [dict keys $modules]
		if {[llength $seen] * 2 != [llength $modules]} {
			fail "boot image: two modules of the same name"
		}
	}

	# Line of the script at which an indented text begins, less one
	proc script_line text {
		set script [text::read $::scenario]
		set at [string first $text $script]
		if {$at < 0} { return "" }
		set before [string range $script 0 [expr {$at - 1}]]
		regexp {^\s*\n} $text blank
		if {[info exists blank]} { append before $blank }
		return [regexp -all \n $before]
	}

	# "config:3: ..." as a place in the scenario, if the text stands there
	proc place {name text message} {
		set message [lindex [split [string trim $message] \n] 0]
		if {![regexp {^(.*?):(\d+): *(.*)$} $message _ file line what]} {
			return "$name: $message"
		}
		if {$file ne [path $name]} { return "[relative $file]:$line: $what" }
		set offset [script_line $text]
		if {$offset eq ""} { return "$name:$line: $what" }
		return "[relative $::scenario]:[expr {$line + $offset}]: $what"
	}

	# Schemas of components stand beside them
	proc schemas {} {
		set files {}
		foreach repo [list base os {*}[glob -nocomplain \
			-directory $::root -tails repos/*]] {
			lappend files {*}[glob -nocomplain \
				$::root/$repo/src/{*/*/*,*/*}.hsd]
		}
		return [concat {*}[lmap file $files { list -c $file }]]
	}

	proc check {name text schema} {
		set checker [setting BUILD_DIR]/host/hid-check
		if {![file executable $checker]} return
		set arguments [schemas]
		if {[file isfile $schema]} { lappend arguments $schema }
		if {[catch { exec $checker {*}$arguments [path $name] } message]} {
			fail [place $name $text $message] [split $message \n]
		}
	}
}

proc create_boot_directory {} {
	file delete -force [boot_dir::path ""]
	file mkdir [boot_dir::path ""]
}

# Add a boot module whose content stands in the scenario
proc install_file {name text} {
	file mkdir [boot_dir::path ""]
	text::write [boot_dir::path $name] [text::block $text]
}

# Same for human-inclined data, which is checked
proc install_hid {name text {schema ""}} {
	install_file $name $text
	boot_dir::check $name $text [file join $::root $schema]
}

# The configuration of init
proc install_config {text {schema os/src/init/init.hsd}} {
	install_hid config $text $schema
}

# names: programs, shared libraries, installed files, or paths of host files
proc build_boot_image names {
	set kernel [boot_dir::find kernel]
	if {$kernel eq ""} { fail "boot image: there is no kernel '[kernel]'" }
	boot_dir::collect $names
	archive::write [temporary modules] $boot_dir::modules
	image_build $kernel [temporary modules]
	if {$settings::mode eq "image"} {
		file copy -force [image_file] $settings::target
		puts "image of [file size $settings::target] bytes:\
			$settings::target"
		pass
	}
}
