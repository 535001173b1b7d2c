# SPDX-License-Identifier: MIT
#
# Plugins for QEMU that watch what the guest executes (tool/plugin)

namespace eval plugin {

	# Its file; made now unless everything was built before
	proc file_of name {
		set file build/host/plugin-$name.so
		if {[setting BUILD] ne "no"
		    && [catch { exec env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
				flock --no-fork $::root/build/.lock \
				make -C $::root -s $file </dev/null 2>@1 } text]} {
			fail "build: [lindex [split $text \n] 0]"
		}
		return $::root/$file
	}
}

# Before the machine starts: let plugin <name> watch, with arguments name=value
proc plugin {name args} {
	append ::qemu_args " -plugin [join [list [plugin::file_of $name] {*}$args] ,]"
}

# End the machine so that its plugins can tell their results
proc plugin_end {} {
	if {$machine::ended eq ""} {
		qmp quit
		run_until_end 30
	}
}
