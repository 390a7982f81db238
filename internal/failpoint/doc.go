// Package failpoint lets a test make the process fail at a named place of the
// way of a submission: end, refuse, wait, or leave an act out.
//
// The places are compiled in only under the build tag "failpoint"; without it
// every call is an empty function that the compiler leaves out. A build with
// the tag is controlled by the environment variable ACCORD_FAILPOINTS:
//
//	name=exit          the process is killed there (SIGKILL)
//	name=error         the place returns ErrInjected
//	name=delay:50ms    the place waits
//	name=skip          the act that the place guards is left out: such a build
//	                   is broken, and the tests have to notice
//
// each of them, with @N after it, only the Nth time; several are separated by
// commas. What cannot be read ends the process.
package failpoint
