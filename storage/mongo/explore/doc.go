// Package explore owns the proof by search that the commit protocol of
// storage/mongo keeps its promises, where no MongoDB server is at hand and no
// test of one would meet the rare orders of events.
//
//	gateways      bodies ─► batch k ─► winner read ─► note ─► sign ─► show ─► answer
//	clients          ▲ drafts, sent again until answered        projector ─► rows, watermark
//	replica set   local data of the primary ─► majority; rolled back; stale primary
//	search        every order of every step × every fault at every step
//	invariants    nothing acknowledged is lost; one order, no gap; each content once; entries rest
//	              on what they were judged on; no two checkpoints contradict; pages are whole;
//	              every client gets its answer
//
// A world is a plain value; a [Scenario] says who takes part and which faults
// may happen; [Explore] follows every run to its end, worlds that were met left
// out by their hash. [Mutant]s are protocols with one fault: a search that does
// not find each of them is itself broken.
//
// # What is modelled how
//
// A member's data and the majority's are two states, and "the majority has it"
// brings the one up to the other. That loses nothing: that only a part of the
// primary's writes is replicated is the same as their being replicated before
// the rest was written. Rolled back is all that the majority lacks. A stale
// primary shows the majority's data of one moment for as long as it is asked. A
// late request is applied at any later time, also after its sender's end. The
// signer's memory is what a process had noted when it ended; that a machine's
// end may take its last second is not modelled. There are no times, no key
// periods, no entitlement, and a page begins at the beginning.
//
// # What it found
//
// Three things that have to be done, beyond the steps themselves, each a mutant
// here: a restored backup is held against the memory of every gateway before any
// serves it ([RestoreCheckedAlone]); the session in which a view is read begins
// where the overlay was cut, by whatever session that was ([ReadOutsideSession]);
// a gateway reads a new generation of the view only when its watermark has
// reached that gateway's overlay ([SwitchTooEarly]). And a gateway that opens on
// a stale primary reads less than its memory says: it must read again before it
// calls that a fork.
//
// The test takes some seconds. With ACCORD_EXPLORE_LONG=1 and -timeout 30m it
// searches with more faults and deeper: five minutes of a processor and 36
// million worlds. The largest scenario takes 1.4 GB of memory.
package explore
