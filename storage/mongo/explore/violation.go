package explore

import "math/bits"

// violation is an invariant that a world breaks; 0 is none.
type violation uint8

const (
	none violation = iota
	lost
	gap
	forked
	twice
	misplaced
	wrongLeaf
	bodyGone
	contradicted
	twoReceipts
	wronglyRefused
	stoppedByFork
	pageIncomplete
	pageTooShort
	stuck
)

var violationNames = [...]string{"none",
	"an acknowledged entry is lost",
	"the log has a gap",
	"a batch does not follow the one before it",
	"an entry stands twice",
	"an entry rests on another than its series' last",
	"a leaf was hashed of other content",
	"an entry has no body",
	"two checkpoints contradict each other",
	"one content has two receipts",
	"a gateway refuses the log that it has signed",
	"a gateway meets a batch that does not follow",
	"a page has a hole",
	"a page ends before what its gateway had shown",
	"a client never gets an answer",
}

func (v violation) String() string { return violationNames[v] }

// check holds the log and the receipts against the invariants.
func (w *world) check(sc *Scenario) violation {
	if w.bad != none || w.halted {
		return w.bad
	}
	for d, index := range w.acked {
		if index == 0 {
			continue
		}
		// What the primary lacks, nobody will ever have again.
		if draft, ok := w.draftAt(&w.local.slots, w.local.slots.length(), index); !ok || draft != uint8(d) {
			return lost
		}
	}
	return w.checkLog(sc, &w.major)
}

// checkLog looks at what can never be lost again.
func (w *world) checkLog(sc *Scenario, d *db) violation {
	n := d.slots.length()
	for _, id := range d.slots[n:] {
		if id != 0 {
			return gap
		}
	}
	var index, there uint8
	root := w.roots[0]
	for k, id := range d.slots[:n] {
		b := w.at(id)
		if b.base != index || b.prev != root || b.number != uint8(k) {
			return forked
		}
		for i, e := range b.entries[:b.n] {
			made := *b
			made.n = uint8(i)
			prev := w.last(sc, &d.slots, uint8(k), &made, sc.Drafts[e.draft].Series)
			switch {
			case there&(1<<e.draft) != 0:
				return twice
			case d.bodies&(1<<e.draft) == 0:
				return bodyGone
			case e.rest != prev:
				return misplaced
			case e.leafBatch != uint8(k) || e.leafPrev != prev:
				return wrongLeaf
			}
			there |= 1 << e.draft
			index++
		}
		root = b.root(root)
	}
	return none
}

// publish makes the first n batches of a log public, as a checkpoint or as
// entries that readers see.
func (w *world) publish(log *ledgerOf, n uint8) {
	for i := uint8(1); i <= n; i++ {
		root := w.root(log, i)
		switch {
		case i > w.published:
			w.published, w.roots[i] = i, root
		case w.roots[i] != root:
			w.bad = contradicted
		}
	}
}

// acknowledge gives a client its receipt.
func (w *world) acknowledge(draft, index uint8) {
	if w.acked[draft] != 0 && w.acked[draft] != index {
		w.bad = twoReceipts
	}
	w.acked[draft] = index
}

// unanswered reports whether a client waits in vain, where nothing can happen
// any more.
func (w *world) unanswered() bool {
	var open uint8
	for i := range w.g {
		open |= w.g[i].pending | w.g[i].toCome
	}
	return !w.halted && bits.OnesCount8(open) > 0
}
